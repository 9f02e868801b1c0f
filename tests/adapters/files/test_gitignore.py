"""What a pattern names, one by one and compared with git itself."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from bot.adapters.files.gitignore import Patterns

# (patterns, left out, not left out); a path with a slash at its end is a folder.
CASES = [
    ("a.yaml", "a.yaml x/a.yaml a.yaml/", "b.yaml a.yamlx xa.yaml a.yaml/b"),
    ("/a.yaml", "a.yaml", "x/a.yaml"),
    ("build/", "build/ x/build/", "build x/build build/x"),
    ("x/build", "x/build x/build/", "build y/x/build"),
    ("x/build/", "x/build/", "x/build"),
    ("*.yaml", "a.yaml .yaml x/b.yaml", "a.yml yaml"),
    ("x/*", "x/a x/b/", "x x/ x/a/b y/x/a"),
    ("x/**", "x/a x/a/b x/a/", "x x/ y/x/a"),
    ("**/x", "x a/x a/b/x", "ax a/bx"),
    ("a/**/x", "a/x a/b/x a/b/c/x", "a/bx x b/a/x"),
    ("/**", "a a/b a/", ""),
    ("**", "a a/b a/", ""),
    ("**/", "a/ a/b/", "a a/b"),
    ("*", "a a/b a/", ""),
    ("a?c", "abc", "ac a/c abbc"),
    ("a[bc]d", "abd acd", "aed a[bc]d"),
    ("a[!b]c", "adc", "abc a/c"),
    ("a[^b]c", "adc", "abc"),
    ("a[]]c", "a]c", "ac"),
    ("a[a-c]", "aa ab ac", "ad a-"),
    ("a[a-]", "aa a-", "ab"),
    ("a[[:digit:]x]", "a1 ax", "ay"),
    ("a[[:none:]]", "", "a1 an"),
    ("a[b", "", "a[b ab"),
    ("a[z-b]", "az", "ac ab"),
    ("a\\", "", "a a\\"),
    ("\\*", "*", "a"),
    ("a\\b", "ab", "a\\b"),
    ("#a", "", "#a a"),
    ("\\#a", "#a", "a"),
    ("\\!a", "!a", "a"),
    ("a ", "a", ""),
    ("a\r", "a", ""),
    ("*a*b*.yaml", "xaxbx.yaml ab.yaml aab.yaml", "ba.yaml a/b.yaml"),
    ("*a*ab", "aab xaxab", "ab aabx"),
    ("a.b+c(d)|e", "a.b+c(d)|e", "axb+c(d)|e e"),
    ("", "", "a"),
    ("/", "", "a a/"),
    ("!", "", "a"),
    ("*.yaml\n!keep.yaml", "a.yaml", "keep.yaml x/keep.yaml"),
    ("!keep.yaml\n*.yaml", "keep.yaml", "a.yml"),
    ("x/\n!x/\nx/", "x/", ""),
    ("a\nb\n!c\nd/e", "a b d/e x/a", "c e x/d/e"),
]


@pytest.mark.parametrize(("text", "left_out", "kept"), CASES, ids=[repr(case[0]) for case in CASES])
def test_patterns(text: str, left_out: str, kept: str) -> None:
    patterns = Patterns(text.split("\n"))

    def is_left_out(path: str) -> bool:
        return bool(patterns.verdict(path.removesuffix("/"), folder=path.endswith("/")))

    assert [path for path in left_out.split() if not is_left_out(path)] == []
    assert [path for path in kept.split() if is_left_out(path)] == []


def test_blanks_and_line_feeds_in_names() -> None:
    assert Patterns(["a b"]).verdict("a b", folder=False)
    assert Patterns(["a\\ "]).verdict("a ", folder=False)
    assert Patterns(["a*c"]).verdict("a\nc", folder=False)


def test_taken_back_is_not_the_same_as_not_named() -> None:
    patterns = Patterns(["!a"])
    assert patterns.verdict("a", folder=False) is False
    assert patterns.verdict("b", folder=False) is None


@pytest.mark.parametrize(("lines", "any_"), [(["# a", "", "/", "  "], False), (["!a"], True), (["a/"], True)])
def test_true_when_there_are_any(lines: list[str], any_: bool) -> None:
    assert bool(Patterns(lines)) is any_


def test_many_stars_take_no_time() -> None:
    started = time.process_time()
    assert not Patterns(["*a" * 40 + "b"]).verdict("a" * 250, folder=False)
    assert time.process_time() - started < 1


NAMES = ["a", "b", "ab", "keep", "x.yaml", "y.yaml", "a b", "#h", "!n", "]", "-", "A", "a\\"]
SEGMENTS = [
    *("a", "b", "ab", "keep", "x.yaml", "*.yaml", "*", "?", "a*", "[ab]", "**", "[!a]", "a?", "\\#h", "\\!n", "a b"),
    *("*b", "k[e-g]ep", "[]]", "[]-]*", "[a-", "[[:alpha:]]", "[[:alpha:]x]*", "[[:foo:]]", "[z-a]", "[!a-c]*", "a\\"),
    *("\\a", "*a*b*", "[a/b]", "[\\]]", "[^b]", "[a\\-z]", "[[:alpha]", "[]", "[!]a]*", "x.y[a]ml", "*.*"),
]


def a_pattern(draw: random.Random) -> str:
    pattern = "/".join(draw.choice(SEGMENTS) for _ in range(draw.choice([1, 1, 1, 2, 2, 3])))
    pattern = "/" * (draw.random() < 0.3) + pattern + "/" * (draw.random() < 0.35)
    return "!" * (draw.random() < 0.3) + pattern + " " * (draw.random() < 0.05)


def grow(draw: random.Random, folder: Path, depth: int = 0) -> None:
    folder.mkdir()
    for name in draw.sample(NAMES, draw.randint(2, 5)):
        if depth < 3 and draw.random() < 0.5:
            grow(draw, folder / name, depth + 1)
        else:
            (folder / name).touch()
    if depth == 0 or draw.random() < 0.25:
        patterns = [a_pattern(draw) for _ in range(draw.randint(1, 4))]
        (folder / ".gitignore").write_text("\n".join(patterns) + "\n", encoding="utf-8")


def kept_by_us(folder: Path, prefix: str = "", scopes: tuple[tuple[str, Patterns], ...] = ()) -> list[str]:
    """A walk of the plainest kind: the closest .gitignore that says something decides."""
    if (folder / ".gitignore").is_file():
        lines = (folder / ".gitignore").read_text(encoding="utf-8").split("\n")
        scopes = ((prefix, Patterns(lines)), *scopes)
    kept = []
    for entry in os.scandir(folder):
        path = prefix + entry.name
        verdicts = (patterns.verdict(path[len(base) :], folder=entry.is_dir()) for base, patterns in scopes)
        if entry.name == ".git" or next((verdict for verdict in verdicts if verdict is not None), False):
            continue
        kept += kept_by_us(Path(entry.path), path + "/", scopes) if entry.is_dir() else [path]
    return kept


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not on the PATH")
@pytest.mark.parametrize("seed", range(8))
def test_random_trees_as_git_sees_them(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True, env=environ)
    for number in range(15):
        grow(draw, tmp_path / "tree")
        (tmp_path / "tree").rename(tmp_path / f"tree-{number}")
    listing = ["git", "ls-files", "--others", "--exclude-standard", "-z"]
    found = subprocess.run(listing, check=True, capture_output=True, env=environ, cwd=tmp_path)
    of_git = sorted(path for path in found.stdout.decode().split("\0") if path)
    assert of_git, "a test that ignores everything shows nothing"
    assert sorted(kept_by_us(tmp_path)) == of_git
