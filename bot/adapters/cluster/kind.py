"""A cluster in a container, by kind: every admission plugin and controller of a real one, for those who have Docker.

Only its API server is needed, so nobody waits for nodes. Inside a container (an action's) the API server's port on the
host is out of reach: the container joins kind's network and uses the internal address.

Invariant: a cluster has a name of its own, and a watchdog deletes it however the bot ends; what a killed container
leaves, `clean_up` deletes. No other cluster, network or container is touched.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from bot.adapters.cluster import commands, keepers, kubeconfig, leftovers, watchdog
from bot.adapters.cluster.commands import Finished, last_words
from bot.adapters.cluster.connection import Connection
from bot.adapters.cluster.errors import ClusterError
from bot.adapters.cluster.surroundings import without_secrets
from bot.adapters.cluster.watchdog import Plan

KIND = "kind"
PREFIX = "k8s-auto-fix-kind-"
IMAGES = {
    "1.37": "kindest/node:v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5",
    "1.36": "kindest/node:v1.36.4@sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed",
    "1.35": "kindest/node:v1.35.8@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0",
    "1.34": "kindest/node:v1.34.11@sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d",
}
"""The images that kind 0.33 was released with, by minor."""
DEFAULT = "1.36"
STOP_LIMIT = 90.0
_NAMES = "k8s-auto-fix-[0-9a-f]{8}"
_QUICK = 10.0
_POLL = 0.1
_MARK = Path("/.dockerenv")
_NAME = "cluster"
_CONFIG = "kubeconfig"
_NETWORK = "kind"
_SOCKETS = ("/var/run/docker.sock", "~/.docker/run/docker.sock", "${XDG_RUNTIME_DIR}/docker.sock")


@dataclass(frozen=True, slots=True)
class KindCluster:
    """A cluster that is being created, or runs. `close` it, or use it in a `with`.

    `container` is the id of the one we run in, empty outside.
    """

    name: str
    folder: Path
    container: str
    keeper: subprocess.Popen[bytes] = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)

    def wait(self, limit: float) -> None:
        """Returns when it can be asked. ClusterError when it failed, or is not up after `limit` seconds."""
        end = time.monotonic() + limit
        while not (ended := self._ended()):
            if time.monotonic() >= end:
                raise ClusterError(f"kind is not up after {limit:g} s")
            time.sleep(_POLL)
        if ended != f"{KIND} ended (0)":
            said = last_words((self.folder / f"{KIND}.log").read_text("utf-8", "replace"))
            raise ClusterError(f"kind did not start: {said or ended}")
        if self.container:
            self._go_inside()

    def connection(self) -> Connection:
        """How to reach it."""
        return replace(kubeconfig.connect(str(self.folder / _CONFIG), environ={}), kind=KIND)

    def close(self) -> None:
        """Deletes it."""
        keepers.dismiss(self.keeper, STOP_LIMIT)

    def _ended(self) -> str:
        try:
            return (self.folder / watchdog.ENDED).read_text("utf-8")
        except OSError:
            return "" if self.folder.exists() else "it was stopped"

    def _go_inside(self) -> None:
        """From a container the cluster is reached through kind's network alone, under another name."""
        joined = _run(["docker", "network", "connect", _NETWORK, self.container], self.environ, _QUICK)
        if not joined.worked and "already exists" not in joined.errors:
            raise ClusterError(f"this container cannot join kind's network: {joined.why}")
        command = ["kind", "get", _CONFIG, "--internal", "--name", self.name]
        internal = _run(command, self.environ, _QUICK)
        if not internal.worked:
            raise ClusterError(f"kind has no internal kubeconfig: {internal.why}")
        config = self.folder / _CONFIG
        config.touch(mode=0o600)
        config.write_text(internal.output, "utf-8")

    def __enter__(self) -> KindCluster:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def missing(environ: Mapping[str, str] = os.environ) -> str:
    """Why there can be no cluster here; empty when there can. Asks the container engine, so it takes a moment."""
    return _not_found("docker", environ) or _not_found("kind", environ) or missing_engine(environ)


