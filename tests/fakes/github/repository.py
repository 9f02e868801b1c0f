"""The git repository behind the fake: a bare one in a temp folder, written and read by git itself."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

Content = bytes | str | None
"""A file's content; None deletes the file."""

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
_ENVIRONMENT = {
    "PATH": os.environ.get("PATH", os.defpath),
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "HOME": os.devnull,
    "LC_ALL": "C.UTF-8",
}
_CONFIG = """[core]
\trepositoryformatversion = 0
\tbare = true
[uploadpack]
\tallowAnySHA1InWant = true
\tallowFilter = true
\thideRefs = refs/fork
[http]
\treceivepack = false
"""


@dataclass(frozen=True)
class File:
    """A file with its mode: `100755` for a program, `120000` for a link, whose content is where it leads."""

    content: bytes | str
    mode: str = "100644"


Files = Mapping[str, "Content | File"]


class Clock:
    """Time that goes on by a minute each time it is asked, so that two runs of a test make the same commits."""

    def __init__(self) -> None:
        self.now = START

    def tick(self) -> datetime:
        """The next minute."""
        self.now += timedelta(minutes=1)
        return self.now


class Repository:
    """A bare repository at `path`. Methods take and give full object names."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        for each in ("objects/info", "refs/heads"):
            (path / each).mkdir(parents=True)
        (path / "HEAD").write_text("ref: refs/heads/main\n")
        (path / "config").write_text(_CONFIG)

    def git(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        """What git prints; fails when git does."""
        command = ["git", "--git-dir", str(self.path), *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, env=_ENVIRONMENT, check=False)
        if done.returncode:
            raise AssertionError(f"{' '.join(command)}: {done.stderr.decode(errors='replace')}")
        return done.stdout

    def commit(
        self, ref: str, files: Files, *, message: str, author: str, parents: Sequence[str] = (), fresh: bool = False
    ) -> str:
        """Put a commit on `ref` (`refs/heads/main`) and say its name.

        `files` are changed against the first parent, or are everything there is (`fresh`).
        """
        when = int(self._clock.tick().timestamp())
        who = f"{author} <{author}@users.noreply.github.com> {when} +0000"
        text = message.encode()
        lines: list[bytes] = [
            f"commit {ref}\nauthor {who}\ncommitter {who}\ndata {len(text)}\n".encode() + text + b"\n",
            *(f"{'merge' if at else 'from'} {each}\n".encode() for at, each in enumerate(parents)),
        ]
        if fresh:
            lines.append(b"deleteall\n")
        for name, value in files.items():
            lines.append(_file_command(name, value))
        if not parents:
            lines.insert(0, f"reset {ref}\n".encode())  # otherwise git goes on from where the branch is
        self.git("fast-import", "--quiet", "--force", "--done", stdin=b"".join([*lines, b"done\n"]))
        return self.resolve(ref)

    def commit_tree(self, tree: str, parents: Sequence[str], *, message: str, author: str) -> str:
        """A commit of a tree that is there already; no ref leads to it yet."""
        when = int(self._clock.tick().timestamp())
        who = f"{author} <{author}@users.noreply.github.com> {when} +0000"
        lines = [f"tree {tree}", *(f"parent {each}" for each in parents), f"author {who}", f"committer {who}", ""]
        content = "\n".join([*lines, message, ""]).encode()
        return self.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=content).decode().strip()

    def resolve(self, name: str) -> str:
        """The commit that a ref or a name stands for."""
        loose = self.path / name
        if name.startswith("refs/") and loose.is_file():
            return loose.read_text().strip()
        return self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}").decode().strip()

    def knows(self, commit: str) -> bool:
        """Whether there is a commit with this full name."""
        if len(commit) != 40:
            return False
        try:
            self.git("cat-file", "-e", f"{commit}^{{commit}}")
        except AssertionError:
            return False
        return True

    def point(self, ref: str, commit: str) -> None:
        """Set a ref."""
        self.git("update-ref", ref, commit)

    def merge_base(self, one: str, other: str) -> str:
        """Where two lines of history part."""
        return self.git("merge-base", one, other).decode().strip()

    def between(self, base: str, head: str) -> list[str]:
        """The commits that `head` has and `base` lacks, the oldest first."""
        return self.git("rev-list", "--reverse", "--topo-order", f"{base}..{head}").decode().split()

    def parents(self, commit: str) -> list[str]:
        """The parents of a commit."""
        return self.git("rev-parse", f"{commit}^@").decode().split()

    def tree(self, commit: str) -> dict[str, tuple[str, str]]:
        """Path to mode and blob of every file."""
        listed = self.git("ls-tree", "-r", "-z", commit).decode(errors="surrogateescape")
        entries = (each.partition("\t") for each in listed.split("\0") if each)
        return {path: (meta.split()[0], meta.split()[2]) for meta, _, path in entries}

    def read(self, commit: str, path: str) -> bytes:
        """A file's content."""
        return self.git("cat-file", "blob", f"{commit}:{path}")

    def files(self, commit: str) -> dict[str, File]:
        """Every file with its content."""
        return {
            path: File(self.git("cat-file", "blob", blob), mode) for path, (mode, blob) in self.tree(commit).items()
        }


def _file_command(name: str, value: Content | File) -> bytes:
    path = name.encode(errors="surrogateescape")
    if b"\n" in path or path.startswith(b'"'):
        path = b'"' + path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
    if value is None:
        return b"D " + path + b"\n"
    file = value if isinstance(value, File) else File(value)
    content = file.content.encode() if isinstance(file.content, str) else file.content
    return f"M {file.mode} inline ".encode() + path + f"\ndata {len(content)}\n".encode() + content + b"\n"
