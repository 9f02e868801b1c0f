"""Which server is asked, and having it: begun in the background while files are read, waited for when it is needed.

Invariant: whatever was begun ends with the `Launch`, also what came too late to be asked. A server that is missing is
a reason, never an exception; a choice that cannot be kept falls to the next one only with a note that says so.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType

from bot.adapters.cluster import binaries, embedded, kept, kind, kubeconfig
from bot.adapters.cluster.api import DEFAULT_LIMITS, Api, Limits, ScratchApi
from bot.adapters.cluster.embedded import EmbeddedServer
from bot.adapters.cluster.errors import ClusterError
from bot.adapters.cluster.kind import KindCluster
from bot.adapters.cluster.scratch import ScratchServer
from bot.adapters.cluster.session import UserCluster


class Choice(StrEnum):
    """`--cluster`. AUTO: a kubeconfig when one is named, else kind, else the embedded server, else none."""

    AUTO = "auto"
    KIND = "kind"
    EMBEDDED = "embedded"
    KUBECONFIG = "kubeconfig"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings say. `minor` is the configured Kubernetes version; `patience` the seconds kind may take."""

    choice: Choice = Choice.AUTO
    minor: str = ""
    kubeconfig: str = ""
    context: str = ""
    patience: float = 90.0
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Opened:
    """The server, or the reason that there is none; `notes` belong to the evidence either way."""

    server: ScratchServer | UserCluster | None
    reason: str = ""
    notes: tuple[str, ...] = ()


class Launch:
    """Use it in a `with`: it begins at once; `open` waits. After the `with` nothing that it began is left."""

    def __init__(self, wanted: Wanted, environ: Mapping[str, str] = os.environ) -> None:
        """Begins what is wanted and there."""
        self._wanted = wanted
        self._environ = environ
        self._stack = ExitStack()
        self._notes: list[str] = []
        self._missing: list[str] = []
        self._instead = ""
        self._kind: KindCluster | None = None
        self._embedded: EmbeddedServer | None = None
        self._choice = wanted.choice
        try:
            self._begin()
        except BaseException:
            self._stack.close()
            raise

    @property
    def cluster(self) -> str:
        """The name of the kind cluster that was begun; empty when there is none."""
        return self._kind.name if self._kind is not None else ""

    def open(self) -> Opened:
        """The server once it can be asked."""
        try:
            server = self._open()
        except ClusterError as error:
            return Opened(None, str(error), tuple(self._notes))
        if server is None:
            return Opened(None, "; ".join(self._missing) or "no server is wanted", tuple(self._notes))
        self._stack.enter_context(server)
        minor = re.match(r"v?(\d+\.\d+)", server.version)
        if minor and self._wanted.minor and minor[1] != self._wanted.minor:
            self._notes.append(
                f"the verdicts are those of {server.version}, not of the configured {self._wanted.minor}"
            )
        return Opened(server, notes=tuple(self._notes))

    def close(self) -> None:
        """Ends what was begun."""
        self._stack.close()

    def __enter__(self) -> Launch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begin(self) -> None:
        if self._choice is Choice.AUTO:
            if self._wanted.kubeconfig or kubeconfig.named(self._environ):
                self._choice = Choice.KUBECONFIG
                return
            self._missing.append("no kubeconfig is named")
        if self._choice in (Choice.AUTO, Choice.KIND) and self._begin_kind():
            return
        if self._choice in (Choice.AUTO, Choice.KIND, Choice.EMBEDDED):
            self._begin_embedded()

    def _begin_kind(self) -> bool:
        missing = kind.missing(self._environ)
        if not missing:
            try:
                self._kind = kind.begin(self._wanted.minor, environ=self._environ)
                self._stack.callback(self._kind.close)
            except ClusterError as error:
                missing = str(error)
        if missing:
            self._give_up_kind(missing)
        return not missing

    def _give_up_kind(self, reason: str) -> None:
        """Who asked for kind is told that another speaks; for `auto` a machine without Docker is nothing special."""
        self._missing.append(reason)
        if self._choice is Choice.KIND or self._kind is not None:
            self._instead = reason
        self._kind = None

    def _begin_embedded(self) -> None:
        if running := kept.find():
            self._embedded = running
            return
        found = binaries.find(self._wanted.minor, self._environ)
        if found is None:
            self._missing.append(binaries.missing(self._environ))
            return
        try:
            self._embedded = embedded.begin(found)
            self._stack.callback(self._embedded.close)
        except ClusterError as error:
            self._missing.append(str(error))

    def _open(self) -> ScratchServer | UserCluster | None:
        limits = self._wanted.limits
        if self._choice is Choice.KUBECONFIG:
            connection = kubeconfig.connect(
                self._wanted.kubeconfig, context=self._wanted.context, environ=self._environ
            )
            return UserCluster(Api(connection, limits=limits))
        if self._kind:
            try:
                self._kind.wait(self._wanted.patience)
                return ScratchServer(ScratchApi(self._kind.connection(), limits=limits))
            except ClusterError as error:
                self._give_up_kind(str(error))
                self._begin_embedded()
        if self._embedded:
            server = embedded.finish(self._embedded)
            if server is not self._embedded:
                self._stack.callback(server.close)
            if self._instead:
                self._notes.append(f"{self._instead}: the embedded server is asked instead")
            return ScratchServer(ScratchApi(server.connection(), limits=limits, ended=server.ended))
        return None
