"""Counts against the misconfigurations that the field knows."""

from __future__ import annotations

import pytest
import yaml

from bot.policy import load
from bot.policy.coverage import coverage
from bot.policy.data.misconfigurations import DETECT_ONLY, FIXABLE, LEFT_OUT, UNFIXED
from tests.small_policies import policy

TABLE = "bot/policy/data/misconfigurations.py"
BUILT_IN = load()


def test_the_list_is_that_of_the_matrix(cases):
    with (cases / "policy-matrix.yaml").open(encoding="utf-8") as file:
        rows = yaml.load(file, Loader=yaml.CSafeLoader)["misconfigurations"]
    rows = [row for row in rows if row["category"] != "control-plane"]
    assert sorted(FIXABLE) == sorted(row["id"] for row in rows if row["fix"]["class"] != "detect-only")
    assert sorted(DETECT_ONLY) == sorted(row["id"] for row in rows if row["fix"]["class"] == "detect-only")


def test_there_are_237_and_137_of_them_with_a_fix():
    assert len({*FIXABLE, *DETECT_ONLY}) == 237
    assert len(set(FIXABLE)) == 137


def test_whatever_is_missing_has_its_reason_and_nothing_else_has_one():
    found = coverage(BUILT_IN)
    assert {each.id for each in found.undetected} == set(LEFT_OUT), f"LEFT_OUT of {TABLE} names what has no policy"
    assert {each.id for each in found.unfixed} == set(UNFIXED), f"UNFIXED of {TABLE} names what has no fix"
    assert all(each.reason for each in (*found.undetected, *found.unfixed))


def test_every_built_in_policy_is_in_the_list_but_those_about_control_planes():
    categories = {each.id: each.category for each in BUILT_IN}
    assert {categories[each] for each in coverage(BUILT_IN).beyond} == {"control-plane"}


@pytest.mark.parametrize(
    ("policies", "counts", "beyond"),
    [
        ([], (0, 0), ()),
        ([policy("host-pid", "true", fixes=[[{"op": "remove", "path": "/a"}]])], (1, 1), ()),
        ([policy("host-pid", "true")], (1, 0), ()),
        # A fix for what the field only detects is no fix of the list's.
        ([policy("too-many-containers", "true", fixes=[[{"op": "remove", "path": "/a"}]])], (1, 0), ()),
        ([policy("team-label", "true")], (0, 0), ("team-label",)),
    ],
)
def test_counts(policies, counts, beyond):
    found = coverage(policies)
    assert (found.detected, found.fixed) == counts
    assert found.beyond == beyond
    assert found.detected + len(found.undetected) == 237
    assert ("host-pid" in {each.id for each in found.unfixed}) is (counts == (1, 0) and policies[0].id == "host-pid")
