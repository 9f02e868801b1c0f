"""Of policies that contradict each other one is on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy.contradictions import contradict, without_contradictions
from bot.policy.files import parse
from tests.policy.material import POLICY

MADE = parse("privileged-container.yaml", POLICY)


def made(name, default=False, contradicts=()):
    return replace(MADE, id=name, default=default, contradicts=contradicts)


NAMING = made("a", contradicts=("b",))
NAMED = made("b")
OTHER = made("c")


@pytest.mark.parametrize(
    ("policies", "closeness", "kept", "left_out"),
    [
        ([], {}, [], {}),
        ([NAMING, OTHER], {"a": 1, "c": 1}, ["a", "c"], {}),
        ([NAMING, NAMED, OTHER], {"a": 1, "b": 1, "c": 1}, ["b", "c"], {"a": "b"}),
        ([NAMING, NAMED, OTHER], {"a": 2, "b": 1, "c": 1}, ["a", "c"], {"b": "a"}),
        ([made("a", default=True, contradicts=("b",)), NAMED], {"a": 1, "b": 1}, ["a"], {"b": "a"}),
        ([NAMING, made("b", contradicts=("a",))], {"a": 1, "b": 1}, ["a"], {"b": "a"}),
        # What was left out leaves nobody else out.
        (
            [made("a", contradicts=("b",)), made("b", contradicts=("c",)), OTHER],
            dict.fromkeys("abc", 1),
            ["a", "c"],
            {"b": "c"},
        ),
    ],
)
def test_without_contradictions(policies, closeness, kept, left_out):
    chosen, dropped = without_contradictions(policies, closeness)
    assert [policy.id for policy in chosen] == kept
    assert dropped == left_out


def test_it_does_not_matter_who_says_so():
    assert contradict(NAMING, NAMED)
    assert contradict(NAMED, NAMING)
    assert not contradict(NAMING, OTHER)
