"""What changed, as a unified diff that `git apply` takes, byte for byte.

No timestamps; names quoted as git quotes them; line ends, byte order marks and a missing final line feed as they are.
The string must be written as UTF-8 without any translation of line ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.model import Report
from bot.report.lines import Hunk, hunks, split
from bot.report.terminal import painter, visible

CONTEXT = 3
_NO_NEWLINE = "\\ No newline at end of file\n"
_UNUSUAL = re.compile(rb'[\x00-\x1f"\\\x7f-\xff]')
_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}


def render(report: Report) -> str:
    """The diff of all changed files; empty when nothing changed."""
    return "".join(_file(path, before, after) for path, before, after in report.changed if before != after)


def paint(text: str, *, color: bool = True) -> str:
    """A rendered diff for a terminal, in git's colours; control characters of the files are made visible."""
    in_style = painter(color)
    styles = {"@": "cyan", "-": "red", "+": "green"}
    lines = []
    for line in split(text):
        shown = visible(line.rstrip("\n"))
        head = line.startswith(("diff --git ", "--- ", "+++ ", "new file "))
        style = "bold" if head else styles.get(line[:1])
        lines.append((in_style(shown, style) if style is not None else shown) + "\n")
    return "".join(lines)


def _file(path: str, before: str, after: str) -> str:
    """One file. An empty text before is a new file: an empty file is never edited."""
    name = path.removeprefix("./")
    old, new = quoted(f"a/{name}"), quoted(f"b/{name}")
    # A blank in a name would end it here; git marks the end with a tab.
    end = "\t" if " " in name else ""
    head = f"diff --git {old} {new}\n"
    if before:
        head += f"--- {old}{end}\n"
    else:
        head += "new file mode 100644\n--- /dev/null\n"
    return f"{head}+++ {new}{end}\n" + "".join(_hunks(hunks(split(before), split(after), CONTEXT)))


def _hunks(found: Iterable[Hunk]) -> Iterable[str]:
    for hunk in found:
        yield f"@@ -{_range(hunk.old_line, hunk.count('-'))} +{_range(hunk.new_line, hunk.count('+'))} @@\n"
        for sign, line in hunk.lines:
            yield sign + line
            if not line.endswith("\n"):
                yield "\n" + _NO_NEWLINE


def _range(start: int, count: int) -> str:
    """Start and number of lines; one line needs no number, and no lines stand behind the line before them."""
    if count == 1:
        return str(start)
    return f"{start if count else start - 1},{count}"


def quoted(name: str) -> str:
    """`name` as git writes it: in C quotes when it has quotes, backslashes, control characters or is not ASCII."""
    raw = name.encode("utf-8", "surrogateescape")
    if not _UNUSUAL.search(raw):
        return name
    return '"' + _UNUSUAL.sub(_escape, raw).decode("ascii") + '"'


def _escape(match: re.Match[bytes]) -> bytes:
    code = match.group()[0]
    return f"\\{_ESCAPES.get(code) or f'{code:03o}'}".encode("ascii")
