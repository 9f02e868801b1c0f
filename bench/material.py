"""What is scanned: the plain manifests of the corpus, or copies of the examples where there is no corpus."""

from __future__ import annotations

import csv
import os
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COPIES = 540


def manifests() -> tuple[str, list[bytes]]:
    """A description of the material, and the contents of its files."""
    corpus = Path(os.environ.get("K8S_AUTO_FIX_CORPUS") or ROOT / "../shared/corpus")
    index = corpus / "INDEX.tsv"
    if index.is_file():
        with index.open(encoding="utf-8", newline="") as rows:
            paths = [corpus / row["path"] for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)]
        return f"the {len(paths)} plain manifests of the corpus", [path.read_bytes() for path in paths]
    paths = sorted((ROOT / "examples").glob("*/manifests/*.yaml"))
    files = list(islice(cycle([path.read_bytes() for path in paths]), COPIES))
    return f"{len(files)} copies of the example manifests (set K8S_AUTO_FIX_CORPUS for real ones)", files


def lay_out(files: list[bytes], folder: Path, count: int | None = None) -> list[Path]:
    """Write the files, `count` of them by repetition, into folders of a hundred."""
    written = []
    for number, content in enumerate(islice(cycle(files), count or len(files))):
        path = folder / f"{number // 100:03}" / f"{number:05}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written
