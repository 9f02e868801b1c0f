"""What differs between two commits, from real repositories."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import pytest

from bot.adapters.git import Repository
from bot.adapters.git.difference import unquoted
from bot.review.hunks import FileDiff, Hunk, Status
from tests.adapters.git.material import Work, git


def diff(work: Work, base: str, head: str) -> dict[str, FileDiff]:
    with Repository(work.root) as repository:
        found = repository.diff(base, head)
    assert len({each.path for each in found}) == len(found)
    return {each.path: each for each in found}


def numbered(count: int) -> list[bytes]:
    return [b"line %d\n" % number for number in range(1, count + 1)]


def test_added_changed_removed(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    lines = numbered(20)
    base = work.commit({"a.yaml": b"".join(lines), "gone.yaml": b"x\ny\n", "same.yaml": b"s\n"})
    lines[9] = b"new\n"
    del lines[14]
    head = work.commit({"a.yaml": b"".join(lines), "gone.yaml": None, "new.yaml": b"1\n2\n3\n"})

    assert diff(work, base, head) == {
        "a.yaml": FileDiff(
            "a.yaml",
            "a.yaml",
            Status.MODIFIED,
            "100644",
            # Line 10 is new, line 15 of before stood above line 15: one hunk, as four lines lie between.
            hunks=(Hunk(7, 17, (range(10, 11),), frozenset([10, 15])),),
        ),
        "gone.yaml": FileDiff(
            "gone.yaml", "gone.yaml", Status.REMOVED, "100644", hunks=(Hunk(1, 0, (), frozenset([1])),)
        ),
        "new.yaml": FileDiff("new.yaml", None, Status.ADDED, "100644", hunks=(Hunk(1, 3, (range(1, 4),)),)),
    }


def test_nothing_differs(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit({"a.yaml": b"1\n"})
    assert diff(work, base, base) == {}
    assert diff(work, base, work.record()) == {}


def test_renamed_and_changed(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    lines = numbered(30)
    base = work.commit({"old/a.yaml": b"".join(lines)})
    lines[0] = b"first\n"
    head = work.commit({"old/a.yaml": None, "new/a.yaml": b"".join(lines)})

    assert diff(work, base, head) == {
        "new/a.yaml": FileDiff(
            "new/a.yaml",
            "old/a.yaml",
            Status.RENAMED,
            "100644",
            hunks=(Hunk(1, 4, (range(1, 2),), frozenset([1])),),
        )
    }


def test_too_different_for_a_rename(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit({"a.yaml": b"".join(numbered(30))})
    head = work.commit({"a.yaml": None, "b.yaml": b"another\n" * 30})
    assert {path: each.status for path, each in diff(work, base, head).items()} == {
        "a.yaml": Status.REMOVED,
        "b.yaml": Status.ADDED,
    }


def test_modes_links_and_submodules(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit({"run.yaml": b"1\n", "becomes-link.yaml": b"1\n2\n", "target": b"t\n"})
    (work.root / "link.yaml").symlink_to("target")
    (work.root / "becomes-file.yaml").symlink_to("target")
    base = work.commit()
    (work.root / "run.yaml").chmod(0o755)
    (work.root / "becomes-link.yaml").unlink()
    (work.root / "becomes-link.yaml").symlink_to("target")
    (work.root / "link.yaml").unlink()
    (work.root / "link.yaml").symlink_to("elsewhere")
    (work.root / "becomes-file.yaml").unlink()
    work.put({"becomes-file.yaml": b"1\n2\n", "zz.yaml": b"last\n"})
    git(work.root, "add", "-A")
    git(work.root, "update-index", "--add", "--cacheinfo", f"160000,{base},module")
    head = work.record()

    found = diff(work, base, head)
    assert {path: (each.status, each.mode) for path, each in found.items()} == {
        "run.yaml": (Status.MODIFIED, "100755"),
        "becomes-link.yaml": (Status.MODIFIED, "120000"),
        "becomes-file.yaml": (Status.MODIFIED, "100644"),
        "link.yaml": (Status.MODIFIED, "120000"),
        "module": (Status.ADDED, "160000"),
        "zz.yaml": (Status.ADDED, "100644"),
    }
    assert found["run.yaml"].hunks == ()
    assert found["becomes-file.yaml"].hunks == (Hunk(1, 2, (range(1, 3),)),)
    # The last one of all has its own hunks: nothing was taken for another file's.
    assert found["zz.yaml"].hunks == (Hunk(1, 1, (range(1, 2),)),)


NAMES: list[bytes] = [
    b"plain.yaml",
    b"with blank.yaml",
    b" leading",
    b"-n.yaml",
    b"--help",
    b'quo"te.yaml',
    b'"quoted"',
    b"back\\slash.yaml",
    b"a\nb.yaml",
    b"a\n@@ -1 +1,9 @@\n+b.yaml",
    b"x\ndiff --git a/p b/p",
    b"tab\there.yaml",
    b"cr\rhere.yaml",
    b"bell\a\b\v\f\x01\x7f.yaml",
    "ümläut-日本.yaml".encode(),
    b"latin-\xe9.yaml",
    b"\xff\xfe",
    b":(glob)*.yaml",
    b"*.yaml",
    b"a/b => c/d.yaml",
    b"dir/{x => y}.yaml",
    b"HEAD:x.yaml",
    b"octal\\303.yaml",
    b"b/b/b.yaml",
]


def test_names(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit({"plain.yaml": b"old\n"})
    head = work.commit({name: b"%d\n" % number * (number + 1) for number, name in enumerate(NAMES)})

    with Repository(work.root) as repository:
        found = {each.path: each for each in repository.diff(base, head)}
        assert {path.encode("utf-8", "surrogateescape") for path in found} == set(NAMES)
        for number, name in enumerate(NAMES):
            path = os.fsdecode(name)
            assert found[path].hunks[0].added == (range(1, number + 2),), name
            assert repository.read(head, path) == b"%d\n" % number * (number + 1)
            assert repository.mode(head, path) == "100644"
        assert {entry.path for entry in repository.files(head)} == set(found)


def test_renames_of_odd_names(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    content = {number: b"%d\n" % number + b"".join(numbered(20)) for number in range(len(NAMES))}
    base = work.commit({f"old/{number}": text for number, text in content.items()})
    moved: dict[str | bytes, bytes | None] = {f"old/{number}": None for number in content}
    head = work.commit(moved | {b"new/" + name: content[number] for number, name in enumerate(NAMES)})
    assert {each.old_path: each.path for each in diff(work, base, head).values()} == {
        f"old/{number}": os.fsdecode(b"new/" + name) for number, name in enumerate(NAMES)
    }


@pytest.mark.parametrize(
    ("quoted", "plain"),
    [
        (b"a b", b"a b"),
        (b'"a\\tb"', b"a\tb"),
        (b'"\\303\\274"', "ü".encode()),
        (b'"\\\\303"', b"\\303"),
        (b'"\\"\\""', b'""'),
        (b'"\\\\n"', b"\\n"),
        (b'"', b'"'),
    ],
)
def test_unquoted(quoted: bytes, plain: bytes) -> None:
    assert unquoted(quoted) == plain


def test_line_ends(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit(
        {"crlf.yaml": b"a\r\nb\r\nc\r\n", "end.yaml": b"a\nb", "cr.yaml": b"a\rb\rc\n", "turns.yaml": b"a\r\nb\n"}
    )
    head = work.commit(
        {"crlf.yaml": b"a\r\nB\r\nc\r\n", "end.yaml": b"a\nb\n", "cr.yaml": b"a\rB\rc\n", "turns.yaml": b"a\nb\n"}
    )
    found = diff(work, base, head)
    assert {path: (each.hunks[0].end, each.hunks[0].added) for path, each in found.items()} == {
        "crlf.yaml": (3, (range(2, 3),)),
        "end.yaml": (2, (range(2, 3),)),
        "cr.yaml": (1, (range(1, 2),)),  # a lone carriage return ends no line
        "turns.yaml": (2, (range(1, 2),)),
    }


def test_content_that_looks_like_a_diff(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit({"a.yaml": b"-- a/x\n++ b/x\n@@ -1 +1 @@\nend\n", "b.yaml": b"1\n"})
    head = work.commit(
        {"a.yaml": b"++ b/x\n@@ -1 +1 @@\ndiff --git a/x b/x\nBinary files a and b differ\nend\n", "b.yaml": b"2\n"}
    )
    found = diff(work, base, head)
    assert found["a.yaml"].hunks == (Hunk(1, 5, (range(3, 5),), frozenset([1])),)
    assert not found["a.yaml"].binary
    assert found["b.yaml"].hunks == (Hunk(1, 1, (range(1, 2),), frozenset([1])),)


def test_binary(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit({"a.yaml": b"1\n"})
    head = work.commit({"a.yaml": b"1\0\n", "large.yaml": b"x: 1\n" * 2_000_001, "text.yaml": b"t\n"})
    found = diff(work, base, head)
    assert {path: each.binary for path, each in found.items()} == {
        "a.yaml": True,
        "large.yaml": True,
        "text.yaml": False,
    }
    assert not found["a.yaml"].hunks
    assert not found["large.yaml"].hunks


def test_sha256(tmp_path: Path) -> None:
    work = Work(tmp_path / "r", "--object-format=sha256")
    base = work.commit({"d/a.yaml": b"1\n"})
    head = work.commit({"d/a.yaml": b"2\n"})
    assert len(head) == 64
    assert list(diff(work, base, head)) == ["d/a.yaml"]
    with Repository(work.root) as repository:
        assert repository.read(head, "d/a.yaml") == b"2\n"


WORDS = [b"a\n", b"b\n", b"\n", b"  c: 1\n", b"+d\n", b"-e\n", b" f\n", b"@@ -1 +1 @@\n", b"\\ g\n", b"h\r\n"]


def edited(lines: list[bytes], chance: random.Random) -> list[bytes]:
    """Some lines removed, some replaced, some added, at a few places."""
    lines = list(lines)
    for _ in range(chance.randint(1, 5)):
        place, gone = chance.randint(0, len(lines)), chance.choice([0, 0, 1, 2, 5])
        lines[place : place + gone] = chance.choices(WORDS, k=chance.choice([0, 1, 1, 3]))
    return lines


def runs_of(lines: set[int]) -> tuple[range, ...]:
    """Numbers as runs, as few as there can be."""
    starts = sorted(line for line in lines if line - 1 not in lines)
    ends = sorted(line for line in lines if line + 1 not in lines)
    return tuple(range(start, end + 1) for start, end in zip(starts, ends, strict=True))


def expected(headers: list[re.Match[bytes]], length: int) -> list[Hunk]:
    """Hunks as git describes them, from what it says without any context: three lines around each change."""
    added, cuts, shown = set(), set(), set()
    for header in headers:
        gone = int(header["gone"] or 1)
        start, count = int(header["start"]), int(header["count"] or 1)
        first = start if count else start + 1  # of no lines git names the one before
        added |= set(range(first, first + count))
        cuts |= {first} if gone else set()
        shown |= set(range(max(1, first - 3), min(length, first + count + 2) + 1))
    runs: list[Hunk] = []
    for line in sorted(shown):
        if line - 1 not in shown:
            runs.append(Hunk(line, line))
        runs[-1] = Hunk(runs[-1].start, line)
    runs = runs or [Hunk(1, 0)]
    return [
        Hunk(
            run.start,
            run.end,
            runs_of({line for line in added if run.start <= line <= run.end}),
            frozenset(line for line in cuts if run.start <= line <= run.end + 1),
        )
        for run in runs
    ]


def test_random_edits(tmp_path: Path) -> None:
    chance = random.Random(5)
    work = Work(tmp_path / "r")
    before = {f"{number:03}.yaml": chance.choices(WORDS, k=chance.choice([0, 1, 3, 10, 40])) for number in range(300)}
    after = {path: edited(lines, chance) for path, lines in before.items()}

    def content(lines: list[bytes], number: str) -> bytes:
        # Some without a final line feed.
        return b"".join(lines).removesuffix(b"\n") if number.endswith("7.yaml") else b"".join(lines)

    base = work.commit({path: content(lines, path) for path, lines in before.items()})
    head = work.commit({path: content(lines, path) for path, lines in after.items()})

    said = git(work.root, "diff", "--unified=0", "--no-renames", base, head)
    header = re.compile(rb"^@@ -\d+(?:,(?P<gone>\d+))? \+(?P<start>\d+)(?:,(?P<count>\d+))? @@", re.MULTILINE)
    plain = {}
    for section in re.split(rb"^diff --git ", said, flags=re.MULTILINE)[1:]:
        path = section.split(b" ")[0].decode().removeprefix("a/")
        text = content(after[path], path)
        plain[path] = expected(
            list(header.finditer(section)), len(text.removesuffix(b"\n").split(b"\n")) if text else 0
        )
    found = diff(work, base, head)
    assert {path: list(each.hunks) for path, each in found.items()} == plain
    assert len(plain) > 250

    for path, each in found.items():  # what is left without the added lines stood there before, in this order
        added = {line for hunk in each.hunks for run in hunk.added for line in run}
        lines = content(after[path], path).splitlines(keepends=True)
        assert added <= set(range(1, len(lines) + 1))
        old = iter(content(before[path], path).splitlines(keepends=True))
        assert all(line in old for number, line in enumerate(lines, 1) if number not in added), path
