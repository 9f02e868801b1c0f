"""Shell completion: the script, and what it gets as answers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.material import call, environment, run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_valid(shell: str, here: Path) -> None:
    done = run("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert "_K8S_AUTO_FIX_COMPLETE" in done.out
    program = shutil.which(shell)
    if program is not None:
        (here / "script").write_text(done.out, encoding="utf-8")
        assert (
            subprocess.run([program, "-n", "script"], env=environment(), capture_output=True, check=True).stderr == b""
        )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("sc", ["scan"]),
        ("", ["scan", "diff", "fix", "patch", "policies", "explain", "completion"]),
        ("scan --for", ["--format"]),
        ("scan --format s", ["sarif"]),
        ("scan --severity ", ["low", "medium", "high", "critical"]),
        ("completion z", ["zsh"]),
        ("policies t", ["test"]),
        ("explain host-p", ["host-path-volume", "host-pid", "host-port"]),
        ("scan --select host-pi", ["host-pid"]),
        ("scan --ignore rest", ["restart-policy-invalid", "restricted"]),
        ("scan --select host-pid,host-ip", ["host-pid,host-ipc"]),
    ],
)
def test_answers(line: str, found: list[str]) -> None:
    words = f"k8s-auto-fix {line}"
    asked = {"_K8S_AUTO_FIX_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = call(env=asked)
    assert (done.code, done.err) == (0, "")
    answers = [answer.partition(",")[2] for answer in done.out.splitlines()]
    assert set(found) <= set(answers)
    assert all(answer.startswith(line.rpartition(" ")[2]) for answer in answers)
