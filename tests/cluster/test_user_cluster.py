"""A user's cluster gets reads and dry runs and nothing else: every request is recorded on its way."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.adapters.cluster.api import Api, ScratchApi
from bot.adapters.cluster.connection import Connection
from bot.adapters.cluster.embedded import EmbeddedServer
from bot.adapters.cluster.scratch import ScratchServer
from bot.adapters.cluster.session import ENFORCE, UserCluster
from bot.verify.server import Status
from tests.cluster.objects import crd, deployment, obj, pod

pytestmark = pytest.mark.cluster


class Recorder(ThreadingHTTPServer):
    """Passes everything on to the real server."""

    daemon_threads = True

    def __init__(self, server: EmbeddedServer) -> None:
        super().__init__(("127.0.0.1", 0), Pass)
        self.server = server
        self.tls = server.connection().tls
        self.seen: list[tuple[str, str]] = []


class Pass(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def pass_on(self) -> None:
        self.server.seen.append((self.command, self.path))
        target = urlsplit(self.server.server.url)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name: value for name, value in self.headers.items() if name != "Host"}
        headers["Authorization"] = f"Bearer {self.server.server.token}"
        onward = http.client.HTTPSConnection(str(target.hostname), target.port, context=self.server.tls)
        onward.request(self.command, self.path, body or None, headers)
        answer = onward.getresponse()
        content = answer.read()
        onward.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() in ("content-type", "warning"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = pass_on  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def recorder(server: EmbeddedServer) -> Iterator[Recorder]:
    with Recorder(server) as recorder:
        thread = threading.Thread(target=recorder.serve_forever)
        thread.start()
        yield recorder
        recorder.shutdown()
        thread.join()


def connection(recorder: Recorder) -> Connection:
    return Connection(f"http://127.0.0.1:{recorder.server_port}", "kubeconfig")


def is_harmless(method: str, path: str) -> bool:
    query = parse_qs(urlsplit(path).query)
    return method == "GET" or (method in ("POST", "PATCH") and query.get("dryRun") == ["All"])


def test_only_reads_and_dry_runs(recorder: Recorder, api: ScratchApi, scratch: ScratchServer) -> None:
    scratch.prepare([obj("v1", "Namespace", "lived-in", metadata={"labels": {ENFORCE: "restricted"}})])
    path = "/apis/apps/v1/namespaces/lived-in/deployments"
    api.create(path, deployment(namespace="lived-in"))
    before = api.get(f"{path}/web").document()
    with UserCluster(Api(connection(recorder))) as cluster:
        verdicts = cluster.ask([
            deployment(namespace="lived-in", replicas=7),
            deployment(namespace="lived-in", colour="red", replicas=-1),
            deployment(namespace="missing"),
            obj("v1", "Namespace", "new", metadata={"labels": {ENFORCE: "restricted"}}),
            crd("Gadget"),
            obj("parts.example.com/v1", "Gadget"),
            obj("v1", "ConfigMap", "", metadata={"generateName": "x-"}),
            pod(namespace="kube-system"),
        ])  # fmt: skip
        cluster.prove(pod(), "restricted")
        cluster.prove(pod(), "baseline")
    statuses = [verdict.status for verdict in verdicts]
    assert set(statuses) == {Status.ACCEPTED, Status.REJECTED, Status.LACKING, Status.NOT_SERVED}
    assert len(recorder.seen) > 12
    assert [request for request in recorder.seen if not is_harmless(*request)] == []
    assert api.get(f"{path}/web").document() == before
    assert api.get("/api/v1/namespaces/new").code == 404


def test_the_type_has_no_other_verb(recorder: Recorder) -> None:
    verbs = {name for name in dir(Api) if not name.startswith("_")}
    assert verbs == {"close", "remaining", "several", "get", "dry_run", "dry_apply"}
    with UserCluster(Api(connection(recorder))) as cluster:
        assert not hasattr(cluster, "prepare")


def test_the_recorder_would_see_a_write(recorder: Recorder) -> None:
    api = ScratchApi(connection(recorder))
    api.create("/api/v1/namespaces/default/configmaps", obj("v1", "ConfigMap", "written"))
    api.close()
    assert not all(is_harmless(*request) for request in recorder.seen)
