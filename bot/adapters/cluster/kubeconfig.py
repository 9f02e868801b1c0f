"""A person's own cluster, reached as kubectl reaches it: by kubeconfig files, or by the account of the pod we run in.

lightkube reads them. What it leaves out is here and in `credentials`: several files in KUBECONFIG, `tls-server-name`,
proxies, and exec plugins of API version v1 with a limit in time.

Invariant: ~/.kube/config is used only when a cluster by kubeconfig is asked for, never because it happens to be there.
"""

from __future__ import annotations

import base64
import binascii
import os
import ssl
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import yaml

from bot.adapters.cluster.connection import Connection, Credentials, Fixed, add_certificate, tls_context
from bot.adapters.cluster.credentials import Plugin, TokenFile
from bot.adapters.cluster.errors import ClusterError
from bot.model import Json

if TYPE_CHECKING:
    from lightkube.config.kubeconfig import SingleConfig

KIND = "kubeconfig"
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
_PATHS = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_LISTS = {"clusters": "cluster", "users": "user", "contexts": "context"}
Entry = dict[str, Json]


def named(environ: Mapping[str, str] = os.environ) -> str:
    """The kubeconfig that the environment names; empty when it names none."""
    return environ.get("KUBECONFIG", "")


def connect(
    path: str = "", *, context: str = "", environ: Mapping[str, str] = os.environ, account: str = ACCOUNT
) -> Connection:
    """The cluster of a context, by default the current one of `path`, KUBECONFIG, ~/.kube/config, or of our pod."""
    stated = path or named(environ)
    files = [Path(name).expanduser() for name in (stated.split(os.pathsep) if stated else ["~/.kube/config"]) if name]
    present = [file for file in files if file.is_file()]
    if present:
        return _from_files(present, context, environ)
    if stated:
        raise ClusterError(f"no such kubeconfig: {stated}")
    if environ.get("KUBERNETES_SERVICE_HOST") and Path(account).is_dir():
        return _from_account(account)
    raise ClusterError("no kubeconfig: name one with --kubeconfig or KUBECONFIG; ~/.kube/config does not exist")


def _from_files(files: list[Path], context: str, environ: Mapping[str, str]) -> Connection:
    from lightkube.config.kubeconfig import KubeConfig
    from lightkube.core.exceptions import ConfigError
    from msgspec import MsgspecError

    merged = _merged(files)
    try:
        chosen = KubeConfig.from_dict(merged).get(context or None)
    except (ConfigError, MsgspecError) as error:
        raise ClusterError(f"{files[0]}: {error}") from None
    except KeyError as error:
        raise ClusterError(f"{files[0]}: the context names {error}, which is not there") from None
    assert chosen, "there is no default, so it is there or an error"
    cluster = _entry(merged, "clusters", chosen.context.cluster)
    user = _entry(merged, "users", chosen.context.user or "")
    return _connection(chosen, cluster, user, environ)


def _from_account(account: str) -> Connection:
    from lightkube.config.kubeconfig import KubeConfig
    from lightkube.core.exceptions import ConfigError

    try:
        chosen = KubeConfig.from_service_account(account).get()
        assert chosen
        authorities = Path(chosen.cluster.certificate_auth or "").read_text("ascii")
    except (ConfigError, OSError) as error:
        raise ClusterError(f"the account of this pod cannot be used: {error}") from None
    token = TokenFile(Path(account, "token"))
    return Connection(
        chosen.cluster.server, KIND, tls_context(authorities=authorities), token, chosen.namespace.strip()
    )


def _connection(chosen: SingleConfig, cluster: Entry, user: Entry, environ: Mapping[str, str]) -> Connection:
    server = chosen.cluster.server.rstrip("/")
    tls = _tls(chosen, user) if server.startswith("https://") else None
    return Connection(
        server,
        KIND,
        tls,
        _credentials(chosen, cluster, user, tls),
        chosen.namespace,
        _proxy(str(cluster.get("proxy-url") or ""), server, environ),
        str(cluster.get("tls-server-name") or "") or None,
    )


def _tls(chosen: SingleConfig, user: Entry) -> ssl.SSLContext:
    cluster = chosen.cluster
    authorities = _pem("certificate-authority", cluster.certificate_auth_data, cluster.certificate_auth)
    try:
        context = tls_context(authorities=authorities.decode("ascii") or None, verify=not cluster.insecure)
    except (ssl.SSLError, ValueError) as error:
        raise ClusterError(f"certificate-authority of {cluster.server} cannot be used: {error}") from None
    certificate = _pem("client-certificate", user.get("client-certificate-data"), user.get("client-certificate"))
    if certificate:
        key = _pem("client-key", user.get("client-key-data"), user.get("client-key"))
        add_certificate(context, certificate, key)
    return context


