"""Stand-ins for docker and kind that write down every command line, and do as little as the bot needs.

What they are told stands in files of their folder: `fail-<words>` (a complaint; the command fails), `slow` (seconds
that a creation takes), `kubeconfig` and `internal` (what kind gives out), `id` (of our own container).
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
from pathlib import Path

import yaml

SCRIPT = """#!/bin/sh
here=$(dirname "$0")/..
name=$(basename "$0")
echo "$name $*" >> "$here/log"
for told in "$here"/fail-*; do
  words=$(basename "$told" | sed 's/^fail-//; s/_/ /g')
  case "$name $*" in "$words"*) cat "$told" >&2; exit 1;; esac
done
case "$name $1 $2" in
  "kind create cluster")
    [ -f "$here/slow" ] && sleep "$(cat "$here/slow")"
    echo "Creating cluster ..." >&2
    cat "$here/kubeconfig" > "$6" ;;
  "kind get kubeconfig") cat "$here/internal" ;;
  "docker inspect --type") [ -f "$here/id" ] || { echo "Error: No such container: x" >&2; exit 1; }; cat "$here/id" ;;
  "docker version --format") echo 28.2.2 ;;
esac
"""


@dataclass
class StandIns:
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        tools = self.folder / "bin"
        tools.mkdir(parents=True)
        for name in ("docker", "kind"):
            (tools / name).write_text(SCRIPT)
            (tools / name).chmod(0o755)
        self.socket = socket.socket(socket.AF_UNIX)
        here = Path.cwd()
        os.chdir(self.folder)  # the path of a socket is short
        self.socket.bind("docker.sock")
        os.chdir(here)
        self.environ = {
            **os.environ,
            "PATH": f"{tools}:{os.environ['PATH']}",
            "DOCKER_HOST": f"unix://{self.folder}/docker.sock",
            "HOSTNAME": "f00",
        }

    def tell(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def serve(self, url: str, token: str = "t", **cluster: str) -> None:
        """What kind's kubeconfigs say; the internal one differs in its user, so that a test sees which is used."""
        for name, user in (("kubeconfig", {"token": token}), ("internal", {"token": f"{token}-inside"})):
            document = {
                "current-context": "c",
                "clusters": [{"name": "c", "cluster": {"server": url, **cluster}}],
                "users": [{"name": "c", "user": user}],
                "contexts": [{"name": "c", "context": {"cluster": "c", "user": "c"}}],
            }
            self.tell(name, yaml.safe_dump(document))

    def log(self) -> list[str]:
        try:
            return (self.folder / "log").read_text().splitlines()
        except FileNotFoundError:
            return []
