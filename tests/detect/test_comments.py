"""Comments are told from text as the parser does."""

from __future__ import annotations

import re
from random import Random

import pytest

from bot.detect.comments import find
from bot.manifest import read
from bot.manifest.nodes import Mapping, Scalar, children

MARKER = re.compile(r"#[ \t]*say:")


def said(text):
    return [(each.text, each.head, each.line, each.pointers) for each in find(read("a.yaml", text), MARKER)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a: 1\n", []),
        ("a: 1 # say: x\n", [("x", False, 1, ("/a",))]),
        ("a: 1 # Say: x\n", []),
        ("a: 1 # else # say: x\n", [("x", False, 1, ("/a",))]),
        ("a: 1 # say: x # say: y\n", [("x", False, 1, ("/a",)), ("y", False, 1, ("/a",))]),
        ("# say: x\na: 1\n", [("x", True, 2, ())]),
        ("b: 0\n# say: x\na: 1\n", [("x", False, 3, ("/a",))]),
        ("b: 0\n# say: x\n# more\n  # and more\na: 1\n", [("x", False, 5, ("/a",))]),
        ("b: 0\n# say: x\n\na: 1\n", [("x", False, None, ())]),
        ("b: 0\n# say: x\n", [("x", False, None, ())]),
        ("b: 0\n# say: x\n---\na: 1\n", [("x", False, None, ())]),
        ("b: 0\n---\n# say: x\n\na: 1\n", [("x", True, None, ())]),
        ("b: 0\n--- # say: x\na: 1\n", [("x", True, 2, ())]),
        ("a:\n  - b: 1 # say: x\n", [("x", False, 2, ("/a/0", "/a/0/b"))]),
        ("a:\n  # say: x\n  -\n    b: 1\n", [("x", False, 3, ("/a/0",))]),
        ("a: [\n  1, # say: x\n  2]\n", [("x", False, 2, ("/a/0",))]),
        ("a: [\n  1,\n  2] # say: x\n", [("x", False, 3, ("/a", "/a/1"))]),
        ("a: 'b\n  c' # say: x\n", [("x", False, 2, ("/a",))]),
        ("a: {b: 1} # say: x\n", [("x", False, 1, ("/a", "/a/b"))]),
        ("a/b: 1 # say: x\n", [("x", False, 1, ("/a~1b",))]),
        ("a: | # say: x\n  # say: y\nb: 1 # say: z\n", [("x", False, 1, ("/a",)), ("z", False, 3, ("/b",))]),
        ("a: |\n  b\n# say: x\nc: 1\n", [("x", False, 4, ("/c",))]),
        ("a: &x {b: 1}\nc:\n  <<: *x # say: x\n  d: 1 # say: y\n", [("x", False, 3, ()), ("y", False, 4, ("/c/d",))]),
        ('a: "# say: x"\n', []),
        ("a: b\n", []),
        ('{"a": "# say: x"}', []),
        ("a: [", []),
    ],
)
def test_what_a_comment_is_about(text, expected):
    assert said(text) == expected
    assert said(text.replace("\n", "\r\n")) == expected


def test_where_a_comment_stands():
    text = "\ufeffa: 1  # else # say: x  \nb: 2\n"
    (comment,) = find(read("a.yaml", text), MARKER)
    span = comment.location.span
    assert text[span.start : span.end] == "# say: x"
    assert (comment.location.start_line, comment.location.column) == (1, 14)


def scalars(manifest):
    """Every scalar of a file, those of keys that stand twice included."""
    found, pending = [], [document.root for document in manifest.documents]
    while pending:
        node = pending.pop()
        if isinstance(node, Scalar):
            found.append(node.value)
        if isinstance(node, Mapping):
            pending += [key for _, key, _ in node.pairs]
        pending += children(node)
    return found


@pytest.mark.corpus
def test_a_comment_is_what_changes_no_value(corpus_plain):
    """Real files, a comment put behind some of their lines: it is found exactly when the values stay as they were."""
    random = Random(20)
    seen = {True: 0, False: 0}
    for path in corpus_plain:
        text = path.read_bytes().decode()
        values = scalars(read("a.yaml", text))
        lines = text.split("\n")
        for place in random.sample(range(len(lines)), min(4, len(lines))):
            changed = "\n".join([*lines[:place], lines[place].rstrip("\r") + " # say: x", *lines[place + 1 :]])
            manifest = read("a.yaml", changed)
            if manifest.problem is None:
                same = scalars(manifest) == values
                assert bool(find(manifest, MARKER)) is same, (path.name, place + 1)
                seen[same] += 1
    assert min(seen.values()) > 100
