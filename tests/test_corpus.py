"""The whole corpus through the command line: plain files, charts and kustomizations, as a person would run it.

`fix --unsafe` is run on a copy under git. Every change is then looked at: it is needed, it loses no comment, it leaves
every other document alone, and there is nothing to do the second time.
"""

from __future__ import annotations

import difflib
import json
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.group import cli
from bot.cli.run import run
from bot.manifest import Manifest, read


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in the folder; its output as bytes."""
    return subprocess.run(arguments, cwd=folder, capture_output=True, check=False)


@pytest.fixture(scope="module")
def bot_command() -> str:
    found = shutil.which("k8s-auto-fix", path=str(Path(__import__("sys").executable).parent))
    assert found is not None, "the console script is installed beside the interpreter"
    return found


@pytest.fixture(scope="module", params=["default", "all"])
def fixed(
    request: pytest.FixtureRequest, corpus: Path, tmp_path_factory: pytest.TempPathFactory, bot_command: str
) -> dict[str, object]:
    """A copy of the corpus before and after `fix --unsafe`, with what each command said."""
    chosen = ("--select", request.param)
    folder = tmp_path_factory.mktemp("corpus")
    shutil.copytree(corpus, folder / "files", copy_function=shutil.copyfile)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    call(folder, "git", "init", "-q")
    call(folder, "git", "-c", "core.autocrlf=false", "add", "-A")
    call(folder, "git", "-c", "user.name=t", "-c", "user.email=t@t", "commit", "-q", "-m", "before")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts}
    said = {
        "scan": call(folder, bot_command, "scan", *chosen, "--format", "json", "files"),
        "diff": call(folder, bot_command, "diff", *chosen, "--unsafe", "files"),
        "fix": call(folder, bot_command, "fix", *chosen, "--unsafe", "files"),
    }
    after = {path: path.read_bytes() for path in before}
    said["again"] = call(folder, bot_command, "fix", *chosen, "--unsafe", "files")
    said["scan again"] = call(folder, bot_command, "scan", *chosen, "--format", "json", "--show-fixes", "files")
    return {"chosen": request.param, "folder": folder, "before": before, "after": after, "said": said}


def test_no_traceback_and_the_exit_codes_say_what_happened(fixed: dict) -> None:
    for name, done in fixed["said"].items():
        assert b"Traceback" not in done.stderr, (name, done.stderr)
        assert b"internal error" not in done.stderr, (name, done.stderr)
        # Charts hold files that are no YAML and no templates either: they are told, and exit with 2.
        assert done.returncode in (1, 2), (name, done.stderr)


def test_something_was_fixed(fixed: dict) -> None:
    assert len(list(changed(fixed))) > 150


def test_diff_shows_exactly_what_fix_does(fixed: dict, tmp_path: Path) -> None:
    folder = fixed["folder"]
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "-c", "core.autocrlf=false", str(folder), str(clone)], check=True)
    applied = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", "-"], cwd=clone, input=fixed["said"]["diff"].stdout, check=False
    )
    assert applied.returncode == 0
    wrong = [path for path, data in fixed["after"].items() if (clone / path.relative_to(folder)).read_bytes() != data]
    assert wrong == []


def test_a_second_fix_changes_nothing(fixed: dict) -> None:
    wrong = [path for path, data in fixed["after"].items() if path.read_bytes() != data]
    assert wrong == []


def test_what_was_fixed_is_not_found_again(fixed: dict) -> None:
    first, second = (json.loads(fixed["said"][name].stdout) for name in ("scan", "scan again"))
    before = {each["fingerprint"] for each in first["findings"]}
    after = {each["fingerprint"] for each in second["findings"]}
    assert len(before - after) > 400
    # What still has a fix was refused by a gate, or is for a person to apply.
    left = [
        each["policy"]
        for each in second["findings"]
        if each["fix"] is not None
        and each["fix"]["applicability"] != "display-only"
        and each["fix"]["verification"]["passed"]
    ]
    assert left == []


INTRODUCED = {
    "rolling-update-strategy-missing": "the default of an old API version, OnDelete, is written out by the migration",
    "image-digest-missing": "image-tag-latest-or-missing said it too, until the image got a version",
    "service-account-automount-enabled": "a ServiceAccount that was missing is there now, and its pods want the token",
}
"""What fixes bring that was not found before, all of low severity; nothing when only the default policies are on."""


def test_what_fixes_introduce_is_known_and_of_low_severity(fixed: dict) -> None:
    """Findings are told apart without the API group and the message: migrations and fixes of images change those."""
    first, second = (json.loads(fixed["said"][name].stdout)["findings"] for name in ("scan", "scan again"))
    brought = Counter(map(about, second)) - Counter(map(about, first))
    assert {policy for policy, *_ in brought} <= (set(INTRODUCED) if fixed["chosen"] == "all" else set())
    assert {each["severity"] for each in second if about(each) in brought} <= {"low"}


def about(finding: dict) -> tuple[str, str, str, str | None, str]:
    """The policy, the file and the object of a finding."""
    resource = finding["resource"]
    return finding["policy"], finding["path"], resource["kind"], resource["namespace"], resource["name"]


def changed(fixed: dict) -> Iterator[tuple[Path, str, str]]:
    for path, data in fixed["before"].items():
        if fixed["after"][path] != data:
            yield path, data.decode(), fixed["after"][path].decode()


def hunks(before: str, after: str) -> list[tuple[list[str], list[str], int, int]]:
    """(old lines, new lines, start, end in the new lines) of each difference; line ends included."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [(old[a:b], new[c:d], c, d) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def values(manifest: Manifest) -> list[object]:
    return [document.value for document in manifest.documents]


