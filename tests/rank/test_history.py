"""The history file: what is written is read back, torn lines are left out, another version is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import InputError
from bot.rank.history import Event, History, Outcome, fresh, line, parse
from tests.rank.material import event

EVENTS = st.builds(
    Event,
    st.sampled_from(Outcome),
    st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}"),
    st.sampled_from(["host-pid", "memory-limit-missing"]),
    st.integers(0, 10**6),
    st.sampled_from(["", "4f2c9e1"]),
)


@given(st.lists(EVENTS))
def test_what_is_written_is_read_back(events: list[Event]) -> None:
    assert parse("h", "".join(map(line, events))) == History(tuple(events))


@given(st.lists(EVENTS, min_size=1), st.data())
def test_a_torn_last_line_costs_itself_alone(events: list[Event], data: st.DataObject) -> None:
    *before, last = map(line, events)
    cut = data.draw(st.integers(1, len(last) - 2))
    found = parse("h", "".join(before) + last[:cut])
    assert found == History(tuple(events[:-1]), torn=1)


def test_a_line_written_after_a_torn_one_is_lost_with_it_and_no_other() -> None:
    one, two, three = (line(event("posted", each)) for each in (1, 2, 3))
    assert parse("h", one[:20] + two + three) == History((event("posted", 3),), torn=1)


def test_empty_lines_and_carriage_returns_are_fine() -> None:
    text = "\n" + line(event("posted", 1)).replace("\n", "\r\n") + "\n"
    assert parse("h", text) == History((event("posted", 1),))


def test_a_line_is_one_line_of_json() -> None:
    assert line(event("accepted", 1)) == (
        '{"v":1,"event":"accepted","fingerprint":"0000000000000001","policy":"host-pid","pull":7,"head":"4f2c9e1"}\n'
    )


WHOLE = line(event("posted", 1)).strip()
REFUSED = {
    WHOLE.replace('"v":1', '"v":2'): "h:2: version 2 of the history; this program knows version 1",
    WHOLE.replace('"v":1,', ""): "h:2: no version of the history",
    WHOLE.replace('"v":1', '"v":true'): "h:2: version True",
    "{}": "h:2: no version of the history",
    WHOLE.replace(
        "posted", "merged"
    ): "h:2: event is the text 'merged'; it is one of posted, accepted, dismissed, gone",
    WHOLE.replace("0000000000000001", "../x"): "h:2: fingerprint is the text '../x'",
    WHOLE.replace('"host-pid"', "7"): "h:2: policy is the number 7",
    WHOLE.replace(":7", ':"7"'): "h:2: pull and head are a number and a text",
}


@pytest.mark.parametrize("written", REFUSED)
def test_another_layout_is_refused_with_its_line(written: str) -> None:
    with pytest.raises(InputError) as error:
        parse("h", line(event("posted", 2)) + written + "\n")
    assert str(error.value).startswith(REFUSED[written])
    assert str(error.value).endswith("move the file away, and a new one begins")


def test_fresh_is_what_the_history_lacks_whatever_the_head_is() -> None:
    known = History((event("posted", 1),))
    again = Event(Outcome.POSTED, event("posted", 1).fingerprint, "host-pid", 7, "another")
    new = event("accepted", 1)
    assert fresh([again, new, new], known) == (new,)
