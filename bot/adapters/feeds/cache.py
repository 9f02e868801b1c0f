"""Fetched feeds, kept. `feeds.json` says what is there, with the SHA-256 of each file as it was kept.

The layout of a feed is checked before anything is kept. Neither FIRST nor CISA publishes a checksum: ours tells that a
file is still what was fetched.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.adapters.feeds import files
from bot.adapters.feeds.fetch import URLS, FeedError, fetched
from bot.errors import InputError
from bot.model import Json
from bot.rank import epss, kev

UPDATE = "k8s-auto-fix feeds update"
_INDEX = "feeds.json"
_LOCK = ".lock"
_ENDINGS = {"epss": ".csv", "kev": ".json"}


@dataclass(frozen=True, slots=True)
class Kept:
    """A feed in the cache: the file's name and SHA-256, where it came from, its own date, and how many CVEs it has."""

    file: str
    sha256: str
    url: str
    date: str
    count: int


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder that fetched feeds are kept in."""
    base = environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "k8s-auto-fix" / "feeds"


def kept(folder: Path) -> dict[str, Kept]:
    """What is in the cache, by the names of `URLS`; InputError when its index is damaged."""
    index = folder / _INDEX
    try:
        found = json.loads(index.read_text(encoding="utf-8"))
        return {name: _read(found[name]) for name in URLS if name in found}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{index}: damaged ({error}); remove the folder, then {UPDATE}") from None


def update(name: str, folder: Path, url: str = "") -> Kept:
    """Fetch one feed into the cache. FeedError says why it cannot be; then the cache is as it was."""
    url = url or URLS[name]
    data = fetched(url)
    try:
        text = files.unpacked(url, data).decode()
        feed = _summary(name, url, text)
    except UnicodeDecodeError:
        raise FeedError(f"{url}: not UTF-8; nothing was kept") from None
    except InputError as error:
        raise FeedError(
            f"{str(error).partition('; give ')[0]}: another layout than published; nothing was kept"
        ) from None
    try:
        return _keep(name, folder, text.encode(), url, feed)
    except OSError as error:
        raise FeedError(f"{folder}: cannot be written: {error.strerror}") from None


def content(folder: Path, found: Kept) -> tuple[str, str]:
    """(path, text) of a feed in the cache; InputError when it is not what was fetched."""
    path = folder / found.file
    data = files.content(path, str(path))
    if hashlib.sha256(data).hexdigest() != found.sha256:
        raise InputError(f"{path}: not what was fetched, its checksum differs; {UPDATE}")
    return str(path), data.decode()


def _read(entry: Json) -> Kept:
    """An entry of the index; ValueError or TypeError when it is none."""
    found = Kept(**entry)
    texts = [entry[name] for name in ("file", "sha256", "url", "date")]
    if not isinstance(entry["count"], int) or not all(isinstance(each, str) for each in texts):
        raise TypeError("an entry of another type")
    if Path(found.file).name != found.file:
        raise ValueError("a file outside of the folder")
    return found


def _summary(name: str, said: str, text: str) -> tuple[str, int]:
    """(date, number of CVEs) of a feed that is read as a whole."""
    if name == "epss":
        scores = epss.parse(said, text)
        return scores.date, len(scores.by_cve)
    catalogue = kev.parse(said, text)
    return catalogue.released, len(catalogue.cves)


def _keep(name: str, folder: Path, data: bytes, url: str, feed: tuple[str, int]) -> Kept:
    digest = hashlib.sha256(data).hexdigest()
    new = Kept(f"{name}-{digest[:16]}{_ENDINGS[name]}", digest, url, *feed)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        _write(folder / new.file, data)
        try:
            there = kept(folder)
        except InputError:  # a damaged index is what an update mends
            there = {}
        index = {key: asdict(each) for key, each in sorted((there | {name: new}).items())}
        _write(folder / _INDEX, (json.dumps(index, indent=2) + "\n").encode())
        for file in folder.glob(f"{name}-*"):
            if file.name != new.file:
                file.unlink(missing_ok=True)
    return new


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One update at a time."""
    with (folder / _LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write(path: Path, data: bytes) -> None:
    """The whole file or none of it."""
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
