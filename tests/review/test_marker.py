"""Markers: what is written is read again, what is not ours or broken is not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.review import marker
from bot.review.marker import Mark, SummaryMark
from tests.review.material import HEAD, fingerprint

ONE, TWO = fingerprint(1), fingerprint(2)
WRITTEN = "<!-- k8s-auto-fix v1 fp=0000000000000001,0000000000000002 head=4f2c9e1 -->"
SUMMARY = "<!-- k8s-auto-fix summary v1 head=4f2c9e1 posted=0000000000000001 dismissed=0000000000000002 -->"
FINGERPRINTS = st.lists(st.text("0123456789abcdef", min_size=16, max_size=16), min_size=1, max_size=80, unique=True)


def test_a_comment() -> None:
    assert marker.write((ONE, TWO, ONE), head=HEAD) == WRITTEN
    assert marker.read(WRITTEN) == Mark((ONE, TWO), "4f2c9e1")
    assert marker.read(marker.write((ONE,), head=HEAD, closed=True)) == Mark((ONE,), "4f2c9e1", closed=True)


def test_a_summary() -> None:
    assert marker.write_summary((ONE, ONE), (TWO,), head=HEAD) == SUMMARY
    assert marker.read_summary(SUMMARY) == SummaryMark(frozenset({ONE}), frozenset({TWO}), "4f2c9e1")
    nothing = marker.write_summary((), (), head=HEAD)
    assert nothing == "<!-- k8s-auto-fix summary v1 head=4f2c9e1 -->"
    assert marker.read_summary(nothing) == SummaryMark(head="4f2c9e1")


@pytest.mark.parametrize(
    "body",
    [
        f"text above\r\n\r\n{WRITTEN}\r\n",
        f"text\n{WRITTEN}\nA person wrote below it.",
        f"  {WRITTEN}  ",
        f"<!-- k8s-auto-fix v1 fp=ffffffffffffffff head=0000000 -->\n{WRITTEN}",
    ],
    ids=["CRLF", "text below", "blanks around", "the last one counts"],
)
def test_read_amid_text(body: str) -> None:
    assert marker.read(body) == Mark((ONE, TWO), "4f2c9e1")


def test_a_later_version_is_read_for_what_is_known() -> None:
    body = f"<!-- k8s-auto-fix v7 fp={ONE} head=4f2c9e1 colour=blue shiny -->"
    assert marker.read(body) == Mark((ONE,), "4f2c9e1", version=7)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "no marker",
        "k8s-auto-fix v1 fp=0000000000000001",
        f"quoted: {WRITTEN}",
        "> " + WRITTEN,
        "<!-- k8s-auto-fix v1 fp= head=4f2c9e1 -->",
        "<!-- k8s-auto-fix v1 fp=not-hex head=4f2c9e1 -->",
        "<!-- k8s-auto-fix v1 fp=012 head=4f2c9e1 -->",
        f"<!-- k8s-auto-fix fp={ONE} -->",
        f"<!-- another-bot v1 fp={ONE} -->",
        f"<!-- k8s-auto-fix v1 fp={ONE}\n-->",
        SUMMARY,
    ],
)
def test_no_marker_of_a_comment(body: str) -> None:
    assert marker.read(body) is None


def test_no_marker_of_a_summary() -> None:
    assert marker.read_summary(WRITTEN) is None


@given(FINGERPRINTS)
def test_short_however_many(fingerprints: list[str]) -> None:
    """Up to 14 by their whole names; of more, the first digits of as many as there is room for."""
    written = marker.write(fingerprints, head=HEAD)
    assert len(written.encode()) < 300
    read = marker.read(written)
    assert read is not None
    assert all(whole.startswith(name) for name, whole in zip(read.names, fingerprints, strict=False))
    assert len(read.names) >= min(len(fingerprints), 34)
    if len(fingerprints) <= 14:
        assert read.names == tuple(fingerprints)


def test_names_among_known_fingerprints() -> None:
    mark = Mark(("012345", "abcdef0123456789"))
    known = ("0123456789abcdef", "fedcba9876543210")
    assert mark.among(known) == {"0123456789abcdef", "abcdef0123456789"}


def test_areas() -> None:
    """Runs over some paths have markers of their own; the order of the paths does not count."""
    area = marker.area_of(["shop", "bank"])
    assert area == marker.area_of(["bank", "shop", "shop"])
    assert area != marker.area_of(["shop"])
    assert marker.area_of([]) == ""
    comment = marker.read(marker.write(["0123456789abcdef"], head="4f2c9e1", closed=True, area=area))
    assert comment is not None
    assert (comment.area, comment.closed, comment.head) == (area, True, "4f2c9e1")
    summary = marker.read_summary(marker.write_summary(["0123456789abcdef"], [], head="4f2c9e1", area=area))
    assert summary is not None
    assert (summary.area, summary.posted) == (area, frozenset({"0123456789abcdef"}))
