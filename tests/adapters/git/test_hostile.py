"""Whatever a repository, its owner's configuration or the environment sets up: no program starts, no answer changes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bot.adapters.git import GitError, Repository
from tests.adapters.git.material import ENVIRON, Work, git

Answers = tuple[object, ...]


@pytest.fixture
def work(tmp_path: Path) -> Work:
    return Work(tmp_path / "r")


@pytest.fixture
def commits(work: Work) -> tuple[str, str]:
    lines = [b"line %d\n" % number for number in range(40)]
    attributes = b"*.yaml diff=evil filter=evil merge=evil text eol=crlf ident\n"
    base = work.commit({"a.yaml": b"".join(lines), "dir/moves.yaml": b"".join(lines), ".gitattributes": attributes})
    lines[10:12] = [b"  changed\n", b"\n", b"more \n"]
    git(work.root, "update-index", "--add", "--cacheinfo", f"160000,{base},module")
    files = {"a.yaml": b"".join(lines), "dir/moves.yaml": None, "dir/moved.yaml": b"".join(lines), "z.yaml": b"$Id$\n"}
    work.put(files)
    git(work.root, "add", "-A", "--", ":!module")
    return base, work.record()


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A program that leaves a trace when it is started."""
    program = tmp_path / "trap"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\nexit 0\n")
    program.chmod(0o755)
    return program


def answers(repository: Repository, base: str, head: str) -> Answers:
    return (
        repository.resolve("HEAD"),
        repository.merge_base(base, head),
        repository.diff(base, head),
        tuple(repository.files(head)),
        repository.read(head, "a.yaml"),
        repository.read(head, "z.yaml"),
        repository.grep(head, "changed"),
        repository.differing(head, ["a.yaml", "z.yaml"]),
    )


def test_the_answers_themselves(work: Work, commits: tuple[str, str]) -> None:
    base, head = commits
    with Repository(work.root, ENVIRON) as repository:
        found = answers(repository, base, head)
    assert found[0] == head
    files = found[2]
    assert isinstance(files, tuple)
    assert [(each.path, each.old_path, each.mode) for each in files] == [
        ("a.yaml", "a.yaml", "100644"),
        ("dir/moved.yaml", "dir/moves.yaml", "100644"),
        ("module", None, "160000"),
        ("z.yaml", None, "100644"),
    ]
    assert found[5] == b"$Id$\n"
    assert found[6:] == (("a.yaml", "dir/moved.yaml"), ())


SETTINGS = [
    "alias.diff-tree=!TRAP",
    "alias.rev-parse=!TRAP",
    "core.abbrev=4",
    "core.alternateRefsCommand=TRAP",
    "core.askPass=TRAP",
    "core.attributesFile=/work/attributes",
    "core.bigFileThreshold=1",
    "core.fsmonitor=TRAP",
    "core.gitProxy=TRAP",
    "core.hooksPath=TRAP",
    "core.pager=TRAP",
    "core.quotePath=false",
    "core.sshCommand=TRAP",
    "core.worktree=/nowhere/at/all",
    "core.precomposeUnicode=true",
    "core.commentChar=@",
    "color.ui=always",
    "color.diff=always",
    "credential.helper=!TRAP",
    "diff.algorithm=patience",
    "diff.context=0",
    "diff.dstPrefix=dst/",
    "diff.external=TRAP",
    "diff.evil.binary=true",
    "diff.evil.command=TRAP",
    "diff.evil.textconv=TRAP",
    "diff.evil.algorithm=histogram",
    "diff.ignoreSubmodules=all",
    "diff.indentHeuristic=false",
    "diff.interHunkContext=50",
    "diff.mnemonicPrefix=true",
    "diff.noprefix=true",
    "diff.orderFile=/dev/stdin",
    "diff.relative=true",
    "diff.renameLimit=1",
    "diff.renames=false",
    "diff.srcPrefix=src/",
    "diff.submodule=log",
    "diff.suppressBlankEmpty=true",
    "diff.wsErrorHighlight=all",
    "diff.colorMoved=zebra",
    "extensions.worktreeConfig=true",
    "filter.evil.clean=TRAP",
    "filter.evil.smudge=TRAP",
    "filter.evil.process=TRAP",
    "filter.evil.required=true",
    "grep.patternType=perl",
    "grep.fallbackToNoIndex=true",
    "grep.column=true",
    "grep.lineNumber=true",
    "include.path=/etc/passwd-not-there",
    "pager.diff-tree=TRAP",
    "pager.grep=TRAP",
    "safe.directory=",
    "status.relativePaths=false",
    "trace2.eventTarget=/tmp/trace",
    "uploadpack.packObjectsHook=TRAP",
]


def test_settings_of_the_repository(work: Work, commits: tuple[str, str], trap: Path, tmp_path: Path) -> None:
    with Repository(work.root, ENVIRON) as repository:
        expected = answers(repository, *commits)
    for setting in SETTINGS:
        key, value = setting.replace("TRAP", str(trap)).split("=", 1)
        git(tmp_path, "config", "--file", str(work.root / ".git/config"), key, value)
    with Repository(work.root, ENVIRON) as repository:
        assert answers(repository, *commits) == expected
    assert not (tmp_path / "sprung").exists()
    # They do count for git as people call it.
    subprocess.run(
        ("git", "--git-dir=.git", "--work-tree=.", "diff", *commits),
        cwd=work.root,
        env=ENVIRON,
        capture_output=True,
        check=False,
    )
    assert (tmp_path / "sprung").exists()


