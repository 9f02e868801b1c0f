"""Records on their way between processes."""

from __future__ import annotations

import pickle

import pytest

from bot.model import (
    Applicability,
    Evidence,
    Finding,
    Fix,
    Location,
    Origin,
    ResourceRef,
    Severity,
    Skip,
    Span,
    State,
    Suppression,
    Tier,
    Verification,
)

PLACE = Location("a.yaml", 1, "/spec", Span(3, 9), 2, 4, 5)
FINDING = Finding(
    "host-pid",
    Severity.HIGH,
    "message",
    ResourceRef("v1", "Pod", "shop", "web"),
    "/spec",
    PLACE,
    Origin.ENGINE,
    ("also",),
    3,
    "0123",
    State.NEW,
    Suppression("comment", "reason", "2030-01-01", PLACE),
)
FIX = Fix((FINDING,), (), "title", "why", Applicability.UNSAFE, Origin.MODEL, (Evidence("a file", PLACE),))


@pytest.mark.parametrize(
    "record",
    [
        PLACE,
        FINDING,
        FIX,
        Verification(FIX, (), Tier.SERVER, "1.36", ("note",)),
        Skip("read", "code", "reason", "a.yaml", 1, 2, FINDING, error=True),
    ],
    ids=lambda record: type(record).__name__,
)
def test_a_record_arrives_as_it_was_sent(record: object) -> None:
    assert pickle.loads(pickle.dumps(record)) == record
