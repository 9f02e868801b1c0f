"""Labels and annotations that the team does not want: `values.disallowed-labels` and `values.disallowed-annotations`.

Each is a list of names, `*` standing for any characters; a name with `!` before it is allowed after all, and the last
entry that matches counts, as in .gitignore. So `["*", "!team"]` allows nothing but `team`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.detect.functions import Context, Hit
from bot.manifest import pointers, workloads


def check(context: Context) -> Iterator[Hit]:
    """Each name that is on a list, of the object and of its pods."""
    listed = (
        ("labels", "label", context.values.get("disallowed-labels")),
        ("annotations", "annotation", context.values.get("disallowed-annotations")),
    )
    of_pods = (pod.metadata for pod in workloads.pods(context.resource) if pod.metadata)
    for place in dict.fromkeys(("/metadata", *of_pods)):
        found, metadata = pointers.resolve(context.resource.body, place)
        if not found or not isinstance(metadata, dict):
            continue
        for member, word, entries in listed:
            names = metadata.get(member)
            if not isinstance(names, dict) or not isinstance(entries, list):
                continue
            for name in map(str, names):
                entry = _disallows([str(each) for each in entries], name)
                if entry:
                    why = "" if entry == name else f": disallowed-{member} has {entry}"
                    message = f"the {word} {name} is not to be used{why}"
                    yield Hit(at=pointers.join(f"{place}/{member}", name), message=message)


def _disallows(entries: Sequence[str], name: str) -> str:
    """The last entry that matches a name when it disallows it; else empty."""
    for entry in reversed(entries):
        if _pattern(entry.removeprefix("!")).fullmatch(name):
            return "" if entry.startswith("!") else entry
    return ""


@lru_cache(maxsize=256)
def _pattern(entry: str) -> re.Pattern[str]:
    """`*` is any characters; a run of them is one, so that no name takes long."""
    return re.compile(".*".join(re.escape(part) for part in re.split(r"\*+", entry)), re.DOTALL)
