"""Which file of a run a tool means: by a file URI, a path from where it was run, or the end of a path."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from urllib.parse import unquote


class Files:
    """The files of a run: `known` are their absolute paths with what the run calls them.

    `roots` are the folders that tools are run in, the most likely first; absolute, too.
    """

    def __init__(self, known: Mapping[str, str], roots: Sequence[str] = ()) -> None:
        self._roots = tuple(dict.fromkeys(roots))
        self._absolute = dict(known)
        self._ends: dict[str, list[str]] = {}
        for absolute in self._absolute:
            self._ends.setdefault(posixpath.basename(absolute), []).append(absolute)

    def find(self, uri: str) -> str | None:
        """The path, as the run calls it, of the file at a URI or path; None for a file that is not looked at.

        Some tools put the folder that they were given before their paths once more, or leave it out: then the end of
        the path decides, where it fits one file alone.
        """
        path = _path_of(uri)
        if path is None:
            return None
        for root in self._roots:
            found = self._absolute.get(posixpath.normpath(posixpath.join(root, path)))
            if found is not None:
                return found
        if path.startswith("/") and any(path.startswith(root.rstrip("/") + "/") for root in self._roots):
            return None
        return self._by_end(path.lstrip("/"))

    def _by_end(self, path: str) -> str | None:
        parts = [part for part in posixpath.normpath(path).split("/") if part not in ("", ".", "..")]
        if not parts:
            return None
        candidates = self._ends.get(parts[-1], [])
        for root in self._roots:
            for start in range(1, len(parts)):
                shorter = posixpath.join(root, *parts[start:])
                if shorter in candidates and len(parts) - start > 1:
                    return self._absolute[shorter]
        end = "/" + "/".join(parts)
        fitting = {self._absolute[each] for each in candidates if each.endswith(end)}
        return fitting.pop() if len(fitting) == 1 else None


def _path_of(uri: str) -> str | None:
    if "://" in uri:
        scheme, _, rest = uri.partition("://")
        if scheme != "file":
            return None
        host, slash, path = rest.partition("/")
        return unquote(slash + path) if host in ("", "localhost") and slash else None
    return unquote(uri.removeprefix("file:"))
