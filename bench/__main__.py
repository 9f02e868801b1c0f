"""Run the named measurements, or all of them, each in a process of its own."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

NAMES = ("startup", "scan", "editing", "memory", "cluster", "stages", "review", "schedule")


def main(arguments: list[str]) -> int:
    """Print what the machine is, then one section for each measurement; 1 when one of them failed."""
    unknown = [name for name in arguments if name not in NAMES]
    if unknown:
        print(f"bench: no measurement {unknown[0]!r}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    failed = False
    for name in arguments or NAMES:
        print(f"\n## {name}\n", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
