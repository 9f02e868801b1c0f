"""Where a review comment may stand, and where it stands after the next push."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tests.fakes.github.diffs import Change, Hunk, Moves
from tests.fakes.github.records import Anchor

SIDES = ("LEFT", "RIGHT")


@dataclass(frozen=True)
class Problem:
    """A field of a thread, what is wrong with it, and GitHub's code for that."""

    field: str
    text: str
    code: str = "custom"


BLANK_HUNK = Problem("diff_hunk", "can't be blank", "missing_field")
OUTSIDE = Problem("line", "must be part of the diff")
ANOTHER_HUNK = Problem("start_line", "must be part of the same hunk as the line.")
NOT_BEFORE = Problem("start_line", "must precede the end line.")
NO_PATH = Problem("path", "is invalid")


def problems(anchor: Anchor, shown: Mapping[str, Change], withheld: frozenset[str]) -> list[Problem]:
    """Why a comment cannot stand there; nothing when it can.

    `shown` are the files of the diff between the merge base and the commit that the comment names. The diff of
    `withheld` files is too big to be shown: they have no hunk.
    """
    change = shown.get(anchor.path)
    if change is None:
        return [NO_PATH, BLANK_HUNK]
    if change.patch is None or anchor.path in withheld:
        return [BLANK_HUNK]
    if anchor.side not in SIDES or anchor.start_side not in (None, *SIDES):
        return [Problem("side", "is not included in the list", "invalid")]
    found = change.find(anchor.side, anchor.line)
    if found is None:
        return [OUTSIDE, *([ANOTHER_HUNK] if anchor.start_line is not None else []), BLANK_HUNK]
    if anchor.start_line is None:
        return []
    hunk, line = found
    first = hunk.find(anchor.start_side or anchor.side, anchor.start_line)
    if first is None:
        return [ANOTHER_HUNK]
    return [NOT_BEFORE] if first.at >= line.at else []


def sentence(found: Sequence[Problem]) -> str:
    """The problems of one comment as a review's refusal says them."""
    said = [f"Pull request review thread {each.field.replace('_', ' ')} {each.text}" for each in found]
    return f"{', '.join(said[:-1])}, and {said[-1]}" if len(said) > 2 else " and ".join(said)


def terse(found: Sequence[Problem]) -> str:
    """The same in the other words that GitHub has for it."""
    return "Path could not be resolved" if NO_PATH in found else "Line could not be resolved"


def objects(found: Sequence[Problem]) -> list[dict[str, str]]:
    """The problems of one comment as the refusal of a single comment says them."""
    return [
        {"resource": "PullRequestReviewComment", "code": each.code, "field": f"pull_request_review_thread.{each.field}"}
        | ({"message": f"pull_request_review_thread.{each.field} {each.text}"} if each.code == "custom" else {})
        for each in found
    ]


def hunk_above(hunk: Hunk, anchor: Anchor) -> str:
    """The part of a hunk that GitHub keeps with a comment: from its header to the comment's line."""
    line = hunk.find(anchor.side, anchor.line)
    assert line is not None
    return "\n".join(hunk.text.split("\n")[: line.at + 2])


def moved(
    anchor: Anchor, right: Mapping[str, Moves | None], left: Mapping[str, Moves | None], shown: Mapping[str, Change]
) -> Anchor | None:
    """Where the comment stands now; None: it is outdated.

    `right` says how the lines of the head moved, `left` those of the merge base, `shown` what the pull request's diff
    shows now. A comment whose lines changed, parted, or left the diff is outdated, and so is that of a renamed file.
    Of a comment with an end on each side both have to be where they were, each on its side.
    """
    sides = {"RIGHT": right, "LEFT": left}
    if anchor.start_side in (None, anchor.side):
        found = _moved(sides[anchor.side], anchor.path, anchor.first, anchor.line)
        if found is None:
            return None
        start, end = found
    else:
        first = _moved(sides[str(anchor.start_side)], anchor.path, anchor.first, anchor.first)
        last = _moved(sides[anchor.side], anchor.path, anchor.line, anchor.line)
        if first is None or last is None:
            return None
        start, end = first[0], last[0]
    there = replace(anchor, line=end, start_line=None if anchor.start_line is None else start)
    return None if problems(there, shown, frozenset()) else there


def _moved(moves: Mapping[str, Moves | None], path: str, first: int, last: int) -> tuple[int, int] | None:
    if path not in moves:
        return first, last
    how = moves[path]
    return None if how is None else how.move(first, last)
