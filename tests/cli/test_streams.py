"""What goes to stdout and stderr: colours, width, files, closed and full streams, and nothing that moves a cursor."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.cli.material import CLEAN, FORBIDDEN, SAFE, UNSAFE, call, command, environment, run

Put = Callable[[str, str | bytes], Path]

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
LOOKING = (["scan", "a.yaml"], ["scan", "--format", "concise", "a.yaml"], ["fix", "a.yaml"], ["diff", "a.yaml"])


def on_terminal(*arguments: str, env: Mapping[str, str] = {}, columns: int = 80) -> tuple[int, str]:
    """The exit code and output of a command whose stdout is a terminal."""
    ours, theirs = pty.openpty()
    variables = environment({"TERM": "xterm", **env})
    process = subprocess.Popen(
        ["stty", "cols", str(columns)], stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL, env=variables
    )
    process.wait()
    process = subprocess.Popen(
        command(*arguments), stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE, env=variables
    )
    os.close(theirs)
    data = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
        if not more:
            break
        data += more
    os.close(ours)
    assert process.stderr is not None
    process.stderr.close()
    return process.wait(timeout=60), data.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("arguments", LOOKING, ids=" ".join)
@pytest.mark.parametrize(
    ("env", "option", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "3"}, [], True),
        ({"FORCE_COLOR": "0"}, [], False),
        ({"FORCE_COLOR": "false"}, [], False),
        ({"FORCE_COLOR": ""}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, [], True),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"FORCE_COLOR": "1"}, ["--color", "auto"], True),
    ],
)
def test_colours_of_a_pipe(
    arguments: list[str], env: dict[str, str], option: list[str], coloured: bool, put: Put
) -> None:
    put("a.yaml", SAFE)
    done = run(*arguments, *option, env=env)
    assert ("\x1b[" in done.out) is coloured
    put("a.yaml", SAFE)
    assert ESCAPE.sub("", done.out) == run(*arguments).out


@pytest.mark.parametrize(
    ("env", "option", "coloured"),
    [
        ({}, [], True),
        ({"NO_COLOR": "1"}, [], False),
        ({"TERM": "dumb"}, [], False),
        ({"FORCE_COLOR": "0"}, [], False),
        ({}, ["--color", "never"], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
    ],
)
def test_colours_of_a_terminal(env: dict[str, str], option: list[str], coloured: bool, put: Put) -> None:
    put("a.yaml", SAFE)
    code, shown = on_terminal("scan", "a.yaml", *option, env=env)
    assert code == 1
    assert ("\x1b[" in shown) is coloured
    assert ESCAPE.sub("", shown) == run("scan", "a.yaml", env={"COLUMNS": "80"}).out


@pytest.mark.parametrize("form", ["json", "sarif", "github"])
def test_reports_for_programs_are_never_coloured(form: str, put: Put) -> None:
    put("a.yaml", SAFE)
    assert "\x1b" not in run("scan", "a.yaml", "--format", form, "--color", "always").out


@pytest.mark.parametrize(("columns", "widest"), [(50, 50), (80, 80), (5, 40), (1000, 120)])
def test_lines_fit_the_terminal(columns: int, widest: int, put: Put) -> None:
    put("a.yaml", SAFE.replace("# was current once", "# was current once " + "x" * 300))
    _, shown = on_terminal("scan", "a.yaml", columns=columns, env={"NO_COLOR": "1"})
    longest = max(map(len, shown.splitlines()))
    assert widest - 25 < longest <= widest


@pytest.mark.parametrize("columns", ["", "abc", "0", "-5"])
def test_a_width_that_is_none(columns: str, put: Put) -> None:
    put("a.yaml", SAFE)
    assert run("scan", "a.yaml", env={"COLUMNS": columns}).code == 1


def test_without_a_terminal_lines_are_whole(put: Put) -> None:
    long = "# was current once " + "x" * 300
    put("a.yaml", SAFE.replace("# was current once", long))
    assert long in run("scan", "a.yaml").out


@pytest.mark.parametrize(
    "arguments", [["scan", "--format", form] for form in ("text", "concise", "json", "sarif", "github")] + [["diff"]]
)
def test_output_names_a_file(arguments: list[str], put: Put) -> None:
    put("a.yaml", SAFE)
    shown = run(*arguments, "a.yaml")
    done = run(*arguments, "a.yaml", "--output", "report.txt", "--color", "always")
    assert (done.code, done.stdout, done.stderr) == (1, b"", b"")
    assert Path("report.txt").read_bytes() == shown.stdout
    assert run(*arguments, "a.yaml", "--output", "-") == shown


@pytest.mark.parametrize("arguments", [["scan"], ["diff"]], ids=" ".join)
@pytest.mark.parametrize(
    ("output", "reason"), [("nope/x", "No such file or directory"), (".", "Is a directory"), ("/dev/full", "No space")]
)
def test_an_output_that_cannot_be_written(arguments: list[str], output: str, reason: str, put: Put) -> None:
    put("a.yaml", SAFE)
    done = run(*arguments, "a.yaml", "--output", output)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {output}: cannot be written: {reason}")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], 2),
        (["--help"], 2),
        (["scan", "a.yaml"], 2),
        (["scan", "--format", "json", "a.yaml"], 2),
        (["diff", "a.yaml"], 2),
        (["policies"], 2),
        (["explain", "host-pid"], 2),
        (["completion", "bash"], 2),
        (["patch", "-f", "a.yaml", "-p", "[]"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_full_disk_behind_stdout(arguments: list[str], code: int, put: Put) -> None:
    put("a.yaml", SAFE)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command(*arguments), stdout=full, stderr=subprocess.PIPE, env=environment(), check=False)
    assert done.returncode == code
    assert done.stderr.decode().endswith("No space left on device\n")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "code"), [("scan a.yaml nope", 2), ("scan a.yaml", 1), ("fix a.yaml", 1), ("x", 2)]
)
def test_closed_streams(closed: str, arguments: str, code: int, put: Put) -> None:
    path = put("a.yaml", SAFE)
    line = f'exec "$@" {closed}'
    done = subprocess.run(
        ["sh", "-c", line, "sh", *command(*arguments.split())], env=environment(), capture_output=True, check=False
    )
    assert done.returncode == code
    assert b"internal error" not in done.stderr
    assert b"Traceback" not in done.stderr
    assert path.read_text(encoding="utf-8") == (SAFE.replace("v1beta1", "v1") if "fix" in arguments else SAFE)


def test_a_closed_stdin_is_told_apart_from_an_empty_one(put: Put) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" <&-', "sh", *command("scan", "-")], env=environment(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, b"error: stdin is closed; '-' reads from it\n")
    assert call("scan", "-").code == 0


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        (["scan", "--select", "all", "--format", "json", "."], (1, 0)),
        (["scan", "--select", "all", "."], (1, 0)),
        (["diff", "--select", "all", "--unsafe", "."], (1, 0)),
        (["policies", "--format", "json"], (0, 0)),
        (["nonsense"], (2, 0)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_reader_that_goes_away_is_not_worth_a_word(arguments: list[str], codes: tuple[int, int], put: Put) -> None:
    for number in range(100):
        put(f"{number}.yaml", UNSAFE)
    shell = '"$@" 2>err | head -1 >/dev/null; echo "${PIPESTATUS[@]}"'
    done = subprocess.run(
        ["bash", "-c", shell, "bash", *command(*arguments)], env=environment(), capture_output=True, check=True
    )
    assert done.stdout.split() == [str(code).encode() for code in codes]
    assert Path("err").read_text(encoding="utf-8").count("\n") == (4 if codes[0] == 2 else 0)


NASTY = "\x1b[31mred\x1b[0m\x07\x9b1m\u202eback\u200b\x7f\r\b"
ESCAPED = '"\\e[31mred\\e[0m\\a\\x9b1m\\u202eback\\u200b\\x7f\\r\\b"'


@pytest.mark.parametrize(
    "arguments",
    [["scan", "--format", form] for form in ("text", "concise", "json", "sarif", "github")]
    + [["scan", "--show-fixes", "--select", "all"], ["fix", "--unsafe"], ["diff", "--unsafe"]],
    ids=" ".join,
)
def test_nothing_of_a_manifest_moves_the_cursor(arguments: list[str], put: Put) -> None:
    name = f"e{NASTY.replace('/', '')}.yaml"
    put(
        name,
        UNSAFE.replace("web", ESCAPED).replace(
            "metadata: {name", f"metadata: {{annotations: {{{ESCAPED}: {ESCAPED}}}, name"
        ),
    )
    put(f"b{name}", f"a: [ # {NASTY}\n")
    put(f"c{name}", f"a: *x{NASTY}\n")
    put(f"d{name}", UNSAFE.replace("hostPID: true", f"{ESCAPED}: true\n      hostPID: true"))
    done = run(*arguments, ".")
    assert done.code == 2
    assert done.out
    for text in (done.out, done.err):
        found = FORBIDDEN.findall(text)
        assert found == [], text
    assert "internal error" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan", "nope" + NASTY],
        ["scan", "--config", "nope" + NASTY, "."],
        ["scan", "--select", NASTY, "."],
        ["scan", "--policies", NASTY, "."],
        ["scan", "--kubernetes-version", NASTY, "."],
        ["scan", "--output", f"nope/{NASTY}", "."],
        ["scan", f"--{NASTY}", "."],
        ["explain", NASTY],
        [NASTY],
        ["patch", "-f", NASTY, "-p", "[]"],
        ["patch", "-f", "a.yaml", "-p", NASTY],
        ["patch", "-f", "a.yaml", "-p", "@" + NASTY],
        [
            "patch",
            "-f",
            "a.yaml",
            "-p",
            '[{"op": "remove", "path": "/' + NASTY.replace("\\", "").replace('"', "") + '"}]',
        ],
    ],
    ids=lambda arguments: " ".join(arguments).encode("unicode_escape").decode()[:40],
)
def test_nothing_of_an_argument_moves_the_cursor(arguments: list[str], put: Put) -> None:
    put("a.yaml", CLEAN)
    done = run(*arguments)
    assert done.code in (1, 2)
    assert FORBIDDEN.findall(done.out + done.err) == []


def test_a_settings_file_does_not_move_the_cursor(put: Put) -> None:
    put(".k8s-auto-fix.yaml", f"{ESCAPED}: 1\n")
    done = run("scan", ".")
    assert done.code == 2
    assert FORBIDDEN.findall(done.err) == []


def test_a_diff_on_a_terminal_is_safe_without_colours_too(put: Put) -> None:
    put("a.yaml", SAFE.replace("# was", "# \u202ewas"))
    _, shown = on_terminal("diff", "a.yaml", env={"NO_COLOR": "1"})
    assert "<U+202E>" in shown
    assert "\u202e" in run("diff", "a.yaml").out, "for git apply it is exact"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_results_are_utf_8_whatever_the_locale(encoding: str, put: Put) -> None:
    put("ü.yaml", SAFE)
    done = call("scan", ".", env={"PYTHONIOENCODING": encoding, "LC_ALL": "C"})
    assert done.code == 1
    assert "ü.yaml:3:1" in done.out
    assert call("policies", env={"PYTHONIOENCODING": encoding}).code == 0
    assert call("explain", "host-pid", env={"PYTHONIOENCODING": encoding}).code == 0
    assert call("scan", "nö", env={"PYTHONIOENCODING": encoding}).code == 2
