"""The stages one by one: detect beside scan, propose and verify for each finding, schedule of 100,000 records."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from bench.material import lay_out, manifests
from bench.measure import COMMAND, Run, in_turn, median, run, table

ROUNDS = 5
COUNT = 100_000


def main() -> None:
    """Print the times of each stage; start-up is that of a stage without a record."""
    what, files = manifests()
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-bench-") as name:
        folder = Path(name)
        lay_out(files, folder / "files")
        print(f"{what}; medians of {ROUNDS} rounds, processor seconds of one process\n")
        detect_beside_scan(folder)
        rows = [for_each_finding(folder, title, more) for title, more in ((DEFAULT, ()), ("all", ("--select", "all")))]
        print("\npropose and verify, one process, without their start\n")
        table(("policies", "findings", "proposals", "propose s", "verify s", "ms a finding"), rows)
        many(folder)


DEFAULT = "default"


def detect_beside_scan(folder: Path) -> None:
    """The whole commands, on all cores."""
    out = folder / "detections.json"
    commands = {
        "scan": [COMMAND, "scan", "--format", "json", "--output", folder / "scan.json", folder / "files"],
        "detect": [COMMAND, "detect", "--in", folder / "files", "--out", out],
    }
    runs = in_turn(commands, ROUNDS)
    rows = [
        (name, f"{median(taken):.2f}", f"{max(each.peak_mib for each in taken):.0f}") for name, taken in runs.items()
    ]
    table(("command", "wall s", "peak MiB a process"), rows)


def for_each_finding(folder: Path, title: str, more: tuple[str, ...]) -> tuple[str, ...]:
    """What propose and verify take for a finding, with some policies."""
    found, proposed, judged = (folder / f"{title}-{name}.json" for name in ("found", "proposed", "judged"))
    empty = folder / "empty.json"
    empty.write_text("[]\n", encoding="utf-8")
    run([COMMAND, "detect", *more, "--in", folder / "files", "--out", found])
    one = ["--jobs", "1"]
    propose = [COMMAND, "propose", *one, "--out", proposed, "--detections"]
    verify = [COMMAND, "verify", *more, *one, "--out", judged]
    run([*propose, found])
    runs = in_turn(
        {
            "propose, nothing": [COMMAND, "propose", *one, "--out", folder / "x.json", "--detections", empty],
            "propose": [*propose, found],
            "verify, nothing": [*verify, "--patches", empty, "--detections", empty],
            "verify": [*verify, "--patches", proposed, "--detections", found],
        },
        ROUNDS,
    )
    spent = {name: sorted(each.cpu for each in taken)[len(taken) // 2] for name, taken in runs.items()}
    first, second = spent["propose"] - spent["propose, nothing"], spent["verify"] - spent["verify, nothing"]
    count = len(json.loads(found.read_text(encoding="utf-8")))
    proposals = sum(each["skipped"] is None for each in json.loads(proposed.read_text(encoding="utf-8")))
    each_one = (first + second) * 1000 / count
    return title, f"{count:,}", f"{proposals:,}", f"{first:.2f}", f"{second:.2f}", f"{each_one:.2f}"


def many(folder: Path) -> None:
    """The fourth stage over many records: those of the corpus, again and again under other names."""
    records = [
        each for each in json.loads((folder / f"{DEFAULT}-judged.json").read_text(encoding="utf-8")) if each["accepted"]
    ]
    records = [each for each in records if len(each["patched_yaml"]) <= 1_000] or records
    path = folder / "many.json"
    with path.open("w", encoding="utf-8") as file:
        for number in range(COUNT):
            one = records[number % len(records)] | {"id": f"{number:016x}", "fingerprint": f"{number * 7919:016x}"}
            file.write(("[\n" if not number else ",\n") + json.dumps(one))
        file.write("\n]\n")
    taken: Run = run([COMMAND, "schedule", "--verified", path, "--out", folder / "order.json"])
    print(f"\nschedule of {COUNT:,} records, a file of {path.stat().st_size / 1e6:.0f} MB\n")
    table(
        ("wall s", "processor s", "peak MiB"), [(f"{taken.seconds:.2f}", f"{taken.cpu:.2f}", f"{taken.peak_mib:.0f}")]
    )


if __name__ == "__main__":
    main()
