"""The comparison as a whole, from what is given: policies, samples, Checkov's answers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.policy import Policy
from tools.compare.answers import Answers
from tools.compare.cause import Cause
from tools.compare.causes import cause_of
from tools.compare.disagree import Compared, Disagreement, Twin, twins
from tools.compare.findings import Looker
from tools.compare.material import ROOT, Sample, corpus, examples


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known after a comparison; `new` are samples that Checkov was never asked about."""

    twins: Sequence[Twin]
    samples: Sequence[Sample]
    new: Sequence[Sample]
    compared: Compared
    causes: Sequence[Cause | None]

    @property
    def unexplained(self) -> list[Disagreement]:
        """The disagreements that fit no cause."""
        pairs = zip(self.compared.disagreements, self.causes, strict=True)
        return [case for case, cause in pairs if cause is None]


def corpus_folder() -> Path | None:
    """Where the corpus of real manifests is; None where it is not."""
    folder = Path(os.environ.get("K8S_AUTO_FIX_CORPUS") or ROOT / "../shared/corpus").resolve()
    return folder if (folder / "INDEX.tsv").is_file() else None


def material(policies: Sequence[Policy], folder: Path | None) -> list[Sample]:
    """The samples: all examples of the policies, and the corpus when there is one."""
    return [*examples(policies), *(corpus(folder) if folder is not None else ())]


def compare(policies: Sequence[Policy], samples: Sequence[Sample], answers: Answers) -> Outcome:
    """Compare what Checkov said with what the policies find; what it was never asked about is left out."""
    checks = twins(policies, answers.kinds)
    wanted = {policy for twin in checks for policy in twin.policies}
    looker = Looker([each for each in policies if each.id in wanted], samples)
    compared, new = Compared(), []
    for sample in samples:
        verdicts = answers.of(sample)
        if verdicts is None:
            new.append(sample)
        else:
            compared.add(sample, verdicts, looker.look(sample), checks)
    return Outcome(checks, samples, new, compared, [cause_of(case) for case in compared.disagreements])
