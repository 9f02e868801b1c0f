"""What a real API server says about an object: the Protocol of a server, its verdicts, and what two of them mean.

Invariant: no I/O. `bot.adapters.cluster` satisfies the Protocol structurally and imports the data types alone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Protocol

from bot.model import GateStatus, Json

Body = Mapping[str, Json]
"""An object as a manifest states it."""


class Status(StrEnum):
    """What a dry run says. Only ACCEPTED and REJECTED are about the object; the others leave it unverified."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    LACKING = "lacking"
    """The environment lacks something the object needs: `Verdict.lacks` names it."""
    NOT_SERVED = "not-served"
    UNKNOWN = "unknown"
    """The server could not be asked, or failed."""


class Stage(IntEnum):
    """How far the object came. A server stops at the first stage that fails, so later causes are hidden by earlier."""

    DECODING = 1
    VALIDATION = 2
    ADMISSION = 3


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason of a rejection. `field` is the server's path (`spec.containers[0].image`), empty when it has none."""

    stage: Stage
    message: str
    field: str = ""
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question. `reason` is one line for people, empty when accepted; `server` is its label.

    `object` is the object as the server would store it, defaults filled in; None unless accepted.
    """

    status: Status
    reason: str = ""
    causes: tuple[Cause, ...] = ()
    lacks: str = ""
    warnings: tuple[str, ...] = ()
    server: str = ""
    object: Json = None


class Server(Protocol):
    """An API server that can be asked; how it was started or found is its own affair."""

    @property
    def version(self) -> str:
        """What it runs, as it says: `v1.36.3`."""

    @property
    def label(self) -> str:
        """How the evidence names it: `server v1.36.3 (kind)`."""

    def ask(self, bodies: Sequence[Body]) -> tuple[Verdict, ...]:
        """A dry run of each object, in order; equal objects are sent once. Never raises for what a server does."""

    def prove(self, body: Body, level: str) -> Verdict:
        """Whether the object's pods are admitted where Pod Security enforces `level` (baseline, restricted)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the verdicts on an object as it was and as it is fixed say about the fix."""

    status: GateStatus
    reason: str = ""
    note: str = ""


def judge(before: Verdict, after: Verdict) -> Judgement:
    """A fix is blamed only for causes that the original did not have and that nothing hid there."""
    if after.status is Status.ACCEPTED:
        cured = f"the server rejected the original: {before.reason}" if before.status is Status.REJECTED else ""
        return Judgement(GateStatus.PASSED, note=cured)
    if after.status is not Status.REJECTED:
        return Judgement(GateStatus.SKIPPED, after.reason)
    if before.status is Status.ACCEPTED:
        return Judgement(GateStatus.FAILED, after.reason)
    if before.status is not Status.REJECTED:
        return Judgement(GateStatus.SKIPPED, f"the fixed object is rejected, the original could not be: {after.reason}")
    new = added_causes(before, after)
    if not new:
        return Judgement(GateStatus.SKIPPED, f"the original is rejected, too: {after.reason}")
    reached = max(cause.stage for cause in before.causes)
    # Decoding ends at the first wrong type, so it hides its own kind as well as what comes after it.
    if min(cause.stage for cause in new) > reached or reached is Stage.DECODING:
        return Judgement(GateStatus.SKIPPED, f"hidden until now by what the fix cures: {_line(new)}")
    return Judgement(GateStatus.FAILED, _line(new))


def added_causes(before: Verdict, after: Verdict) -> tuple[Cause, ...]:
    """The causes of `after` that `before` did not have; indices and the values quoted in messages do not count."""
    known = Counter(_identity(cause) for cause in before.causes)
    new = []
    for cause in after.causes:
        known[_identity(cause)] -= 1
        if known[_identity(cause)] < 0:
            new.append(cause)
    return tuple(new)


def _line(causes: Sequence[Cause]) -> str:
    return "; ".join(str(cause) for cause in causes)


def _identity(cause: Cause) -> tuple[str, str, str]:
    return cause.reason, re.sub(r"\[\d+\]", "[]", cause.field), _without_value(cause.message)


def _without_value(message: str) -> str:
    """`Invalid value: {"a":1}: must be b` without the value, which a fix elsewhere in it changes."""
    start = re.match(r"(Invalid|Unsupported|Duplicate) value: ", message)
    if not start:
        return re.sub(r"\[\d+\]", "[]", message)
    try:
        _, end = json.JSONDecoder().raw_decode(message, start.end())
    except ValueError:
        return message
    return start[0] + message[end:]
