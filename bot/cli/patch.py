"""`patch -f FILE -p PATCH`: a JSON Patch by hand, without touching another byte."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.streams import STDIN, read_stdin, tell, write_output
from bot.errors import InputError, UsageError
from bot.model import Json, Operation


@click.command()
@click.option(
    "-f", "--file", "path", required=True, type=click.Path(), metavar="FILE", help="The manifest, or - for stdin."
)
@click.option("-p", "--patch", required=True, metavar="PATCH", help="A JSON Patch (RFC 6902), or @FILE that holds one.")
@click.option(
    "--document",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Which document of the file, from 0.  [default: 0]",
)
@click.option("--in-place", is_flag=True, help="Write the file instead of stdout.")
def command(path: str, patch: str, document: int, in_place: bool) -> int:
    """Apply a JSON Patch to a manifest, on the text: comments, quotes and line ends stay.

    \b
    k8s-auto-fix patch -f web.yaml -p '[{"op": "replace", "path": "/spec/replicas", "value": 3}]'

    What cannot be said as a small edit is refused with a code and a reason, and exits with 1.
    """  # noqa: D301
    from bot.adapters import files
    from bot.manifest import read
    from bot.manifest.edits import Refusal, edit_file
    from bot.model import Skip

    if in_place and path == STDIN:
        raise UsageError("--in-place needs a file; stdin cannot be written")
    operations = _operations(patch)
    text = read_stdin() if path == STDIN else files.read_text(path)
    if isinstance(text, Skip):
        raise InputError(f"{text.path}:{text.line}: {text.reason}" if text.line else f"{text.path}: {text.reason}")
    edited = edit_file(read(path, text), [(document, operations)])
    if isinstance(edited, Refusal):
        tell(f"refused: {edited}")
        return 1
    if not in_place:
        write_output(edited.text, None)
        return 0
    if edited.text != text:
        problem = files.write_atomic(path, text, edited.text)
        if problem is not None:
            raise InputError(f"{problem.path}: {problem.reason}")
    return 0


def _operations(patch: str) -> list[Operation]:
    source = "the patch"
    if patch.startswith("@"):
        source = patch[1:]
        try:
            patch = Path(source).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise InputError(f"{source}: cannot be read: {reason}") from None
    steps = _json(patch, source)
    if not isinstance(steps, list):
        raise UsageError(f"{source} is no list; a JSON Patch is a list of operations")
    return [_operation(step, f"{source}, operation {number}") for number, step in enumerate(steps)]


def _json(text: str, source: str) -> Json:
    from bot.manifest.strict_json import is_deep, value_of

    try:
        value = value_of(text)
    except ValueError as error:
        raise UsageError(f"{source} is not JSON: {error}") from None
    if is_deep(value):
        raise UsageError(f"{source}: nested deeper than a manifest may be")
    return value


def _operation(step: Json, where: str) -> Operation:
    from bot.manifest.operations import operation

    found = operation(step)
    if isinstance(found, str):
        raise UsageError(f"{where} {found}" if found.startswith("is ") else f"{where}: {found}")
    return found
