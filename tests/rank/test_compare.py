"""How two orders are compared, and what is said of an order."""

from __future__ import annotations

from itertools import combinations
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Severity
from bot.rank import Feeds, History, Weights, rank
from bot.rank.compare import is_by_severity, tau
from bot.rank.explain import remarks, terms
from tests.rank.material import candidate, event, ingress, only, service

FEW = st.integers(0, 4)


def counted(one: list[int], other: list[int]) -> float:
    """Tau-b pair by pair, as it is defined."""
    signs = [(_sign(one[a] - one[b]), _sign(other[a] - other[b])) for a, b in combinations(range(len(one)), 2)]
    untied = sum(bool(a) for a, _ in signs) * sum(bool(b) for _, b in signs)
    return sum(a * b for a, b in signs) / sqrt(untied) if untied else 1.0


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


@given(st.lists(st.tuples(FEW, FEW), max_size=30))
def test_tau_is_what_counting_pairs_gives(pairs: list[tuple[int, int]]) -> None:
    one, other = [a for a, _ in pairs], [b for _, b in pairs]
    assert tau(one, other) == pytest.approx(counted(one, other))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [([1, 2, 3], [1, 2, 3], 1.0), ([1, 2, 3], [3, 2, 1], -1.0), ([1, 2, 3], [7, 7, 7], 1.0), ([], [], 1.0)],
)
def test_tau_of_what_needs_no_counting(one: list[float], other: list[float], expected: float) -> None:
    assert tau(one, other) == expected


HIGH, LOW = candidate("a", severity=Severity.HIGH), candidate("b", severity=Severity.LOW)
LARGE, SMALL = candidate("a", lines=50), candidate("b", lines=1)
HUGE = candidate("a", severity=Severity.HIGH, lines=200)
NO_REPORT = "no report on images: their vulnerabilities are unknown, and kev is 0 (trivy image --format json IMAGE)"
NO_HISTORY = "no history: p is the prior by policy and applicability, and explore is 0"


@pytest.mark.parametrize(
    ("candidates", "said"),
    [
        ([HIGH, LOW], "the order is that of a plain sort by severity"),
        ([LARGE, SMALL], "a plain sort by severity differs only within a severity, where it goes by fingerprint"),
        ([HUGE, SMALL], "a plain sort by severity gives another order (Kendall's tau -1.00)"),
    ],
)
def test_agreement_with_plain_severity_is_said(candidates: list, said: str) -> None:
    ranked = rank(candidates)
    assert remarks(ranked, history=History(), feeds=Feeds())[-1] == said
    assert is_by_severity(ranked) is (said.startswith("the order"))


def test_missing_inputs_and_constant_terms_are_said() -> None:
    assert remarks(rank([HIGH, LOW]), history=History(), feeds=Feeds())[:-1] == (
        NO_REPORT,
        NO_HISTORY,
        "the same for every fix: p (0.65), E[t] (1.354), explore (0), wait (0), kev (0)",
    )


def test_what_is_there_is_not_said_to_be_missing() -> None:
    history = History((event("posted", 1, "host-pid"),), torn=2)
    old = candidate("a", age=None, neighbours=(service(), ingress()))
    new = candidate("b", age=100.0, policy="other", severity=Severity.LOW, lines=2)
    said = remarks(rank([old, new], history=history), history=history, feeds=Feeds({}, {}, frozenset()))
    assert said == (
        "2 torn lines of the history are left out",
        "wait is unknown for 1 of 2 fixes, and counts as 0: no history of their lines in git",
        "the same for every fix: p (0.65), kev (0)",
        "the order is that of a plain sort by severity",
    )


def test_feeds_without_a_report_are_no_use_and_a_report_wants_feeds() -> None:
    said = remarks(rank([HIGH]), history=History(), feeds=Feeds(images={}))
    assert said[:2] == (
        "no EPSS: the severity of a CVE stands for its probability (k8s-auto-fix feeds update)",
        "no KEV catalogue: kev is 0 (k8s-auto-fix feeds update)",
    )


def test_nothing_is_said_of_nothing() -> None:
    assert remarks((), history=History(), feeds=Feeds()) == ()


def test_terms_add_up_to_the_score() -> None:
    history = History(tuple(event("posted", each, "other") for each in range(5)))
    weights = Weights()
    found = only(candidate(age=500.0), history=history, weights=weights)
    assert sum(value for _, value in terms(found, weights)) == pytest.approx(found.score, abs=1e-6)
    assert [name for name, value in terms(found, weights) if value] == ["R * p / E[t]", "explore", "wait"]
