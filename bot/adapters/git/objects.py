"""Objects of a repository by name, through one `git cat-file` that lives as long as we need it.

Paths are looked up in trees that we read ourselves: git is only asked for object names, so that no path, whatever is
in it (line feeds, `..`, a leading `:`), is ever part of a request.

Paths are text; bytes that are not UTF-8 are kept as surrogates (`surrogateescape`).
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import time
from dataclasses import dataclass

from bot.adapters.git.commands import LARGE, LIMIT, Git, disown, end, receive, too_slow
from bot.adapters.git.errors import GitError

_NAME = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_TREES = 1024
"""Trees kept at a time: the folders that a pull request is likely to touch."""

_FILES = ("100644", "100755")
_FOLDER = "040000"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a commit has at a path: git's mode, and the name of the object."""

    path: str
    mode: str
    name: str

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file: no folder, no link (`120000`), no submodule (`160000`)."""
        return self.mode in _FILES


class Objects:
    """The objects of a repository. `close` ends the process behind it.

    A process that is forked from ours gets a conversation with git of its own, with its first request.
    """

    def __init__(self, git: Git) -> None:
        self._git = git
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._tree = functools.lru_cache(_TREES)(self._read_tree)
        self._root = functools.lru_cache(16)(self._read_root)

    def close(self) -> None:
        """End the process; the next request would start another."""
        if self._process is not None and self._owner == os.getpid():
            end(self._process)
        self._process = None

    def entry(self, commit: str, path: str) -> Entry | None:
        """What a commit has at a path, relative to its root and with slashes; None when there is nothing."""
        *folders, last = encoded(path).split(b"/")
        tree = self._root(commit)
        for folder in folders:
            mode, tree = self._tree(tree).get(folder, ("", ""))
            if mode != _FOLDER:
                return None
        found = self._tree(tree).get(last)
        return Entry(path, *found) if found else None

    def blob(self, name: str) -> bytes:
        """The content of a file by the name of its object: of a larger one the first `LARGE` bytes and one more."""
        return self._read(name, "blob", LARGE + 1)

    def _read_root(self, commit: str) -> str:
        head = self._read(commit, "commit", 200)
        return head.removeprefix(b"tree ").split(b"\n", 1)[0].decode("ascii")

    def _read_tree(self, name: str) -> dict[bytes, tuple[str, str]]:
        return _entries(self._read(name, "tree", None), len(name) // 2)

    def _read(self, name: str, kind: str, most: int | None) -> bytes:
        """The content of an object; `most` bytes of it."""
        name = full(name)
        whole = False
        try:
            found = _Answer(self._started(), name).read(kind, most)
            whole = True
        except TimeoutError as error:
            raise too_slow(("cat-file",), LIMIT) from error
        except BrokenPipeError as error:
            raise GitError(f"git cat-file ended when it was asked for {name}; is the repository damaged?") from error
        finally:
            if not whole:  # an answer that was not read to its end would be taken for the next one's
                self.close()
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._owner != os.getpid():
            disown(self._process)
            self._process = None
        if self._process is None:
            self._process = self._git.start("cat-file", "--batch")
            self._owner = os.getpid()
        return self._process


class _Answer:
    """A request and what comes back: `NAME KIND SIZE`, the content, a line feed; or `NAME missing`."""

    def __init__(self, process: subprocess.Popen[bytes], name: str) -> None:
        assert process.stdin is not None
        self.name = name
        self._process = process
        self._deadline = time.monotonic() + LIMIT
        process.stdin.write(name.encode("ascii") + b"\n")

    def read(self, kind: str, most: int | None) -> bytes:
        """The first `most` bytes of the content; all is read."""
        data = b""
        while b"\n" not in data:
            data += self._more(1 << 16)
        head, data = data.split(b"\n", 1)
        said = head.split()
        if len(said) != 3:
            raise GitError(
                f"the repository has no object {self.name}; in a shallow or partial clone, fetch more of it "
                "(actions/checkout: `fetch-depth: 0`)"
            )
        if said[1] != kind.encode():
            raise GitError(f"{self.name} is a {said[1].decode()}, not a {kind}")
        left = int(said[2]) + 1 - len(data)
        parts, kept = [data], len(data)
        while left > 0:
            more = self._more(min(left, 1 << 20))
            left -= len(more)
            if most is None or kept < most:
                parts.append(more)
                kept += len(more)
        content = b"".join(parts)[: int(said[2])]
        return content if most is None else content[:most]

    def _more(self, size: int) -> bytes:
        data = receive(self._process, self._deadline, size)
        if not data:
            raise BrokenPipeError
        return data


def full(name: str) -> str:
    """The name itself when it is a full object name; anything else might be an option, or mean another one later."""
    if not _NAME.fullmatch(name):
        raise GitError(f"{name!r} is no full object name")
    return name


def encoded(path: str) -> bytes:
    """A path as git has it."""
    return path.encode("utf-8", "surrogateescape")


def decoded(path: bytes) -> str:
    """A path as text."""
    return path.decode("utf-8", "surrogateescape")


def _entries(tree: bytes, length: int) -> dict[bytes, tuple[str, str]]:
    """Mode and object name of each member of a tree: `MODE NAME`, a NUL, and `length` bytes of the object's name."""
    found: dict[bytes, tuple[str, str]] = {}
    place = 0
    while place < len(tree):
        nul = tree.index(b"\0", place)
        mode, name = tree[place:nul].split(b" ", 1)
        place = nul + 1 + length
        found.setdefault(name, (_canonical(mode), tree[nul + 1 : place].hex()))
    return found


def _canonical(mode: bytes) -> str:
    """A mode as git shows it: old commits have other permissions, and folders no leading zero."""
    if mode.startswith(b"100"):
        return "100755" if int(mode, 8) & 0o100 else "100644"
    return mode.decode("ascii").zfill(6)
