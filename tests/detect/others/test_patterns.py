"""Globs and regular expressions of other tools."""

from __future__ import annotations

import pytest

from bot.detect.others.patterns import exactly, found, glob, prefix, problem, whole


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("a.yaml", ["a.yaml"], ["b/a.yaml", "aXyaml"]),
        ("*.yaml", ["a.yaml", ".yaml"], ["b/a.yaml"]),
        ("a/*", ["a/b"], ["a/b/c", "a"]),
        ("a/**", ["a/b", "a/b/c"], ["b/a/c", "ab/c"]),
        ("**/a.yaml", ["a.yaml", "b/a.yaml", "b/c/a.yaml"], ["ba.yaml", "b/aa.yaml"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/xb", "ab"]),
        ("a**b", ["ab", "axxb"], ["a/b"]),
        ("a?c", ["abc"], ["ac", "a/c"]),
        ("[ab].y", ["a.y", "b.y"], ["c.y"]),
        ("[!ab].y", ["c.y"], ["a.y"]),
        ("[a-c].y", ["b.y"], ["d.y"]),
        ("{a,b/*}.y", ["a.y", "b/x.y"], ["c.y"]),
        (r"\*.y", ["*.y"], ["a.y"]),
        ("a+(b).y", ["a+(b).y"], ["aab.y"]),
        ("", [""], ["a"]),
    ],
)
def test_glob(pattern, inside, outside):
    assert [path for path in (*inside, *outside) if found(glob(pattern), path)] == inside


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("dir1", ["dir1/a", "x/dir1", "xdir12"], ["dir"]),
        (exactly("a.b"), ["a.b"], ["axb", "a.bc"]),
        (prefix("a.b"), ["a.b", "a.bc"], ["axb", "xa.b"]),
        (whole("a|bc"), ["a", "bc"], ["ac", "abc"]),
    ],
)
def test_regular_expressions(pattern, inside, outside):
    assert [text for text in (*inside, *outside) if found(pattern, text)] == inside


@pytest.mark.parametrize("pattern", ["(", "*/x", "(?=x)", r"\1"])
def test_what_cannot_be_used_is_said_and_found_nowhere(pattern):
    assert problem(pattern)
    assert not found(pattern, pattern)


def test_a_good_one_has_no_problem():
    assert problem("^a.*$") is None


def test_the_time_is_linear_whatever_the_expression():
    assert not found("(a+)+$", "a" * 50_000 + "!")
    assert not found(glob("*a" * 30), "a" * 2_000 + "b")
