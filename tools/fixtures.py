"""`make fixtures`: what the four stages make of the sample manifests, as a user of them would see it.

Times are set to 0, since nothing else differs between two runs; the test of the fixtures compares in the same way.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "examples" / "stages"
EXPECTED = SAMPLE / "expected"
NAMES = ("detections.json", "patches.json", "verified.json", "schedule.json")
STAGES = (("detect", "--in", "manifests"), ("propose",), ("verify",), ("schedule",))


def without_times(value: Any) -> Any:
    """The value with every `milliseconds` 0."""
    if isinstance(value, dict):
        return {name: 0.0 if name == "milliseconds" else without_times(child) for name, child in value.items()}
    return [without_times(child) for child in value] if isinstance(value, list) else value


def made() -> dict[str, str]:
    """The text of each file, by its name."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("K8S_AUTO_FIX_")}
    environment |= {"PYTHONPATH": str(ROOT)}
    found = {}
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-fixtures-") as name:
        folder = Path(name)
        (folder / ".git").mkdir()  # the root: nothing above it counts
        shutil.copytree(SAMPLE / "manifests", folder / "manifests")
        shutil.copy(SAMPLE / ".k8s-auto-fix.yaml", folder)
        for stage, file in zip(STAGES, NAMES, strict=True):
            subprocess.run([sys.executable, "-m", "bot", *stage], cwd=folder, env=environment, check=True)
            path = folder / "data" / file
            text = json.dumps(without_times(json.loads(path.read_text(encoding="utf-8"))), indent=2) + "\n"
            path.write_text(text, encoding="utf-8")  # the next stage reads what is kept
            found[file] = text
    return found


def main() -> None:
    """Write the files."""
    EXPECTED.mkdir(exist_ok=True)
    for name, text in made().items():
        (EXPECTED / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
