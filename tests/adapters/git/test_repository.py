"""Commits by name, and the files in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.adapters.git import Entry, GitError, Repository
from tests.adapters.faults import in_child
from tests.adapters.git.material import ENVIRON, Work, git


def test_resolve(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    first = work.commit({"a.yaml": b"1\n"})
    git(work.root, "tag", "-a", "v1", "-m", "x")
    second = work.commit({"a.yaml": b"2\n"})
    git(work.root, "update-ref", "refs/remotes/origin/main", second)
    with Repository(work.root) as repository:
        named = ["HEAD", "HEAD~1", "main", "v1", "origin/main", second, second[:9], "refs/heads/main"]
        assert [repository.resolve(ref) for ref in named] == [second, first, second, first, second, *[second] * 3]


@pytest.mark.parametrize("ref", ["", "-x", "--output=/tmp/x", "^main", "a\nb", "main\0"])
def test_no_name_of_a_commit(tmp_path: Path, ref: str) -> None:
    work = Work(tmp_path / "r")
    work.commit({"a.yaml": b"1\n"})
    with Repository(work.root) as repository, pytest.raises(GitError, match="cannot be the name of a commit"):
        repository.resolve(ref)


@pytest.mark.parametrize("ref", ["absent", "0" * 40, "HEAD:a.yaml", "HEAD~7", "main..HEAD"])
def test_unknown_names(tmp_path: Path, ref: str) -> None:
    work = Work(tmp_path / "r")
    work.commit({"a.yaml": b"1\n"})
    with Repository(work.root) as repository, pytest.raises(GitError, match=r"git knows no commit .*git fetch"):
        repository.resolve(ref)


def test_merge_base(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    fork = work.commit({"a.yaml": b"1\n"})
    base = work.commit({"a.yaml": b"2\n"})
    git(work.root, "checkout", "-q", "-b", "topic", fork)
    head = work.commit({"b.yaml": b"3\n"})
    git(work.root, "checkout", "-q", "--orphan", "other")
    other = work.record()
    with Repository(work.root) as repository:
        assert repository.merge_base(base, head) == fork
        assert repository.merge_base(fork, head) == fork
        with pytest.raises(GitError, match="nothing to do with each other"):
            repository.merge_base(other, head)
        with pytest.raises(GitError, match="is no full object name"):
            repository.merge_base("main", head)


def test_shallow(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    fork = work.commit({"a.yaml": b"1\n"})
    base = work.commit({"a.yaml": b"2\n"})
    git(work.root, "checkout", "-q", "-b", "topic", fork)
    head = work.commit({"b.yaml": b"3\n"})
    shallow = tmp_path / "s"
    shallow.mkdir()
    git(shallow, "init", "-q")
    git(shallow, "fetch", "-q", "--depth=1", f"file://{work.root}", "+refs/heads/*:refs/remotes/origin/*")
    with Repository(shallow) as repository:
        with pytest.raises(GitError, match="fetch-depth: 0"):
            repository.merge_base(base, head)
        with pytest.raises(GitError, match="fetch-depth: 0"):
            repository.resolve(fork)
        with pytest.raises(GitError, match="fetch-depth: 0"):
            repository.read(fork, "a.yaml")
        assert repository.read(head, "b.yaml") == b"3\n"  # the refusal spoils nothing
        assert [each.path for each in repository.diff(base, head)] == ["a.yaml", "b.yaml"]


def test_files_of_a_commit(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit(
        {"a.yaml": b"one\r\ntwo", "d/e/f.yaml": b"deep\n", "run.sh": b"#!\n", "empty": b"", "d/a": b"\0\xff"}
    )
    (work.root / "run.sh").chmod(0o755)
    (work.root / "link").symlink_to("a.yaml")
    (work.root / "folder-link").symlink_to("d")
    git(work.root, "add", "-A")
    git(work.root, "update-index", "--add", "--cacheinfo", f"160000,{base},module")
    head = work.record()
    with Repository(work.root) as repository:
        assert {path: repository.read(head, path) for path in ("a.yaml", "d/e/f.yaml", "run.sh", "empty", "d/a")} == {
            "a.yaml": b"one\r\ntwo",
            "d/e/f.yaml": b"deep\n",
            "run.sh": b"#!\n",
            "empty": b"",
            "d/a": b"\0\xff",
        }
        modes = {"a.yaml": "100644", "run.sh": "100755", "link": "120000", "module": "160000", "d": "040000"}
        assert {path: repository.mode(head, path) for path in modes} == modes
        nothing = ["link", "module", "d", "absent", "d/absent", "link/x", "folder-link/a", "module/x", "a.yaml/x"]
        nothing += ["", "/", "/a.yaml", "./a.yaml", "d//a", "d/../a.yaml", "..", ".git/config", "a.yaml\n", "A.YAML"]
        assert [path for path in nothing if repository.read(head, path) is not None] == []
        assert repository.mode(head, "d/absent") is None
        assert [(entry.path, entry.mode) for entry in repository.files(head)] == [
            ("a.yaml", "100644"),
            ("d/a", "100644"),
            ("d/e/f.yaml", "100644"),
            ("empty", "100644"),
            ("folder-link", "120000"),
            ("link", "120000"),
            ("module", "160000"),
            ("run.sh", "100755"),
        ]
        assert [entry.path for entry in repository.files(head) if not entry.is_file] == [
            "folder-link",
            "link",
            "module",
        ]
        assert repository.read(base, "run.sh") == b"#!\n"
        assert repository.mode(base, "run.sh") == "100644"


def test_entry_of_a_commit(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    head = work.commit({"a/b.yaml": b"1\n"})
    name = git(work.root, "rev-parse", "HEAD:a/b.yaml").decode().strip()
    with Repository(work.root) as repository:
        assert repository.entry(head, "a/b.yaml") == Entry("a/b.yaml", "100644", name)
        assert list(repository.files(head)) == [Entry("a/b.yaml", "100644", name)]


def test_a_large_file_is_cut_off(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    head = work.commit({"large.yaml": b"x" * 10_000_050, "limit.yaml": b"y" * 10_000_000, "a.yaml": b"1\n"})
    with Repository(work.root) as repository:
        assert repository.read(head, "large.yaml") == b"x" * 10_000_001
        assert repository.read(head, "limit.yaml") == b"y" * 10_000_000
        assert repository.read(head, "a.yaml") == b"1\n"


def test_grep(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    old = work.commit({"a.yaml": b"kind: CustomResourceDefinition\n"})
    head = work.commit(
        {
            "a.yaml": b"kind: Pod\n",
            "crds/b.yaml": b"x: 1\nkind: CustomResourceDefinition\n",
            "crds/b\nc.yml": b"kind: CustomResourceDefinition",
            "crds/README.md": b"CustomResourceDefinition\n",
            "crds/binary.yaml": b"\0CustomResourceDefinition\n",
            "case.yaml": b"customresourcedefinition\n",
            "dots.yaml": b"a-b\n",
        }
    )
    with Repository(work.root) as repository:
        assert repository.grep(old, "CustomResourceDefinition") == ("a.yaml",)
        assert repository.grep(head, "CustomResourceDefinition") == ("crds/README.md", "crds/b\nc.yml", "crds/b.yaml")
        assert repository.grep(head, "CustomResourceDefinition", (".yaml", ".yml")) == ("crds/b\nc.yml", "crds/b.yaml")
        assert repository.grep(head, "a.b") == ()
        assert repository.grep(head, "--help") == ()


def test_differing(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    files = dict.fromkeys(("same.yaml", "changed.yaml", "gone.yaml", "linked.yaml", "folder.yaml", "d/in.yaml"), b"1\n")
    head = work.commit({**files, "ends.yaml": b"1\r\n"})
    work.put({"changed.yaml": b"2\n", "ends.yaml": b"1\n", "new.yaml": b"1\n"})
    for name in ("gone.yaml", "linked.yaml", "folder.yaml"):
        (work.root / name).unlink()
    (work.root / "linked.yaml").symlink_to("same.yaml")
    (work.root / "folder.yaml").mkdir()
    (work.root / "d").rename(work.root / "moved")
    (work.root / "d").symlink_to("moved")
    paths = [*files, "ends.yaml", "new.yaml", "never.yaml"]
    with Repository(work.root) as repository:
        assert repository.differing(head, paths) == tuple(
            path for path in paths if path not in ("same.yaml", "never.yaml")
        )
    with Repository(work.root / ".git") as bare, pytest.raises(GitError, match="bare"):
        bare.differing(head, paths)


def test_a_worktree_and_a_bare_repository(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    head = work.commit({"a.yaml": b"1\n"})
    git(work.root, "worktree", "add", "-q", "-b", "topic", "../w")
    git(tmp_path, "clone", "-q", "--bare", "r", "b.git")
    git(tmp_path, "clone", "-q", "--reference", "r", "r", "borrowed")  # its objects are the other's
    for name in ("w", "b.git", "borrowed"):
        with Repository(tmp_path / name) as repository:
            assert repository.resolve("HEAD") == head
            assert repository.read(head, "a.yaml") == b"1\n"
            assert repository.root == (None if name == "b.git" else tmp_path / name)


def test_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(tmp_path / "r")
    head = work.commit({"a.yaml": b"1\n"})
    monkeypatch.chdir(tmp_path)
    with Repository(Path("r")) as repository:
        assert repository.read(repository.resolve("HEAD"), "a.yaml") == b"1\n"
        assert repository.merge_base(head, head) == head


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="not a git repository"):
        Repository(tmp_path)
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    with pytest.raises(GitError, match="not a git repository"):
        Repository(tmp_path)


def test_objects_that_are_not_there(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    base = work.commit({"a.yaml": b"1\n"})
    head = work.commit({"a.yaml": b"2\n"})
    name = git(work.root, "rev-parse", "HEAD:a.yaml").decode().strip()
    (work.root / ".git/objects" / name[:2] / name[2:]).unlink()
    with Repository(work.root) as repository:
        with pytest.raises(GitError, match=f"no object {name}"):
            repository.read(head, "a.yaml")
        with pytest.raises(GitError, match=r"git diff-tree: .*lacks objects.*--refetch"):
            repository.diff(base, head)
        with pytest.raises(GitError, match=r"is a blob, not a commit"):
            repository.read(git(work.root, "rev-parse", f"{base}:a.yaml").decode().strip(), "a.yaml")
        assert repository.read(base, "a.yaml") == b"1\n"


def test_no_git(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    work.commit({"a.yaml": b"1\n"})
    with pytest.raises(GitError, match="is it installed"):
        Repository(work.root, {"PATH": str(tmp_path)})


def test_an_old_git(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    work.commit({"a.yaml": b"1\n"})
    old = tmp_path / "bin" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.30.2\n")
    old.chmod(0o755)
    with pytest.raises(GitError, match=r"this is git version 2.30.2; version 2.32 or newer is needed"):
        Repository(work.root, {"PATH": str(old.parent)})


def test_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(tmp_path / "r")
    head = work.commit({"a.yaml": b"1\n", ".gitattributes": b"*.yaml linguist-generated\n"})
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = {path: path.stat().st_mtime_ns for path in work.root.rglob("*")}
    with Repository(work.root) as repository:
        repository.read(head, "a.yaml")
        repository.diff(head, head)
        pid = repository._objects._process.pid
        assert list(temporary.iterdir())
    assert not list(temporary.iterdir())
    assert not Path(f"/proc/{pid}").exists()
    assert {path: path.stat().st_mtime_ns for path in work.root.rglob("*")} == before


def test_many_files(tmp_path: Path) -> None:
    work = Work(tmp_path / "r")
    text = b"".join(b"key-%d: value\n" % number for number in range(60))
    base = work.commit({f"d{number % 50}/f{number}.yaml": text for number in range(3000)})
    changed = text.replace(b"key-30: value", b"key-30: other")
    head = work.commit({f"d{number % 50}/f{number}.yaml": changed for number in range(3000)})
    before = os.times()
    with Repository(work.root, {"PATH": ENVIRON["PATH"]}) as repository:
        found = repository.diff(base, head)
        assert len(found) == 3000
        assert all(each.hunks == found[0].hunks for each in found)
        for each in found:
            assert repository.read(base, each.path) == text
            assert repository.read(head, each.path) == changed
    # Time of processors, ours and git's: this machine may be busy.
    assert sum(os.times()[:4]) - sum(before[:4]) < 5


def test_in_a_forked_process(tmp_path: Path) -> None:
    """Workers read the same repository at the same time: nobody gets the answer to another's request."""
    work = Work(tmp_path / "r")
    head = work.commit({f"{number}.yaml": b"%d\n" % number * 1000 for number in range(50)})

    def read_all() -> list[bytes | None]:
        return [repository.read(head, f"{number}.yaml") for number in range(50)]

    def close_and_read() -> list[bytes | None]:
        repository.close()
        return read_all()

    with Repository(work.root) as repository:
        expected = read_all()
        assert expected[7] == b"7\n" * 1000
        assert in_child(read_all) == expected
        assert in_child(close_and_read) == expected
        assert read_all() == expected
        assert in_child(lambda: in_child(read_all)) == expected
        assert repository.diff(head, head) == ()  # the scratch directory is there still
