"""Programs are held to a time, an amount of output and an environment, and take what they started with them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bot.adapters.engines import programs
from tests.adapters.engines.programs import program


def run(tmp_path: Path, source: str, *, limit: float = 20, most: int = 1000) -> programs.Finished:
    command = [program(tmp_path / "bin", "tool", source)]
    environ = programs.environment(os.environ, tmp_path)
    return programs.run(command, folder=tmp_path, environ=environ, deadline=time.monotonic() + limit, most=most)


def test_what_it_prints_and_how_it_ends(tmp_path: Path) -> None:
    done = run(tmp_path, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (done.code, done.output, done.errors, done.why) == (3, "out\n", "err\n", "exit code 3: err")


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("while True: pass", "did not end within 0.3 s"),
        ("import os, time; os.close(1); os.close(2); time.sleep(60)", "did not end within 0.3 s"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])", "did not end within"),
    ],
)
def test_what_does_not_end_is_ended(tmp_path: Path, source: str, why: str) -> None:
    begun = time.monotonic()
    done = run(tmp_path, source, limit=0.3)
    assert done.code is None
    assert done.why.startswith(why)
    assert time.monotonic() - begun < 10


def test_what_prints_without_end_is_ended(tmp_path: Path) -> None:
    done = run(tmp_path, "while True: print('x' * 10_000)")
    assert (done.code, done.output, done.why) == (None, "", "printed more than 0.001 MB")


def test_of_complaints_the_last_ones_are_kept(tmp_path: Path) -> None:
    done = run(tmp_path, "import sys\nfor n in range(100_000): print('note', n, file=sys.stderr)\nsys.exit(1)")
    assert done.why == "exit code 1: note 99999"
    assert len(done.errors) <= 20_000


def test_what_it_started_ends_with_it(tmp_path: Path) -> None:
    child = f"import time, pathlib; time.sleep(1); pathlib.Path({str(tmp_path / 'late')!r}).touch()"
    run(tmp_path, f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {child!r}])")
    time.sleep(1.5)
    assert not (tmp_path / "late").exists()


def test_no_secret_of_the_environment_gets_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_TOKEN", "INPUT_TOKEN", "KUBECONFIG", "AWS_SECRET_ACCESS_KEY", "ACTIONS_RUNTIME_TOKEN"):
        monkeypatch.setenv(name, "hunter2")
    done = run(tmp_path, "import os; print(sorted(os.environ), os.environ['HOME'])", most=10_000)
    assert "hunter2" not in done.output
    assert not any(name in done.output for name in ("TOKEN", "KUBECONFIG", "AWS"))
    assert str(tmp_path) in done.output


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    done = programs.run([str(tmp_path / "none")], folder=tmp_path, environ={}, deadline=time.monotonic() + 5)
    assert done.why == "cannot be run: No such file or directory"


def test_programs_are_found_on_the_path_but_not_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = program(tmp_path / "bin", "tool", "")
    program(tmp_path, "tool", "")
    monkeypatch.chdir(tmp_path)
    assert programs.find(("none", "tool"), {"PATH": f".:{tmp_path}/bin"}) == there
    assert programs.find(("tool",), {"PATH": "."}) is None
    assert programs.find(("tool",), {"PATH": ":"}) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("one\ntwo\n", "two"),
        ("Error: failed to load\nusage: x\n", "Error: failed to load"),
        ("panic: it exists\n\ngoroutine 1\n\tmain.go:21 +0x89", "panic: it exists"),
        ("error:\t" + "x" * 900, "error: " + "x" * 293),
    ],
)
def test_the_words_that_name_a_cause(text: str, words: str) -> None:
    assert programs.last_words(text) == words
