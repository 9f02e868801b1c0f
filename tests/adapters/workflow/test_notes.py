from __future__ import annotations

from pathlib import Path

import pytest

from bot.adapters.workflow import Notes
from bot.errors import InputError

HOSTILE = "one\ntwo<<EOF\nEOF\nfindings=0\n\rthree"


def parsed(text: str) -> dict[str, str]:
    """Outputs as the runner reads such a file."""
    found = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if line:
            name, word = line.split("<<", 1)
            value = []
            while (each := next(lines)) != word:
                value.append(each)
            found[name] = "\n".join(value)
    return found


def test_values_come_back_whatever_is_in_them(tmp_path: Path) -> None:
    output, state = tmp_path / "output", tmp_path / "state"
    notes = Notes({"GITHUB_OUTPUT": str(output), "GITHUB_STATE": str(state)})
    notes.outputs({"findings": "3", "review-url": HOSTILE})
    notes.outputs({"highest": ""})
    notes.state({"cluster": "k8s-auto-fix-1"})
    assert parsed(output.read_bytes().decode()) == {"findings": "3", "review-url": HOSTILE, "highest": ""}
    assert parsed(state.read_bytes().decode()) == {"cluster": "k8s-auto-fix-1"}


def test_summary_is_added_to(tmp_path: Path) -> None:
    path = tmp_path / "summary"
    path.write_text("Before.\n")
    notes = Notes({"GITHUB_STEP_SUMMARY": str(path)})
    notes.summary("### Größe")
    notes.summary("lone \ud800\n")
    assert path.read_bytes().decode() == "Before.\n### Größe\nlone ?\n"


def test_outside_of_a_workflow_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notes = Notes({"GITHUB_OUTPUT": ""})
    notes.outputs({"findings": "3"})
    notes.state({"cluster": "x"})
    notes.summary("text")
    assert list(tmp_path.iterdir()) == []


def test_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="GITHUB_OUTPUT cannot be written: Is a directory"):
        Notes({"GITHUB_OUTPUT": str(tmp_path)}).outputs({"findings": "3"})
