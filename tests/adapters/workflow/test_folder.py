from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.adapters.workflow import open_folder
from bot.errors import InputError, UsageError


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """An empty one, with something beside it that nobody may touch."""
    (tmp_path / "outside").mkdir()
    found = tmp_path / "workspace"
    found.mkdir()
    return found


@pytest.mark.parametrize("path", ["reports", "./reports/", "out/reports"])
def test_files_are_written_and_replaced(workspace: Path, path: str) -> None:
    for data in (b"first", b"second\r\n"):
        with open_folder(workspace, path) as folder:
            written = folder.write("findings.json", data)
        assert (workspace / written).read_bytes() == data
        assert not written.startswith((".", "/"))
    assert [each.name for each in (workspace / path).iterdir()] == ["findings.json"]


@pytest.mark.parametrize("path", ["", ".", "/etc", "..", "../outside", "a/../../outside", "a\0b", ".git/hooks"])
def test_paths_that_lead_out(workspace: Path, path: str) -> None:
    with pytest.raises(UsageError, match="no folder inside of the workspace"):
        open_folder(workspace, path)
    assert list(workspace.iterdir()) == []


@pytest.mark.parametrize("path", ["reports", "reports/inner"])
def test_links_are_not_followed(workspace: Path, path: str) -> None:
    (workspace / "reports").symlink_to(workspace.parent / "outside")
    with pytest.raises(InputError, match="reports: is no folder to write reports to"):
        open_folder(workspace, path)
    assert list((workspace.parent / "outside").iterdir()) == []


def test_link_in_place_of_a_file_is_replaced(workspace: Path) -> None:
    target = workspace.parent / "outside" / "important"
    target.write_text("as it was")
    (workspace / "reports").mkdir()
    (workspace / "reports" / "findings.json").symlink_to(target)
    with open_folder(workspace, "reports") as folder:
        folder.write("findings.json", b"new")
    assert target.read_text() == "as it was"
    assert not (workspace / "reports" / "findings.json").is_symlink()


def test_folder_that_is_swapped_for_a_link_meanwhile(workspace: Path) -> None:
    with open_folder(workspace, "reports") as folder:
        (workspace / "reports").rename(workspace / "moved")
        (workspace / "reports").symlink_to(workspace.parent / "outside")
        folder.write("findings.json", b"new")
    assert list((workspace.parent / "outside").iterdir()) == []


def test_file_in_place_of_the_folder(workspace: Path) -> None:
    (workspace / "reports").write_text("a file")
    with pytest.raises(InputError, match="reports: is no folder to write reports to: Not a directory"):
        open_folder(workspace, "reports")


def test_folder_in_place_of_a_file(workspace: Path) -> None:
    (workspace / "reports" / "findings.json").mkdir(parents=True)
    with open_folder(workspace, "reports") as folder, pytest.raises(InputError, match=r"findings\.json: cannot be"):
        folder.write("findings.json", b"new")
    assert [each.name for each in (workspace / "reports").iterdir()] == ["findings.json"]


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the workspace cannot be opened: No such file"):
        open_folder(tmp_path / "missing", "reports")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_the_owner_of_the_workspace(workspace: Path) -> None:
    os.chown(workspace, 1234, 2345)
    (workspace / "kept").mkdir()
    with open_folder(workspace, "kept/made/reports") as folder:
        folder.write("findings.json", b"new")
    owners = {
        path.name: (path.stat().st_uid, path.stat().st_gid)
        for path in (workspace / "kept", *(workspace / "kept").rglob("*"))
    }
    assert owners == {"kept": (0, 0), "made": (1234, 2345), "reports": (1234, 2345), "findings.json": (1234, 2345)}