def missing_engine(environ: Mapping[str, str] = os.environ) -> str:
    """Why there is no container engine; empty when it answers."""
    if problem := _not_found("docker", environ):
        return problem
    host = environ.get("DOCKER_HOST", "")
    if not host and not any(_is_socket(os.path.expandvars(name)) for name in _SOCKETS):
        return "no container engine: there is no socket at /var/run/docker.sock"
    if host.startswith("unix://") and not _is_socket(host.removeprefix("unix://")):
        return f"no container engine: {host} (DOCKER_HOST) is no socket"
    answer = _run(["docker", "version", "--format", "{{.Server.Version}}"], environ, _QUICK)
    return "" if answer.worked else f"the container engine does not answer: {answer.why}"


def _not_found(tool: str, environ: Mapping[str, str]) -> str:
    found = shutil.which(tool, path=environ.get("PATH", os.defpath))
    return "" if found else f"{tool} is not on the PATH"


def begin(minor: str = DEFAULT, *, environ: Mapping[str, str] = os.environ) -> KindCluster:
    """Begins to create a cluster of this minor, or of the default when there is no image of it; `wait` for it."""
    clean_up(environ)
    name = f"k8s-auto-fix-{secrets.token_hex(4)}"
    own = _own_container(environ)
    folder = leftovers.new_folder(PREFIX)
    config = str(folder / _CONFIG)
    image = IMAGES.get(minor, IMAGES[DEFAULT])
    create = ["kind", "create", "cluster", "--name", name, "--kubeconfig", config, "--image", image]
    try:
        (folder / _NAME).write_text(name, "ascii")
        plan: Plan = {"start": {KIND: create}, "last": _farewell(name, folder, own)}
        keeper = keepers.employ(folder, plan, environ=environ)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ClusterError(f"kind did not start: {error}") from error
    return KindCluster(name, folder, own, keeper, environ)


def clean_up(environ: Mapping[str, str] = os.environ) -> int:
    """Deletes the clusters of runs that were killed; how many."""

    def end(folder: Path) -> None:
        name = folder / _NAME
        if name.exists() and shutil.which("kind", path=environ.get("PATH", os.defpath)):
            for command in _farewell(name.read_text("ascii"), folder, ""):
                _run(command, environ, STOP_LIMIT)

    return leftovers.sweep(PREFIX, end)


def is_ours(name: str) -> bool:
    """Whether it is the name of a cluster that a run may have created."""
    return re.fullmatch(_NAMES, name) is not None


def delete(name: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Deletes a cluster of ours; whether it is gone. Another's is refused."""
    if not is_ours(name) or _not_found(KIND, environ):
        return False
    with tempfile.TemporaryDirectory() as folder:
        (command,) = _farewell(name, Path(folder), "")
        return _run(command, environ, STOP_LIMIT).worked


def _run(command: Sequence[str], environ: Mapping[str, str], limit: float) -> Finished:
    return commands.run(command, without_secrets(environ), limit)


def _farewell(name: str, folder: Path, own: str) -> list[list[str]]:
    """Deleting first: a container that left the network would have to be brought back for nothing."""
    delete = ["kind", "delete", "cluster", "--name", name, "--kubeconfig", str(folder / _CONFIG)]
    leave = [["docker", "network", "disconnect", "--force", _NETWORK, own]] if own else []
    return [delete, *leave]


def _own_container(environ: Mapping[str, str]) -> str:
    """The id of the container we run in, when the engine knows it; empty outside one.

    The host name may be anything, and the mounts name the container on some engines alone: both are tried, and the
    engine has the last word.
    """
    if not _MARK.exists():
        return ""
    with contextlib.suppress(OSError):
        mounts = Path("/proc/self/mountinfo").read_text("utf-8", "replace")
        names = [*re.findall(r"/containers/([0-9a-f]{64})/", mounts), environ.get("HOSTNAME", "")]
        for name in dict.fromkeys(filter(None, names)):
            answer = _run(["docker", "inspect", "--type", "container", "--format", "{{.Id}}", name], environ, _QUICK)
            if answer.worked and re.fullmatch(r"[0-9a-f]{64}", answer.output.strip()):
                return answer.output.strip()
    return ""


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(Path(path).expanduser().stat().st_mode)
    except OSError:
        return False
