from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.adapters.workflow import Artifact, read_artifact
from bot.errors import InputError

FILE = "review.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A report, with something beside it that nobody may read through it."""
    (tmp_path / "secret.json").write_text("secret")
    found = tmp_path / "report"
    found.mkdir()
    (found / FILE).write_bytes(b"{}\xff")
    return found


def read(folder: Path, most: int = 3) -> Artifact:
    return read_artifact(folder, FILE, most=most, expected=("summary.md",))


def test_the_bytes_and_what_else_is_there(folder: Path) -> None:
    (folder / "summary.md").write_text("# Report")
    assert read(folder) == Artifact(b"{}\xff")
    (folder / "script.sh").write_text("exit 1")
    (folder / "away").symlink_to(folder.parent / "secret.json")
    (folder / "inner").mkdir()
    assert read(folder) == Artifact(b"{}\xff", ("away", "inner", "script.sh"))


def test_of_very_many_names_a_thousand_are_looked_at(folder: Path) -> None:
    for number in range(1_100):
        (folder / f"{number}").touch()
    assert 998 <= len(read(folder).others) <= 1_000


def link(folder: Path) -> None:
    (folder / FILE).unlink()
    (folder / FILE).symlink_to(folder.parent / "secret.json")


def dangling(folder: Path) -> None:
    (folder / FILE).unlink()
    (folder / FILE).symlink_to("nowhere")


def linked_folder(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to("elsewhere")


def pipe(folder: Path) -> None:
    (folder / FILE).unlink()
    os.mkfifo(folder / FILE)


def inner_folder(folder: Path) -> None:
    (folder / FILE).unlink()
    (folder / FILE).mkdir()


def missing(folder: Path) -> None:
    (folder / FILE).unlink()


def nothing(folder: Path) -> None:
    missing(folder)
    folder.rmdir()


def a_file(folder: Path) -> None:
    nothing(folder)
    folder.touch()


def large(folder: Path) -> None:
    (folder / FILE).write_bytes(b"1234")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (link, f"{FILE}: a link, which is not followed"),
        (dangling, f"{FILE}: a link, which is not followed"),
        (pipe, f"{FILE}: no regular file"),
        (inner_folder, f"{FILE}: no regular file"),
        (missing, f"{FILE}: not there"),
        (large, f"{FILE}: larger than 3 bytes"),
        (nothing, "report: not there; it has to be the report of the first workflow"),
        (a_file, "report: no folder; it has to be"),
        (linked_folder, "report: no folder; it has to be"),
    ],
)
def test_what_is_refused(folder: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(folder)
    with pytest.raises(InputError) as refusal:
        read(folder)
    assert message in str(refusal.value)
    assert "\n" not in str(refusal.value)
