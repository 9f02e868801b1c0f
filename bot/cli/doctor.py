"""`doctor`: what is there to verify with, what each missing piece would give, and how to get it.

Invariant: no secret is shown or read: of a token the name of its variable, of a kubeconfig its address. Nothing is sent
to a cluster.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from bot.cli.options import colour
from bot.cli.streams import terminal_width, wants_color, write_output

_WIDTH = 100
_KUBECTL = "a way to apply what export-policies writes; the bot itself never calls it"
_TOKENS = ("INPUT_TOKEN", "GITHUB_TOKEN")


@dataclass(frozen=True, slots=True)
class Piece:
    """Something the bot can use. `gives` and `get` are for who lacks it: what it is good for, and how to have it.

    `server` is how a person would call the API server that this piece makes possible. `broken`: it was asked for by
    name, so nothing else is taken in its place.
    """

    name: str
    there: bool
    detail: str
    gives: str
    get: str
    server: str = ""
    broken: bool = False


@click.command()
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to write."
)
@colour
def command(form: str, color: str) -> int:
    """Show what is there to verify fixes with, and how to get what is missing.

    Exits with 1 when no API server can be asked: fixes are then checked against the bundled schemas alone. Nothing is
    started, and nothing is sent to a cluster.
    """
    pieces = list(examine(os.environ))
    chosen = choose(pieces)
    if form == "json":
        document = {
            "tier": "server" if chosen else "schema",
            "server": chosen.server if chosen else None,
            "pieces": [
                {name: value for name, value in asdict(piece).items() if name not in ("server", "broken")}
                for piece in pieces
            ],
        }
        write_output(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        write_output(_text(pieces, chosen, color))
    return 0 if chosen else 1


def choose(pieces: list[Piece]) -> Piece | None:
    """What `--cluster auto` would ask: the first that can be, unless a kubeconfig is named and cannot be used."""
    first = next((piece for piece in pieces if piece.server or piece.broken), None)
    return first if first and not first.broken else None


def examine(environ: Mapping[str, str]) -> Iterator[Piece]:
    """Every piece, those that `--cluster auto` would take first before the others."""
    yield _kubeconfig(environ)
    yield from _kind(environ)
    yield _kept()
    yield _binaries(environ)
    yield _schemas()
    yield _tool("kubectl", environ, _KUBECTL, "https://kubernetes.io/docs/tasks/tools")
    yield from _engines(environ)
    yield _tool("git", environ, "the base branch: which findings a change brings", "https://git-scm.com/downloads")
    yield _token(environ)


def _kubeconfig(environ: Mapping[str, str]) -> Piece:
    from bot.adapters.cluster import kubeconfig
    from bot.adapters.cluster.errors import ClusterError

    gives = "verdicts of your own cluster, with its policies, quotas and CRDs; it is asked for dry runs alone"
    named = kubeconfig.named(environ)
    if named:
        get = "KUBECONFIG names a kubeconfig; mend it, or unset KUBECONFIG"
        try:
            url = kubeconfig.connect(named, environ=environ).url
        except ClusterError as error:
            return Piece("kubeconfig", False, str(error), gives, get, broken=True)
        return Piece("kubeconfig", True, f"{named}: {url}", gives, get, f"the cluster at {url}")
    detail = "KUBECONFIG is not set"
    if Path("~/.kube/config").expanduser().is_file():
        detail += "; ~/.kube/config is there, and used with --cluster kubeconfig alone"
    return Piece("kubeconfig", False, detail, gives, "export KUBECONFIG=FILE, or --cluster kubeconfig")


def _kind(environ: Mapping[str, str]) -> Iterator[Piece]:
    from bot.adapters.cluster import kind

    no_engine = kind.missing_engine(environ)
    yield Piece(
        "container engine",
        not no_engine,
        no_engine or "it answers",
        "a cluster of its own for each run, with every admission plugin; kind is needed, too",
        "https://docs.docker.com/engine/install; not needed with the API server's own binaries",
    )
    path = shutil.which("kind", path=environ.get("PATH", os.defpath))
    ready = bool(path) and not no_engine
    yield Piece(
        "kind",
        path is not None,
        path or "kind is not on the PATH",
        "a cluster of its own for each run; a container engine is needed, too",
        "https://kind.sigs.k8s.io/docs/user/quick-start/#installation",
        "a cluster by kind" if ready else "",
    )


def _binaries(environ: Mapping[str, str]) -> Piece:
    from bot.adapters.cluster import binaries

    gives = "verdicts of a real API server within 3 s, without Docker"
    found = binaries.find(environ=environ)
    if found is None:
        return Piece("API server", False, binaries.missing(environ), gives, "k8s-auto-fix cluster install")
    version = f"{found.version} " if found.version else ""
    detail = f"{version}in {found.apiserver.parent} ({found.source})"
    return Piece("API server", True, detail, gives, "", f"an embedded API server {found.version}".rstrip())


def _kept() -> Piece:
    from bot.adapters.cluster import kept

    running = kept.find()
    return Piece(
        "kept server",
        running is not None,
        running.url if running else "none is running",
        "no wait for a server to start",
        "k8s-auto-fix cluster start",
        "the API server that `cluster start` left running" if running else "",
    )


def _schemas() -> Piece:
    from bot.schema import versions

    known = versions()
    return Piece("schemas", True, f"{known[0]} to {known[-1]}, always there", "a check of fields and types", "")


def _tool(name: str, environ: Mapping[str, str], gives: str, get: str) -> Piece:
    path = shutil.which(name, path=environ.get("PATH", os.defpath))
    return Piece(name, path is not None, path or f"{name} is not on the PATH", gives, get)


def _engines(environ: Mapping[str, str]) -> Iterator[Piece]:
    """The tools that can be run besides our policies."""
    from bot.adapters.engines.run import INSTALL, Wanted, locate
    from bot.settings.model import ENGINES

    for name, path in locate(Wanted(ENGINES), environ).items():
        gives = f"its findings beside ours, with --engine {name}"
        yield Piece(name, path is not None, path or f"{name} is not on the PATH", gives, INSTALL[name])


def _token(environ: Mapping[str, str]) -> Piece:
    gives = "comments on a pull request; nothing local needs it"
    for name in _TOKENS:
        if environ.get(name):
            return Piece("GitHub token", True, f"in {name}", gives, "")
    get = "export GITHUB_TOKEN; in a workflow: GITHUB_TOKEN: ${{ github.token }}"
    return Piece("GitHub token", False, f"none of {', '.join(_TOKENS)} is set", gives, get)


def _text(pieces: list[Piece], chosen: Piece | None, color: str) -> str:
    from bot.report.terminal import fold, painter, visible

    paint = painter(wants_color(color))
    margin = max(len(piece.name) for piece in pieces) + 5
    width = terminal_width() or _WIDTH

    def lines(text: str) -> Iterator[str]:
        yield from fold(map(visible, text.split()), width, margin, margin)

    verdict = "No API server can be asked: fixes are checked against the bundled schemas alone."
    if chosen:
        verdict = f"With --cluster auto, fixes are verified by {visible(chosen.server)}."
    rows = [paint(verdict, "bold"), ""]
    for piece in pieces:
        mark = paint("✓", "green") if piece.there else paint("·", "dim")
        first, *rest = lines(piece.detail)
        rows.append(f" {mark} {piece.name:<{margin - 4}} {first}")
        rows += [" " * margin + line for line in rest]
        if not piece.there:
            rows += [" " * margin + paint(line, "dim") for line in lines(f"gives {piece.gives}")]
            rows += [" " * margin + paint(line, "cyan") for line in lines(piece.get)]
    return "\n".join(rows) + "\n"