def test_settings_of_the_user(work: Work, commits: tuple[str, str], trap: Path, tmp_path: Path) -> None:
    with Repository(work.root, ENVIRON) as repository:
        expected = answers(repository, *commits)
    home = tmp_path / "home"
    home.mkdir()
    for setting in SETTINGS:
        key, value = setting.replace("TRAP", str(trap)).split("=", 1)
        git(tmp_path, "config", "--file", str(home / ".gitconfig"), key, value)
    (home / ".config/git").mkdir(parents=True)
    (home / ".config/git/attributes").write_text("* -diff linguist-generated\n")
    environ = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_GLOBAL": f"{home}/.gitconfig",
    }
    with Repository(work.root, environ) as repository:
        assert answers(repository, *commits) == expected
    assert not (tmp_path / "sprung").exists()


ENVIRONMENT = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nowhere",
    "GIT_ASKPASS": "TRAP",
    "GIT_ATTR_SOURCE": "HEAD~1",
    "GIT_CEILING_DIRECTORIES": "/",
    "GIT_COMMON_DIR": "/nowhere",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "diff.external",
    "GIT_CONFIG_VALUE_0": "TRAP",
    "GIT_CONFIG_PARAMETERS": "'diff.noprefix=true'",
    "GIT_DIFF_OPTS": "-u0",
    "GIT_DIR": "/nowhere",
    "GIT_EXEC_PATH": "/nowhere",
    "GIT_EXTERNAL_DIFF": "TRAP",
    "GIT_GLOB_PATHSPECS": "1",
    "GIT_INDEX_FILE": "/nowhere/index",
    "GIT_NAMESPACE": "x",
    "GIT_OBJECT_DIRECTORY": "/nowhere",
    "GIT_PAGER": "TRAP",
    "GIT_PREFIX": "x/",
    "GIT_SSH_COMMAND": "TRAP",
    "GIT_TEMPLATE_DIR": "/nowhere",
    "GIT_TRACE": "1",
    "GIT_WORK_TREE": "/nowhere",
    "LANG": "de_DE.UTF-8",
    "PAGER": "TRAP",
    "SSH_ASKPASS": "TRAP",
}


def test_the_environment(work: Work, commits: tuple[str, str], trap: Path, tmp_path: Path) -> None:
    with Repository(work.root, ENVIRON) as repository:
        expected = answers(repository, *commits)
    hostile = {name: value.replace("TRAP", str(trap)) for name, value in ENVIRONMENT.items()}
    with Repository(work.root, {**ENVIRON, **hostile}) as repository:
        assert answers(repository, *commits) == expected
    assert not (tmp_path / "sprung").exists()


def test_hooks_replacements_and_grafts(work: Work, commits: tuple[str, str], trap: Path, tmp_path: Path) -> None:
    with Repository(work.root, ENVIRON) as repository:
        expected = answers(repository, *commits)
    blob = git(work.root, "rev-parse", f"{commits[1]}:a.yaml").decode().strip()
    other = git(work.root, "hash-object", "-w", "--stdin", given=b"replaced\n").decode().strip()
    git(work.root, "replace", blob, other)
    (work.root / ".git/info/grafts").write_text(f"{commits[1]}\n")
    hooks = work.root / ".git/hooks"
    for name in ("post-index-change", "fsmonitor-watchman", "query-watchman", "reference-transaction", "post-checkout"):
        (hooks / name).write_bytes(trap.read_bytes())
        (hooks / name).chmod(0o755)
    with Repository(work.root, ENVIRON) as repository:
        assert answers(repository, *commits) == expected
    assert not (tmp_path / "sprung").exists()


def test_a_partial_clone_fetches_nothing(tmp_path: Path, trap: Path) -> None:
    """Its missing objects would come from a remote of the repository's choice, by a program of its choice."""
    work = Work(tmp_path / "r")
    base = work.commit({"a.yaml": b"1\n"})
    head = work.commit({"a.yaml": b"2\n"})
    git(work.root, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{work.root}", "partial")
    git(tmp_path / "partial", "config", "remote.origin.url", "ssh://host.invalid/r")
    git(tmp_path / "partial", "config", "core.sshCommand", str(trap))
    with Repository(tmp_path / "partial", ENVIRON) as repository:
        assert repository.resolve("HEAD") == head
        with pytest.raises(GitError, match="partial clone"):
            repository.diff(base, head)
        with pytest.raises(GitError, match="partial clone"):
            repository.read(head, "a.yaml")
    assert not (tmp_path / "sprung").exists()


def test_another_owner(work: Work, commits: tuple[str, str]) -> None:
    """In a container action the workspace belongs to the runner's user."""
    if os.geteuid():
        pytest.skip("only a superuser can give files away")
    with Repository(work.root, ENVIRON) as repository:
        expected = answers(repository, *commits)
    for path in (work.root, *work.root.rglob("*")):
        os.lchown(path, 12345, 12345)
    refused = subprocess.run(("git", "status"), cwd=work.root, env=ENVIRON, capture_output=True, check=False)
    assert b"dubious ownership" in refused.stderr
    with Repository(work.root, ENVIRON) as repository:
        assert answers(repository, *commits) == expected


def test_a_broken_configuration(work: Work, commits: tuple[str, str]) -> None:
    (work.root / ".git/config").write_text("[core\n")
    with pytest.raises(GitError, match="bad config line 1"):
        Repository(work.root, ENVIRON)
