"""Text of others in Markdown: nothing in it takes effect, and it can still be read.

markdown-it-py is the independent reader; what it makes of a text is what a CommonMark renderer does.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.review import markdown
from bot.review.markdown import clip, code, fenced, folded, link, prose, sentences
from tests.review.material import HARD_LINES
from tests.review.reader import READER, leaves, texts

HOSTILE = (
    "@org/team",
    "#1",
    "owner/repo#1",
    "GH-17",
    "4f2c9e1d0b",
    "deadbeef",
    "<img src=x onerror=alert(1)>",
    "<!-- k8s-auto-fix v1 fp=0123456789abcdef -->",
    "</details>",
    "[click](https://example.com)",
    "![](https://example.com/x.png)",
    "https://example.com",
    "www.example.com",
    "a@example.com",
    "``` ```",
    "`tick",
    "a | b",
    "a\\|b",
    "**bold** _it_ ~~no~~",
    "$x$",
    ":tada:",
    "::error file=x::boo",
    "- item",
    "# title",
    "&lt;b&gt;",
    "\\",
    "line\nbreak\r\nand\u2028more",
    "\u202eright to left",
    "\x1b[31mred",
    "zero\u200bwidth",
    "\udcff",
)
ANYTHING = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from((*HOSTILE, "web", "`", "``", " ", "|", "\\", "a")), max_size=8).map("".join),
)


@pytest.mark.parametrize("text", HOSTILE)
def test_only_code(text: str) -> None:
    """As one word it is code, and nothing else but a mark at its end."""
    word = "_".join(text.split())
    assert texts(code(word)) == ""
    assert texts(prose(word)) in ("", ")", ":", ";")


@given(ANYTHING)
def test_whatever_it_says_prose_has_no_effect(text: str) -> None:
    made = prose(f"start {text}")
    tokens = READER.parse(made)
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert not set("@#<>[]*_~$|\\`&") & set(texts(made))
    assert {leaf.type for leaf in leaves(made)} <= {"text", "code_inline", "html_inline"}


@given(ANYTHING)
def test_a_cell_stays_a_cell(text: str) -> None:
    table = f"| a | b |\n|---|---|\n| {prose(text)} | {code(text)} |\n"
    rows = [token.type for token in READER.parse(table) if token.type in ("tr_open", "td_open", "th_open")]
    assert rows == ["tr_open", "th_open", "th_open", "tr_open", "td_open", "td_open"]


@given(st.text(st.characters(exclude_characters="|\r\n", exclude_categories=("C", "Z")), min_size=1, max_size=80))
def test_code_says_what_it_is_given(text: str) -> None:
    assert [leaf.content for leaf in leaves(code(text))] == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web", "`web`"),
        ("a`b", "``a`b``"),
        ("`a`", "`` `a` ``"),
        (" ", "` `"),
        (" a ", "`  a  `"),
        ("", "`  `"),
        ("a|b", "<code>a&#124;b</code>"),
        ("two\nlines\t", "`two␊lines␉`"),
        ("\u202eevil", "`<U+202E>evil`"),
        ("caf\udce9.yaml", "`caf\\xe9.yaml`"),
    ],
)
def test_code(text: str, expected: str) -> None:
    assert code(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the pod sees the processes of its node", "the pod sees the processes of its node"),
        ("container web runs nginx:1.27.3", "container web runs `nginx:1.27.3`"),
        ("runAsUser is 0, below 10000.", "`runAsUser` is 0, below 10000."),
        ("a Job's template (see CVE-2020-8554).", "a Job's template (see `CVE-2020-8554`)."),
        ("Größe \u2013 naïve", "Größe \u2013 naïve"),
        ("since Kubernetes 1.30, 90% of it", "since Kubernetes 1.30, 90% of it"),
        ("commit deadbeef or 1234567", "commit `deadbeef` or `1234567`"),
        ("ping @team about owner/repo#3", "ping `@team` about `owner/repo#3`"),
        ("the word \"web\" and 'x'", "the word \"web\" and 'x'"),
        ("  white \n\n space\t", "white space"),
        ("... and ::", "`...` and `::`"),
        ("", ""),
    ],
)
def test_prose(text: str, expected: str) -> None:
    assert prose(text) == expected


def test_names_are_code_even_when_they_are_words() -> None:
    assert prose("container web, of shop", names={"web", "shop"}) == "container `web`, of `shop`"


@given(
    st.lists(st.one_of(st.sampled_from(HARD_LINES), st.text(st.characters(exclude_characters="\0\r\n"))), max_size=8)
)
def test_a_fence_keeps_what_is_inside(lines: list[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    tokens = READER.parse(f"before\n\n{fenced(text, 'suggestion')}\n\nafter")
    blocks = [(token.info, token.content) for token in tokens if token.type == "fence"]
    assert blocks == [("suggestion", text)]


def test_fences() -> None:
    assert fenced("a\n") == "```\na\n```"
    assert fenced("", "suggestion") == "```suggestion\n```"
    assert fenced("\n", "suggestion") == "```suggestion\n\n```"
    assert fenced("a ```` b\n", "yaml") == "`````yaml\na ```` b\n`````"


def test_a_block_without_a_last_line_feed_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(AssertionError):
        fenced("a")


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("ae\u0301x", 3, "a…"),
        ("a\U0001f469\u200d\U0001f680bc", 4, "a…"),
        ("ab\U0001f44d\U0001f3fdc", 4, "ab…"),
    ],
    ids=["fits", "cut", "accent stays with its letter", "joined signs", "colour of a hand"],
)
def test_clip(text: str, limit: int, expected: str) -> None:
    assert clip(text, limit) == expected


def test_size_counts_what_needs_two_units_twice() -> None:
    assert (markdown.size("abc"), markdown.size("aé"), markdown.size("a\U0001f642")) == (3, 2, 3)


def test_links_and_sections() -> None:
    assert link("`a b`", "https://example.com/a b(1)#L3") == "[`a b`](https://example.com/a%20b%281%29#L3)"
    assert folded("More", "text") == "<details><summary>More</summary>\n\ntext\n\n</details>"


def test_sentences() -> None:
    text = "A pod of 1.22 can\n do it. The\nnode cannot, e.g. not here! So"
    assert list(sentences(text)) == ["A pod of 1.22 can do it.", "The node cannot, e.g. not here!", "So"]
