"""Faults on a real socket: always a verdict or a reason, in bounded time."""

from __future__ import annotations

import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.cluster.answers import Answer
from bot.adapters.cluster.api import Api, Failure, Limits
from bot.adapters.cluster.connection import Connection, tls_context
from bot.adapters.cluster.errors import ClusterError
from bot.adapters.cluster.session import UserCluster
from bot.verify.server import Status, Verdict
from tests.adapters.cluster.fake_api import FakeApi, http, status

QUICK = Limits(connect=0.5, request=0.5, total=4.0, waits=(0.01, 0.02, 0.03))
POD: dict[str, Any] = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}}
BUSY = status(429, "too many requests", "Retry-After: 1")
DOWN = status(503, "no leader")


def ask(fake: FakeApi, body: dict[str, Any] = POD, limits: Limits = QUICK) -> Verdict:
    with UserCluster(Api(fake.connection(), limits=limits)) as cluster:
        return cluster.ask([body])[0]


def test_everything_that_was_asked_is_a_read_or_a_dry_run() -> None:
    with FakeApi([http(201, POD)]) as fake:
        assert ask(fake).status is Status.ACCEPTED
        reads, (question,) = fake.asked[:-1], fake.asked[-1:]
    assert {read.method for read in reads} == {"GET"}
    assert str(question) == "PATCH /api/v1/namespaces/default/pods/p"
    assert question.query == "fieldValidation=Strict&force=true&dryRun=All&fieldManager=k8s-auto-fix"
    assert question.headers["content-type"] == "application/apply-patch+yaml"
    assert question.headers["authorization"] == "Bearer secret"
    assert question.headers["user-agent"] == "k8s-auto-fix"


@pytest.mark.parametrize("outage", [BUSY, DOWN, status(500, "etcd failed"), status(504, "Timeout")])
def test_outages_are_asked_again(outage: bytes) -> None:
    with FakeApi([outage, outage, http(201, POD)]) as fake:
        assert ask(fake).status is Status.ACCEPTED
        assert [str(asked) for asked in fake.asked].count("PATCH /api/v1/namespaces/default/pods/p") == 3


def test_retry_after_is_kept() -> None:
    with FakeApi([BUSY, http(201, POD)]) as fake:
        began = time.monotonic()
        assert ask(fake).status is Status.ACCEPTED
        assert 0.7 < time.monotonic() - began < 2.5


def test_apply_s_500_is_no_outage() -> None:
    message = "failed to create typed patch object (default/p; /v1, Kind=Pod): errors:\n  .spec.a: field not declared in schema\n  .spec.b: expected string, got &value.valueUnstructured{Value:1}"  # noqa: E501
    with FakeApi(
        [status(500, message), http(409, {"kind": "Status", "reason": "AlreadyExists", "message": "x"})]
    ) as fake:
        verdict = ask(fake)
        questions = [str(asked) for asked in fake.asked if asked.method != "GET"]
    assert verdict.status is Status.REJECTED
    assert [str(cause) for cause in verdict.causes] == [
        "spec.a: unknown field",
        "spec.b: expected string, got &value.valueUnstructured{Value:1}",
    ]
    assert questions == ["PATCH /api/v1/namespaces/default/pods/p", "POST /api/v1/namespaces/default/pods"]


