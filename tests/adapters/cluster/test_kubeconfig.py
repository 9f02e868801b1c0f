"""Every form of credentials that people have, against a server that sees what arrives."""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.adapters.cluster import kubeconfig
from bot.adapters.cluster.answers import Answer
from bot.adapters.cluster.api import Api, Failure, Limits
from bot.adapters.cluster.credentials import Plugin
from bot.adapters.cluster.errors import ClusterError
from tests.adapters.cluster.fake_api import DEFAULT, FakeApi, http, status

SECRET = "s3cr3t-t0ken"
QUICK = Limits(connect=1, request=2, total=8, waits=(0.01,))


def config(folder: Path, server: str, user: dict[str, Any], name: str = "config", **cluster: Any) -> Path:
    path = folder / name
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "one",
        "clusters": [{"name": "c", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u", "namespace": "shop"}}],
    }
    path.write_text(yaml.safe_dump(document))
    return path


def plugin(folder: Path, text: str, **spec: Any) -> dict[str, Any]:
    path = folder / "plugin"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": str(path), **spec}}


def credential(**fields: Any) -> str:
    return json.dumps({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": fields})


def asked(path: Path, fake: FakeApi, questions: int = 1) -> list[str]:
    """The Authorization headers that arrive."""
    before = len(fake.asked)
    api = Api(kubeconfig.connect(str(path), environ={}), limits=QUICK)
    for _ in range(questions):
        result = api.get("/version")
        assert isinstance(result, Answer), result
    api.close()
    return [request.headers.get("authorization", "") for request in fake.asked[before:]]


def failure(path: Path) -> str:
    """Why a question fails; it must not tell secrets."""
    api = Api(kubeconfig.connect(str(path), environ={}), limits=QUICK)
    result = api.get("/version")
    api.close()
    assert isinstance(result, Failure)
    assert SECRET not in result.reason
    assert "\n" not in result.reason
    return result.reason


def test_fixed_forms(tmp_path: Path) -> None:
    with FakeApi() as fake:
        (tmp_path / "token").write_text(f"{SECRET}\n")
        forms = {
            f"Bearer {SECRET}": {"token": SECRET},
            "Basic " + base64.b64encode(b"me:pass").decode(): {"username": "me", "password": "pass"},
            "": {},
        }
        for header, user in forms.items():
            assert asked(config(tmp_path, fake.url, user), fake) == [header]
        assert asked(config(tmp_path, fake.url, {"tokenFile": "token", "token": "x"}), fake) == [f"Bearer {SECRET}"]
        connection = kubeconfig.connect(str(tmp_path / "config"), environ={})
        assert connection.namespace == "shop"
        assert SECRET not in repr(connection)


def test_a_token_file_that_is_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(DEFAULT, "/version")
    (tmp_path / "token").write_text("old")
    with FakeApi([http(200), status(401, "Unauthorized"), http(200)]) as fake:
        api = Api(kubeconfig.connect(str(config(tmp_path, fake.url, {"tokenFile": "token"})), environ={}))
        assert api.get("/version").code == 200
        (tmp_path / "token").write_text("new")
        assert api.get("/version").code == 200
        api.close()
        assert [request.headers["authorization"] for request in fake.asked] == [
            "Bearer old",
            "Bearer old",
            "Bearer new",
        ]


def test_a_token_file_that_is_gone_or_empty(tmp_path: Path) -> None:
    path = config(tmp_path, "http://127.0.0.1:1", {"tokenFile": "token"})
    assert "token cannot be read" in failure(path)
    (tmp_path / "token").write_text("")
    assert "token is empty" in failure(path)


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_plugin_is_run_once_and_told_what_it_needs(tmp_path: Path, version: str) -> None:
    api_version = f"client.authentication.k8s.io/{version}"
    said = credential(token=SECRET).replace("client.authentication.k8s.io/v1", api_version)
    text = f"""echo "$KUBERNETES_EXEC_INFO $MODE $1" >> {tmp_path}/calls; echo '{said}'"""
    user = plugin(
        tmp_path,
        text,
        apiVersion=api_version,
        args=["--one"],
        env=[{"name": "MODE", "value": "test"}],
        provideClusterInfo=True,
        interactiveMode="IfAvailable",
    )
    with FakeApi() as fake:
        path = config(tmp_path, fake.url, user, **{"certificate-authority": "not-told"})
        assert asked(path, fake, questions=3) == [f"Bearer {SECRET}"] * 3
        (call,) = (tmp_path / "calls").read_text().splitlines()
        info, mode, argument = call.rsplit(" ", 2)
        assert (mode, argument) == ("test", "--one")
        assert json.loads(info) == {
            "apiVersion": api_version,
            "kind": "ExecCredential",
            "spec": {"interactive": False, "cluster": {"server": fake.url}},
        }


def test_a_plugin_is_asked_again_when_its_token_expires_or_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(DEFAULT, "/version")
    count = f"n=$(cat {tmp_path}/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > {tmp_path}/n"
    with FakeApi([http(200), http(200), status(401, "Unauthorized"), http(200), status(401, "no"), http(200)]) as fake:
        expired = credential(token="TOKEN", expirationTimestamp="2020-01-01T00:00:00Z").replace("TOKEN", "'$n'")
        assert asked(config(tmp_path, fake.url, plugin(tmp_path, f"{count}; echo '{expired}'")), fake, 2) == [
            "Bearer 1",
            "Bearer 2",
        ]
        lasting = credential(token="TOKEN").replace("TOKEN", "'$n'")
        path = config(tmp_path, fake.url, plugin(tmp_path, f"{count}; echo '{lasting}'"))
        api = Api(kubeconfig.connect(str(path), environ={}))
        # Refused at once: a plugin that just ran has nothing newer.
        assert api.get("/version").code == 401
        assert api.get("/version").code == 200
        monkeypatch.setattr("bot.adapters.cluster.credentials._FRESH", 0.0)
        assert api.get("/version").code == 200
        api.close()
        assert [request.headers["authorization"] for request in fake.asked][2:] == ["Bearer 3"] * 3 + ["Bearer 4"]


BETA = credential(token=SECRET).replace("/v1", "/v1beta1")
TEXT = credential().replace("{}", '"text"')
FAILING = {
    "fails": (
        f"echo {SECRET}; echo warming up >&2; echo 'error: no session' >&2; exit 3",
        "exit code 3: error: no session",
    ),
    "says nothing": ("exit 0", "did not print an ExecCredential"),
    "prints something else": ("echo hello", "did not print an ExecCredential"),
    "another version": (f"echo '{BETA}'", "answered in client.authentication.k8s.io/v1beta1, not"),
    "no credentials": (f"echo '{credential(expirationTimestamp=None)}'", "gave neither a token nor a certificate"),
    "status of another type": (f"echo '{TEXT}'", "answered in"),
    "never ends": ("sleep 60 & wait", "did not end within 0.3 s"),
}


@pytest.mark.parametrize("case", FAILING)
def test_a_plugin_that_fails(tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, why = FAILING[case]
    if case == "never ends":
        monkeypatch.setattr(Plugin.__init__, "__kwdefaults__", {"cluster": None, "tls": None, "limit": 0.3})
    with FakeApi() as fake:
        began = time.monotonic()
        reason = failure(config(tmp_path, fake.url, plugin(tmp_path, text)))
        assert time.monotonic() - began < 5
        assert fake.asked == []
    assert reason.startswith(f"the exec plugin {tmp_path}/plugin")
    assert why in reason


def test_a_plugin_that_is_not_there(tmp_path: Path) -> None:
    spec = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "no-such-plugin",
        "installHint": "Get it\nthere.",
    }
    assert failure(config(tmp_path, "http://127.0.0.1:1", {"exec": spec})) == (
        "the exec plugin no-such-plugin: cannot be run: No such file or directory. Get it there."
    )


@pytest.mark.parametrize(
    ("user", "why"),
    [
        ({"exec": {"apiVersion": "client.authentication.k8s.io/v1alpha1", "command": "x"}}, "speaks .*v1alpha1"),
        (
            {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "x", "interactiveMode": "Always"}},
            "needs a terminal",
        ),
        ({"auth-provider": {"name": "gcp"}}, "auth-provider is gone since Kubernetes 1.26"),
        ({"client-certificate-data": "%%%"}, "client-certificate-data is not base64"),
        ({"client-certificate": "nowhere.crt"}, "client-certificate cannot be read: .*nowhere.crt"),
        ({"client-certificate-data": base64.b64encode(b"x").decode()}, "the client certificate cannot be used"),
    ],
)
def test_credentials_that_cannot_work(tmp_path: Path, user: dict[str, Any], why: str) -> None:
    with pytest.raises(ClusterError, match=why):
        kubeconfig.connect(str(config(tmp_path, "https://127.0.0.1:1", user)), environ={})


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", "is not YAML"),
        ("[]", "is no kubeconfig"),
        ("{}", "No current context set"),
        ("current-context: x", "Context 'x' not found"),
        (
            "{current-context: x, contexts: [{name: x, context: {cluster: c}}]}",
            "the context names 'c', which is not there",
        ),
        ("{current-context: x, contexts: [{name: x, context: {cluster: [c]}}]}", "Expected `str`"),
        ("{contexts: [x]}", "contexts holds something that is no context"),
        ("\x00", "is not YAML"),
    ],
)
def test_files_that_are_no_kubeconfig(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ClusterError, match=why):
        kubeconfig.connect(str(path), environ={})


