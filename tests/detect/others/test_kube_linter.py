"""`.kube-linter.yaml`."""

from __future__ import annotations

import pytest

from bot.detect.others.kube_linter import parse
from tests.detect.others.said import holds, said

ALL = {"host-pid", "memory-limit-missing"}


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("", []),
        ("# nothing\n", []),
        ("checks:\n", []),
        ("checks:\n  exclude:\n  - host-pid\n", [(3, {"host-pid"}, "skipped for kube-linter (host-pid)")]),
        ("checks: {exclude: [own-check, unset-memory-requirements]}",
         [(1, {"memory-limit-missing"}, "skipped for kube-linter (unset-memory-requirements)")]),
        ("checks: {addAllBuiltIn: true, include: [host-pid]}", []),
        ("checks: {doNotAutoAddDefaults: true, include: [host-ipc]}", []),
        ("checks: {include: [host-pid], exclude: [host-pid]}",
         [(1, {"host-pid"}, "skipped for kube-linter (host-pid)")]),
        ("checks:\n  ignorePaths:\n    - test/**\n", [(3, ALL, "skipped for kube-linter (test/**)")]),
        ("checks: {ignorePaths: [~/a/b, ../c, /tmp/*.yaml]}", []),
        ("customChecks: [{name: a}]\n", []),
    ],
)  # fmt: skip
def test_what_it_accepts(text, accepted):
    assert said(parse, text) == (accepted, [])


@pytest.mark.parametrize(
    ("text", "void"),
    [
        ("checks: [", [(1, "nothing in it holds: ")]),
        ("[]", [(1, "nothing in it holds: the configuration of kube-linter is a list; it is a mapping")]),
        ("checks:\n  exclude: {a: b}\n", [(2, "nothing in it holds: exclude is a mapping; it is a list of texts")]),
        ("checks:\n  exclude:\n  - 7\n", [(3, "does not hold: an item of exclude is the number 7; it is a text")]),
        ("a: 1\n---\nb: 1\n", [(3, "nothing in it holds: ")]),
    ],
)
def test_what_does_not_hold(text, void):
    accepted, skips = said(parse, text)
    assert accepted == []
    assert [(line, words[: len(start[1])]) for (line, words), start in zip(skips, void, strict=True)] == void


def test_one_malformed_entry_voids_itself_only():
    accepted, skips = said(parse, "checks:\n  exclude:\n  - [a]\n  - host-pid\n")
    assert [line for line, *_ in accepted] == [4]
    assert [line for line, _ in skips] == [3]


@pytest.mark.parametrize(
    ("pattern", "path", "held"),
    [
        ("test/**", "test/a/b.yaml", True),
        ("./test/*", "test/b.yaml", True),
        ("test/*", "test/a/b.yaml", False),
        ("test/", "test/b.yaml", False),  # as kube-linter does: a folder alone ignores no file
        ("test/**", "other/test/b.yaml", False),
    ],
)
def test_ignored_paths(pattern, path, held):
    assert holds(parse, f"checks: {{ignorePaths: ['{pattern}']}}", path=path) is held
