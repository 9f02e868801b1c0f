"""Places in a text, what is missing there, and the edits of a change."""

from __future__ import annotations

import pytest

from bot.manifest import Manifest, read
from bot.manifest.spans import locate
from bot.model import Change, Operation, Span, TextEdit
from bot.report.source import Place, absent, edits_of, line_count, line_of, place_of, source_of, within
from tests.report.material import SHOP, WEB

TEXT = "\ufeffa: 1\r\nb: '👍ü'  # c\n\nlast"


def test_a_text_is_a_source_too():
    source = source_of({"a.yaml": "x: 1\n"}, "a.yaml")
    assert isinstance(source, Manifest)
    assert (source.path, source.text, source.documents) == ("a.yaml", "x: 1\n", ())
    assert source_of({"b.yaml": source}, "b.yaml") is source
    assert source_of({}, "c.yaml") is None


@pytest.mark.parametrize(
    ("line", "expected"), [(1, (1, "a: 1")), (2, (7, "b: '👍ü'  # c")), (3, (20, "")), (4, (21, "last"))]
)
def test_lines_without_mark_and_end(line, expected):
    assert line_of(Manifest("a", TEXT), line) == expected


@pytest.mark.parametrize(("text", "count"), [("", 1), ("a", 1), ("a\n", 1), ("a\n\n", 2), ("a\nb", 2), (TEXT, 4)])
def test_line_count(text, count):
    assert line_count(Manifest("a", text)) == count


@pytest.mark.parametrize(
    ("offset", "place"),
    [
        (1, Place(1, 1, 1)),
        (4, Place(1, 4, 4)),
        (7, Place(2, 1, 1)),
        (TEXT.index("ü"), Place(2, 6, 7)),
        (TEXT.index("#"), Place(2, 10, 11)),
        (len(TEXT), Place(4, 5, 5)),
    ],
)
def test_columns_in_characters_and_in_utf16(offset, place):
    assert place_of(Manifest("a", TEXT), offset) == place


def test_the_end_of_a_text_that_ends_its_last_line_is_the_line_behind():
    assert place_of(Manifest("a", "a\nb\n"), 4) == Place(3, 1, 1)


@pytest.mark.parametrize(
    ("pointer", "missing"),
    [
        (f"{WEB}/image", ()),
        (f"{WEB}/securityContext/runAsNonRoot", ("runAsNonRoot",)),
        (f"{WEB}/resources/limits/memory", ("resources", "limits", "memory")),
        ("/metadata/labels/app.kubernetes.io~1name", ("labels", "app.kubernetes.io/name")),
        ("", ()),
    ],
)
def test_what_is_missing(pointer, missing):
    source = read("shop.yaml", SHOP)
    assert absent(source, locate(source, 0, pointer)) == missing


def test_nothing_is_known_missing_in_a_bare_text():
    place = locate(read("shop.yaml", SHOP), 0, "/spec/hostIPC")
    assert absent(Manifest("shop.yaml", SHOP), place) == ()


def test_a_span_of_another_text_is_noticed():
    assert within(Manifest("a", "abc"), Span(1, 3))
    assert not within(Manifest("a", "abc"), Span(1, 4))


def test_edits_are_computed_when_the_change_brings_none():
    source = read("shop.yaml", SHOP)
    start = SHOP.index('"3"')
    made = (TextEdit(Span(start, start + 3), "4"),)
    operations = (Operation("replace", "/spec/replicas", 4),)
    assert edits_of(source, Change("shop.yaml", 0, operations)) == made
    assert edits_of(source, Change("shop.yaml", 0, operations, made)) == made
    assert edits_of(source, Change("shop.yaml", 0, (Operation("remove", "/spec/nothing"),))) == ()
    assert edits_of(Manifest("shop.yaml", SHOP), Change("shop.yaml", 0, operations)) == ()
    assert edits_of(source, Change("new.yaml", None, operations)) == ()
