"""kube-apiserver, etcd and kubectl for who has none: the archive that setup-envtest uses, pinned by checksum.

Invariant: nothing is unpacked before its checksum holds, and nothing but the three programs is; they appear in the
cache whole or not at all.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from bot.adapters.cluster import binaries
from bot.adapters.cluster.binaries import APISERVER, ETCD, KUBECTL
from bot.adapters.cluster.errors import ClusterError

VERSION = "1.36.2"
RELEASES = "https://github.com/kubernetes-sigs/controller-tools/releases/download"
CHECKSUMS = {
    "darwin-amd64": "b4fe9f973cd1992e3880f8b230ed32c0c243b83371591e3e3315f4404df2cdbe"
    "f8ee94eeb9bb245b7e5feb987d5c4a76c43e0877654ab73f00d7bbc2b9984514",
    "darwin-arm64": "9278f9e5af556b2f1f2d139769c1f0d717c7b4426917fdebdba898bcb725a916"
    "e4910d6160886194ff9be9589ea7c5c32c2b8ae0754703874b7c8ba8ddfc41ce",
    "linux-amd64": "ea743186c8a799f5cf8faf16969f86189d003cb7d130e0ac4b58789f1e5748dc"
    "f30ebe91c837a10d5ac415383da3e10b9e64d65785c938c23e739781cfb76f08",
    "linux-arm64": "2d72ee985a8e262a3c57dc9f7f0fd891f6a8c7bf7ebaa2db6dc6d8eac8ae2818"
    "1afe51c1f368b67756cdb40b10de9b205609e1726e5f27f7c6d824dd9c6649ac",
}
"""SHA-512, from the list that controller-tools publishes with its releases."""
_LARGEST = 400 * 1024 * 1024
_SILENCE = 30.0
_FOLDER = "controller-tools/envtest"
Progress = Callable[[int, int], None]


def platform() -> str:
    """System and processor, as archives name them."""
    return f"{sys.platform}-{binaries.architecture()}"


def install(*, releases: str = RELEASES, progress: Progress = lambda _done, _all: None) -> Path:
    """Downloads into the cache; the folder. Does nothing when it is there. ClusterError says what went wrong.

    `progress` is told the bytes that are there and their number in all, 0 when that is not known.
    """
    target = binaries.cache_folder() / VERSION
    if all((target / name).exists() for name in (APISERVER, ETCD)):
        return target
    machine = platform()
    if machine not in CHECKSUMS:
        raise ClusterError(f"there is no archive for {machine}; known are {', '.join(CHECKSUMS)}")
    url = f"{releases}/envtest-v{VERSION}/envtest-v{VERSION}-{machine}.tar.gz"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".install-", dir=target.parent) as folder:
            archive = Path(folder) / "archive"
            _download(url, archive, CHECKSUMS[machine], progress)
            unpacked = _unpack(archive, Path(folder) / VERSION)
            shutil.rmtree(target, ignore_errors=True)
            unpacked.rename(target)
    except OSError as error:
        raise ClusterError(f"cannot write to {target.parent}: {error}") from error
    return target


def _download(url: str, path: Path, checksum: str, progress: Progress) -> None:
    import httpx

    digest = hashlib.sha512()
    done = 0
    try:
        with (
            path.open("wb") as file,
            httpx.stream("GET", url, follow_redirects=True, timeout=_SILENCE) as response,
        ):
            response.raise_for_status()
            whole = int(response.headers.get("content-length", 0))
            for piece in response.iter_bytes(1 << 18):
                file.write(piece)
                digest.update(piece)
                done += len(piece)
                if done > _LARGEST:
                    raise ClusterError(f"{url} is larger than {_LARGEST >> 20} MB: not installed")
                progress(done, whole)
    except httpx.HTTPError as error:
        why = str(error).partition("\n")[0] or type(error).__name__
        raise ClusterError(f"cannot download {url}: {why}") from None
    if digest.hexdigest() != checksum:
        raise ClusterError(f"{url} has another checksum than expected: not installed")


def _unpack(archive: Path, folder: Path) -> Path:
    folder.mkdir()
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for name in (APISERVER, ETCD, KUBECTL):
                content = tar.extractfile(f"{_FOLDER}/{name}")
                if content is None:
                    raise ClusterError(f"{name} in the archive is no file: not installed")
                with (folder / name).open("wb") as file:
                    shutil.copyfileobj(content, file)
                os.chmod(folder / name, 0o755)  # noqa: PTH101, S103 - others may run it, as any program
    except (tarfile.TarError, KeyError, EOFError) as error:
        raise ClusterError(f"the archive cannot be unpacked: {error}") from None
    return folder