FAULTS = {
    "always busy": ([status(429, "too many requests")] * 9, "the server failed (429): too many requests"),
    "always down": ([DOWN] * 9, "the server failed (503): no leader"),
    "unauthorized": ([status(401, "Unauthorized")], "the server does not accept the credentials (401)"),
    "not allowed": (
        [status(403, 'pods is forbidden: User "x" cannot patch resource "pods" in API group ""')],
        'not allowed to ask: pods is forbidden: User "x" cannot patch resource "pods" in API group ""',
    ),
    "half an answer": ([http(201, POD)[:-5]] * 9, "the connection broke"),
    "half a header": ([b"HTTP/1.1 201 X\r\nContent-Le"] * 9, "the connection broke"),
    "no HTTP": ([b"SSH-2.0-OpenSSH_9.6\r\n"] * 9, "the connection broke"),
    "closed": ([b""] * 9, "the connection broke"),
    "silence": ([None] * 9, "no answer within 0.5 s"),
    "no JSON": ([http(201, b"<html>login</html>")], "the server answered with something that is no object"),
    "a redirect": ([http(302, b"", "Location: http://127.0.0.1/")], "the server failed (302): no message"),
    "an HTML error": ([http(400, b"<html>\n bad\n</html>")], None),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults_are_a_reason(case: str) -> None:
    answers, reason = FAULTS[case]
    with FakeApi(list(answers)) as fake:
        began = time.monotonic()
        verdict = ask(fake)
        assert time.monotonic() - began < 6
    if reason is None:
        assert (verdict.status, verdict.reason) == (Status.REJECTED, "<html> bad </html>")
        return
    assert verdict.status is Status.UNKNOWN
    assert verdict.reason.startswith(reason)
    assert "\n" not in verdict.reason


def test_an_answer_that_drips() -> None:
    with FakeApi([http(201, POD)]) as fake, UserCluster(Api(fake.connection(), limits=QUICK)) as cluster:
        fake.drip = 0.02
        verdict = cluster.ask([POD])[0]
    assert verdict.reason == "no whole answer within 0.5 s"


def test_a_header_that_drips(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every byte comes in time, so that only the time for all questions ends it."""
    monkeypatch.setattr("bot.adapters.cluster.api.GRACE", 0.2)
    limits = Limits(request=0.5, total=1.0, waits=())
    with FakeApi([http(201, POD)]) as fake, UserCluster(Api(fake.connection(), limits=limits)) as cluster:
        fake.drip = 0.3
        began = time.monotonic()
        verdict = cluster.ask([POD])[0]
        assert time.monotonic() - began < 3
    assert verdict.reason == "the time for questions to the server is over"


def test_an_answer_without_end() -> None:
    endless = b"HTTP/1.1 201 X\r\nContent-Length: 99999999\r\n\r\n" + b"x" * (33 * 1024 * 1024)
    with FakeApi([endless]) as fake:
        assert ask(fake, limits=Limits(request=10)).reason == "the answer is larger than 32 MB"


def test_nothing_listens() -> None:
    with FakeApi() as fake:
        connection = fake.connection()
    with pytest.raises(
        ClusterError, match=r"cannot be asked: nothing answers at http://127\.0\.0\.1:\d+ \(connection ref"
    ):
        UserCluster(Api(connection, limits=QUICK))


def test_a_server_that_goes_is_given_up_soon() -> None:
    with FakeApi() as fake, UserCluster(Api(fake.connection())) as cluster:
        assert cluster.ask([POD])[0].status is Status.ACCEPTED
        fake.stop()
        began = time.monotonic()
        bodies = [{**POD, "metadata": {"name": f"p{number}"}} for number in range(2000)]
        verdicts = cluster.ask(bodies)
        assert time.monotonic() - began < 10
    assert {verdict.status for verdict in verdicts} == {Status.UNKNOWN}
    assert verdicts[-1].reason.startswith("the server is taken for gone: nothing answers at ")


def test_time_is_bounded_in_all() -> None:
    with FakeApi([None] * 99) as fake:
        began = time.monotonic()
        with UserCluster(Api(fake.connection(), limits=Limits(request=0.4, total=1.0))) as cluster:
            verdicts = cluster.ask([{**POD, "metadata": {"name": f"p{number}"}} for number in range(40)])
        assert time.monotonic() - began < 4
    assert {verdict.status for verdict in verdicts} == {Status.UNKNOWN}


def test_the_time_for_questions_does_not_pass_while_none_is_asked() -> None:
    with FakeApi() as fake, UserCluster(Api(fake.connection(), limits=Limits(total=0.3))) as cluster:
        time.sleep(0.4)
        assert cluster.ask([POD])[0].status is Status.ACCEPTED
        fake.hold = 0.4
        cluster.ask([{**POD, "metadata": {"name": "slow"}}])
        verdict = cluster.ask([{**POD, "metadata": {"name": "late"}}])[0]
    assert verdict.reason == "not asked: the 0.3 s for questions to the server are over"


def test_connections_are_kept_and_at_most_eight() -> None:
    with FakeApi(hold=0.01) as fake, UserCluster(Api(fake.connection())) as cluster:
        bodies = [{**POD, "metadata": {"name": f"p{number}"}} for number in range(100)]
        assert {verdict.status for verdict in cluster.ask(bodies)} == {Status.ACCEPTED}
        assert fake.busiest == 8
        assert fake.connections <= 8


def test_old_servers_are_discovered_group_by_group() -> None:
    with FakeApi() as fake, UserCluster(Api(fake.connection())) as cluster:
        assert cluster.version == "v1.29.4"
        assert cluster.label == "server v1.29.4 (fake)"
        broken, nested = cluster.ask([
            {"apiVersion": "broken.example.com/v1", "kind": "X", "metadata": {"name": "x"}},
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "namespace": "n"}},
        ])  # fmt: skip
        paths = [str(asked) for asked in fake.asked]
    assert broken.status is Status.NOT_SERVED
    assert nested.status is Status.ACCEPTED
    assert "PATCH /apis/apps/v1/namespaces/n/deployments/x" in paths
    assert len(paths) == len(set(paths)), "something was discovered twice"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(401, "Unauthorized"), r"it does not accept the credentials \(401\)"),
        (status(403, "no"), r"does not let these credentials ask \(403\): no"),
        (http(200, b"<html>"), "it answers with something that is no Kubernetes API"),
        (http(404, b"not here"), "it answers 404"),
    ],
)
def test_what_is_no_api_server(answer: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.adapters.cluster.fake_api.DEFAULT", {"/version": answer})
    with FakeApi() as fake, pytest.raises(ClusterError, match=reason):
        UserCluster(Api(fake.connection(), limits=QUICK))


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-days", "2", "-subj", "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1,DNS:api.example.com"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "crt")]
    subprocess.run([*make, *name, *files], check=True, capture_output=True)
    both = folder / "both"
    both.write_bytes((folder / "crt").read_bytes() + (folder / "key").read_bytes())
    return both


def serving(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_certificate_that_does_not_verify_is_not_asked_again(certificate: Path) -> None:
    with FakeApi(tls=serving(certificate)) as fake:
        api = Api(Connection(fake.url, "fake", tls_context()), limits=QUICK)
        result = api.get("/version")
        assert isinstance(result, Failure)
        assert result.reason == "the server's certificate does not verify: self-signed certificate"
        assert api.get("/version") == result
        assert fake.connections == 1
        api.close()


def test_authorities_and_names(certificate: Path) -> None:
    authorities = certificate.read_text()
    with FakeApi(tls=serving(certificate)) as fake:
        for connection, code in [
            (Connection(fake.url, "fake", tls_context(authorities=authorities)), 200),
            (Connection(fake.url, "fake", tls_context(authorities=authorities), server_name="api.example.com"), 200),
            (Connection(fake.url, "fake", tls_context(authorities=authorities), server_name="other.example.com"), None),
            (Connection(fake.url, "fake", tls_context(verify=False)), 200),
        ]:
            api = Api(connection, limits=QUICK)
            result = api.get("/version")
            assert (result.code if isinstance(result, Answer) else None) == code
            api.close()
