"""Real repositories for tests, made by git without anything of this machine's configuration."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

ENVIRON = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.com",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


def git(folder: Path, *arguments: str | bytes, given: bytes = b"") -> bytes:
    """The output of git, called plainly in a folder."""
    done = subprocess.run(("git", *arguments), cwd=folder, env=ENVIRON, input=given, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


class Work:
    """A repository with a working tree."""

    def __init__(self, root: Path, *options: str) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        git(root, "init", "-q", "-b", "main", *options)
        # Bytes go in as they are.
        git(root, "config", "core.autocrlf", "false")

    def put(self, files: Mapping[str | bytes, bytes | None]) -> None:
        """Write files; None removes one."""
        for name, content in files.items():
            place = self.root / os.fsdecode(name)
            if content is None:
                place.unlink()
                continue
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)

    def commit(self, files: Mapping[str | bytes, bytes | None] | None = None) -> str:
        """Write files and commit everything; the full name of the commit."""
        self.put(files or {})
        git(self.root, "add", "-A")
        return self.record()

    def record(self) -> str:
        """Commit the index."""
        git(self.root, "commit", "-q", "--allow-empty", "-m", "x")
        return git(self.root, "rev-parse", "HEAD").decode().strip()
