"""The image as a runner starts it: `make image-test` builds it, and puts these tests into namespaces of their own."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

IMAGE, CONFIG = "K8S_AUTO_FIX_IMAGE", "K8S_AUTO_FIX_IMAGE_CONFIG"
RUNNER = 1001
"""The user that owns the workspace on a hosted runner; the container runs as root."""
_UP, _GET, _SET = 1, 0x8913, 0x8914  # of net/if.h and linux/sockios.h


@dataclass(frozen=True)
class Image:
    """Its root folder, and what it says about how it is started."""

    root: Path
    config: Mapping[str, Any]

    def start(self, *arguments: str, entry: Sequence[str] = (), **variables: str) -> subprocess.CompletedProcess[str]:
        """Run to the end in the workspace, with the image's variables and a runner's, and no others."""
        environ = dict(line.split("=", 1) for line in self.config["Env"])
        environ |= {
            "HOME": "/github/home",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": "/github/workspace",
            "RUNNER_TEMP": "/github/runner_temp",
        }
        command = [*(entry or self.config["Entrypoint"]), *arguments]
        environ |= variables
        return subprocess.run(
            command, env=environ, capture_output=True, text=True, timeout=120, check=False, preexec_fn=self._enter
        )

    def _enter(self) -> None:
        os.chroot(self.root)
        os.chdir("/github/workspace")


@pytest.fixture(scope="session")
def built() -> Iterator[Image]:
    """The image, with the kernel's folders mounted and loopback up."""
    if IMAGE not in os.environ:
        pytest.skip("the image is built by: make image-test")
    root = Path(os.environ[IMAGE])
    _loopback()
    subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
    subprocess.run(["mount", "--rbind", "/dev", root / "dev"], check=True)
    yield Image(root, json.loads(os.environ[CONFIG]))
    subprocess.run(["umount", "--recursive", "--lazy", root / "dev", root / "proc"], check=True)


@pytest.fixture
def image(built: Image) -> Image:
    """The image with a runner's folders, all empty."""
    subprocess.run(["rm", "-rf", built.root / "github"], check=True)
    for name in ("workspace", "home", "runner_temp", "workflow", "file_commands"):
        (built.root / "github" / name).mkdir(parents=True)
    return built


def _loopback() -> None:
    """A new network namespace has a loopback interface that is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack("16xh14x", fcntl.ioctl(any_socket, _GET, request))
        fcntl.ioctl(any_socket, _SET, struct.pack("16sh14x", b"lo", flags | _UP))
