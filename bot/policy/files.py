"""Read policy files: one policy a file, YAML, everything known or refused.

`parse` and `check` are functions of their arguments; `load` reads a folder. The format is described in
docs/policy-format.md, for editors in `policy.schema.json` beside this file, and read by `bot.policy.format`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import bot
from bot.errors import PolicyError
from bot.manifest import pointers, read
from bot.manifest.spans import locate
from bot.policy.expressions import asked, problems, relates
from bot.policy.format import policy_of
from bot.policy.model import Policy
from bot.policy.packed import packed, unpacked
from bot.policy.places import Place

_SUFFIXES = (".yaml", ".yml")
_EXAMPLES = "\nexamples:\n"
"""The last member of each policy that comes with the bot; a test holds them to it."""


_KEPT = "policies.json"
"""The file in the user's cache folder with the built-in policies as they were read."""


def built_in_folder() -> Path:
    """Where the policies that come with the bot are: in the package of a wheel, else beside it in the checkout."""
    package = Path(bot.__file__).parent
    packed = package / "data" / "policies"
    return packed if packed.is_dir() else package.parent / "policies"


def load(folder: Path | None = None, *, examples: bool = True) -> tuple[Policy, ...]:
    """The policies below `folder` in order of their ids; without it those that come with the bot.

    The expressions of the latter are checked by the tests, not at each start: that would take longer than a scan. Nor
    are their examples read without `examples`: a scan needs none, and they are two thirds of the text.

    Those without examples are kept in the user's cache folder, as data that are used only while nothing has changed:
    reading the YAML takes as long as a scan of fifty files.
    """
    if folder is not None or examples:
        return _load(built_in_folder() if folder is None else folder, own=folder is not None, examples=examples)
    key = _key()
    kept = _kept(key)
    if kept is None:
        kept = _load(built_in_folder(), own=False, examples=False)
        _keep(key, kept)
    return kept


def _load(root: Path, *, own: bool, examples: bool) -> tuple[Policy, ...]:
    policies: dict[str, Policy] = {}
    for path in _files(root):
        text = _text(path)
        policy = parse(path, text if examples or own else text.partition(_EXAMPLES)[0] + "\n")
        if own:
            check(policy, text)
        twin = policies.setdefault(policy.id, policy)
        if twin is not policy:
            raise PolicyError(f"{path}:1: {policy.id} is there already: {twin.source}; one file a policy")
    if not policies:
        raise PolicyError(f"{root}:1: no policy files here; a policy is a file named ID.yaml")
    return tuple(policies[key] for key in sorted(policies))


def parse(path: str, text: str) -> Policy:
    """The policy that `text` says; `path` is its file, whose name is the id."""
    manifest = read(path, text)
    if manifest.problem is not None:
        raise PolicyError(f"{path}:{manifest.problem.line or 1}: {manifest.problem.reason}")
    documents = [document for document in manifest.documents if document.value is not None]
    if len(documents) != 1:
        raise PolicyError(f"{path}:1: {len(documents)} policies in one file; one file a policy")
    policy = policy_of(Place(manifest, documents[0].root, "the policy"), path)
    return replace(policy, asks=asked(policy), relates=relates(policy)) if "inventory" in text else policy


def check(policy: Policy, text: str) -> None:
    """Raise a PolicyError for the first expression of a policy that is not well-formed; `text` is its file's."""
    for pointer, reason in problems(policy):
        manifest = read(policy.source, text)
        index = next(document.index for document in manifest.documents if document.value is not None)
        line = locate(manifest, index, pointer).start_line
        raise PolicyError(f"{policy.source}:{line}: {pointers.split(pointer)[-1]}: {reason}")


def _files(root: Path) -> Iterator[str]:
    if not root.is_dir():
        raise PolicyError(f"{root}:1: no such folder; policies are the *.yaml files of a folder")
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(_SUFFIXES) and not name.startswith("."):
                yield os.path.join(folder, name)  # noqa: PTH118 - a Path for each of hundreds of files takes longer


def _text(path: str) -> str:
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PolicyError(f"{path}:1: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PolicyError(f"{path}:{line}: not UTF-8; policy files are UTF-8 text") from error


def _key() -> str:
    """What the kept policies depend on: the files they were read from, where these are, and what reads them."""
    digest = hashlib.sha256(bot.__version__.encode())
    package = Path(bot.__file__).parent
    code = [str(path) for folder in ("policy", "manifest") for path in sorted((package / folder).glob("*.py"))]
    for path in (*_files(built_in_folder()), *code):
        with open(path, "rb") as file:  # noqa: PTH123 - a Path for each of hundreds of files takes longer
            data = file.read()
        digest.update(b"%s\0%d\0" % (os.fsencode(path), len(data)))
        digest.update(data)
    return digest.hexdigest()


def _kept_file() -> Path | None:
    """Where policies are kept; None without a home, or on a system whose files do not tell whose they are."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not hasattr(os, "geteuid"):
        return None
    try:
        return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "k8s-auto-fix" / _KEPT
    except RuntimeError:
        return None


def _kept(key: str) -> tuple[Policy, ...] | None:
    """The policies that were kept under this key; None when they are others, damaged, or anybody else's to write."""
    path = _kept_file()
    if path is None:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        os.close(descriptor)
        return None
    with open(descriptor, "rb") as file:  # noqa: PTH123 - opened already, so that what is checked is what is read
        head, _, text = file.read().partition(b"\n")
    if head.decode("ascii", "replace") != f"{key} {hashlib.sha256(text).hexdigest()}":
        return None
    try:
        return unpacked(text.decode())
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return None


def _keep(key: str, policies: tuple[Policy, ...]) -> None:
    """Keep policies for the next start; where that is not possible, they are read again."""
    path = _kept_file()
    if path is None:
        return
    text = packed(policies).encode()
    new = path.with_name(f"{_KEPT}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError:
        return
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(f"{key} {hashlib.sha256(text).hexdigest()}\n".encode() + text)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