def _credentials(chosen: SingleConfig, cluster: Entry, user: Entry, tls: ssl.SSLContext | None) -> Credentials:
    """As client-go chooses: a token file before a token, then name and password, then a plugin."""
    if user.get("tokenFile"):
        return TokenFile(Path(user["tokenFile"]))
    if user.get("token"):
        return Fixed(f"Bearer {user['token']}")
    if user.get("username"):
        pair = f"{user['username']}:{user.get('password', '')}".encode()
        return Fixed(f"Basic {base64.b64encode(pair).decode()}")
    if isinstance(plugin := user.get("exec"), Mapping):
        told = {key: cluster[key] for key in cluster if key not in ("certificate-authority", "extensions")}
        return Plugin(plugin, cluster=told, tls=tls)
    if user.get("auth-provider"):
        raise ClusterError(
            f"user {chosen.context.user}: auth-provider is gone since Kubernetes 1.26; use its exec plugin"
        )
    return Fixed()


def _proxy(stated: str, server: str, environ: Mapping[str, str]) -> str | None:
    """The kubeconfig's, or the environment's as kubectl reads it."""
    proxy = stated
    if not proxy:
        proxies = {name.lower(): value for name, value in environ.items() if name.lower().endswith("_proxy")}
        host = urlsplit(server).hostname or ""
        rules = {"no": proxies.get("no_proxy", "")}
        if not urllib.request.proxy_bypass_environment(host, rules):  # type: ignore[attr-defined]
            proxy = proxies.get(f"{urlsplit(server).scheme}_proxy", "")
    if proxy and urlsplit(proxy).scheme not in ("http", "https"):
        raise ClusterError(
            f"a proxy of the form {urlsplit(proxy).scheme}:// is not supported, only http:// and https://"
        )
    return proxy or None


def _merged(files: list[Path]) -> Entry:
    """Several files as one: the first statement of a name counts, paths are relative to the file that has them."""
    merged: Entry = {"clusters": [], "users": [], "contexts": [], "current-context": None}
    for file in files:
        document = _document(file)
        merged["current-context"] = merged["current-context"] or document.get("current-context") or None
        for name, inner in _LISTS.items():
            known = {entry["name"] for entry in merged[name]}
            for entry in document.get(name) or ():
                if not isinstance(entry, Mapping) or not isinstance(entry.get(inner) or {}, Mapping):
                    raise ClusterError(f"{file}: {name} holds something that is no {inner}")
                if entry.get("name") not in known:
                    value = _absolute(entry.get(inner) or {}, file.parent)
                    merged[name].append({"name": entry.get("name"), inner: value})
    return merged


def _document(file: Path) -> Mapping[str, Json]:
    try:
        document = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ClusterError(f"{file} cannot be read: {error}") from None
    except yaml.YAMLError:
        raise ClusterError(f"{file} is not YAML") from None
    if not isinstance(document, Mapping):
        raise ClusterError(f"{file} is no kubeconfig")
    return document


def _absolute(entry: Mapping[str, Json], folder: Path) -> Entry:
    result = dict(entry)
    for key in _PATHS:
        if isinstance(result.get(key), str) and result[key]:
            result[key] = str(folder / result[key])
    plugin = result.get("exec")
    if isinstance(plugin, Mapping) and os.sep in str(plugin.get("command") or ""):
        result["exec"] = {**plugin, "command": str(folder / str(plugin["command"]))}
    return result


def _entry(merged: Entry, kind: str, name: str) -> Entry:
    for entry in merged[kind]:
        if entry["name"] == name:
            value: Entry = entry[_LISTS[kind]]
            return value
    return {}


def _pem(what: str, data: str | None, path: str | None) -> bytes:
    """What a key with `-data` holds, or the file beside it; nothing when there is neither."""
    try:
        if data:
            return base64.b64decode(data, validate=True)
        return Path(path).read_bytes() if path else b""
    except (binascii.Error, ValueError):
        raise ClusterError(f"{what}-data is not base64") from None
    except OSError as error:
        raise ClusterError(f"{what} cannot be read: {error}") from None
