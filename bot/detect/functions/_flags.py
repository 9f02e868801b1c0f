"""What the components of a control plane are started with, in the manifests that kubeadm writes for them.

A flag is `--name=value`, `--name value` or `--name` alone, which is true. What a shell puts together is not looked at.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.detect.functions import Context, Hit
from bot.detect.placeholders import placeholder


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag as it is given; `at` is the pointer of the item of the command or its arguments that names it."""

    value: str
    at: str


@dataclass(frozen=True, slots=True)
class Demand:
    """What is asked of a flag: `holds` of its value, None when it is not given; `says` what is wrong otherwise.

    `unless` are flags of files that say the same in another place: with one of them nothing is asked.
    """

    flag: str
    holds: Callable[[str | None], bool]
    says: str
    unless: tuple[str, ...] = ()


def unmet(context: Context, program: str, demands: tuple[Demand, ...]) -> Iterator[Hit]:
    """Each demand that the container does not meet, when it runs `program`."""
    flags = _flags(context, program)
    if flags is None or context.container is None:
        return
    for demand in demands:
        given = flags.get(demand.flag)
        if any(each in flags for each in demand.unless):
            continue
        if given is not None and ("$(" in given.value or placeholder(given.value) is not None):
            continue
        if not demand.holds(given.value if given is not None else None):
            at = given.at if given is not None else f"{context.container.pointer}/command"
            yield Hit(at=at, message=f"{program} --{demand.flag}: {demand.says}")


def _flags(context: Context, program: str) -> dict[str, Flag] | None:
    """The flags of the container, the last one of a name; None when it does not run `program`."""
    if context.container is None:
        return None
    words = []
    for member in ("command", "args"):
        items = context.container.body.get(member)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            words.append((str(item), f"{context.container.pointer}/{member}/{index}"))
    if not words or posixpath.basename(words[0][0]) != program:
        return None
    flags = {}
    for place, (word, at) in enumerate(words[1:], 1):
        if not word.startswith("-"):
            continue
        name, equals, value = word.lstrip("-").partition("=")
        following = words[place + 1][0] if place + 1 < len(words) else "-"
        flags[name] = Flag(value if equals else "true" if following.startswith("-") else following, at)
    return flags


def given(value: str | None) -> bool:
    """That it is given."""
    return bool(value)


def absent(value: str | None) -> bool:
    """That it is not given."""
    return value is None


def no(value: str | None) -> bool:
    """That it is false where its default is true."""
    return value is not None and value.lower() in ("false", "f", "0")


def not_no(value: str | None) -> bool:
    """That it is not false; its default is true."""
    return not no(value)


def yes(value: str | None) -> bool:
    """That it is true where its default is false."""
    return value is not None and value.lower() in ("true", "t", "1")


def not_yes(value: str | None) -> bool:
    """That it is not true; its default is false."""
    return not yes(value)


def local(value: str | None) -> bool:
    """That it is an address of the node itself; the default is all of them."""
    return value in ("127.0.0.1", "::1", "localhost")


def lists(*names: str) -> Callable[[str | None], bool]:
    """That a list has all of these names."""
    return lambda value: set(names) <= set((value or "").split(","))


def lists_none(*names: str) -> Callable[[str | None], bool]:
    """That a list has none of these names."""
    return lambda value: not set(names) & set((value or "").split(","))
