"""Which files a run looks at, and what is said about the others."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.adapters.files import Discovery, InputFile, discover
from bot.adapters.files.walk import LEFT_OUT
from bot.settings import repository_root
from tests.adapters.faults import as_nobody

pytestmark = pytest.mark.usefixtures("never_wait")

POD = "apiVersion: v1\nkind: Pod\n"
JSON_POD = '{"apiVersion": "v1", "kind": "Pod"}'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, and the current folder."""
    (tmp_path / "tree" / ".git" / "info").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "tree"


def plant(*paths: str, text: str = POD) -> None:
    """Make files; a path with a slash at its end is an empty folder."""
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        if path.endswith("/"):
            Path(path).mkdir(parents=True, exist_ok=True)
        else:
            Path(path).write_text(text, encoding="utf-8")


def files(discovery: Discovery) -> list[str]:
    return [file.path for file in discovery.files]


def skips(discovery: Discovery) -> dict[str, str]:
    assert all(skip.stage == "read" and skip.reason and skip.document is None for skip in discovery.skips)
    assert len({(skip.path, skip.code) for skip in discovery.skips}) == len(discovery.skips)
    return {skip.path: skip.code + ("!" if skip.error else "") for skip in discovery.skips}


# Names and order


def test_endings_and_order(tree: Path) -> None:
    plant("b.yaml", "a/z.yml", "a.yaml", "a/b/c.yaml", "a-b.yaml", "B.YAML", ".hidden/x.yaml", ".x.yml")
    plant("README.md", "a.yaml.bak", "yaml", "Makefile")
    found = discover(["."])
    assert files(found) == [
        ".hidden/x.yaml",
        ".x.yml",
        "B.YAML",
        "a-b.yaml",
        "a.yaml",
        "a/b/c.yaml",
        "a/z.yml",
        "b.yaml",
    ]
    assert (found.skips, found.ignored) == ((), 0)


def test_sizes(tree: Path) -> None:
    plant("a.yaml", "b/c.yaml")
    plant("empty.yaml", text="")
    assert discover(["b", "."]).files == (
        InputFile("b/c.yaml", len(POD)),
        InputFile("a.yaml", len(POD)),
        InputFile("empty.yaml", 0),
    )


def test_arguments_keep_their_order(tree: Path) -> None:
    plant("a.yaml", "b/c.yaml", "b/d.yaml")
    assert files(discover(["b/d.yaml", "a.yaml", "b"])) == ["b/d.yaml", "a.yaml", "b/c.yaml"]
    assert files(discover(["b", "./b/d.yaml", "b/../a.yaml", str(tree / "a.yaml")])) == [
        "b/c.yaml",
        "b/d.yaml",
        "a.yaml",
    ]


