"""Objects as CEL on the API server sees them."""

from __future__ import annotations

import pytest

from bot.policy.served import as_served


@pytest.mark.parametrize(
    ("value", "served"),
    [
        ({"a": None}, {}),
        ({"a": None, "b": 1}, {"b": 1}),
        ({"a": {"b": None}, "c": [{"d": None, "e": 1}]}, {"a": {}, "c": [{"e": 1}]}),
        ({"args": [None, "x"], "a": None}, {"args": [None, "x"]}),
        ({"resources": {"limits": {"cpu": None, "x": "1"}}}, {"resources": {"limits": {"cpu": "0", "x": "1"}}}),
        ({"limits": None, "requests": {"cpu": None}}, {"requests": {"cpu": "0"}}),
        ({"limits": [{"max": {"cpu": None}}]}, {"limits": [{"max": {}}]}),
        ({"overhead": {"podFixed": {"cpu": None}}}, {"overhead": {"podFixed": {"cpu": "0"}}}),
        ({"a": [2**64, 1]}, {"a": [2.0**64, 1]}),
        ([-(2**63) - 1], [-(2.0**63)]),
    ],
)
def test_built_in_kinds(value, served):
    before = repr(value)
    found = as_served("apps/v1", value)
    assert repr(found) == repr(served)
    assert repr(value) == before


def test_custom_resources_keep_their_nulls():
    value = {"a": None, "limits": {"cpu": None}}
    assert as_served("example.com/v1", value) is value
    assert as_served("example.com/v1", {**value, "b": 2**70}) == {**value, "b": 2.0**70}


@pytest.mark.parametrize(
    "value",
    [{}, [], 1, "x", None, {"a": [None]}, {"a": {"b": [1, {"c": False}]}}, {"a": ""}, {"a": [2**64 - 1, -(2**63)]}],
)
def test_the_same_object_when_nothing_differs(value):
    assert as_served("v1", value) is value
