"""Ask Checkov about what it has not seen, compare, and write the page; 1 when a disagreement is unexplained.

    python -m tools.compare [--again]

`--again` asks Checkov about everything anew.
"""

from __future__ import annotations

import sys

from bot.policy import load
from tools.compare import answers
from tools.compare.causes import CAUSES
from tools.compare.disagree import twins
from tools.compare.material import ROOT
from tools.compare.page import page
from tools.compare.run import compare, corpus_folder, material

PAGE = ROOT / "docs/compare-checkov.md"


def main(arguments: list[str]) -> int:
    """Do what the module says; what stands in the way is one line on standard error."""
    folder = corpus_folder()
    if folder is None:
        print("compare: no corpus in ../shared/corpus: set K8S_AUTO_FIX_CORPUS to its folder", file=sys.stderr)
        return 1
    policies = load()
    samples = material(policies, folder)
    said = answers.kept() if answers.KEPT.is_file() and "--again" not in arguments else None
    if said is None or any(said.of(each) is None for each in samples):
        said = answers.ask(samples, [each.check for each in twins(policies, {})])
        if said is None:
            return 1
        answers.keep(said)
    outcome = compare(policies, samples, said)
    unused = {each.id for each in CAUSES} - {each.id for each in outcome.causes if each is not None}
    for case in outcome.unexplained:
        print(f"unexplained: {case}", file=sys.stderr)
    for cause in sorted(unused):
        print(f"explains nothing any more: {cause}", file=sys.stderr)
    if outcome.unexplained or unused:
        print("compare: mend a policy, or say why in tools/compare/causes", file=sys.stderr)
        return 1
    PAGE.write_bytes(page(outcome).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
