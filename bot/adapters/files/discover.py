"""The files that a run looks at, and why not the others.

Folders are walked for `*.yaml`, `*.yml` and those `*.json` that look like Kubernetes. A file that is named is looked at
whatever its ending and whatever .gitignore says; only `exclude`, which is the team's own word, keeps it out, so that a
pre-commit hook, which names files, respects it too. Links to files are followed while they stay in the repository.

Invariant: each file is there once, and the result depends on nothing but the tree and the arguments: arguments in their
order, the files of a folder by path.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.files.gitignore import Patterns
from bot.adapters.files.text import MAX_SIZE, not_a_file, too_large, unreadable
from bot.adapters.files.walk import ENDINGS, LeftOut, Scope, walk, with_slash
from bot.model import Skip
from bot.settings import repository_root
from bot.settings.load import current_folder

_SNIFFED = 65_536


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read. `path` opens it and is what people see; below the current folder it is relative to that."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found. `ignored` counts the files and folders left out by .gitignore and `exclude`."""

    files: tuple[InputFile, ...]
    skips: tuple[Skip, ...]
    ignored: int


def discover(paths: Iterable[str], *, exclude: Sequence[str] = (), exclude_root: str = "") -> Discovery:
    """The files that `paths` name or hold. `exclude`: patterns as in .gitignore, relative to `exclude_root`."""
    here = str(current_folder())
    search = _Search(here, Scope(with_slash(os.path.realpath(exclude_root or here)), Patterns(exclude)))
    for place, path in enumerate(paths):
        search.argument(place, path)
    return search.result()


def manifests_in(folder: str) -> tuple[str, ...]:
    """The files of a folder that may hold manifests, by name; those of folders below are left out.

    What surrounds a file counts whether or not a run looks at it, so .gitignore and `exclude` have no say here.
    """
    try:
        with os.scandir(folder or ".") as entries:
            names = [each.name for each in entries if each.name.lower().endswith(ENDINGS) and each.is_file()]
    except OSError:
        return ()
    return tuple(f"{folder}/{name}" if folder else name for name in sorted(names))


@dataclass(frozen=True, slots=True)
class _Found:
    """`place`: of the argument. `real`: the path without links. `link`: a link that was walked into, not named."""

    place: int
    path: str
    real: str
    size: int
    link: bool = False


@dataclass(frozen=True, slots=True)
class _Top:
    """A folder that was named: its real path, what people call it, and the folder that no link may leave."""

    place: int
    real: str
    shown: str
    boundary: str

    def name(self, path: str) -> str:
        """What people call the folder or a path below."""
        return self.shown + path[len(self.real) :] if path.startswith(self.real) else self.shown.rstrip("/") or "."


