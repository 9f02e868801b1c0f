"""What the text of a configuration file says, in short, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.detect.others.acceptance import Acceptance, Place
from bot.model import Skip
from tests.detect.made import NAMES, TODAY

Said = tuple[list[tuple[int, set[str], str]], list[tuple[int, str]]]


def said(parse: Callable[..., Any], text: str, path: str = "config") -> Said:
    """([(line, policies, reason)] of what is accepted, [(line, words)] of what does not hold)."""
    entries = list(parse(path, text, NAMES, TODAY))
    assert all(each.suppression.kind == "config" for each in entries if isinstance(each, Acceptance))
    assert all(each.path == path and each.code == "suppression-void" for each in entries if isinstance(each, Skip))
    accepted = [
        (each.suppression.location.start_line, set(each.policies), each.suppression.reason)
        for each in entries
        if isinstance(each, Acceptance) and each.policies
    ]
    return accepted, [(each.line, each.reason) for each in entries if isinstance(each, Skip)]


def holds(parse: Callable[..., Any], text: str, file: str = "config", **place: Any) -> bool:
    """Whether some entry of `text` holds at a place."""
    at = {"path": "a.yaml", "kind": "Pod", "name": "web", "namespace": "", "container": "", "labels": {}} | place
    entries = [each for each in parse(file, text, NAMES, TODAY) if isinstance(each, Acceptance)]
    return any(each.holds(Place(**at)) for each in entries)
