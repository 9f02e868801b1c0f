"""Two verdicts to one judgement: what a fix is blamed for, and what it is not."""

from __future__ import annotations

import pytest

from bot.model import GateStatus
from bot.verify.server import Cause, Stage, Status, Verdict, judge

PASSED, FAILED, SKIPPED = GateStatus.PASSED, GateStatus.FAILED, GateStatus.SKIPPED
ACCEPTED = Verdict(Status.ACCEPTED)
LACKING = Verdict(Status.LACKING, "the server has no namespace x", lacks="namespace x")
UNKNOWN = Verdict(Status.UNKNOWN, "the connection broke")


def rejected(*causes: Cause) -> Verdict:
    return Verdict(Status.REJECTED, "; ".join(map(str, causes)), causes)


def invalid(field: str, message: str = "Required value", reason: str = "FieldValueRequired") -> Cause:
    return Cause(Stage.VALIDATION, message, field, reason)


UNKNOWN_FIELD = Cause(Stage.DECODING, "unknown field", "spec.colour", "unknown")
PORT = invalid("spec.ports[0].port")
NAME = invalid("spec.ports[0].name")
SECURITY = Cause(Stage.ADMISSION, "violates PodSecurity", "", "Forbidden")

CASES = {
    "both accepted": (ACCEPTED, ACCEPTED, PASSED, ""),
    "the fix breaks it": (ACCEPTED, rejected(PORT), FAILED, str(PORT)),
    "the same cause": (rejected(PORT), rejected(PORT), SKIPPED, f"the original is rejected, too: {PORT}"),
    "one of two causes is cured": (
        rejected(PORT, NAME),
        rejected(NAME),
        SKIPPED,
        f"the original is rejected, too: {NAME}",
    ),
    "one cause for another": (rejected(PORT), rejected(NAME), FAILED, str(NAME)),
    "a cause more": (rejected(PORT), rejected(PORT, NAME), FAILED, str(NAME)),
    "the same cause once more": (rejected(PORT), rejected(PORT, PORT), FAILED, str(PORT)),
    "at another index": (rejected(PORT), rejected(invalid("spec.ports[3].port")), SKIPPED, None),
    "validation was hidden by decoding": (
        rejected(UNKNOWN_FIELD),
        rejected(PORT),
        SKIPPED,
        f"hidden until now by what the fix cures: {PORT}",
    ),
    "admission was hidden by validation": (rejected(PORT), rejected(SECURITY), SKIPPED, None),
    "decoding hides nothing that was known": (rejected(PORT), rejected(UNKNOWN_FIELD), FAILED, str(UNKNOWN_FIELD)),
    "the environment": (LACKING, LACKING, SKIPPED, LACKING.reason),
    "the server fails in between": (ACCEPTED, UNKNOWN, SKIPPED, UNKNOWN.reason),
    "the original could not be asked": (UNKNOWN, rejected(PORT), SKIPPED, None),
    "accepted without an original": (UNKNOWN, ACCEPTED, PASSED, ""),
}


@pytest.mark.parametrize("case", CASES)
def test_judge(case: str) -> None:
    before, after, status, reason = CASES[case]
    judgement = judge(before, after)
    assert judgement.status is status
    if reason is not None:
        assert judgement.reason == reason
    assert judgement.note == ""


def test_a_cure_is_said() -> None:
    judgement = judge(rejected(PORT), ACCEPTED)
    assert judgement.status is PASSED
    assert judgement.note == "the server rejected the original: spec.ports[0].port: Required value"


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ('Invalid value: "a:b": must be lower case', 'Invalid value: "c": must be lower case', True),
        ('Invalid value: {"a":1}: must be b', 'Invalid value: {"a":{"c":2}}: must be b', True),
        ("Invalid value: -1: must be positive", "Invalid value: -2: must be positive", True),
        ("Invalid value: -1: must be positive", "Invalid value: -1: must be even", False),
        ('Unsupported value: "x": supported values: "y"', 'Unsupported value: "z": supported values: "y"', True),
        ("Invalid value: core.Thing{A:1}: no", "Invalid value: core.Thing{A:2}: no", False),
        ("conflicts with ports[1]", "conflicts with ports[2]", True),
    ],
)
def test_values_in_messages_do_not_count(before: str, after: str, same: bool) -> None:
    one = rejected(invalid("spec.x", before, "FieldValueInvalid"))
    other = rejected(invalid("spec.x", after, "FieldValueInvalid"))
    assert (judge(one, other).status is SKIPPED) == same
