"""The diff, read by a person here and by git below: `git apply` makes exactly the new text of the old one."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Report
from bot.report.diff import quoted, render


def test_nothing_changed_is_nothing():
    assert render(Report(changed=(("a.yaml", "x\n", "x\n"),))) == ""


def test_a_change_reads_as_git_writes_it():
    before = "".join(f"line {number}\n" for number in range(1, 13))
    after = before.replace("line 2\n", "line two\n").replace("line 11\nline 12\n", "line 11\nline 12")
    assert render(Report(changed=(("./deploy/web.yaml", before, after),))) == (
        "diff --git a/deploy/web.yaml b/deploy/web.yaml\n"
        "--- a/deploy/web.yaml\n"
        "+++ b/deploy/web.yaml\n"
        "@@ -1,5 +1,5 @@\n"
        " line 1\n"
        "-line 2\n"
        "+line two\n"
        " line 3\n"
        " line 4\n"
        " line 5\n"
        "@@ -9,4 +9,4 @@\n"
        " line 9\n"
        " line 10\n"
        " line 11\n"
        "-line 12\n"
        "+line 12\n"
        "\\ No newline at end of file\n"
    )


def test_a_new_file():
    assert render(Report(changed=(("pdb.yaml", "", "kind: PodDisruptionBudget"),))) == (
        "diff --git a/pdb.yaml b/pdb.yaml\n"
        "new file mode 100644\n"
        "--- /dev/null\n"
        "+++ b/pdb.yaml\n"
        "@@ -0,0 +1 @@\n"
        "+kind: PodDisruptionBudget\n"
        "\\ No newline at end of file\n"
    )


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("a/deploy/web.yaml", "a/deploy/web.yaml"),
        ("a/with blank.yaml", "a/with blank.yaml"),
        ('a/"quoted".yaml', '"a/\\"quoted\\".yaml"'),
        ("a/back\\slash", '"a/back\\\\slash"'),
        ("a/t\tn\nr\r\x01\x7f", '"a/t\\tn\\nr\\r\\001\\177"'),
        ("a/ü.yaml", '"a/\\303\\274.yaml"'),
        ("a/not-utf8-\udcff", '"a/not-utf8-\\377"'),
    ],
)
def test_names_are_quoted_as_git_does(name, written):
    assert quoted(name) == written


def git(folder: Path, *arguments: str, stdin: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run git in `folder`, whatever the machine's own settings are."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
    return subprocess.run(
        ["git", *arguments], cwd=folder, input=stdin, env=environment, capture_output=True, check=False
    )


def apply(changed: tuple[tuple[str, str, str], ...]) -> dict[str, str]:
    """The files after `git apply` of the diff of `changed`."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for path, before, _ in changed:
            if before:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(before.encode())
        patch = render(Report(changed=changed)).encode()
        if patch:
            done = git(folder, "apply", "-", stdin=patch)
            assert done.returncode == 0, (done.stderr.decode(), patch.decode())
        return {path: (folder / path).read_bytes().decode() for path, before, after in changed if before or after}


NASTY = {
    "final newline added": ("a\nb", "a\nb\n"),
    "final newline removed": ("a\nb\n", "a\nb"),
    "no final newline on either side": ("a\nb", "a\nc"),
    "no final newline, change further up": ("a\nb\nc\nd\ne", "X\nb\nc\nd\ne"),
    "Windows line ends": ("a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n"),
    "line ends mixed, one changed": ("a\r\nb\nc\r\n", "a\nb\nc\r\n"),
    "byte order mark": ("\ufeffkind: A\nb\n", "\ufeffkind: B\nb\n"),
    "form feed and other line separators": (
        "a\x0cb\x0bc\x1cd\u2028e\x85f\rg\nz\n",
        "a\x0cb\x0bc\x1cd\u2028E\x85f\rg\nz\n",
    ),
    "everything removed": ("a\nb\n", ""),
    "new file": ("", "a\n"),
    "lines that look like a diff": ("--- a\n+++ b\n@@ -1 +1 @@\n", "--- a\n+++ c\n@@ -1 +1 @@\n\\ No newline\n"),
    "blank lines at the end": ("a\n\n\n\n", "a\n\n\n\n\n"),
    "trailing blanks": ("a  \nb\t\n", "a  \nc\t\n"),
    "the same line over and over": ("x\n" * 40, "x\n" * 20 + "y\n" + "x\n" * 19),
}


@pytest.mark.parametrize("case", NASTY)
def test_git_applies(case):
    before, after = NASTY[case]
    assert apply((("deploy/web.yaml", before, after),)) == {"deploy/web.yaml": after}


@pytest.mark.parametrize(
    "path",
    [
        "with blank.yaml",
        "two  blanks/in a row .yaml",
        "ünï/日本.yaml",
        'q"uote.yaml',
        "tab\there.yaml",
        "b\\s.yaml",
        "-x",
    ],
)
def test_git_applies_to_unusual_names(path):
    assert apply(((path, "a\n", "b\n"), ("new-" + path, "", "c\n"))) == {path: "b\n", "new-" + path: "c\n"}


TEXTS = st.text(st.sampled_from("ab \t\r\n\n\n-+@\\\ufeff\x0c\u2028ü"), max_size=60) | st.lists(
    st.sampled_from(["kind: A", "  - x", "", "\\ No newline at end of file", "日本"]), max_size=40
).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=6))
def test_git_applies_whatever_the_texts_are(pairs):
    changed = tuple((f"f{number}.yaml", before, after) for number, (before, after) in enumerate(pairs))
    assert apply(changed) == {path: after for path, before, after in changed if before or after}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_git_applies_local_edits_of_a_longer_text(data):
    before = "".join(
        data.draw(st.lists(st.sampled_from(["a\n", "b: 1\n", "- c\r\n", "\n"]), min_size=20, max_size=150))
    )
    after = before
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(after)))
        end = data.draw(st.integers(start, min(len(after), start + 12)))
        after = after[:start] + data.draw(TEXTS) + after[end:]
    assert apply((("web.yaml", before, after),)) == {"web.yaml": after}