def test_several_files_as_one(tmp_path: Path) -> None:
    with FakeApi() as fake:
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "token").write_text("from-b")
        first = config(tmp_path, fake.url, {"token": "from-a"}, name="a")
        second = config(tmp_path / "b", "http://127.0.0.1:1", {"token": "unused"})
        document = yaml.safe_load(second.read_text())
        document["users"].append({"name": "other", "user": {"tokenFile": "token"}})
        document["contexts"].append({"name": "two", "context": {"cluster": "c", "user": "other"}})
        second.write_text(yaml.safe_dump(document))
        environ = {"KUBECONFIG": f"{first}:{tmp_path}/missing:{second}"}
        assert kubeconfig.named(environ)
        for context, header, namespace in [("", "Bearer from-a", "shop"), ("two", "Bearer from-b", "default")]:
            connection = kubeconfig.connect(environ=environ, context=context)
            assert (connection.url, connection.namespace) == (fake.url, namespace)
            assert connection.credentials.authorization() == header
        with pytest.raises(ClusterError, match="Context 'three' not found"):
            kubeconfig.connect(environ=environ, context="three")


def test_no_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ClusterError, match="no such kubeconfig: /nowhere/config"):
        kubeconfig.connect("/nowhere/config", environ={})
    with pytest.raises(ClusterError, match="no kubeconfig: name one"):
        kubeconfig.connect(environ={})


