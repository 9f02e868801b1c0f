"""Whether a scan's memory stays flat and its time linear as files are added."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.material import lay_out, manifests
from bench.measure import COMMAND, run, table

COUNTS = (1_250, 2_500, 5_000, 10_000)


def main() -> None:
    """Print time and peak memory for growing numbers of files."""
    what, files = manifests()
    rows = []
    for count in COUNTS:
        with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-bench-") as folder:
            lay_out(files, Path(folder), count)
            taken = run([COMMAND, "scan", "--format", "json", folder])
        per_file = taken.seconds / count * 1000
        rows.append((f"{count:,}", f"{taken.seconds:.2f}", f"{per_file:.2f}", f"{taken.peak_mib:.0f}"))
    print(f"{what}, repeated\n")
    table(("files", "wall s", "ms a file", "peak MiB a process"), rows)


if __name__ == "__main__":
    main()
