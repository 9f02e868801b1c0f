"""How long `k8s-auto-fix --version` takes, beside an empty Python program."""

from __future__ import annotations

import sys

from bench.measure import COMMAND, in_turn, median, table

ROUNDS = 20


def main() -> None:
    """Print the median wall and processor times."""
    runs = in_turn(
        {"python -c pass": [sys.executable, "-c", "pass"], "k8s-auto-fix --version": [COMMAND, "--version"]}, ROUNDS
    )
    rows = [
        (name, f"{median(taken) * 1000:.0f}", f"{max(run.seconds for run in taken) * 1000:.0f}")
        for name, taken in runs.items()
    ]
    table(("command", "median ms", "slowest ms"), rows)


if __name__ == "__main__":
    main()
