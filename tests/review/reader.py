"""What an independent reader (markdown-it-py) makes of our Markdown: CommonMark, with GitHub's tables and strikes."""

from __future__ import annotations

from markdown_it import MarkdownIt
from markdown_it.token import Token

READER = MarkdownIt("commonmark").enable("table").enable("strikethrough")


def leaves(text: str) -> list[Token]:
    """What stands in lines: texts, code, tags, links."""
    return [leaf for token in READER.parse(text) for leaf in token.children or ()]


def texts(text: str) -> str:
    """What is read as plain text, everything in code left out."""
    found, inside = [], False
    for leaf in leaves(text):
        if leaf.type == "html_inline":
            assert leaf.content in ("<code>", "</code>", "<br>", "<sub>", "</sub>"), "tags of ours"
            inside = leaf.content == "<code>"
        elif leaf.type == "text" and not inside:
            found.append(leaf.content)
    return "".join(found)


def rendered(text: str) -> str:
    """The page as a browser would get it."""
    return READER.render(text)
