"""A root folder with Python, git and a shell, made of what is installed on this Debian: the base of a local image.

It stands in for `python:...-slim` where no registry can be reached. Packages are copied as dpkg lists their files, with
everything they depend on; a Python that is no package is copied from its prefix.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

PACKAGES = ("ca-certificates", "coreutils", "dash", "findutils", "git", "grep", "libc-bin", "libstdc++6", "sed")
LEFT_OUT = ("/usr/share/doc/", "/usr/share/man/", "/usr/share/locale/", "/usr/share/info/")
LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "lib64": "usr/lib64"}
CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")


def make(root: Path) -> None:
    """Fill the empty folder `root`."""
    for name, target in LINKS.items():
        (root / target).mkdir(parents=True)
        (root / name).symlink_to(target)
    for name in ("proc", "sys", "dev", "run", "var/tmp", "root", "etc/ssl/certs", "usr/local/bin"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n")
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    _copy(files(closure(PACKAGES)), root)
    shutil.copy2("/" / CERTIFICATES, root / CERTIFICATES)
    _python(root)


def closure(names: Iterable[str]) -> set[str]:
    """The installed packages among `names` and all that they depend on."""
    todo, found = list(names), set[str]()
    while todo:
        name = todo.pop()
        query = ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev}|${Pre-Depends}, ${Depends}", name]
        answer = subprocess.run(query, capture_output=True, text=True, check=False)
        if name in found or not answer.stdout.startswith("ii"):
            continue
        found.add(name)
        todo += re.findall(r"(?:^|[,|])\s*([a-z0-9][a-z0-9+.-]+)", answer.stdout.partition("|")[2])
    return found


def files(packages: Iterable[str]) -> list[str]:
    """The files and links of packages."""
    listed = subprocess.run(["dpkg", "--listfiles", *packages], capture_output=True, text=True, check=True).stdout
    paths = {line for line in listed.splitlines() if line.startswith("/") and not line.startswith(LEFT_OUT)}
    return sorted(path for path in paths if Path(path).is_symlink() or Path(path).is_file())


def _copy(paths: Iterable[str], root: Path) -> None:
    for path in paths:
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(target):
            shutil.copy2(path, target, follow_symlinks=False)


def _python(root: Path) -> None:
    prefix = Path(sys.base_prefix)
    command = Path(f"python{sys.version_info.major}.{sys.version_info.minor}")
    if prefix == Path("/usr"):
        _copy(files(closure((str(command), f"{command}-venv", "python3-pip"))), root)
    else:
        inside = root / str(prefix).lstrip("/")
        shutil.copytree(prefix, inside, symlinks=True, ignore=_not_needed)
        _copy(_libraries(inside), root)
    for name in ("python", "python3", command.name):
        (root / "usr/local/bin" / name).symlink_to(prefix / "bin" / command)


def _not_needed(folder: str, names: list[str]) -> list[str]:
    """Tests, documentation, bytecode, and every installed package but pip."""
    if Path(folder) == Path(sysconfig.get_path("purelib", vars={"base": sys.base_prefix})):
        return [name for name in names if not name.startswith("pip")]
    return [name for name in names if name in ("__pycache__", "test", "share", "include") or name.endswith(".a")]


def _libraries(prefix: Path) -> list[str]:
    """The shared libraries that the programs and modules below `prefix` load."""
    programs = [path for path in prefix.rglob("*") if path.suffix == ".so" or path.parent.name == "bin"]
    real = [str(path) for path in programs if path.is_file() and not path.is_symlink()]
    said = subprocess.run(["ldd", *real], capture_output=True, text=True, check=False).stdout
    found = {Path(name) for name in re.findall(r"(?:=> |^\t)(/\S+) \(0x", said, re.MULTILINE)}
    found |= {path.resolve() for path in found}
    return sorted(str(path) for path in found if not path.is_relative_to(sys.base_prefix))
