"""Text of others in our Markdown: shown, and nothing else.

GitHub makes links of `@name`, `#1`, `owner/repo#1`, names of commits and addresses; it renders HTML, images, emphasis
and mathematics; a name of an object, a path or a value in a manifest may hold all of these. What is no plain word or
number becomes inline code, in which none of it happens.
https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls

Invariants: what `code` and `prose` return is one line without `|`, so that it may stand in a cell of a table; no
control or invisible format character gets through.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from urllib.parse import quote

_LETTERS = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_WORD = re.compile(rf"[{_LETTERS}]+(?:['\u2019-][{_LETTERS}]+)*|\d{{1,6}}(?:\.\d{{1,6}}){{0,3}}%?|\d{{4}}-\d\d-\d\d")
_LOOKS_LIKE_A_FIELD = re.compile(r"[a-z]+[A-Z]")
_LOOKS_LIKE_A_COMMIT = re.compile(r"[0-9a-f]{7,64}", re.IGNORECASE)
_BETWEEN = frozenset({"\u2013", "\u2014", "\u2026"})
_OPENING = "(\"'\u201c\u2018"
_CLOSING = ",;:.!?)\"'\u201d\u2019\u2026"
_TICKS = re.compile("`+")
_ZERO_WIDTH_JOINER = "\u200d"


def code(text: str, *, limit: int = 200) -> str:
    """`text` as inline code, at most `limit` characters of it; what cannot be seen is made visible."""
    shown = clip(visible(text), limit)
    if "|" in shown:
        # No number of backslashes keeps a pipe behind a backslash from ending a cell; a character reference does.
        return f"<code>{''.join(map(_reference, shown))}</code>"
    longest = max((len(run) for run in _TICKS.findall(shown)), default=0)
    ticks = "`" * (longest + 1)
    stripped = shown.startswith(" ") and shown.endswith(" ") and shown.strip(" ")
    pad = " " if stripped or shown.startswith("`") or shown.endswith("`") or not shown else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def _reference(character: str) -> str:
    plain = character.isalnum() or character == " " or ord(character) > 127
    return character if plain else f"&#{ord(character)};"


def prose(text: str, *, names: Collection[str] = (), limit: int = 400) -> str:
    """`text` as running text: words and numbers as they are, all else and `names` as inline code; on one line."""
    words = clip(" ".join(text.split()), limit).split(" ")
    return " ".join(_word(word, names) for word in words if word)


def _word(word: str, names: Collection[str]) -> str:
    if word in _BETWEEN:
        return word
    start = len(word) - len(word.lstrip(_OPENING))
    end = max(start, len(word.rstrip(_CLOSING)))
    core = word[start:end]
    if not core:
        return code(word)
    if core in names or not _is_plain(core):
        return f"{word[:start]}{code(core)}{word[end:]}"
    return word


def _is_plain(core: str) -> bool:
    return (
        _WORD.fullmatch(core) is not None
        and _LOOKS_LIKE_A_FIELD.match(core) is None
        and _LOOKS_LIKE_A_COMMIT.fullmatch(core) is None
    )


def fenced(text: str, info: str = "") -> str:
    """`text`, whole lines, as a block at column 0 whose fence is longer than any run of backticks inside.

    The text is not changed: a suggestion has to say exactly what takes the lines' place. No text at all is a block
    without a line.
    """
    assert not text or text.endswith("\n"), "a block is made of whole lines"
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{info}\n{text}{fence}"


def link(label: str, address: str) -> str:
    """A link whose label is Markdown already; `address` is percent-encoded where it needs to be."""
    return f"[{label}]({quote(address, safe='/:#?=&%~@+,;!$')})"


def folded(head: str, content: str) -> str:
    """A closed section that opens on a click; `head` is text of ours, `content` Markdown."""
    return f"<details><summary>{head}</summary>\n\n{content}\n\n</details>"


def visible(text: str) -> str:
    """`text` with a stand-in for each character that cannot be seen or that moves others."""
    return text if text.isascii() and text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    point = ord(character)
    if point < 0x20:
        return chr(0x2400 + point)
    if point == 0x7F:
        return "\u2421"
    if 0xDC80 <= point <= 0xDCFF:  # a byte that was not UTF-8, as Python keeps it in names of files
        return f"\\x{point - 0xDC00:02x}"
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Cn", "Co", "Zl", "Zp"):
        return f"<U+{point:04X}>"
    return character


def clip(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, the last one an ellipsis when some are left out; no sign is cut in two."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > 0 and (_continues(text[end]) or text[end - 1] == _ZERO_WIDTH_JOINER):
        end -= 1
    return text[:end] + "\u2026"


def _continues(character: str) -> bool:
    """Whether a character is a part of the sign before it."""
    return (
        character == _ZERO_WIDTH_JOINER
        or unicodedata.category(character) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def size(text: str) -> int:
    """Characters as GitHub may count them at worst: UTF-16 code units."""
    return len(text) + sum(1 for character in text if character > "\uffff") if not text.isascii() else len(text)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, white space made single blanks."""
    yield from re.split(r"(?<=[.!?])\s+(?=[A-Z\u00c0-\u00de])", " ".join(text.split()))