def certificates(folder: Path) -> tuple[Path, Path, Path]:
    """An authority, and a certificate and key of it, for a server and a client."""

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=ca")
    openssl("req", *new, "-keyout", "own.key", "-out", "own.csr", "-subj", "/O=system:masters/CN=me")
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1,DNS:api.internal")
    openssl("x509", "-req", "-in", "own.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "ext", "-out", "own.crt")  # fmt: skip
    return folder / "ca.crt", folder / "own.crt", folder / "own.key"


def test_certificates_as_files_and_data_and_from_plugins(tmp_path: Path) -> None:
    authority, certificate, key = certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.load_verify_locations(authority)
    context.verify_mode = ssl.CERT_REQUIRED

    def data(path: Path) -> str:
        return base64.b64encode(path.read_bytes()).decode()

    trusted = {"certificate-authority-data": data(authority)}
    as_files = {"client-certificate": "own.crt", "client-key": str(key)}
    as_data = {"client-certificate-data": data(certificate), "client-key-data": data(key)}
    said = credential(clientCertificateData=certificate.read_text(), clientKeyData=key.read_text())
    (tmp_path / "said").write_text(said)
    from_plugin = plugin(tmp_path, f"cat {tmp_path}/said")
    with FakeApi(tls=context) as fake:
        for user, cluster in [
            (as_files, {"certificate-authority": "ca.crt"}),
            (as_data, trusted),
            (from_plugin, trusted),
            (as_data, {"insecure-skip-tls-verify": True}),
            (as_data, {**trusted, "tls-server-name": "api.internal"}),
        ]:
            assert asked(config(tmp_path, fake.url, user, **cluster), fake, 2) == ["", ""]
        assert "does not verify" in failure(config(tmp_path, fake.url, as_data))
        wrong = {**trusted, "tls-server-name": "other.internal"}
        assert "does not verify" in failure(config(tmp_path, fake.url, as_data, **wrong))
        refused = failure(config(tmp_path, fake.url, {}, **trusted))
        assert "TLS failed" in refused or "connection broke" in refused
    leftovers = [path.name for path in Path(tmp_path).iterdir() if path.suffix == ".pem"]
    assert leftovers == []


def test_the_account_of_a_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority, certificate, key = certificates(tmp_path)
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text(SECRET)
    (account / "namespace").write_text("builds")
    (account / "ca.crt").write_bytes(authority.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    with FakeApi(tls=context) as fake:
        host, _, port = fake.url.removeprefix("https://").partition(":")
        environ = {"KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port}
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        connection = kubeconfig.connect(environ=environ, account=str(account))
        assert (connection.url, connection.namespace) == (fake.url, "builds")
        api = Api(connection, limits=QUICK)
        assert api.get("/version").code == 200
        api.close()
        assert fake.asked[0].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize(
    ("environ", "stated", "expected"),
    [
        ({}, {}, None),
        ({"HTTPS_PROXY": "http://proxy:3128"}, {}, "http://proxy:3128"),
        ({"https_proxy": "http://proxy:3128", "NO_PROXY": "10.0.0.0/8,.example.com"}, {}, None),
        ({"https_proxy": "http://proxy:3128", "no_proxy": "other.com"}, {"proxy-url": "http://own:1"}, "http://own:1"),
        ({"http_proxy": "http://proxy:3128"}, {}, None),
    ],
)
def test_proxies(tmp_path: Path, environ: dict[str, str], stated: dict[str, str], expected: str | None) -> None:
    path = config(tmp_path, "https://api.example.com", {}, **stated)
    assert kubeconfig.connect(str(path), environ=environ).proxy == expected


def test_a_proxy_of_another_kind(tmp_path: Path) -> None:
    path = config(tmp_path, "https://api.example.com", {}, **{"proxy-url": "socks5://proxy:1080"})
    with pytest.raises(ClusterError, match="socks5:// is not supported"):
        kubeconfig.connect(str(path), environ={})
