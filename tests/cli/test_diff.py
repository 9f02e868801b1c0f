"""`diff`: what `fix` would do, as `git apply` takes it; nothing is written."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.material import CLEAN, SAFE, SAFE_FIXED, UNSAFE, UNSAFE_FIXED, run

Put = Callable[[str, str | bytes], Path]

BROKEN = "apiVersion: v1\nkind: Pod\nmetadata: {name: [}\n"


@pytest.mark.parametrize(
    ("files", "options", "code", "changed"),
    [
        ({"a.yaml": CLEAN}, [], 0, []),
        ({"a.yaml": SAFE}, [], 1, ["a.yaml"]),
        ({"a.yaml": UNSAFE}, [], 0, []),
        ({"a.yaml": UNSAFE}, ["--unsafe"], 1, ["a.yaml"]),
        ({"a.yaml": SAFE, "b.yaml": UNSAFE}, [], 1, ["a.yaml"]),
        ({"a.yaml": SAFE, "b.yaml": UNSAFE}, ["--unsafe"], 1, ["a.yaml", "b.yaml"]),
        ({"a.yaml": SAFE, "b.yaml": BROKEN}, [], 2, ["a.yaml"]),
        ({"a.yaml": BROKEN}, [], 2, []),
    ],
)
def test_exit_code_and_files(
    files: dict[str, str], options: list[str], code: int, changed: list[str], put: Put
) -> None:
    for name, text in files.items():
        put(name, text)
    done = run("diff", ".", *options)
    assert done.code == code
    assert [line[6:] for line in done.out.splitlines() if line.startswith("--- ")] == changed
    assert {name: Path(name).read_text(encoding="utf-8") for name in files} == files
    errors = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == sum(text == BROKEN for text in files.values())
    assert all(".yaml:3: " in line for line in errors)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("name", ["a.yaml", "with blank.yaml", "deep/ü.yaml", 'quote".yaml'])
def test_git_applies_it(ends: str, final: bool, mark: str, name: str, put: Put) -> None:
    def form(text: str) -> bytes:
        return (mark + (text if final else text.rstrip("\n"))).replace("\n", ends).encode()

    path = put(name, form(SAFE))
    other = put("b.yaml", form(UNSAFE))
    done = run("diff", "--unsafe", ".")
    subprocess.run(["git", "apply", "--whitespace=nowarn"], input=done.stdout, check=True)
    assert path.read_bytes() == form(SAFE_FIXED)
    assert other.read_bytes() == form(UNSAFE_FIXED)


def test_output_goes_to_a_file_without_colours(put: Put) -> None:
    put("a.yaml", SAFE)
    shown = run("diff", "a.yaml")
    written = run("diff", "a.yaml", "--output", "a.diff", "--color", "always")
    assert (written.code, written.out) == (1, "")
    assert Path("a.diff").read_bytes() == shown.stdout


def test_coloured_when_asked(put: Put) -> None:
    put("a.yaml", SAFE)
    lines = run("diff", "a.yaml", "--color", "always").out.splitlines()
    assert [line for line in lines if line.startswith("\x1b[32m+apiVersion: batch/v1 ")]


def test_what_diff_shows_is_what_fix_does(put: Put) -> None:
    path = put("a.yaml", SAFE + "---\n" + UNSAFE)
    shown = run("diff", "--unsafe", "a.yaml")
    assert run("fix", "--unsafe", "a.yaml").code == 1
    fixed = path.read_text(encoding="utf-8")
    assert fixed == SAFE_FIXED + "---\n" + UNSAFE_FIXED
    path.write_text(SAFE + "---\n" + UNSAFE, encoding="utf-8")
    subprocess.run(["git", "apply"], input=shown.stdout, check=True)
    assert path.read_text(encoding="utf-8") == fixed
