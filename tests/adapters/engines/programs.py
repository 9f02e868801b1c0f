"""Programs that stand in for kube-linter and Kyverno: small scripts that print what a test wants."""

from __future__ import annotations

import sys
from pathlib import Path

_KYVERNO = """\
import json, re, sys
objects = open(sys.argv[sys.argv.index("--resource") + 1]).read()
policies = open(sys.argv[2]).read()
bodies = [json.loads(each) for each in objects.split("---\\n")]
{before}
results = [
    dict(policy=policy, rule="r", result="fail", message=message, severity="high", resources=[body["metadata"]])
    for body in bodies
    for policy, message in answers(body, policies)
]
print("Warning: old policies")
print(json.dumps(dict(kind="ClusterReport", results=results)))
sys.exit(1)
"""
_ANSWERS = """\
def answers(body, policies):
    if body["metadata"]["uid"] == "k8s-auto-fix-witness":
        return [("k8s-auto-fix-witness", "seen")]
    return [("{policy}", "{message}")]
"""


def program(folder: Path, name: str, source: str) -> str:
    """An executable of this name that runs Python source; its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{sys.executable}\n{source}", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def kyverno(folder: Path, policy: str = "no-host-pid", message: str = "no", before: str = "") -> str:
    """A kyverno that says one thing of every object. `before` is source that may redefine `answers`."""
    answers = _ANSWERS.format(policy=policy, message=message)
    return program(folder, "kyverno", _KYVERNO.format(before=answers + before))