def test_paths_as_people_see_them(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant("a/b.yaml", "apps/c.yaml")
    for argument in (".", "./", "a", "a/", "./a", str(tree), str(tree / "a")):
        assert "a/b.yaml" in files(discover([argument])), argument
    monkeypatch.chdir("a")
    assert files(discover([".."])) == ["../a/b.yaml", "../apps/c.yaml"]
    assert files(discover(["../apps/"])) == ["../apps/c.yaml"]
    assert files(discover([str(tree / "apps")])) == [str(tree / "apps/c.yaml")]
    for file in (*discover([".."]).files, *discover([str(tree)]).files):
        assert Path(file.path).read_text() == POD


def test_named_files_are_taken_whatever_their_ending(tree: Path) -> None:
    plant("manifest.txt", "ignored.yaml", "node_modules/x.yaml", "data.json", ".git/info/x.yaml")
    Path(".gitignore").write_text("ignored.yaml\n")
    named = ["manifest.txt", "ignored.yaml", "node_modules/x.yaml", "data.json", ".git/info/x.yaml"]
    assert files(discover(named)) == named


def test_named_folders_are_walked_whatever_their_name(tree: Path) -> None:
    plant("node_modules/a/x.yaml", "build/y.yaml")
    Path(".gitignore").write_text("build/\n")
    assert files(discover(["."])) == []
    assert files(discover(["node_modules", "build"])) == ["node_modules/a/x.yaml", "build/y.yaml"]


def test_folders_named_twice_say_things_once(tree: Path) -> None:
    plant("a/b/c.yaml")
    Path("a/b/broken.yaml").symlink_to("nowhere")
    found = discover([".", "a", "./a/b", str(tree)])
    assert files(found) == ["a/b/c.yaml"]
    assert skips(found) == {"a/b/broken.yaml": "link-broken!"}


def test_nothing_there(tree: Path) -> None:
    plant("file.yaml")
    found = discover(["nope", "file.yaml/x", "", "x" * 300])
    assert skips(found) == {
        "nope": "no-such-file!",
        "file.yaml/x": "no-such-file!",
        "": "no-such-file!",
        "x" * 300: "unreadable!",
    }
    assert files(found) == []
    assert files(discover([])) == []


# JSON


def test_json_only_when_it_looks_like_kubernetes(tree: Path) -> None:
    plant("pod.json", text=JSON_POD)
    plant("late.json", text='{"items": [' + "1," * 50_000 + '], "kind": "List",\n"apiVersion" : "v1"}')
    plant("package.json", text='{"name": "x", "kind": "module"}')
    plant("empty.json", text="")
    plant("README", text=JSON_POD)
    assert files(discover(["."])) == ["late.json", "pod.json"]
    assert files(discover(["package.json"])) == ["package.json"]


def test_large_json(tree: Path) -> None:
    plant("data.json", text="[" + "1," * 5_500_000 + "1]")
    plant("list.json", text='{"apiVersion": "v1", "items": [' + "1," * 5_500_000 + "1]}")
    found = discover(["."])
    assert files(found) == []
    assert skips(found) == {"list.json": "too-large!"}


# What is left out


def left(patterns: str, *paths: str, at: str = ".gitignore") -> list[str]:
    """Of the paths, those that are found."""
    plant(*paths)
    Path(at).write_text(patterns, encoding="utf-8")
    return files(discover(["."]))


def test_gitignore(tree: Path) -> None:
    assert left(
        "# c\n*.tmp.yaml\nbuild/\n!keep.tmp.yaml\n", "a.yaml", "x/b.tmp.yaml", "build/c.yaml", "x/keep.tmp.yaml"
    ) == [
        "a.yaml",
        "x/keep.tmp.yaml",
    ]
    assert discover(["."]).ignored == 2


def test_nested_gitignore_is_relative_to_its_folder_and_closest(tree: Path) -> None:
    plant("charts/build/x.yaml", "other/build/x.yaml", "charts/sub/y.yaml", "sub/y.yaml")
    Path(".gitignore").write_text("build/\n")
    Path("charts/.gitignore").write_text("!build/\n/sub\n")
    assert files(discover(["."])) == ["charts/build/x.yaml", "sub/y.yaml"]


def test_gitignore_of_folders_further_up(tree: Path, tmp_path: Path) -> None:
    plant("a/b/c/x.yaml", "a/b/c/y.yaml", "a/b/c/z.yaml", "a/b/c/w.yaml")
    (tmp_path / ".gitignore").write_text("w.yaml\n")  # beyond the repository
    Path(".gitignore").write_text("x.yaml\n")
    Path("a/.gitignore").write_text("/b/c/y.yaml\n!x.yaml\n")
    Path("a/b/.gitignore").write_text("x.yaml\n")
    assert files(discover(["a/b/c"])) == ["a/b/c/w.yaml", "a/b/c/z.yaml"]


def test_without_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    plant("a/b/x.yaml", "a/b/y.yaml")
    Path(".gitignore").write_text("x.yaml\n")
    Path("a/.gitignore").write_text("y.yaml\n")
    assert repository_root(".") is None
    assert files(discover(["."])) == []
    assert files(discover(["a/b"])) == ["a/b/x.yaml", "a/b/y.yaml"]


def test_git_info_exclude(tree: Path) -> None:
    assert left("x.yaml\n", "x.yaml", "y.yaml", at=".git/info/exclude") == ["y.yaml"]
    Path(".gitignore").write_text("!x.yaml\n")
    assert files(discover(["."])) == ["x.yaml", "y.yaml"]


def test_git_info_exclude_of_a_worktree(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (
        ["init", "-q"],
        [*who, "commit", "-q", "--allow-empty", "-m", "x"],
        ["worktree", "add", "-q", "../w"],
    ):
        subprocess.run(["git", *command], env=environ, check=True)
    Path(".git/info/exclude").write_text("x.yaml\n")
    monkeypatch.chdir("../w")
    plant("x.yaml", "y.yaml")
    assert files(discover(["."])) == ["y.yaml"]
    assert repository_root("y.yaml") == tmp_path / "w"


def test_strange_gitignores(tree: Path, tmp_path: Path) -> None:
    plant("a.yaml", "b/a.yaml", "c/a.yaml", "d/a.yaml", "e/a.yaml", "f/.gitignore/a.yaml")
    Path("b/.gitignore").write_bytes(b"\xef\xbb\xbfa.yaml\r\n")
    Path("c/.gitignore").write_bytes(b"\xff\xfe\n[\na.yaml")
    (tmp_path / "elsewhere").write_text("a.yaml\n")
    Path("d/.gitignore").symlink_to(tmp_path / "elsewhere")
    os.mkfifo("e/.gitignore")
    assert files(discover(["."])) == ["a.yaml", "d/a.yaml", "e/a.yaml", "f/.gitignore/a.yaml"]


def test_folders_of_tools(tree: Path) -> None:
    plant(*(f"x/{name}/a.yaml" for name in LEFT_OUT), "vendor/a.yaml", "dist/a.yaml", "build/a.yaml", "x/venv.yaml")
    Path("x/.git").rename("x/.jj")
    found = discover(["."])
    assert files(found) == ["build/a.yaml", "dist/a.yaml", "vendor/a.yaml", "x/.jj/a.yaml", "x/venv.yaml"]
    assert found.ignored == 0
    assert "x/node_modules/a.yaml" in files(discover(["."], exclude=["!node_modules/"]))


@pytest.mark.parametrize(
    ("exclude", "kept"),
    [
        ((), ["a.yaml", "charts/b.yaml", "charts/x/c.yaml", "x/a.yaml"]),
        (["charts/"], ["a.yaml", "x/a.yaml"]),
        (["/a.yaml"], ["charts/b.yaml", "charts/x/c.yaml", "x/a.yaml"]),
        (["a.yaml"], ["charts/b.yaml", "charts/x/c.yaml"]),
        (["charts/*", "!charts/b.yaml"], ["a.yaml", "charts/b.yaml", "x/a.yaml"]),
        (["x"], ["a.yaml", "charts/b.yaml"]),
        (["*"], []),
    ],
)
def test_exclude(tree: Path, exclude: Sequence[str], kept: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    paths = ["a.yaml", "charts/b.yaml", "charts/x/c.yaml", "x/a.yaml"]
    plant(*paths)
    assert files(discover(["."], exclude=exclude)) == kept
    assert files(discover(["."], exclude=exclude, exclude_root=str(tree))) == kept
    named = discover(paths, exclude=exclude, exclude_root=str(tree))
    assert files(named) == kept
    assert skips(named) == dict.fromkeys(set(paths) - set(kept), "excluded")
    monkeypatch.chdir("charts")
    inner = discover(["."], exclude=exclude, exclude_root=str(tree))
    assert files(inner) == [path.removeprefix("charts/") for path in kept if path.startswith("charts/")]


def test_exclude_is_relative_to_its_folder(tree: Path) -> None:
    plant("a/x.yaml", "b/x.yaml")
    assert files(discover(["."], exclude=["/x.yaml"], exclude_root=str(tree / "a"))) == ["b/x.yaml"]
    assert files(discover(["."], exclude=["x.yaml"], exclude_root=str(tree / "a"))) == ["b/x.yaml"]


def test_exclude_wins_over_what_a_gitignore_takes_back(tree: Path) -> None:
    plant("a.yaml")
    Path(".gitignore").write_text("!a.yaml\n")
    found = discover(["."], exclude=["a.yaml"])
    assert (files(found), found.ignored) == ([], 1)


# Links


def test_links_to_files(tree: Path, tmp_path: Path) -> None:
    plant("base/a.yaml", "notes.txt", "../outside.yaml")
    Path("0-link.yaml").symlink_to("base/a.yaml")
    Path("text.yaml").symlink_to("notes.txt")
    Path("text-2.yaml").symlink_to("text.yaml")
    Path("out.yaml").symlink_to(tmp_path / "outside.yaml")
    Path("git.yaml").symlink_to(".git/config.yaml")
    plant(".git/config.yaml")
    Path("broken.yaml").symlink_to("nowhere")
    Path("broken.txt").symlink_to("nowhere")
    Path("self.yaml").symlink_to("self.yaml")
    found = discover(["."])
    assert files(found) == ["base/a.yaml", "text-2.yaml"]
    assert skips(found) == {
        "0-link.yaml": "same-file",
        "text.yaml": "same-file",
        "out.yaml": "link-outside",
        "git.yaml": "link-outside",
        "broken.yaml": "link-broken!",
        "self.yaml": "link-loop!",
    }
    reasons = {skip.path: skip.reason for skip in found.skips}
    assert reasons["0-link.yaml"] == "the same file as base/a.yaml"


def test_a_link_may_leave_the_folder_but_not_the_repository(tree: Path) -> None:
    plant("base/a.yaml", "overlay/b.yaml")
    Path("overlay/a.yaml").symlink_to("../base/a.yaml")
    assert files(discover(["overlay"])) == ["overlay/a.yaml", "overlay/b.yaml"]
    found = discover(["overlay", "base"])
    assert files(found) == ["overlay/b.yaml", "base/a.yaml"]
    assert skips(found) == {"overlay/a.yaml": "same-file"}
    assert files(discover(["."], exclude=["base/"])) == ["overlay/b.yaml"]


def test_links_to_folders(tree: Path, tmp_path: Path) -> None:
    plant("real/a.yaml", "deep/er/b.yaml", "../outside/c.yaml")
    Path("link").symlink_to("real")
    Path("deep/er/up").symlink_to("..")
    Path("deep/root").symlink_to(tree)
    Path("here").symlink_to(".")
    Path("out").symlink_to("../outside")
    Path("loop").symlink_to("loop")
    Path("ping").symlink_to("pong")
    Path("pong").symlink_to("ping")
    found = discover(["."])
    assert files(found) == ["deep/er/b.yaml", "real/a.yaml"]
    assert skips(found) == {
        "link": "link-folder",
        "deep/er/up": "link-loop",
        "deep/root": "link-loop",
        "here": "link-loop",
        "out": "link-outside",
        "loop": "link-loop!",
        "ping": "link-loop!",
        "pong": "link-loop!",
    }


def test_named_links_are_followed(tree: Path) -> None:
    plant("../outside/c.yaml", "real/a.yaml")
    Path("out").symlink_to("../outside")
    Path("a.yaml").symlink_to("real/a.yaml")
    Path("loop").symlink_to("loop")
    assert files(discover(["out", "a.yaml"])) == ["out/c.yaml", "a.yaml"]
    found = discover(["a.yaml", "real", "loop"])
    assert files(found) == ["a.yaml"]
    assert skips(found) == {"real/a.yaml": "same-file", "loop": "link-loop!"}


# What cannot be read


def test_not_regular_files(tree: Path) -> None:
    plant("a.yaml")
    os.mkfifo("pipe.yaml")
    os.mkfifo("pipe")
    Path("device.yaml").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yml")
        found = discover(["."])
        named = discover(["pipe", "socket.yml", "/dev/zero"])
    assert files(found) == ["a.yaml"]
    assert skips(found) == {"pipe.yaml": "not-a-file!", "socket.yml": "not-a-file!", "device.yaml": "link-outside"}
    assert skips(named) == {"pipe": "not-a-file!", "socket.yml": "not-a-file!", "/dev/zero": "not-a-file!"}
    assert named.skips[0].reason == "a named pipe, not a regular file; `-` reads standard input"


def test_large_files(tree: Path) -> None:
    plant("a.yaml", "large.yaml")
    os.truncate("large.yaml", 50_000_000)
    found = discover(["."])
    assert files(found) == ["a.yaml"]
    assert found.skips[0].reason == "50,000,000 bytes; at most 10,000,000 are read"


def test_folders_without_permission(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(open_folder)
    plant("a.yaml", "closed/b.yaml", "listed/c.yaml", "unlisted/d.yaml", "ignored/e.yaml", "j.json")
    Path("ignored/.gitignore").write_text("e.yaml\n")
    Path("ignored/.gitignore").chmod(0)
    Path("j.json").chmod(0)
    Path("closed").chmod(0)
    Path("unlisted").chmod(0o311)
    found = as_nobody(lambda: discover(["."]))
    named = as_nobody(lambda: discover(["closed", "closed/b.yaml", "unlisted/d.yaml"]))
    for name in ("closed", "unlisted"):
        Path(name).chmod(0o755)
    assert files(found) == ["a.yaml", "ignored/e.yaml", "listed/c.yaml"]
    assert skips(found) == {
        "closed": "unreadable!",
        "unlisted": "unreadable!",
        "ignored/.gitignore": "gitignore",
        "j.json": "unreadable!",
    }
    assert files(named) == ["unlisted/d.yaml"]
    assert skips(named) == {"closed": "unreadable!", "closed/b.yaml": "unreadable!"}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_names_that_are_not_utf_8(tree: Path) -> None:
    plant("é.yaml", "a\nb.yaml")
    Path(os.fsdecode(b"caf\xe9.yaml")).touch()
    found = discover(["."])
    assert files(found) == ["a\nb.yaml", "é.yaml"]
    assert skips(found) == {"caf\\udce9.yaml": "name-not-utf-8!"}


def test_a_tree_deeper_than_the_stack(tree: Path) -> None:
    depth = 1500
    here = Path.cwd()
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    Path("a.yaml").touch()
    os.chdir(here)
    found = discover(["."])
    assert files(found) == ["d/" * depth + "a.yaml"]
    subprocess.run(["rm", "-r", "d"], check=True)
