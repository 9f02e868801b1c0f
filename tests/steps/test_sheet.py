"""The documents of a file as texts of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.manifest import read
from bot.manifest.values import same
from bot.model import Span, TextEdit
from bot.steps.sheet import Sheet

TEXTS = {
    "one": ("a: 1\n", ["a: 1\n"]),
    "two": ("a: 1\n---\nb: 2\n", ["a: 1\n", "b: 2\n"]),
    "markers around": ("---\na: 1\n---\nb: 2\n...\n", ["a: 1\n", "b: 2\n...\n"]),
    "comments": ("# licence\n---\n# one\na: 1\n# end\n--- # two\nb: 2", ["# one\na: 1\n# end\n", "b: 2"]),
    "comment without marker": ("# one\na: 1\n", ["# one\na: 1\n"]),
    "carriage returns": ("a: 1\r\n---\r\nb: 2\r\n", ["a: 1\r\n", "b: 2\r\n"]),
    "byte order mark": ("\ufeffa: 1\n---\nb: 2\n", ["a: 1\n", "b: 2\n"]),
    "byte order mark and marker": ("\ufeff---\na: 1\n", ["a: 1\n"]),
    "empty ones": ("---\n---\na: 1\n---\n", ["", "a: 1\n", ""]),
    "a marker in a text": ("a: |\n  x\n  --- y\n---\nb: 2\n", ["a: |\n  x\n  --- y\n", "b: 2\n"]),
    "ends with a marker line": ("a: 1\n---", ["a: 1\n", ""]),
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.values(), ids=TEXTS)
def test_the_texts_of_documents(text: str, expected: list[str]) -> None:
    manifest = read("a.yaml", text)
    sheet = Sheet(manifest)
    assert [sheet.text(each.index) for each in manifest.documents] == expected
    assert [text[(span := sheet.span(each.index)).start : span.end] for each in manifest.documents] == expected


def test_an_edit_of_the_file_is_one_of_the_document() -> None:
    sheet = Sheet(read("a.yaml", "\ufeffa: 1\n---\nb: 2\nc: 3\n"))
    edits = (TextEdit(Span(13, 14), "5"), TextEdit(Span(20, 20), "d: 4\n"))
    assert sheet.own(1, edits) == (TextEdit(Span(3, 4), "5"), TextEdit(Span(10, 10), "d: 4\n"))
    assert sheet.edited(1, edits) == "b: 5\nc: 3\nd: 4\n"


@pytest.mark.corpus
def test_a_document_by_itself_is_the_same_document(corpus_plain: list[Path]) -> None:
    seen = 0
    for path in corpus_plain:
        manifest = read("a.yaml", path.read_bytes().decode())
        sheet = Sheet(manifest)
        for document in manifest.documents:
            alone = [each.value for each in read("a.yaml", sheet.text(document.index)).documents]
            assert same(alone, [document.value]) or (alone == [] and document.value is None), path
            seen += 1
    assert seen > 1_000
