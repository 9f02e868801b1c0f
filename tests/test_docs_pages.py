"""The pages that are written from policies and tables are those of today."""

from __future__ import annotations

import re

import pytest

from bot.policy import load
from tools.docs.markdown import fenced, plain
from tools.docs.pages import ROOT, pages, stale

POLICIES = load()
PAGES = pages(POLICIES)


def test_pages_are_written_from_the_policies_of_today():
    differing = [
        path
        for path, text in PAGES.items()
        if not (ROOT / path).is_file() or (ROOT / path).read_bytes().decode() != text
    ]
    assert differing == [], "make docs writes them"
    assert stale(POLICIES) == [], "make docs removes them"


def test_links_lead_somewhere():
    for path, text in PAGES.items():
        for target in re.findall(r"\]\((?!https:)([^)#]+)", text):
            assert ((ROOT / path).parent / target).resolve().is_file(), f"{path}: {target}"


def test_every_policy_is_in_the_table():
    table = PAGES["docs/policies/README.md"]
    assert [each.id for each in POLICIES if f"[{each.id}]({each.id}.md)" not in table] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\n  lines", "two lines"),
        ("a_b *c* <d> [e](f) g|h", r"a\_b \*c\* \<d\> \[e\](f) g\|h"),
        ("`a_b` and a_b", r"`a_b` and a\_b"),
    ],
)
def test_words_are_shown_as_they_stand(text, shown):
    assert plain(text) == shown


def test_a_fence_is_longer_than_those_inside():
    assert fenced("yaml", "a: |\n  ```\n") == "````yaml\na: |\n  ```\n````\n"
