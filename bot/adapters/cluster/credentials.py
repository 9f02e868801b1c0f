"""Credentials that change while the bot runs: token files, and plugins that a kubeconfig names.

Invariant: a plugin has a limit in time, no terminal, and is not run again within seconds for the same refusal; what it
prints is a secret and appears in no message.
"""

from __future__ import annotations

import json
import os
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.adapters.cluster.commands import run
from bot.adapters.cluster.connection import add_certificate
from bot.adapters.cluster.errors import ClusterError
from bot.model import Json

PLUGIN_LIMIT = 30.0
_FRESH = 5.0
"""Seconds in which what is newly had is not doubted."""
_EARLY = 10.0
_READ_AGAIN = 10.0
_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


@dataclass(slots=True)
class TokenFile:
    """A token that somebody else renews in a file, as the kubelet does."""

    path: Path
    _header: str = field(default="", repr=False)
    _read: float = 0.0

    def authorization(self) -> str:
        """The token as the file has it, read again from time to time."""
        if not self._header or time.monotonic() - self._read > _READ_AGAIN:
            self._load()
        return self._header

    def renew(self) -> bool:
        """Whether the file has another token by now."""
        before = self._header
        self._load()
        return self._header != before

    def _load(self) -> None:
        try:
            token = self.path.read_text("ascii").strip()
        except (OSError, ValueError) as error:
            raise ClusterError(f"the token file {self.path} cannot be read: {error}") from None
        if not token:
            raise ClusterError(f"the token file {self.path} is empty")
        self._header, self._read = f"Bearer {token}", time.monotonic()


class Plugin:
    """An exec plugin: a program that prints an ExecCredential with a token, or with a client certificate for `tls`."""

    def __init__(
        self,
        spec: Mapping[str, Json],
        *,
        cluster: Mapping[str, Json] | None = None,
        tls: ssl.SSLContext | None = None,
        limit: float = PLUGIN_LIMIT,
    ) -> None:
        """`spec` is the kubeconfig's `exec`; `cluster` is told to a plugin that asks for it."""
        self._spec = spec
        self._cluster = cluster
        self._tls = tls
        self._limit = limit
        self._lock = threading.Lock()
        self._header: str | None = None
        self._had = float("-inf")
        self._expires = float("-inf")
        self.command = str(spec.get("command") or "")
        if spec.get("apiVersion") not in _VERSIONS:
            raise ClusterError(f"the exec plugin {self.command} speaks {spec.get('apiVersion')}; known: v1, v1beta1")
        if spec.get("interactiveMode") == "Always":
            raise ClusterError(f"the exec plugin {self.command} needs a terminal (interactiveMode: Always)")

    def authorization(self) -> str | None:
        """The plugin's token, from the last run while it lasts; None when it gave a certificate."""
        with self._lock:
            if time.time() >= self._expires - _EARLY:
                self._take(self._run())
            return self._header

    def renew(self) -> bool:
        """Whether to try once more with what the plugin says now."""
        with self._lock:
            if time.monotonic() - self._had < _FRESH:
                return False
            self._expires = float("-inf")
            return True

    def _take(self, status: Mapping[str, Json]) -> None:
        token, certificate, key = (status.get(k) for k in ("token", "clientCertificateData", "clientKeyData"))
        if isinstance(certificate, str) and isinstance(key, str) and self._tls:
            add_certificate(self._tls, certificate.encode(), key.encode())
        elif not isinstance(token, str) or not token:
            raise ClusterError(f"the exec plugin {self.command} gave neither a token nor a certificate with its key")
        self._header = f"Bearer {token}" if isinstance(token, str) and token else None
        self._had = time.monotonic()
        self._expires = _moment(status.get("expirationTimestamp"))

    def _run(self) -> Mapping[str, Json]:
        output = self._output()
        try:
            credential = json.loads(output)
            status = credential["status"]
            version = credential["apiVersion"]
        except (ValueError, KeyError, TypeError):
            raise ClusterError(f"the exec plugin {self.command} did not print an ExecCredential") from None
        if version != self._spec["apiVersion"] or not isinstance(status, Mapping):
            raise ClusterError(f"the exec plugin {self.command} answered in {version}, not {self._spec['apiVersion']}")
        return status

    def _output(self) -> str:
        arguments = [str(argument) for argument in self._spec.get("args") or ()]
        finished = run([self.command, *arguments], self._environment(), self._limit)
        if not finished.worked:
            hint = " ".join(str(self._spec.get("installHint") or "").split()) if finished.problem else ""
            raise ClusterError(f"the exec plugin {self.command}: {finished.why}. {hint}".strip())
        return finished.output

    def _environment(self) -> dict[str, str]:
        spec: dict[str, Json] = {"interactive": False}
        if self._cluster and self._spec.get("provideClusterInfo"):
            spec["cluster"] = dict(self._cluster)
        info = {"apiVersion": self._spec["apiVersion"], "kind": "ExecCredential", "spec": spec}
        own = {str(item["name"]): str(item["value"]) for item in self._spec.get("env") or ()}
        return {**os.environ, **own, "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _moment(timestamp: Json) -> float:
    """Seconds since the epoch; for ever when a credential says nothing."""
    try:
        return datetime.fromisoformat(str(timestamp)).timestamp() if timestamp else float("inf")
    except ValueError:
        return float("inf")
