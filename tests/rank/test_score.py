"""The order changes for the right reasons, and only for them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Applicability, Severity
from bot.policy import load
from bot.rank import Candidate, Feeds, History, Weights, rank
from bot.rank.facts import REPEATS
from bot.rank.feeds import Vulnerability, keys
from tests.rank.material import (
    PLAIN,
    binding,
    candidate,
    event,
    ingress,
    only,
    order,
    service,
    thing,
    workload,
)

NONE = Weights(explore=0.0, alpha=0.0, kev=0.0)
LOG4J = Vulnerability("CVE-2021-44228", "CRITICAL")
REPORT = dict.fromkeys(keys("nginx:1.27"), (LOG4J,))

# What is better about the second, with all other terms off. Without it the fingerprint decides: "a" comes first.
BETTER = {
    "severity": ({}, {"severity": Severity.HIGH}, {}),
    "exposure": ({"neighbours": (service(),)}, {"neighbours": (service(), ingress())}, {}),
    "images": (
        {"body": workload(image="other:1")},
        {},
        {"feeds": Feeds(images=REPORT)},
    ),
    "p by applicability": ({}, {"applicability": Applicability.SAFE}, {}),
    "E[t] by lines": ({"lines": 3}, {"lines": 2}, {}),
    "E[t] by gates": ({"policy": "slow", "ms": 60_000.0}, {"policy": "quick", "ms": 10.0}, {}),
    "explore": (
        {"policy": "known"},
        {"policy": "unknown"},
        {
            "weights": replace(NONE, explore=1.0),
            "history": History(tuple(event("posted", each, "known") for each in range(9))),
        },
    ),
    "wait": ({"age": 1.0}, {"age": 2.0}, {"weights": replace(NONE, alpha=0.001)}),
    "kev": (
        {"body": workload(image="other:1")},
        {},
        {
            "weights": replace(NONE, kev=1.0),
            # The same harm on both sides: only the catalogue tells them apart.
            "feeds": Feeds(
                images=REPORT | dict.fromkeys(keys("other:1"), (Vulnerability("CVE-2020-1000", "CRITICAL"),)),
                kev=frozenset({LOG4J.id}),
            ),
        },
    ),
}


@pytest.mark.parametrize("term", BETTER)
def test_each_term_alone_moves_a_fix(term: str) -> None:
    first, second, rest = BETTER[term]
    weights = rest.get("weights", NONE)
    same = {"policy": first["policy"]} if term in ("explore", "E[t] by gates") else {}
    given_ = rest | {"weights": weights}
    assert order(candidate("a", **first), candidate("b", **second), **given_) == ["b", "a"]
    assert order(candidate("a", **first), candidate("b", **first | same), **given_) == ["a", "b"]


@pytest.mark.parametrize(
    ("term", "rest"),
    [
        ("explore", {"history": BETTER["explore"][2]["history"]}),
        ("wait", {}),
        ("kev", {"feeds": BETTER["kev"][2]["feeds"]}),
    ],
)
def test_a_term_without_weight_moves_nothing(term: str, rest: dict) -> None:
    first, second, _ = BETTER[term]
    assert order(candidate("a", **first), candidate("b", **second), weights=NONE, **rest) == ["a", "b"]


def test_history_moves_p_both_ways() -> None:
    """What people took four times comes before what they turned down four times; both left from the same prior."""
    said = [event("accepted", each, "liked") for each in range(4)]
    said += [event("dismissed", 10 + each, "disliked") for each in range(4)]
    three = [candidate(name, policy=policy) for name, policy in (("a", "disliked"), ("b", "new"), ("c", "liked"))]
    assert order(*three, weights=NONE) == ["a", "b", "c"]
    assert order(*three, weights=NONE, history=History(tuple(said))) == ["c", "b", "a"]


def test_p_is_the_mean_of_a_beta_distribution() -> None:
    """Prior 0.65 that counts like 4 outcomes; 3 taken, 1 turned down: (2.6 + 3) / (4 + 4)."""
    said = (*(event("accepted", each) for each in range(3)), event("dismissed", 9))
    assert only(candidate(policy="own-policy")).p == pytest.approx(0.65)
    found = only(
        candidate(policy="own-policy"), history=History(tuple(replace(e, policy_id="own-policy") for e in said))
    )
    assert found.p == pytest.approx(5.6 / 8)


def test_a_suggestion_counts_once_by_the_last_thing_done_to_it() -> None:
    once = History((event("posted", 1), event("dismissed", 1), event("accepted", 1)))
    many = History((event("posted", 1), event("accepted", 1), event("accepted", 1), event("posted", 1)))
    assert only(candidate(), history=once).p == only(candidate(), history=many).p
    assert only(candidate(), history=once).p > only(candidate()).p


def test_what_nobody_explained_says_nothing_of_people() -> None:
    assert only(candidate(), history=History((event("posted", 1), event("gone", 1)))).p == only(candidate()).p


def test_a_year_of_waiting_brings_a_medium_finding_before_a_newer_one_and_not_before_a_critical_one() -> None:
    old, new = candidate("b", age=8766.0), candidate("a")
    assert order(new, old, candidate("c", severity=Severity.CRITICAL)) == ["c", "b", "a"]


def test_unknown_age_counts_as_new() -> None:
    assert only(candidate(age=None)) == replace(only(candidate(age=0.0)), candidate=candidate(age=None))


def test_an_exploited_image_brings_a_medium_finding_before_a_critical_one() -> None:
    feeds = Feeds(images=REPORT, kev=frozenset({LOG4J.id}))
    medium, critical = candidate("a"), candidate("b", severity=Severity.CRITICAL, body=workload(image="other:1"))
    assert order(medium, critical) == ["b", "a"]
    assert order(medium, critical, feeds=feeds) == ["a", "b"]
    assert only(medium, feeds=feeds).note.endswith("with CVE-2021-44228, known to be exploited")


def test_the_score_is_the_sum_of_its_terms() -> None:
    history = History(tuple(event("posted", each, "other") for each in range(5)))
    feeds = Feeds(images=REPORT, epss={LOG4J.id: 0.9}, kev=frozenset({LOG4J.id}))
    weights = Weights(explore=2.0, alpha=0.01, kev=5.0)
    one = candidate(policy="own-policy", neighbours=(service("LoadBalancer"),), age=100.0, lines=10)
    found = only(one, weights=weights, history=history, feeds=feeds)
    # 45 points: 60 % in any case, 25 % by a load balancer (0.8), 15 % by an image that is exploited with 0.9.
    assert dict(found.parts) == pytest.approx(
        {"severity": 27.0, "exposure": 45 * 0.25 * 0.8, "images": 45 * 0.15 * 0.9}
    )
    assert sum(points for _, points in found.parts) == pytest.approx(42.075)
    # 2 expected; half a minute, 0.2 for each of ten lines, and half a second of gates.
    assert found.Et == pytest.approx((2 + 0.5 + 2.0 + 0.5 / 60) / 2)
    assert found.explore == pytest.approx((2 * 1.791759) ** 0.5)
    assert round(found.R, 3) == 42.075
    expected = 42.075 * 0.65 / found.Et + 2 * found.explore + 0.01 * 100 + 5
    assert found.score == pytest.approx(expected, abs=1e-6)


def test_measured_gate_times_are_drawn_to_the_prior() -> None:
    """Three fixes of 6 s each and a prior of 0.5 s that counts like three: 3.25 s for every fix of the policy."""
    three = [candidate(name, policy="slow", ms=6000.0) for name in "abc"]
    assert rank(three)[0].Et == pytest.approx((2 + 0.5 + 0.2 + 3.25 / 60) / 2)


def test_ties_go_by_fingerprint_then_by_id() -> None:
    same = [replace(candidate("x"), id=each, fingerprint=name) for each, name in (("2", "b"), ("1", "b"), ("3", "a"))]
    assert order(*same) == ["3", "1", "2"]


def test_nothing_gives_nothing() -> None:
    assert rank([]) == ()


def test_why_is_one_sentence() -> None:
    found = only(candidate(neighbours=(service(), ingress())))
    assert found.why == (
        "A finding of medium severity, exposed by an Ingress; about 65 of 100 such fixes are taken, and this one needs"
        " about 1.4 minutes of a person."
    )
    assert found.note == f"score {found.score:.0f} · exposed by an Ingress"
    assert only(candidate()).note == f"score {only(candidate()).score:.0f}"


BODIES = (PLAIN, workload("other", hostNetwork=True), thing("ConfigMap", data={}))
AROUND = ((), (service(),), (service(), ingress()), (binding("cluster-admin"),))
CANDIDATES = st.builds(
    lambda number, policy, severity, applicability, lines, ms, body, around, age: candidate(
        f"{number:04x}",
        policy=policy,
        severity=severity,
        applicability=applicability,
        lines=lines,
        ms=ms,
        body=body,
        neighbours=around,
        age=age,
    ),
    st.integers(0, 0xFFFF),
    st.sampled_from(["host-pid", "memory-limit-missing", "own-policy"]),
    st.sampled_from(list(Severity)),
    st.sampled_from(list(Applicability)),
    st.integers(1, 300),
    st.none() | st.floats(0, 1e5),
    st.sampled_from(BODIES),
    st.sampled_from(AROUND),
    st.none() | st.floats(0, 1e6),
)
FEEDS = st.sampled_from([Feeds(), Feeds(images=REPORT), Feeds(REPORT, {LOG4J.id: 0.9}, frozenset({LOG4J.id}))])


@given(st.lists(CANDIDATES, max_size=12, unique_by=lambda each: each.id), FEEDS, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_the_order_given(
    found: list[Candidate], feeds: Feeds, draw: random.Random
) -> None:
    again = list(found)
    draw.shuffle(again)
    assert repr(rank(again, feeds=feeds)) == repr(rank(found, feeds=feeds))


@given(CANDIDATES, FEEDS)
def test_more_severe_is_never_later(one: Candidate, feeds: Feeds) -> None:
    scores = [only(replace(one, severity=each), feeds=feeds).score for each in sorted(Severity)]
    assert scores == sorted(scores)
    assert len(set(scores)) == len(Severity)


@given(CANDIDATES, st.floats(0, 1e6), FEEDS)
def test_longer_waiting_is_never_later(one: Candidate, more: float, feeds: Feeds) -> None:
    older = replace(one, age_hours=(one.age_hours or 0.0) + more)
    assert only(older, feeds=feeds).score >= only(one, feeds=feeds).score


@given(CANDIDATES, st.sets(st.sampled_from([LOG4J.id, "CVE-2020-1000"])))
def test_an_entry_of_the_catalogue_never_makes_later(one: Candidate, known: set[str]) -> None:
    before, after = (Feeds(images=REPORT, kev=each) for each in (frozenset(), frozenset(known)))
    assert only(one, feeds=after).score >= only(one, feeds=before).score


@given(CANDIDATES, st.integers(1, 300))
def test_more_lines_are_never_earlier(one: Candidate, more: int) -> None:
    larger = replace(one, changed_lines=one.changed_lines + more)
    assert only(larger).score < only(one).score


@given(CANDIDATES, st.lists(st.sampled_from([service("NodePort"), ingress(), binding("admin"), service()])))
def test_another_neighbour_never_makes_later(one: Candidate, more: list[dict]) -> None:
    assert only(replace(one, neighbours=(*one.neighbours, *more))).score >= only(one).score


def test_a_note_does_not_repeat_the_finding() -> None:
    """What the finding says itself stands out of nothing; the next fact does."""
    body = workload(hostPID=True, container={"securityContext": {"privileged": True}})
    found = {name: only(candidate(policy=name, body=body)).reason for name in ("privileged-container", "host-pid")}
    assert found == {
        "privileged-container": "among the processes of its node",
        "host-pid": "in a privileged pod",
    }


def test_policies_that_repeat_a_fact_exist() -> None:
    known = {policy.id for policy in load(examples=False)}
    assert {name for names in REPEATS.values() for name in names} <= known


@pytest.mark.parametrize(
    ("age", "reason"),
    [(None, ""), (24.0, ""), (2000.0, ""), (2400.0, "there for 3 months"), (26_298.0, "there for 3.0 years")],
)
def test_long_waiting_is_told_when_nothing_else_stands_out(age: float | None, reason: str) -> None:
    assert only(candidate(age=age)).reason == reason


def test_harmful_images_are_told() -> None:
    feeds = Feeds(images=REPORT, epss={LOG4J.id: 0.5})
    assert only(candidate(), feeds=feeds).reason == "with images likely to be exploited (50 %)"
    assert only(candidate(), feeds=Feeds(images=REPORT)).reason == ""
