"""A git directory of our own with nothing in it that could speak up: no configuration, hooks, attributes, aliases.

git reads its configuration from the directory it is pointed at. Pointed at this one, and told where the objects are
(`GIT_OBJECT_DIRECTORY`), it answers the same whatever the repository's owner or a pull request set up.
"""

from __future__ import annotations

from pathlib import Path

_PLAIN = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
_SHA256 = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = sha256\n"


def make(folder: Path, *, sha256: bool = False) -> None:
    """Turn an empty folder into a bare repository; `git init` would copy the machine's template into it."""
    (folder / "objects").mkdir()
    (folder / "refs").mkdir()
    (folder / "config").write_text(_SHA256 if sha256 else _PLAIN, encoding="utf-8")
    (folder / "HEAD").write_text("ref: refs/heads/none\n", encoding="utf-8")


def is_ours(folder: Path) -> bool:
    """Whether a folder is a repository that `make` made, with its configuration as it was."""
    try:
        return (folder / "config").read_text(encoding="utf-8") in (_PLAIN, _SHA256)
    except (OSError, ValueError):
        return False
