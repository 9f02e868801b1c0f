"""A whole scan beside Checkov and kube-score: the same files, the tools in turn."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from bench import peers
from bench.material import lay_out, manifests
from bench.measure import COMMAND, in_turn, median, table

ROUNDS = 5
OURS = "k8s-auto-fix"
"""The default set; the row that the others are compared with."""


def main() -> None:
    """Print the median times and how they compare."""
    what, files = manifests()
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-bench-") as name:
        folder = Path(name)
        paths = lay_out(files, folder)
        ours: list[str | Path] = [COMMAND, "scan", "--format", "concise"]
        commands: dict[str, list[str | Path]] = {
            OURS: [*ours, folder],
            f"{OURS}, all policies": [*ours, "--select", "all", folder],
            f"{OURS}, all policies, whole text": [COMMAND, "scan", "--select", "all", folder],
        }
        if kube_score := peers.kube_score():
            accepted = peers.accepted_by_kube_score(kube_score, paths)
            commands[f"kube-score {peers.KUBE_SCORE}, {len(accepted)} files"] = [kube_score, "score", *accepted]
        if checkov := peers.checkov():
            quiet = ["--framework", "kubernetes", "--compact", "--quiet", "--skip-download"]
            commands[f"Checkov {peers.CHECKOV}"] = [checkov, *quiet, "--directory", folder]
        runs = in_turn(commands, ROUNDS)
    base = median(runs[OURS])
    print(f"{what}; medians of {ROUNDS} rounds, each tool once a round\n")
    rows = [
        (
            tool,
            f"{median(taken):.2f}",
            f"{statistics.median(run.cpu for run in taken):.2f}",
            f"{max(run.peak_mib for run in taken):.0f}",
            f"{median(taken) / base:.2f}",
        )
        for tool, taken in runs.items()
    ]
    table(("tool", "wall s", "processor s", "peak MiB a process", "of the first"), rows)


if __name__ == "__main__":
    main()
