"""The lines a finding points at: what is underlined, what is left out, what fits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.manifest import Manifest, read
from bot.manifest.spans import locate
from bot.model import Location, Span
from bot.report.excerpt import Frame, changes, excerpt, where
from bot.report.lines import hunks, split
from bot.report.terminal import cells, painter

PLAIN = painter(color=False)


def at(text: str, start: int, end: int) -> Location:
    """A place in a text, lines counted as the bot counts them."""
    source = Manifest("a.yaml", text)
    return Location("a.yaml", 0, "", Span(start, end), source.line_of(start), source.line_of(max(start, end - 1)), 1)


def shown(text: str, place: Location, *, width: int | None = 60, note: str = "", digits: int = 2) -> str:
    """The excerpt as one text."""
    frame = Frame(digits, width, PLAIN)
    return "\n".join(excerpt(Manifest("a.yaml", text), place, frame, note=note, style="high"))


def of(text: str, part: str) -> Location:
    """The place of the first `part` in a text."""
    return at(text, text.index(part), text.index(part) + len(part))


def test_one_line_with_its_neighbours():
    text = "spec:\n  hostPID: true  # why\n  containers: []\n"
    assert shown(text, of(text, "hostPID: true")) == (
        "   |\n 1 | spec:\n 2 |   hostPID: true  # why\n   |   ^^^^^^^^^^^^^\n 3 |   containers: []"
    )


def test_blank_lines_and_document_markers_are_no_neighbours():
    text = "---\na: 1\n\nb: 2\n"
    assert shown(text, of(text, "a: 1")) == "   |\n 2 | a: 1\n   | ^^^^"


@pytest.mark.parametrize(
    ("text", "part", "row", "carets"),
    [
        ("a:\t[1,\t2]", "2", "a:    [1,    2]", "             ^"),
        ("x: 日本  # 語", "# 語", "x: 日本  # 語", "         ^^^^"),
        ("e\u0301: 1", "1", "e\u0301: 1", "   ^"),
        ("a: \x1b[31m1", "1", "a: ␛[31m1", "      ^"),
        ("\ufeffa: 1\r\nb: 2", "a: 1", "a: 1", "^^^^"),
        ("a: x\r\n", "x\r\n", "a: x", "   ^"),
        ("a:", "", "a:", "^"),
    ],
)
def test_carets_stand_under_what_is_meant(text, part, row, carets):
    lines = shown(text, of(text, part)).split("\n")
    assert lines[1:3] == [f" 1 | {row}", f"   | {carets}"]


def test_a_note_stands_beside_the_carets_or_below():
    text = "- name: web\n"
    place = of(text, "name: web")
    assert shown(text, place, note="missing here: x", width=40).endswith("|   ^^^^^^^^^ missing here: x")
    assert shown(text, place, note="missing here: resources.x", width=36).endswith(
        "   |   ^^^^^^^^^\n   |   missing here: resources.x"
    )


def test_a_long_line_is_cut_around_the_carets():
    text = "a: [" + "x" * 100 + ", HERE, " + "y" * 100 + "]\n"
    assert shown(text, of(text, "HERE"), width=45) == (
        "   |\n 1 | …xxxxxxxxxx, HERE, yyyyyyyyyyyyyyyyyyyy…\n   |              ^^^^"
    )
    assert shown(text, of(text, "a: ["), width=45).split("\n")[1] == " 1 | a: [" + "x" * 35 + "…"


def test_a_neighbour_that_lies_out_of_sight_is_left_out():
    text = "short: 1\na: [" + "x" * 100 + ", HERE]\nshort: 2\n"
    assert shown(text, of(text, "HERE"), width=45).count("|") == 3


def test_several_lines_have_a_bar():
    text = "a:\n  b: 1\n  c: 2\nd: 3\n"
    assert shown(text, of(text, "a:\n  b: 1\n  c: 2")) == "   |\n 1 | / a:\n 2 | |   b: 1\n 3 | |   c: 2"


def test_of_many_lines_the_first_two_and_the_last():
    text = "".join(f"line{number}: 1\n" for number in range(1, 12))
    assert shown(text, at(text, 0, len(text))) == "   |\n 1 | / line1: 1\n 2 | | line2: 1\n...  |\n11 | | line11: 1"
    lines = shown(text, at(text, 0, len(text)), digits=1).split("\n")
    assert lines[3].index("|") == lines[1].index("/")


def test_a_place_that_is_not_in_the_text_shows_nothing():
    assert shown("a: 1\n", Location("a.yaml", 0, "", Span(0, 3), 7, 7, 1)) == ""
    assert shown("a: 1\n", Location("a.yaml", 0, "", Span(0, 99), 1, 1, 1)) == ""


def test_the_place_of_something_absent():
    text = "spec:\n  containers:\n  - name: web\n    image: a\n"
    manifest = read("a.yaml", "apiVersion: v1\nkind: Pod\n" + text)
    place = locate(manifest, 0, "/spec/containers/0/resources")
    rows = excerpt(manifest, place, Frame(1, 80, PLAIN), note="missing here: resources", style="high")
    assert rows[2:4] == ["5 |   - name: web", "  |     ^^^^^^^^^ missing here: resources"]


LONG = st.lists(st.text(min_size=1, max_size=8).flatmap(lambda part: st.integers(1, 30).map(part.__mul__)), min_size=1)


@given(LONG.map("".join), st.data(), st.integers(30, 90))
def test_rows_fit_and_carets_are_there(text, data, width):
    start = data.draw(st.integers(0, len(text)) | st.just(len(text)))
    end = data.draw(st.integers(start, len(text)) | st.just(start))
    place = at(text, start, end)
    rows = shown(text, place, width=width, note="missing here: x").split("\n")
    assert all(sum(wide for _, wide in cells(row)) <= width for row in rows)
    if len(rows) > 1 and place.start_line == place.end_line:
        assert any(row.startswith("   |") and "^" in row for row in rows)


def test_changes_carry_old_numbers_on_removed_lines_and_new_ones_on_the_others():
    old, new = "a\nb\nc\nd\ne\nf\ng\n", "a\nB1\nB2\nc\nd\ne\nf\nG\n"
    rows = list(changes(hunks(split(old), split(new), 1), Frame(1, 20, PLAIN)))
    assert rows == ["1 | a", "2 - b", "2 + B1", "3 + B2", "4 | c", "...", "7 | f", "7 - g", "8 + G"]


def test_changes_are_safe_to_print_and_fit():
    rows = list(changes(hunks([], split("a: \x1b[31m\r\n" + "x" * 50), 1), Frame(1, 24, PLAIN)))
    assert rows == ["1 + a: ␛[31m", "2 + " + "x" * 19 + "…"]


def test_where_shows_what_is_known():
    assert where("a  b.yaml", 3, 4) == "a  b.yaml:3:4"
    assert where("a\x1b.yaml", 3) == "a␛.yaml:3"
    assert where("a.yaml") == "a.yaml"
