"""What a review costs, from the start of the process to what is posted, beside `scan` of the same files.

A strict fake GitHub on this machine answers, and hands out the commits over HTTP as git does.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.material import lay_out, manifests
from bench.measure import COMMAND, FINE, run, table
from bot.adapters.cluster import binaries
from tests.fakes import events
from tests.fakes.github import FakeGitHub
from tests.fakes.runner import MEASURED, Runner

SMALL, LARGE = 30, 3_000
ROUNDS = 3


def main() -> None:
    """Print the measurements."""
    what, contents = manifests()
    clusters = ("none", "embedded") if binaries.find() is not None else ("none",)
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            _row(f"{SMALL} changed manifests, --cluster {each}", contents, SMALL, each, folder) for each in clusters
        ]
        rows.append(_row(f"{LARGE:,} changed files, --cluster none", contents, LARGE, "none", folder))
    print(f"Out of {what}; medians of {ROUNDS} runs that post a review\n")
    table(("pull request", "review", "scan", "ratio", "peak", "requests"), rows)


def _row(name: str, contents: Sequence[bytes], count: int, cluster: str, folder: str) -> list[str]:
    place = Path(tempfile.mkdtemp(dir=folder))
    paths = lay_out(list(contents), place / "files", count)
    files = {str(path.relative_to(place)): path.read_bytes().decode("utf-8", "replace") for path in paths}
    reviews, scans, peaks = [], [], []
    requests = 0
    for number in range(ROUNDS):
        with FakeGitHub(place / f"github-{number}") as fake:
            fake.open_pull({"README.md": "The shop.\n"}, files)
            # The API server's programs are in the cache of whoever runs this.
            mine = {"HOME": str(Path.home())}
            runner = Runner(fake, place / f"runner-{number}", {"cluster": cluster}, mine)
            done = runner.run(events.opened(fake), command=("-c", MEASURED))
            if done.code not in FINE or fake.offences or not fake.bot_comments:
                sys.exit(f"bench: no review was posted: {done.stderr[-500:]} {fake.offences}")
            if cluster != "none" and not any("in a dry run" in each.body for each in fake.bot_comments):
                sys.exit("bench: no API server was asked")
            requests = sum(1 for each in fake.requests if each.operation)
        reviews.append(done.seconds)
        peaks.append(int(done.stdout.rpartition("peak ")[2].split()[0]) / 1024)
        scans.append(run([COMMAND, "scan", "--show-fixes", place / "files"], FINE).seconds)
    taken, yardstick, peak = statistics.median(reviews), statistics.median(scans), max(peaks)
    return [
        name,
        f"{taken:.2f} s",
        f"{yardstick:.2f} s",
        f"{taken / yardstick:.1f}x",
        f"{peak:.0f} MiB",
        str(requests),
    ]


if __name__ == "__main__":
    main()
