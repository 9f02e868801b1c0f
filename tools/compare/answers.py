"""Checkov's answers: asked for where Checkov is, kept in the repository for where it is not."""

from __future__ import annotations

import gzip
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.peers import checkov
from tools.compare.material import ROOT, Sample, digest

KEPT = ROOT / "tools/compare/answers.json.gz"
WITNESS = ROOT / "tools/compare/witness.py"

Verdicts = Mapping[str, Mapping[str, Sequence[str]]]
"""Object -> check -> verdicts: see `tools.compare.witness`. Objects go by `hidden` names."""


def hidden(name: str) -> str:
    """What stands for the name of an object, so that no words of other people's manifests are kept."""
    return digest(name)[:8]


@dataclass(frozen=True, slots=True)
class Answer:
    """What Checkov said of a text; `digest` tells whether it is still the same text."""

    digest: str
    verdicts: Verdicts


@dataclass(frozen=True, slots=True)
class Answers:
    """What Checkov said of all samples, by their key; `kinds` are those that each check looks at."""

    kinds: Mapping[str, Sequence[str]]
    by_key: Mapping[str, Answer]

    def of(self, sample: Sample) -> Verdicts | None:
        """What Checkov said of exactly this text; None when it was never asked."""
        answer = self.by_key.get(sample.key)
        return answer.verdicts if answer is not None and answer.digest == sample.digest else None


def ask(samples: Sequence[Sample], checks: Sequence[str]) -> Answers | None:
    """Checkov's answers about the samples; None (and a line on standard error) when it cannot be installed."""
    command = checkov()
    if command is None:
        return None
    with tempfile.TemporaryDirectory() as top:
        for sample in samples:
            path = Path(top, sample.folder, sample.file)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(sample.text.encode())
        python = command.parent / "python"
        done = subprocess.run([python, WITNESS, top, *checks], stdout=subprocess.PIPE, check=True)
    answered = json.loads(done.stdout)
    said = answered["said"]
    by_key = {
        each.key: Answer(
            each.digest, {hidden(name): verdicts for name, verdicts in said[each.folder].get(each.file, {}).items()}
        )
        for each in samples
    }
    return Answers(answered["kinds"], by_key)


def keep(answers: Answers, path: Path = KEPT) -> None:
    """Write the answers; the same answers give the same bytes."""
    said = {key: [each.digest, each.verdicts] for key, each in answers.by_key.items()}
    plain = {"kinds": answers.kinds, "said": said}
    data = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(data, 9, mtime=0))


def kept(path: Path = KEPT) -> Answers:
    """The answers that were kept."""
    plain = json.loads(gzip.decompress(path.read_bytes()))
    by_key = {key: Answer(known, verdicts) for key, (known, verdicts) in plain["said"].items()}
    return Answers(plain["kinds"], by_key)
