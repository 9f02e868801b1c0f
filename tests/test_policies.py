"""Every policy file is tried on its own examples; adding the file is all there is to do."""

from __future__ import annotations

import pytest

from bot import schema
from bot.detect import functions
from bot.detect.detect import Environment
from bot.policy import Policy, load
from bot.trial import try_policy

POLICIES = load()
ENVIRONMENT = Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_examples(policy: Policy) -> None:
    assert [str(failure) for failure in try_policy(policy, POLICIES, ENVIRONMENT)] == []


def test_there_are_policies() -> None:
    assert len(POLICIES) >= 33


def test_every_function_that_a_policy_names_is_there_and_none_is_left_over() -> None:
    named = {policy.check.function for policy in POLICIES if policy.check.function}
    assert named == set(functions.names())


def test_superseded_policies_exist() -> None:
    known = {policy.id for policy in POLICIES}
    assert {other for policy in POLICIES for other in policy.supersedes} <= known