@dataclass(slots=True)
class _Search:
    here: str
    exclude: Scope
    found: list[_Found] = field(default_factory=list)
    skips: list[tuple[int, Skip]] = field(default_factory=list)
    ignored: int = 0

    def argument(self, place: int, path: str) -> None:
        """Look at a path that was named."""
        if not path:  # an unset variable, most likely; a Path takes it for the current folder
            self.skips.append((place, Skip("read", "no-such-file", "cannot be read: an empty path", path, error=True)))
            return
        shown = self._shown(path)
        try:
            status = Path(path).stat()
        except OSError as error:
            self.skips.append((place, _link_loop(shown) if error.errno == errno.ELOOP else unreadable(shown, error)))
            return
        folder = stat.S_ISDIR(status.st_mode)
        if self._is_excluded(path, folder=folder):
            self.skips.append((place, Skip("read", "excluded", "left out by exclude in the settings", shown)))
        elif folder:
            self._folder(place, os.path.realpath(path), "" if shown == "." else with_slash(shown))
        elif stat.S_ISREG(status.st_mode):
            self._add(_Found(place, shown, os.path.realpath(path), status.st_size))
        else:
            self.skips.append((place, not_a_file(shown, status.st_mode)))

    def result(self) -> Discovery:
        """Each file once: under a name of its own before that of a link, else under the first name."""
        names: dict[str, _Found] = {}
        for one in sorted(self.found, key=lambda each: (each.link, each.place, each.path)):
            first = names.setdefault(one.real, one)
            if first.path != one.path:
                self.skips.append((one.place, Skip("read", "same-file", f"the same file as {first.path}", one.path)))
        files = sorted(names.values(), key=lambda each: (each.place, each.path))
        skips = sorted(self.skips, key=lambda each: (each[0], each[1].path))
        return Discovery(
            tuple(InputFile(each.path, each.size) for each in files),
            tuple(dict.fromkeys(skip for _, skip in skips)),
            self.ignored,
        )

    def _shown(self, path: str) -> str:
        absolute = os.path.normpath(Path(self.here, path))
        if absolute == self.here:
            return "."
        below = with_slash(self.here)
        return absolute.removeprefix(below) if absolute.startswith(below) else path

    def _is_excluded(self, path: str, *, folder: bool) -> bool:
        if not self.exclude.patterns:
            return False
        named = Path(os.path.normpath(Path(self.here, path)))
        return self.exclude.leaves_out(os.path.realpath(named.parent) + "/" + named.name, folder=folder)

    def _folder(self, place: int, real: str, shown: str) -> None:
        root = repository_root(real)
        top = _Top(place, with_slash(real), shown, with_slash(str(root or real)))
        for one in walk(top.real, root, self.exclude):
            if isinstance(one, LeftOut):
                self.ignored += 1
            elif isinstance(one, Skip):
                self.skips.append((place, _renamed(one, top.name(one.path))))
            else:
                skip = self._entry(top, one)
                if skip is not None:
                    self.skips.append((place, skip))

    def _entry(self, top: _Top, entry: os.DirEntry[str]) -> Skip | None:
        """Take a file that was walked to, or say why not."""
        shown = top.name(entry.path)
        try:
            if entry.is_symlink():
                return self._link(top, entry, shown)
            status = entry.stat()
            return self._manifest(_Found(top.place, shown, entry.path, status.st_size), status.st_mode)
        except OSError as error:
            return unreadable(shown, error)

    def _link(self, top: _Top, entry: os.DirEntry[str], shown: str) -> Skip | None:
        manifest = entry.name.lower().endswith(ENDINGS)
        try:
            status = entry.stat()
        except OSError as error:
            if error.errno == errno.ELOOP:
                return _link_loop(shown)
            return Skip("read", "link-broken", "a link to nothing", shown, error=True) if manifest else None
        folder = stat.S_ISDIR(status.st_mode)
        real = os.path.realpath(entry.path)
        if not (folder or manifest) or self.exclude.leaves_out(real, folder=folder):
            return None
        if folder and entry.path.startswith(with_slash(real)):
            return Skip("read", "link-loop", "a link to a folder that it lies in; not followed", shown)
        if not real.startswith(top.boundary) or "/.git/" in real[len(top.boundary) - 1 :]:
            return Skip("read", "link-outside", "a link that leaves the repository; not followed", shown)
        if folder:
            return Skip("read", "link-folder", "a link to a folder; folders are read where they stand", shown)
        return self._manifest(_Found(top.place, shown, real, status.st_size, link=True), status.st_mode)

    def _manifest(self, found: _Found, mode: int) -> Skip | None:
        if not stat.S_ISREG(mode):
            return not_a_file(found.path, mode)
        if found.path.lower().endswith(".json") and not _looks_like_kubernetes(Path(found.real)):
            return None
        if found.size > MAX_SIZE:
            return too_large(found.path, found.size)
        self._add(found)
        return None

    def _add(self, found: _Found) -> None:
        if found.path.isascii() or _is_text(found.path):
            self.found.append(found)
        else:
            printable = found.path.encode(errors="backslashreplace").decode()
            skip = Skip("read", "name-not-utf-8", "its name is not UTF-8; rename it", printable, error=True)
            self.skips.append((found.place, skip))


def _looks_like_kubernetes(path: Path) -> bool:
    """Whether a JSON file says what objects say; of one beyond the limit only the beginning is looked at."""
    with path.open("rb") as file:
        data = file.read(_SNIFFED)
        if b'"apiVersion"' in data and b'"kind"' in data:
            return True
        rest = file.read(MAX_SIZE)
    if len(data) + len(rest) > MAX_SIZE:
        return b'"apiVersion"' in data
    return b'"apiVersion"' in data + rest and b'"kind"' in data + rest


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _link_loop(shown: str) -> Skip:
    return Skip("read", "link-loop", "a link that leads to itself", shown, error=True)


def _renamed(skip: Skip, path: str) -> Skip:
    return Skip(skip.stage, skip.code, skip.reason, path, error=skip.error)
