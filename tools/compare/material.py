"""What both look at: the texts of the policies' examples, and the plain manifests of the corpus.

An example is known by its text, so that it may move; a file of the corpus by its path, as its index names it.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.model import Json
from bot.policy import Policy

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Sample:
    """One text. `name` is for people, `folder` and `file` are where Checkov sees it; `path` is that of the corpus.

    `values` and `kubernetes` are what an example is given.
    """

    name: str
    folder: str
    file: str
    text: str
    path: Path | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    kubernetes: str | None = None

    @property
    def real(self) -> bool:
        """Whether it is a file of the corpus."""
        return self.path is not None

    @property
    def digest(self) -> str:
        """What tells this text from others."""
        return digest(self.text)

    @property
    def key(self) -> str:
        """What names the sample among Checkov's answers."""
        return self.name if self.real else self.digest


def digest(text: str) -> str:
    """The first 64 bits of a text's SHA-256, as 16 digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def examples(policies: Sequence[Policy]) -> Iterator[Sample]:
    """Every text of the policies' examples once, each in a folder of its own; one that several use is the first's."""
    seen = set()
    for policy in policies:
        for example in policy.examples:
            for sort in ("bad", "fixed", "good"):
                text = getattr(example, sort)
                if text is None or (known := digest(text)) in seen:
                    continue
                seen.add(known)
                name = f"{policy.category}/{policy.id}: {example.name} ({sort})"
                yield Sample(name, known, "example.yaml", text, None, example.values or {}, example.kubernetes)


def corpus(folder: Path) -> Iterator[Sample]:
    """The plain manifests of the corpus, folder by folder as they lie there."""
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        paths = [row["path"] for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)]
    for path in sorted(paths):
        text = (folder / path).read_bytes().decode()
        yield Sample(path, digest(str(Path(path).parent)), Path(path).name, text, folder / path)
