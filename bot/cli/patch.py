"""`patch -f FILE -p PATCH`: a JSON Patch by hand, without touching another byte."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import NoReturn

import click

from bot.cli.streams import STDIN, read_stdin, tell, write_output
from bot.errors import InputError, UsageError
from bot.model import Json, Operation

_SHOWN = 40
"""Characters of a number that are shown."""
_OPERATIONS = ("add", "remove", "replace", "move", "copy", "test")


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
    """The value that `text` is, in the strict sense: no NaN, no number beyond a float, no half of a character."""
    try:
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise UsageError(f"{source} is not JSON: line {error.lineno} column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise UsageError(f"{source} is not JSON: nested too deeply") from None
    except UnicodeEncodeError:
        raise UsageError(f"{source} is not JSON: it has half a character, a surrogate without its pair") from None
    except ValueError as error:
        raise UsageError(f"{source} is not JSON: {error}") from None
    if _is_deep(value):
        raise UsageError(f"{source}: nested deeper than a manifest may be")
    return value


def _is_deep(value: Json) -> bool:
    from bot.manifest.reader import MAX_DEPTH

    level = [value]
    for _ in range(MAX_DEPTH):
        level = [child for each in level for child in _children(each)]
    return bool(level)


def _children(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:_SHOWN]} is no number that fits")
    return number


def _operation(step: object, where: str) -> Operation:
    if not isinstance(step, dict):
        raise UsageError(f"{where} is no object")
    name = step.get("op")
    if name not in _OPERATIONS:
        raise UsageError(f"{where}: op is {name!r}; it is one of {', '.join(_OPERATIONS)}")
    for key in ("from", "path") if name in ("move", "copy") else ("path",):
        _check_pointer(step.get(key), f"{where}: {key}")
    if name in ("add", "replace", "test") and "value" not in step:
        raise UsageError(f"{where}: {name} needs a value")
    return Operation(name, step["path"], step.get("value"), step.get("from"))


def _check_pointer(pointer: object, what: str) -> None:
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise UsageError(f"{what} is {pointer!r}; it is a JSON Pointer such as /spec/replicas")
    if pointer.count("~") != pointer.count("~0") + pointer.count("~1"):
        raise UsageError(f"{what} is {pointer!r}; '~' is written ~0 in a JSON Pointer")