def test_every_changed_line_is_needed(fixed: dict) -> None:
    wrong = []
    for path, before, after in changed(fixed):
        wanted = values(read("after.yaml", after))
        new = after.splitlines(keepends=True)
        for old_lines, _, start, end in hunks(before, after):
            reverted = read("reverted.yaml", "".join([*new[:start], *old_lines, *new[end:]]))
            if reverted.problem is None and values(reverted) == wanted:
                wrong.append((path, old_lines))
    assert wrong == []


COMMENT = re.compile(r"(?:^|\s)#.*$")


def test_no_comment_is_lost_but_on_removed_lines(fixed: dict) -> None:
    wrong = []
    for path, before, after in changed(fixed):
        for old_lines, new_lines, _, _ in hunks(before, after):
            comments = [match.group().strip() for line in old_lines if (match := COMMENT.search(line.rstrip()))]
            left = "".join(new_lines)
            # A line that is replaced keeps its comment; one that is removed takes it along.
            if new_lines and len(new_lines) >= len(old_lines):
                wrong += [(path, comment) for comment in comments if comment not in left]
    assert wrong == []


def test_other_documents_keep_their_bytes(fixed: dict) -> None:
    wrong = []
    several = 0
    for path, before, after in changed(fixed):
        old, new = read("before.yaml", before), read("after.yaml", after)
        assert len(old.documents) <= len(new.documents)
        several += len(old.documents) > 1
        # What a fix adds stands behind all that is there, so the last document may go on with a marker.
        last = len(old.documents) - 1
        for place, (one, other) in enumerate(zip(parts(old), parts(new), strict=False)):
            same = other[1].startswith(one[1]) if place == last else other[1] == one[1]
            if one[0] == other[0] and not same:
                wrong.append((path, one[1][:80]))
    assert wrong == []
    assert several > 20


def parts(manifest: Manifest) -> list[tuple[object, str]]:
    """(value, text) of each document."""
    starts = [document.start for document in manifest.documents]
    ends = [*starts[1:], len(manifest.text)]
    return [
        (document.value, manifest.text[start:end])
        for document, start, end in zip(manifest.documents, starts, ends, strict=True)
    ]


def test_line_ends_marks_and_final_newlines_stay(fixed: dict) -> None:
    for path, before, after in changed(fixed):
        assert before.startswith("\ufeff") == after.startswith("\ufeff"), path
        assert before.endswith("\n") == after.endswith("\n"), path
        if "\r\n" in before and before.count("\r\n") == before.count("\n"):
            assert after.count("\r\n") == after.count("\n"), path


def test_templates_are_left_alone_and_named(fixed: dict) -> None:
    report = json.loads(fixed["said"]["scan"].stdout)
    templates = [each for each in report["skips"] if each["code"] == "template"]
    assert len(templates) > 30
    assert all(each["reason"] for each in templates)
    touched = {path for path, _, _ in changed(fixed)}
    assert not [path for path in touched if "/templates/" in path.as_posix() and "/helm/" in path.as_posix()]


def test_the_command_runs_in_this_process_too(corpus_plain: list[Path]) -> None:
    result: Result = CliRunner().invoke(
        cli, ["scan", "--format", "concise", str(corpus_plain[0])], standalone_mode=False
    )
    assert result.exception is None, result.output
    assert run(["scan", "--nonsense"]) == 2
