"""What became of earlier suggestions, one line of JSON for each event: `.k8s-auto-fix/history.jsonl`.

    {"v":1,"event":"posted","fingerprint":"0123456789abcdef","policy":"host-pid","pull":12,"head":"4f2c9e1"}

Lines are only ever added. A line that is no whole JSON was torn by a run that was killed while it wrote, and is counted
and left out; a whole line that says something else than expected is an error, since it was not written by us.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from bot.errors import InputError
from bot.manifest.configuration import kind_of

VERSION = 1
_FINGERPRINT = re.compile(r"[0-9a-f]{6,64}")
_WHAT_NOW = "move the file away, and a new one begins"


class Outcome(StrEnum):
    """What happened to a suggestion.

    POSTED: it stands at its lines. ACCEPTED: its comment is resolved and its finding gone. DISMISSED: a person resolved
    or deleted the comment, and the finding is still there. GONE: the finding is gone, and nobody said how.
    """

    POSTED = "posted"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Event:
    """One event about one finding. `pull` is the number of the pull request, `head` the commit that the run saw."""

    outcome: Outcome
    fingerprint: str
    policy_id: str
    pull: int = 0
    head: str = ""

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes it the same event in another run, whatever the head was."""
        return self.outcome, self.fingerprint, self.pull


@dataclass(frozen=True, slots=True)
class History:
    """The events in the order in which they were written; `torn` lines were left out."""

    events: tuple[Event, ...] = ()
    torn: int = 0


def line(event: Event) -> str:
    """The event as a line, line feed included."""
    said = {
        "v": VERSION,
        "event": event.outcome.value,
        "fingerprint": event.fingerprint,
        "policy": event.policy_id,
        "pull": event.pull,
        "head": event.head,
    }
    return json.dumps(said, separators=(",", ":")) + "\n"


def parse(file: str, text: str) -> History:
    """The history in a file; `file` is what errors call it: InputError for another version or layout, with the line."""
    events: list[Event] = []
    torn = 0
    for number, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            said = json.loads(written)
        except (json.JSONDecodeError, RecursionError):
            torn += 1
            continue
        if not isinstance(said, dict):  # the rest of a torn line may be a number
            torn += 1
            continue
        events.append(_event(f"{file}:{number}", said))
    return History(tuple(events), torn)


def fresh(events: Iterable[Event], history: History) -> tuple[Event, ...]:
    """Those of some events that a history does not have yet, each once."""
    known = {each.key for each in history.events}
    found = {each.key: each for each in events}
    return tuple(each for key, each in found.items() if key not in known)


def _event(where: str, said: dict[str, object]) -> Event:
    version = said.get("v")
    if version != VERSION or isinstance(version, bool):
        kind = f"version {version}" if isinstance(version, int) else "no version"
        raise InputError(f"{where}: {kind} of the history; this program knows version {VERSION}: {_WHAT_NOW}")
    outcome, fingerprint, policy = said.get("event"), said.get("fingerprint"), said.get("policy")
    if outcome not in _names():
        raise InputError(f"{where}: event is {kind_of(outcome)}; it is one of {', '.join(_names())}: {_WHAT_NOW}")
    if not isinstance(fingerprint, str) or not _FINGERPRINT.fullmatch(fingerprint):
        raise InputError(f"{where}: fingerprint is {kind_of(fingerprint)}: {_WHAT_NOW}")
    if not isinstance(policy, str):
        raise InputError(f"{where}: policy is {kind_of(policy)}: {_WHAT_NOW}")
    pull, head = said.get("pull", 0), said.get("head", "")
    if not isinstance(pull, int) or not isinstance(head, str):
        raise InputError(f"{where}: pull and head are a number and a text: {_WHAT_NOW}")
    return Event(Outcome(str(outcome)), fingerprint, policy, pull, head)


def _names() -> Collection[str]:
    return [each.value for each in Outcome]
