"""Rows of the summary's table."""

from __future__ import annotations

import pytest

from bot.model import Finding, ResourceRef, Severity
from bot.policy import load
from bot.review import rows as table
from bot.review.model import Held, Review
from bot.review.rows import HEAD, About
from tests.review.material import HEAD as COMMIT
from tests.review.material import finding, offer
from tests.review.reader import READER

ABOUT = About(policies={policy.id: policy for policy in load()})
MEMORY = "memory-request-missing"


def rows(review: Review, about: About, *, commented: bool = True, collapse: bool = True) -> tuple[str, ...]:
    """The rows, with common blanks: those that keep a severity on the line of its dot cannot be seen."""
    found = table.rows(review, about, commented=commented, collapse=collapse)
    assert all("\u00b7\u00a0" in row for row in found)
    return tuple(row.replace("\u00a0", " ") for row in found)


def job(number: int) -> Finding:
    name = f"job-{number}"
    ref = ResourceRef("batch/v1", "CronJob", "shop", name)
    return finding(number, f"container {name} requests no memory", policy=MEMORY, resource=ref, path="jobs.yaml")


def review(
    *, suggestions: int = 0, patched: int = 0, held: tuple[Held, ...] = (), reason: str = "outside the diff"
) -> Review:
    every = [job(number) for number in range(1, suggestions + patched + 1)]
    return Review(
        "b" * 40,
        COMMIT,
        tuple(offer(each) for each in every[:suggestions]),
        tuple(offer(each, new=None, reason=reason) for each in every[suggestions:]),
        held,
    )


def test_one_of_each() -> None:
    held = Held(finding(9, "container web runs privileged", severity=Severity.CRITICAL), "no fix")
    assert rows(review(suggestions=1, patched=1, held=(held,)), ABOUT) == (
        "| 1 | `CronJob shop/job-1`<br>`jobs.yaml:19` | Container `job-1` requests no memory · medium | suggested |",
        "| 2 | `CronJob shop/job-2`<br>`jobs.yaml:19` | Container `job-2` requests no memory · medium \
| patch: outside the diff |",
        "|  | `Deployment shop/web`<br>`deploy/web.yaml:19` | Container `web` runs privileged · critical | no fix |",
    )


def test_many_of_a_kind_share_a_row() -> None:
    assert rows(review(suggestions=3, patched=5), ABOUT)[3:] == (
        "| 4\u20138 | `CronJob shop/job-4`, `CronJob shop/job-5` and 3 more | Container requests no memory · medium \
| patch: outside the diff |",
    )
    assert len(rows(review(suggestions=3, patched=3), ABOUT)) == 6
    assert len(rows(review(suggestions=5), ABOUT)) == 5  # each of them stands beside its lines
    assert len(rows(review(suggestions=3, patched=5), ABOUT, collapse=False)) == 8


def test_what_was_not_posted_is_in_the_patch() -> None:
    [row] = rows(review(suggestions=1), ABOUT, commented=False)
    assert row.endswith("| patch |")


def test_several_findings_of_one_fix() -> None:
    made = Review(
        "b" * 40, COMMIT, (offer(finding(1), finding(2, policy="run-as-root"), finding(3, policy="host-pid")),)
    )
    [row] = rows(made, ABOUT)
    assert "privilege escalation · medium<br>with `run-as-root`, `host-pid` |" in row


@pytest.mark.parametrize(
    ("kind", "reason", "expected"),
    [
        ("Pod", "Set it: not proposed here, since not a.b(c, x > 0)", "Set it: not proposed here"),
        ("Pod", "its fix is not safe here: nothing-lost: a volume", "its fix is not safe here: nothing-lost: a volume"),
        ("Secret", 'the API server refuses its fix: Invalid value: "hunter2"', "the API server refuses its fix"),
        ("Pod", "@team | <b>", "`@team` <code>&#124;</code> `<b>`"),
    ],
    ids=["no expressions", "as it is", "a server may quote the value of a Secret", "hostile"],
)
def test_why_there_is_no_fix(kind: str, reason: str, expected: str) -> None:
    held = Held(finding(resource=ResourceRef("v1", kind, None, "s")), reason)
    [row] = rows(review(held=(held,)), ABOUT)
    assert row.endswith(f"| {expected} |")


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("deploy/web.yaml", "[`deploy/web.yaml:19`](https://github.com/o/r/blob/4f2/deploy/web.yaml#L19)"),
        ("a b#c?d%.yaml", "[`a b#c?d%.yaml:19`](https://github.com/o/r/blob/4f2/a%20b%23c%3Fd%25.yaml#L19)"),
        ("](x)[y.yaml", "[`](x)[y.yaml:19`](https://github.com/o/r/blob/4f2/%5D%28x%29%5By.yaml#L19)"),
        ("caf\udce9.yaml", "`caf\\xe9.yaml:19`"),
    ],
)
def test_links_to_the_place(path: str, label: str) -> None:
    about = About(blob="https://github.com/o/r/blob/4f2")
    [row] = rows(Review("b" * 40, COMMIT, (offer(finding(path=path)),)), about)
    assert f"<br>{label} |" in row
    links = [leaf for token in READER.parse(HEAD + row) for leaf in token.children or () if leaf.type == "link_open"]
    assert len(links) == label.count("(https:")


def test_hostile_names_stay_in_their_cells() -> None:
    hostile = finding(
        message="container a|b\\|c does | @all",
        resource=ResourceRef("v1", "Pod|", "n\\", "`|`"),
        path="a|b.yaml",
        policy="p|q",
    )
    found = rows(review(held=(Held(hostile, "x|y"),) * 5), ABOUT)
    cells = [token.type for token in READER.parse(HEAD + "\n".join(found)) if token.type == "td_open"]
    assert len(cells) == 4 * len(found)
