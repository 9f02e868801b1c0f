"""`fix`: what is written and what is never touched; what it says; its exit code."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.adapters.faults import as_nobody
from tests.cli.material import CLEAN, SAFE, SAFE_FIXED, UNSAFE, UNSAFE_FIXED, run

Put = Callable[[str, str | bytes], Path]

BROKEN = "apiVersion: v1\nkind: Pod\nmetadata: {name: [}\n"


@pytest.mark.parametrize(
    ("files", "options", "codes", "fixed"),
    [
        ({"a.yaml": CLEAN}, [], (0, 0), {}),
        ({"a.yaml": SAFE}, [], (1, 0), {"a.yaml": SAFE_FIXED}),
        ({"a.yaml": UNSAFE}, [], (1, 1), {}),
        ({"a.yaml": UNSAFE}, ["--unsafe"], (1, 0), {"a.yaml": UNSAFE_FIXED}),
        ({"a.yaml": SAFE, "b.yaml": UNSAFE}, [], (1, 1), {"a.yaml": SAFE_FIXED}),
        ({"a.yaml": UNSAFE}, ["--fix-only"], (0, 0), {}),
        ({"a.yaml": SAFE, "b.yaml": UNSAFE}, ["--fix-only"], (1, 0), {"a.yaml": SAFE_FIXED}),
        ({"a.yaml": SAFE, "b.yaml": BROKEN}, [], (2, 2), {"a.yaml": SAFE_FIXED}),
        ({"a.yaml": SAFE, "b.yaml": BROKEN}, ["--fix-only", "-q"], (2, 2), {"a.yaml": SAFE_FIXED}),
        ({"a.yaml": SAFE}, ["--ignore", "removed-api-version"], (0, 0), {}),
        ({"a.yaml": SAFE}, ["--exclude", "a.yaml"], (0, 0), {}),
        ({"a.yaml": SAFE}, ["--severity", "critical"], (0, 0), {}),
    ],
)
def test_exit_codes_of_two_runs_and_what_is_written(
    files: dict[str, str], options: list[str], codes: tuple[int, int], fixed: dict[str, str], put: Put
) -> None:
    for name, text in files.items():
        put(name, text)
    first = run("fix", ".", *options)
    after = {name: Path(name).read_text(encoding="utf-8") for name in files}
    second = run("fix", ".", *options)
    assert after == files | fixed
    assert {name: Path(name).read_text(encoding="utf-8") for name in files} == after
    assert (first.code, second.code) == codes


def test_what_it_says(put: Put) -> None:
    put("a.yaml", SAFE)
    put("b.yaml", UNSAFE)
    put("c.yaml", BROKEN)
    done = run("fix", ".")
    assert done.err == ""
    assert (
        done.out
        == """\
a.yaml
     3  Use batch/v1  CronJob nightly, removed-api-version

error c.yaml:3: while parsing a flow node, did not find expected node content

Fixed 1 finding in 1 file. What remains:
1 finding: 1 high
1 input could not be read
1 fixable with 'k8s-auto-fix fix --unsafe'
Looked at 2 objects in 3 files
"""
    )


@pytest.mark.parametrize(
    ("text", "out"),
    [
        (SAFE, "a.yaml\n     3  Use batch/v1  CronJob nightly, removed-api-version\n\nFixed 1 finding in 1 file.\n"),
        (UNSAFE, ""),
    ],
)
def test_fix_only_says_nothing_of_the_rest(text: str, out: str, put: Put) -> None:
    put("a.yaml", text)
    assert run("fix", "--fix-only", "a.yaml").out == out


@pytest.mark.parametrize("option", ["-q", "--quiet"])
def test_quiet_says_errors_only(option: str, put: Put) -> None:
    put("a.yaml", SAFE)
    put("c.yaml", BROKEN)
    done = run("fix", ".", option)
    assert (done.code, done.out) == (2, "")
    assert done.err == "error: c.yaml:3: while parsing a flow node, did not find expected node content\n"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o640])
def test_form_and_mode_are_kept(mark: str, ends: str, final: bool, mode: int, put: Put) -> None:
    def form(text: str) -> bytes:
        return (mark + (text if final else text.rstrip("\n"))).replace("\n", ends).encode()

    path = put("a.yaml", form(SAFE))
    path.chmod(mode)
    assert run("fix", "a.yaml").code == 1
    assert path.read_bytes() == form(SAFE_FIXED)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_mixed_line_ends_stay_where_they_are(put: Put) -> None:
    mixed = SAFE.replace("\n", "\r\n", 5)
    path = put("a.yaml", mixed)
    assert run("fix", "a.yaml").code == 1
    assert path.read_bytes() == mixed.replace("v1beta1", "v1").encode()


def test_a_file_that_need_not_change_is_not_written(put: Put) -> None:
    path = put("a.yaml", CLEAN)
    os.utime(path, ns=(1, 1))
    put("b.yaml", SAFE)
    assert run("fix", ".").code == 1
    assert path.stat().st_mtime_ns == 1


def test_nothing_else_is_in_the_folder_afterwards(put: Put, here: Path) -> None:
    put("a.yaml", SAFE)
    run("fix", ".")
    assert sorted(path.name for path in here.iterdir()) == [".git", "a.yaml"]


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("mode", "folder_mode", "error"),
    [
        (0o444, 0o777, "the file is read-only"),
        (0o666, 0o555, "cannot be written: Permission denied"),
        (0o000, 0o777, "cannot be read: Permission denied"),
    ],
    ids=["file read-only", "folder read-only", "unreadable"],
)
def test_what_may_not_be_written_is_named_and_the_others_are_fixed(
    mode: int, folder_mode: int, error: str, shared: Path
) -> None:
    for name in ("a", "b"):
        folder = shared / name
        folder.mkdir()
        (folder / "x.yaml").write_text(SAFE, encoding="utf-8")
        (folder / "x.yaml").chmod(mode if name == "a" else 0o666)
        folder.chmod(folder_mode if name == "a" else 0o777)
    done = as_nobody(lambda: run("fix", shared))
    (shared / "a").chmod(0o755)
    assert done.code == 2
    assert f"error {shared}/a/x.yaml: {error}" in done.out
    assert "Fixed 1 finding in 1 file." in done.out
    assert f"1 {'input could not be read' if mode == 0 else 'file could not be written'}" in done.out
    (shared / "a/x.yaml").chmod(0o644)
    assert (shared / "a/x.yaml").read_text(encoding="utf-8") == SAFE
    assert (shared / "b/x.yaml").read_text(encoding="utf-8") == SAFE_FIXED
    assert len(list(shared.rglob("*"))) == 4, "a temporary file was left"


def test_a_link_stays_and_its_target_is_fixed_once(put: Put, here: Path) -> None:
    path = put("a.yaml", SAFE)
    (here / "b.yaml").symlink_to("a.yaml")
    assert run("fix", ".").code == 1
    assert (here / "b.yaml").is_symlink()
    assert path.read_text(encoding="utf-8") == SAFE_FIXED


def test_many_files_are_fixed_in_their_order(put: Put) -> None:
    names = [f"{number:03}.yaml" for number in range(150)]
    for name in names:
        put(name, SAFE)
    done = run("fix", ".", "--jobs", "3")
    assert done.code == 1
    assert [line for line in done.out.splitlines() if line.endswith(".yaml")] == names
    assert all(Path(name).read_text(encoding="utf-8") == SAFE_FIXED for name in names)
    assert run("fix", ".", "--jobs", "3").code == 0
