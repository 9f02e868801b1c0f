"""How long one edit takes: locate, splice, verify a replace and an add in each file."""

from __future__ import annotations

import statistics
import time

from bench.material import manifests
from bench.measure import table
from bot.manifest import Document, Manifest, read
from bot.manifest.edits import Refusal, apply, edit
from bot.model import Operation

REPEAT = 3


def operations(document: Document) -> list[Operation]:
    """Replace the kind of the first object and give it an annotation, with the parents where they are missing."""
    resource = document.resources[0]
    path, value, parent = resource.pointer, {"metadata": {"annotations": {"bench": "yes"}}}, resource.body
    for name in ("metadata", "annotations", "bench"):
        path, value = f"{path}/{name}", value[name]
        parent = parent.get(name)
        if not isinstance(parent, dict):
            break
    return [Operation("replace", f"{resource.pointer}/kind", "Bench"), Operation("add", path, value)]


def seconds(manifest: Manifest, document: Document, steps: list[Operation]) -> float | None:
    """The best of some tries; None when the edit is refused."""
    best = None
    for _ in range(REPEAT):
        started = time.perf_counter()
        edits = edit(manifest, document.index, steps)
        if isinstance(edits, Refusal):
            return None
        apply(manifest.text, edits)
        taken = time.perf_counter() - started
        best = taken if best is None else min(best, taken)
    return best


def main() -> None:
    """Print the median and the slow end over all files, reading them left out."""
    what, files = manifests()
    times, refused, empty = [], 0, 0
    for content in files:
        manifest = read("bench.yaml", content.decode("utf-8", "replace"))
        document = next((one for one in manifest.documents if one.resources), None)
        if document is None:
            empty += 1
            continue
        taken = seconds(manifest, document, operations(document))
        if taken is None:
            refused += 1
        else:
            times.append(taken * 1000)
    print(f"{what}; one replace and one add in each, the best of {REPEAT} tries\n")
    middle, slow = statistics.median(times), statistics.quantiles(times, n=20)[-1]
    rows = [(f"{len(times)}", f"{refused}", f"{empty}", f"{middle:.2f}", f"{slow:.2f}", f"{max(times):.1f}")]
    table(("files edited", "refused", "no object", "median ms", "95 % ms", "slowest ms"), rows)


if __name__ == "__main__":
    main()
