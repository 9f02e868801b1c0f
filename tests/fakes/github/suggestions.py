"""What the button "Commit suggestion" does to a file, byte for byte, and when it is grey.

The words of the refusals are those on a pull request's page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.fakes.github.diffs import Change
from tests.fakes.github.records import Comment

_OPEN = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)")


class CannotApply(Exception):
    """The button is grey; the reason as GitHub says it."""


@dataclass(frozen=True)
class Taken:
    """A suggestion that somebody takes: the lines `first` to `last` (1-based, inclusive) become `text`.

    `text` are whole lines, each with a line feed; empty: the lines go.
    """

    path: str
    first: int
    last: int
    text: str


def blocks(body: str) -> list[str]:
    """The suggestions in a comment's Markdown, as the text that takes the place of the lines.

    A fence is closed by one that is as long, of the same character, with nothing behind it (CommonMark 4.5).
    """
    found: list[str] = []
    fence, info, lines = "", "", list[str]()
    for line in body.replace("\r\n", "\n").split("\n"):
        if not fence:
            start = _OPEN.fullmatch(line)
            if start is not None:
                fence, info, lines = start["fence"], start["info"].strip(), []
            continue
        end = line.strip(" \t")
        if set(end) == {fence[0]} and len(end) >= len(fence) and len(line) - len(line.lstrip(" ")) <= 3:
            if info.split(" ")[0] == "suggestion":
                found.append("".join(f"{each}\n" for each in lines))
            fence = ""
        else:
            lines.append(line)
    return found


def taken(comment: Comment, shown: Mapping[str, Change], block: int) -> Taken:
    """The suggestion of a comment, at the lines where the comment stands now."""
    anchor = comment.anchor
    if anchor is None:
        raise CannotApply("Outdated suggestions cannot be applied.")
    found = blocks(comment.body)
    if not found:
        raise CannotApply("There is no suggestion in this comment.")
    if "LEFT" in (anchor.side, anchor.start_side) or _deleted_inside(shown[anchor.path], anchor.first, anchor.line):
        raise CannotApply("Applying suggestions on deleted lines is not supported.")
    return Taken(anchor.path, anchor.first, anchor.line, found[block])


def _deleted_inside(change: Change, first: int, last: int) -> bool:
    """Whether the diff shows a deleted line between the first and the last line of the range."""
    place = change.find("RIGHT", last)
    assert place is not None, "a comment that is not outdated stands in the diff"
    hunk, end = place
    start = hunk.find("RIGHT", first)
    assert start is not None
    return any(line.sign == "-" for line in hunk.lines if start.at <= line.at <= end.at)


def applied(read: Callable[[str], bytes], batch: Sequence[Taken], *, flip: bool = False) -> dict[str, bytes]:
    """Path to content once all suggestions of a batch are in; one for a line, at most."""
    found = {}
    for path in dict.fromkeys(each.path for each in batch):
        before = read(path)
        after = _replaced(before, [each for each in batch if each.path == path])
        if flip:
            after = after.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if after == before:
            raise CannotApply("This suggestion is invalid because no changes were made to the code.")
        found[path] = after
    return found


def _replaced(content: bytes, batch: Iterable[Taken]) -> bytes:
    """The lines replaced, the last first. The editor gives the last line of a file a line feed when it has none."""
    lines = content.split(b"\n")
    end = lines.pop()
    if end:
        lines.append(end)
    below = len(lines) + 1
    for each in sorted(batch, key=lambda one: one.first, reverse=True):
        if each.last >= below:
            raise CannotApply("You can't perform that action: only one suggestion per line can be applied in a batch.")
        below = each.first
        lines[each.first - 1 : each.last] = each.text.encode().split(b"\n")[:-1]
    return b"".join(line + b"\n" for line in lines)
