"""A large file of verdicts is read line by line, and says the same as when it is read as a whole."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from bot.errors import InputError
from bot.model import Tier
from bot.stages import verified
from bot.stages.reading import NotByLine
from tests.stages.test_records import FULL, LEAST, refusal

WHOLE = FULL["verified"][1]
LEAN = replace(WHOLE, source=None, tier=Tier.NONE, server=None, gates=(), notes=(), patch=(), pointer=None, sha256=None)
REFUSED = replace(WHOLE, id="a2", accepted=False, patched_yaml=None)


def test_the_accepted_ones_without_what_the_order_does_not_need() -> None:
    text = verified.dump([WHOLE, REFUSED, replace(WHOLE, id="a3")])
    assert list(verified.accepted(text.splitlines(keepends=True), "x")) == [LEAN, replace(LEAN, id="a3")]


@pytest.mark.parametrize(
    "text",
    [
        "[]\n",
        json.dumps([LEAST["verified"][1]]),
        json.dumps([LEAST["verified"][1]], indent=2),
        verified.dump([WHOLE])[:-2],
        verified.dump([WHOLE]) + "\n",
        verified.dump([WHOLE, replace(WHOLE, id="a2")]).replace("},\n{", "}\n{"),
        verified.dump([WHOLE]).replace("0.5", "NaN"),
        verified.dump([WHOLE]).replace("Remove it", "\\ud800"),
        "",
    ],
)
def test_another_form_is_left_to_the_strict_reader(text: str) -> None:
    with pytest.raises(NotByLine):
        list(verified.accepted(text.splitlines(keepends=True), "x"))


@pytest.mark.parametrize(
    "said", [{"accepted": True}, {"ok_schema": 1}, {"milliseconds": "x"}, {"id": ""}, {"changed_line": 1}, {"line": 0}]
)
def test_what_is_wrong_is_said_in_the_same_words(said: dict) -> None:
    record = {**LEAST["verified"][1], **said}
    expected = refusal(verified, record)
    assert expected
    with pytest.raises(InputError) as refused:
        list(verified.accepted(["[\n", json.dumps(record) + "\n", "]\n"], "x.json"))
    assert str(refused.value) == expected


def test_a_number_beyond_a_float() -> None:
    line = json.dumps(LEAST["verified"][1] | {"milliseconds": 1}).replace("1}", "1e999}") + "\n"
    with pytest.raises(InputError, match="milliseconds is inf; it is a number that fits"):
        list(verified.accepted(["[\n", line, "]\n"], "x"))
