"""The same name twice in the env of a container: the last entry wins, earlier ones are dead.

Not quite dead when `$(NAME)` is expanded before the name is set again: entries see the value that stands above them. An
entry in between that does so keeps the earlier one alive, unless both say the same: then the later one may go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder
from bot.model import Json, Operation

_REFERENCE = re.compile(r"(?<!\$)(?:\$\$)*\$\(([A-Za-z0-9_.-]+)\)")


def check(context: Context) -> Iterator[Hit]:
    """Each entry whose name is set again below it."""
    assert context.container is not None, "the policy looks at containers"
    env = context.container.body.get("env")
    if not isinstance(env, list):
        return
    names = [entry.get("name") if isinstance(entry, dict) else None for entry in env]
    for place, name in enumerate(names):
        if not isinstance(name, str) or is_placeholder(name) or name not in names[place + 1 :]:
            continue
        later = names.index(name, place + 1)
        yield _hit(context, env, place, later)


def _hit(context: Context, env: list[Json], place: int, later: int) -> Hit:
    assert context.container is not None, "the policy looks at containers"
    base = f"{context.container.pointer}/env"
    name = env[place]["name"]
    container = context.container.body.get("name", "")
    reader = next((entry for entry in env[place + 1 : later + 1] if name in _references(entry)), None)
    if reader is None:
        message = f"container {container} sets {name} again below; this entry has no effect"
        gone: int | None = place
    else:
        message = f"container {container} sets {name} twice, and {reader['name']} reads the first value"
        gone = later if env[place] == env[later] and reader is not env[later] else None
    return Hit(
        at=f"{base}/{place}/name",
        target=f"{base}/{place}",
        message=message,
        operations=None if gone is None else (Operation("remove", f"{base}/{gone}"),),
        title=f"Remove the {'earlier' if gone == place else 'later'} {name}",
        unfixable=f"{reader['name']} expands $({name}) before it is set again" if reader and gone is None else "",
    )


def _references(entry: Json) -> list[str]:
    value = entry.get("value") if isinstance(entry, dict) else None
    return _REFERENCE.findall(value) if isinstance(value, str) else []
