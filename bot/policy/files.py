"""Read policy files: one policy a file, YAML, everything known or refused.

`parse` and `check` are functions of their arguments; `load` reads a folder. The format is described in
docs/policy-format.md, for editors in `policy.schema.json` beside this file, and read by `bot.policy.format`.
"""

from __future__ import annotations

import os
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
from bot.policy.places import Place

_SUFFIXES = (".yaml", ".yml")
_EXAMPLES = "\nexamples:\n"
"""The last member of each policy that comes with the bot; a test holds them to it."""


def built_in_folder() -> Path:
    """Where the policies that come with the bot are: in the package of a wheel, else beside it in the checkout."""
    package = Path(bot.__file__).parent
    packed = package / "data" / "policies"
    return packed if packed.is_dir() else package.parent / "policies"


def load(folder: Path | None = None, *, examples: bool = True) -> tuple[Policy, ...]:
    """The policies below `folder` in order of their ids; without it those that come with the bot.

    The expressions of the latter are checked by the tests, not at each start: that would take longer than a scan. Nor
    are their examples read without `examples`: a scan needs none, and they are two thirds of the text.
    """
    root = built_in_folder() if folder is None else folder
    policies: dict[str, Policy] = {}
    for path in _files(root):
        text = _text(path)
        policy = parse(path, text if examples or folder is not None else text.partition(_EXAMPLES)[0] + "\n")
        if folder is not None:
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
