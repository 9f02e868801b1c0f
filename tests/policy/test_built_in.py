"""The policies that come with the bot: what can be said of them without an object."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.policy import load
from bot.policy.expressions import problems
from bot.policy.files import built_in_folder
from bot.policy.twins import Twins

POLICIES = load() if any(built_in_folder().rglob("*.yaml")) else ()
IDS = {policy.id for policy in POLICIES}
pytestmark = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)


@pytest.fixture(scope="module")
def matrix(cases):
    with (cases / "policy-matrix.yaml").open(encoding="utf-8") as file:
        return yaml.load(file, Loader=yaml.CSafeLoader)


def test_expressions(policy):
    assert list(problems(policy)) == []


def test_folder_is_the_category(policy):
    assert Path(policy.source).parent == built_in_folder() / policy.category


def test_two_bad_and_two_good_examples(policy):
    kinds = Counter("bad" if example.bad is not None else "good" for example in policy.examples)
    assert kinds["bad"] >= 2
    assert kinds["good"] >= 2
    assert len({example.name for example in policy.examples}) == len(policy.examples)


def test_what_it_supersedes_is_there(policy):
    assert set(policy.supersedes) <= IDS - {policy.id}


def test_what_it_contradicts_is_there_and_only_one_of_them_is_on(policy):
    assert set(policy.contradicts) <= IDS - {policy.id}
    assert not policy.contradicts or not policy.default


def test_it_says_what_to_do(policy):
    assert policy.remediation
    assert policy.references


def test_twins_lead_back(policy):
    twins = Twins(POLICIES)
    for tool, twin in policy.twins:
        assert policy.id in twins.policy_ids(f"{tool}:{twin}")


def test_twins_are_those_of_the_matrix(policy, matrix):
    """Tools whose rows are no ids (a list of versions) are left out, and an earlier program of our name."""
    said = {
        (tool, row["id"])
        for tool, rows in matrix["tool_checks"].items()
        for row in rows
        if tool not in ("k8s-auto-fix", "kubent", "pluto") and policy.id in (row["canonical"] or ())
    }
    if policy.category == "control-plane":  # an id of theirs is one flag: to accept it is not to accept all of ours
        assert said
        said = set()
    assert set(policy.twins) == said
