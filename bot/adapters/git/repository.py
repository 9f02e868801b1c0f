"""A repository to read: commits by name, what differs between two, files of a commit.

git is pointed at a scratch directory (`bot.adapters.git.scratch`) and told where the objects are; only names of commits
are resolved in the repository itself.

Paths are relative to the root, with slashes; bytes that are not UTF-8 are surrogates (`surrogateescape`). Commits are
full object names, as `resolve` gives them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from bot.adapters.git import attributes, blame, difference, scratch
from bot.adapters.git.commands import LIMIT, Git, check_version, environment, last_words
from bot.adapters.git.errors import GitError
from bot.adapters.git.objects import Entry, Objects, decoded, full
from bot.review.hunks import FileDiff

_DEEPER = "fetch more history: git fetch --unshallow (actions/checkout: `fetch-depth: 0`)"


class Repository:
    """A repository at `path`: a checkout's root (with `.git`), or a bare repository. To be closed: it is a context.

    `environ` is the caller's environment; little of it reaches git. GitError when there is no repository, or no git
    that is new enough. In a process that is forked from ours it can be used as it is.
    """

    def __init__(self, path: Path, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        check_version(environ.get("PATH", os.defpath))
        path = path.absolute()
        checkout = os.path.lexists(path / ".git")
        self.root = path if checkout else None
        """The root of the working tree, None of a bare repository."""
        directory = path / ".git" if checkout else path
        self._owner = os.getpid()
        self._scratch = tempfile.TemporaryDirectory(prefix="k8s-auto-fix-git-")
        home = Path(self._scratch.name)
        try:
            settings = {"safe.directory": "*"}
            own = environment(home, environ, settings)
            # Ahead of core.worktree, which may point anywhere.
            self._names = Git(directory, own | {"GIT_WORK_TREE": str(home)})
            objects, self._cut = self._set_up(home, directory)
            self._git = Git(home, own | {"GIT_OBJECT_DIRECTORY": objects})
        except BaseException:
            self._scratch.cleanup()
            raise
        self._objects = Objects(self._git)

    @property
    def _shallow(self) -> bool:
        """Whether the history is cut off somewhere."""
        return bool(self._cut)

    def _set_up(self, home: Path, directory: Path) -> tuple[str, frozenset[str]]:
        """Fill the scratch directory; where the repository's objects are, and the commits whose parents are cut off."""
        asked = ("rev-parse", "--show-object-format", "--git-path", "objects", "--git-path", "shallow")
        finished = self._names.run(*asked)
        if finished.code:
            raise GitError(f"{directory}: {last_words(finished.errors)}")
        kind, objects, shallow = decoded(finished.output).splitlines()
        scratch.make(home, sha256=kind == "sha256")
        try:
            content = Path(shallow).read_bytes()
        except FileNotFoundError:
            return objects, frozenset()
        (home / "shallow").write_bytes(content)
        return objects, frozenset(content.decode("ascii", "replace").split())

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process behind it and remove what it wrote."""
        self._objects.close()
        if self._owner == os.getpid():
            self._scratch.cleanup()

    def resolve(self, ref: str) -> str:
        """The full name of the commit that a ref, a tag or an abbreviated name stands for."""
        if not ref or ref.startswith(("-", "^")) or not ref.isprintable():
            raise GitError(f"{ref!r} cannot be the name of a commit")
        finished = self._names.run("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        if finished.code:
            said = f" ({last_words(finished.errors)})" if finished.errors.strip() else ""
            hint = _DEEPER if self._shallow else "`git fetch` may bring it"
            raise GitError(f"git knows no commit {ref!r}{said}; {hint}")
        return finished.output.decode("ascii").strip()

    def merge_base(self, base: str, head: str) -> str:
        """The commit that two commits have in common: what a pull request is compared with."""
        finished = self._git.run("merge-base", full(base), full(head))
        if finished.code == 0:
            return finished.output.decode("ascii").split()[0]
        if finished.code != 1:
            raise GitError(f"git merge-base: {last_words(finished.errors)}")
        between = f"{base[:12]} and {head[:12]}"
        if self._shallow:
            raise GitError(f"{between} have no common commit in this shallow clone; {_DEEPER}")
        raise GitError(f"{between} have no common commit: the two have nothing to do with each other")

    def diff(self, base: str, head: str) -> tuple[FileDiff, ...]:
        """What differs between two commits, by path of the head.

        For what a pull request does, `base` is the merge base. Links and submodules are among the files, told by their
        mode. `binary` are files that hold a NUL byte, are larger than is read, or whose attributes (`-diff`, `binary`)
        say so; attributes are those of the head.
        """
        lines = self._git.pieces(b"\n", "diff-tree", *difference.OPTIONS, full(base), full(head), "--")
        found = list(difference.changes(lines))
        marked = attributes.marked(self._git, self._objects, head, [change.path for change in found])
        return tuple(
            FileDiff(
                change.path,
                change.old_path,
                change.status,
                change.mode,
                binary=change.binary or change.path in marked.hidden,
                generated=change.path in marked.generated,
                hunks=() if change.path in marked.hidden else change.hunks,
            )
            for change in found
        )

    def entry(self, commit: str, path: str) -> Entry | None:
        """What a commit has at a path; None when there is nothing. `is_file` tells links and submodules apart."""
        return self._objects.entry(commit, path)

    def mode(self, commit: str, path: str) -> str | None:
        """The mode of what a commit has at a path: `100644`, `100755`, `120000` (a link), `160000` (a submodule)."""
        found = self.entry(commit, path)
        return found.mode if found else None

    def read(self, commit: str, path: str) -> bytes | None:
        """The content of a regular file of a commit; None when there is none at the path (`mode` says what is).

        Of a file that is too large the first 10,000,000 bytes come and one more: `bot.adapters.files` refuses them.
        """
        found = self.entry(commit, path)
        return self._objects.blob(found.name) if found and found.is_file else None

    def time(self, commit: str) -> int:
        """When a commit was made: its committer's date, in seconds since 1970."""
        return int(self._git.output("rev-list", "--max-count=1", "--timestamp", full(commit), "--").split()[0])

    def blame(self, commit: str, path: str, lines: Collection[int], limit: float = LIMIT) -> dict[int, int | None]:
        """When lines of a file of a commit came into its branch, by line, 1-based: seconds since 1970.

        None where the history is cut off: nobody knows in a shallow clone. Lines that the file does not have are not
        in the answer. `limit` are seconds; GitError when there is no such file, when git is slower, or lacks objects,
        as in a partial clone.
        """
        if full(commit) in self._cut:  # git would blame it for all lines
            return dict.fromkeys(lines)
        wanted = set(lines)
        last = self._last_line(commit, path)
        there = {line for line in wanted if 1 <= line <= last}
        if not there:
            return {}
        arguments = (*blame.OPTIONS, *blame.ranges(there), commit, "--", path)
        found = blame.times(self._git.pieces(b"\n", "blame", *arguments, limit=limit), self._cut)
        return {line: time for line, time in found.items() if line in there}

    def _last_line(self, commit: str, path: str) -> int:
        content = self.read(commit, path)
        if content is None:
            raise GitError(f"{path} is no file of {commit[:12]}")
        return content.count(b"\n") + (not content.endswith(b"\n") and bool(content))

    def files(self, commit: str) -> Iterator[Entry]:
        """Everything in a commit but folders, sorted as git does: files, links, submodules."""
        for piece in self._git.pieces(b"\0", "ls-tree", "-r", "-z", "--full-tree", full(commit), "--"):
            fields, path = piece.split(b"\t", 1)
            mode, _, name = fields.decode("ascii").split()
            yield Entry(decoded(path), mode, name)

    def grep(self, commit: str, text: str, endings: Sequence[str] = ()) -> tuple[str, ...]:
        """The paths of a commit's text files that contain `text`, as it is; `endings` (`.yaml`) limits which."""
        if not text or "\n" in text:
            raise ValueError("one line of text to look for")
        # As globs: a star that matches slashes too. Nothing that a repository brings is in these patterns.
        git = Git(self._git.directory, {**self._git.environ, "GIT_LITERAL_PATHSPECS": "0"})
        patterns = [f"*{ending}" for ending in endings]
        options = ("-F", "-I", "-l", "-z", "--no-textconv", "--full-name", "--no-color")
        finished = git.run("grep", *options, "-e", text, full(commit), "--", *patterns)
        if finished.code > 1:
            raise GitError(f"git grep: {last_words(finished.errors)}")
        return tuple(decoded(line).removeprefix(f"{commit}:") for line in finished.output.split(b"\0") if line)

    def differing(self, commit: str, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of some paths whose file in the working tree has not the bytes, or not the kind, that a commit has."""
        if self.root is None:
            raise GitError("a bare repository has no files that could differ")
        return tuple(path for path in paths if self.read(commit, path) != _regular(self.root, path))


def _regular(root: Path, path: str) -> bytes | None:
    """The content of a regular file below `root`, reached through no link; None when there is no such file."""
    parts = Path(path).parts
    if ".." in parts or Path(path).is_absolute():
        return None
    place = root
    for part in parts:
        place /= part
        if place.is_symlink():
            return None
    return place.read_bytes() if place.is_file() else None
