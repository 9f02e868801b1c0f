"""What became of suggestions, told from the comments that stand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.rank.history import Event, Outcome
from bot.review import marker
from bot.review.comment import policies_of
from bot.review.model import Author, Draft, Posted, PostedReview
from bot.review.outcomes import outcomes, stands
from tests.review.material import HEAD, fingerprint

A, B, C = map(fingerprint, (0xA, 0xB, 0xC))
KEEP = "<sub>Keep as is: `# k8s-auto-fix: ignore[{}] reason`</sub>\n"


def body(policies: str, *names: str, closed: bool = False) -> str:
    keep = KEEP.format(policies) if policies else ""
    return f"**Title**\n\n{keep}{marker.write(names, head=HEAD, closed=closed)}"


def comment(text: str, **changes: object) -> Posted:
    return replace(Posted(1, "n", Author.OWN, "web.yaml", None, 5, text, HEAD), **changes)  # type: ignore[arg-type]


def summary(*posted: str) -> PostedReview:
    return PostedReview(1, Author.OWN, "s\n" + marker.write_summary(posted, (), head=HEAD), HEAD)


ONE = body("host-pid", A)
FOUND = {A: "host-pid"}

CASES = {
    "resolved and gone": (comment(ONE, resolved=True), {}, [("accepted", A)]),
    "resolved and still there": (comment(ONE, resolved=True), FOUND, [("dismissed", A)]),
    "gone without a word": (comment(ONE), {}, [("gone", A)]),
    "answered and gone": (comment(ONE, replies=2), {}, [("gone", A)]),
    "open": (comment(ONE), FOUND, []),
    "answered alone": (comment(ONE, replies=1), FOUND, []),
    "of somebody else": (comment(ONE, author=Author.OTHER, resolved=True), {}, []),
    "without a marker": (comment("text", resolved=True), {}, []),
    "a policy that nobody knows": (comment(body("", A), resolved=True), {}, []),
    "two findings, one of them left": (
        comment(body("host-pid, host-ipc", A, B), resolved=True),
        FOUND,
        [("dismissed", A), ("accepted", B)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_outcomes(case: str) -> None:
    stands_there, found, expected = CASES[case]
    said = outcomes([stands_there], [summary(A, B)] if stands_there.author is Author.OWN else [], found=found)
    missing = {each for each in found if each not in stands_there.body}
    assert [(each.outcome.value, each.fingerprint) for each in said if each.fingerprint not in missing] == expected


def test_a_comment_that_a_person_deleted_is_dismissed_while_its_finding_is_there() -> None:
    assert [each.outcome for each in outcomes([], [summary(A)], found=FOUND)] == [Outcome.DISMISSED]
    assert outcomes([], [summary(A)], found={}) == ()


def test_what_could_not_be_read_says_nothing() -> None:
    assert outcomes([comment(ONE)], [], found={}, unread=["web.yaml"]) == ()


def test_policies_come_from_the_findings_then_the_history_then_the_text() -> None:
    gone = comment(body("", A), resolved=True)
    (event,) = outcomes([gone], [], found={}, known={A: "host-ipc"}, pull=12, head="4f2c")
    assert event == Event(Outcome.ACCEPTED, A, "host-ipc", 12, "4f2c")
    (other,) = outcomes([comment(ONE, resolved=True)], [], found={A: "own"}, known={A: "host-ipc"})
    assert other.policy_id == "own"


def test_findings_that_the_text_does_not_tell_apart_are_left_out() -> None:
    """Three findings of two policies: which is which cannot be told any more."""
    assert outcomes([comment(body("host-pid, host-ipc", A, B, C), resolved=True)], [], found={}) == ()
    one = outcomes([comment(body("host-pid", A, B), resolved=True)], [], found={})
    assert {(each.fingerprint, each.policy_id) for each in one} == {(A, "host-pid"), (B, "host-pid")}


def test_names_that_are_cut_short_are_no_fingerprints() -> None:
    many = [fingerprint(each) for each in range(60)]
    assert outcomes([comment(body("host-pid", *many), resolved=True)], [], found={}) == ()


def test_what_was_posted() -> None:
    draft = Draft("web.yaml", None, 5, ONE, (A, B))
    found = list(stands([draft], {A: "host-pid", B: "host-ipc"}, pull=12, head="4f2c"))
    assert [(each.fingerprint, each.policy_id, each.outcome) for each in found] == [
        (A, "host-pid", Outcome.POSTED),
        (B, "host-ipc", Outcome.POSTED),
    ]


@pytest.mark.parametrize(
    ("text", "policies"),
    [
        (ONE, ("host-pid",)),
        (body("a, b", A).replace("\n", "\r\n"), ("a", "b")),
        ("`k8s-auto-fix.io/ignore.a: reason`, `k8s-auto-fix.io/ignore.b-c: reason`</sub>", ("a", "b-c")),
        ("", ()),
    ],
)
def test_policies_of_a_body(text: str, policies: tuple[str, ...]) -> None:
    assert policies_of(text) == policies
