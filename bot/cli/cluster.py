"""`cluster install|start|stop|status`: an API server of one's own to verify with, kept between local runs."""

from __future__ import annotations

import datetime as dt
import json
import sys
from typing import TYPE_CHECKING

import click

from bot.cli.streams import tell, write_output

if TYPE_CHECKING:
    from bot.adapters.cluster.embedded import EmbeddedServer

_MEGABYTE = 1 << 20


@click.group()
def command() -> None:
    """Install, start and stop an API server to verify with; no Docker is needed.

    \b
    k8s-auto-fix cluster install     download kube-apiserver and etcd, once
    k8s-auto-fix cluster start       keep a server between runs: scans need not wait for one
    k8s-auto-fix cluster stop        end it, and leave nothing behind

    Without `start` each run that verifies starts a server of its own (3 s) and ends it.
    """  # noqa: D301


@command.command("install")
def install() -> int:
    """Download kube-apiserver and etcd into the cache, once.

    It is the archive of kubernetes-sigs/controller-tools that setup-envtest uses, of one version, checked by SHA-512
    before anything is unpacked. Nothing is downloaded when KUBEBUILDER_ASSETS, setup-envtest's folder, the cache or
    the PATH holds both programs.
    """
    from bot.adapters.cluster import binaries
    from bot.adapters.cluster import install as downloads

    if found := binaries.find():
        tell(f"there already: {binaries.APISERVER} and {binaries.ETCD} {found.version} ({found.source})".rstrip())
        write_output(f"{found.apiserver.parent}\n")
        return 0
    tell(f"downloading {binaries.APISERVER} and {binaries.ETCD} {downloads.VERSION} for {downloads.platform()}")
    try:
        folder = downloads.install(progress=_progress if sys.stderr.isatty() else _silent)
    finally:
        if sys.stderr.isatty():
            click.echo("\r\x1b[K", nl=False, err=True)
    tell("installed; the checksum is the expected one")
    if not binaries.find():
        tell(f"but {binaries.missing()}: unset it, or runs will not find these")
    write_output(f"{folder}\n")
    return 0


@command.command("start")
@click.option(
    "--kubernetes-version", metavar="MINOR", default="", help="Minor version, such as 1.36, when it is there."
)
def start(kubernetes_version: str) -> int:
    """Start a server that stays between runs.

    Does nothing when one runs already. It listens on 127.0.0.1, and only who has its token, kept in a file of yours
    alone, can ask it.
    """
    from bot.adapters.cluster import binaries, kept
    from bot.adapters.cluster.errors import ClusterError

    if running := kept.find():
        tell("it runs already")
        write_output(_line(running))
        return 0
    found = binaries.find(kubernetes_version)
    if found is None:
        raise ClusterError(binaries.missing())
    tell(f"starting {binaries.APISERVER} {found.version} ({found.source})")
    write_output(_line(kept.start(found)))
    return 0


@command.command("stop")
def stop() -> int:
    """Stop the server that start left running.

    Fine when there is none. Its processes end, and its folder is removed.
    """
    from bot.adapters.cluster import kept

    write_output("stopped\n" if kept.stop() else "no server is running\n")
    return 0


@command.command("status")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to write."
)
def status(form: str) -> int:
    """Show the server's version, address and age.

    Exits with 1 when none is running.
    """
    from bot.adapters.cluster import kept

    running = kept.find()
    if form == "json":
        facts = {"running": running is not None}
        write_output(json.dumps(facts | (_facts(running) if running else {}), indent=2) + "\n")
    else:
        write_output(_line(running) if running else "no server is running\n")
    return 0 if running else 1


def _line(server: EmbeddedServer) -> str:
    facts = _facts(server)
    return f"{facts['version']} at {facts['address']} since {facts['since']}\n"


def _facts(server: EmbeddedServer) -> dict[str, str]:
    """What it says of itself; ClusterError when it does not answer."""
    from bot.adapters.cluster.api import Api
    from bot.adapters.cluster.discovery import read
    from bot.adapters.cluster.leftovers import OWNER

    api = Api(server.connection(), ended=server.ended)
    try:
        version = str(read(api, "/version").get("gitVersion", "unknown"))
    finally:
        api.close()
    since = dt.datetime.fromtimestamp((server.folder / OWNER).stat().st_mtime, tz=dt.UTC).astimezone()
    return {"version": version, "address": server.url, "since": since.isoformat(" ", "seconds")}


def _progress(done: int, whole: int) -> None:
    of = f" of {whole / _MEGABYTE:.0f}" if whole else ""
    click.echo(f"\r{done / _MEGABYTE:.0f}{of} MB", nl=False, err=True)


def _silent(_done: int, _whole: int) -> None:
    """Nobody watches."""
