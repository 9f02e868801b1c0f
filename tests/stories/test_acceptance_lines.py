"""Acceptance cases 1 to 15: which lines a suggestion may stand on, and which bytes it may say.

Numbered as the collected rules for review bots have them; `test_acceptance.py` holds the numbers to be complete.
"""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from tests.fakes import events
from tests.fakes.github import File
from tests.fakes.github.suggestions import blocks
from tests.fakes.runner import Run
from tests.stories.shop import CLEAN, GAIN, PID, deployment
from tests.stories.stage import Stage, names, policies, suggestion

SETTING = "            allowPrivilegeEscalation: false\n"
RISKY_SETTING = SETTING.replace("false", "true")
UNSET = CLEAN.replace(SETTING, "")
LONG = UNSET.replace("args: [serve]\n", "args:\n" + "".join(f"            - --flag-{each}\n" for each in range(12)))
SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n  namespace: shop\ntype: Opaque\ndata:\n" + "".join(
    f"  {letter}: YQ==\n" for letter in "abcdefghij"
)
BUDGET = """\
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app.kubernetes.io/name: web}}}
"""


def patched(stage: Stage, run: Run, path: str = "web.yaml") -> bytes:
    """The file as `git apply` makes it of the head and the patch of the report."""
    place = stage.runner.folder / "applied"
    place.mkdir()
    (place / path).write_bytes(stage.github.repository.read(stage.github.newest.head, path))
    subprocess.run(["git", "apply", run.folder / run.outputs["patch"]], cwd=place, check=True, capture_output=True)
    return (place / path).read_bytes()


def sent(stage: Stage) -> list[dict[str, Any]]:
    """The comments of the last request that created a review."""
    (*_, request) = [each for each in stage.github.requests if each.operation == "pulls/create-review"]
    found: list[dict[str, Any]] = request.body["comments"]
    return found


def test_case_01_the_fix_is_outside_all_hunks(stage: Stage) -> None:
    """The container's new name makes the finding new; the lines that mend it are not shown."""
    head = LONG.replace("- name: web", "- name: shop")
    stage.github.open_pull({"web.yaml": LONG}, {"web.yaml": head})
    run = stage.review(fail_on="medium", code=1)
    assert sent(stage) == []
    assert "patch: outside the diff" in stage.summary
    assert patched(stage, run).decode() == head + SETTING


@pytest.mark.parametrize("unified", [3, 0])
def test_case_02_the_fix_spans_two_hunks(stage: Stage, unified: int) -> None:
    """It moves a value from the first hunk to the end of the second; halves are never suggested.

    Hunks whose numbers are adjacent: `tests/review/test_fit.py`.
    """
    stage.github.diff_options += (f"--unified={unified}",)
    head = SECRET.replace("  a: YQ==", "  a: not base64!").replace("  j: YQ==", "  j: Yg==")
    stage.github.open_pull({"web.yaml": SECRET}, {"web.yaml": head})
    run = stage.review()
    assert sent(stage) == []
    assert run.outputs["patched"] == "1"
    assert patched(stage, run).decode() == head.replace("  a: not base64!\n", "") + ("stringData:\n  a: not base64!\n")


def test_case_03_one_line(stage: Stage) -> None:
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(PID)})
    stage.review()
    (comment,) = sent(stage)
    assert {name: comment[name] for name in comment.keys() - {"body"}} == {
        "path": "web.yaml",
        "line": 18,
        "side": "RIGHT",
    }


def test_case_04_new_lines_after_the_last_of_a_hunk(stage: Stage) -> None:
    """The last line is repeated as it stands, the new one follows."""
    last = "              drop: [ALL]  # nothing is kept\n"
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": UNSET.replace("              drop: [ALL]\n", last)})
    stage.review()
    (comment,) = stage.comments
    assert (comment.original.start_line, comment.original.line) == (None, UNSET.count("\n"))
    assert suggestion(comment) == last + SETTING


def test_case_05_the_parent_is_outside_the_hunk(stage: Stage) -> None:
    """A container without its security settings: where they belong is shown, whose they are is not."""
    head = CLEAN[: CLEAN.index("          securityContext:\n            read")]
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": head})
    run = stage.review()
    assert sent(stage) == []
    assert "patch: what it belongs to is outside the diff" in stage.summary
    assert patched(stage, run).decode() == head + "          securityContext:\n" + SETTING


def test_case_06_first_and_last_line_of_an_added_file(stage: Stage) -> None:
    pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\nspec:\n"
    secured = "{allowPrivilegeEscalation: false, seccompProfile: {type: RuntimeDefault}}"
    container = f"  containers: [{{name: a, image: 'r.example.org/a:1.0.0', securityContext: {secured}}}]\n"
    text = BUDGET + pod + container + "  hostPID: true\n"
    stage.github.open_pull({"README.md": "The shop.\n"}, {"web.yaml": text})
    stage.review()
    ends = {each.original.line: each.id for each in stage.comments}
    assert {1, text.count("\n")} <= ends.keys()
    stage.github.accept_batch([ends[1], ends[text.count("\n")]])
    assert stage.head_text() == text.replace("policy/v1beta1", "policy/v1").replace("  hostPID: true\n", "")


def test_case_07_the_file_goes(stage: Stage) -> None:
    """So do the comments that stood there; the same for an object of a file that stays."""
    both = deployment(PID) + "---\n" + deployment(PID, name="other")
    base = {"a.yaml": CLEAN, "b.yaml": CLEAN}
    stage.github.open_pull(base, {"a.yaml": deployment(PID), "b.yaml": both})
    stage.review()
    assert len(stage.open) == 3
    before = stage.github.newest.head
    stage.github.push({"a.yaml": None, "b.yaml": deployment(PID)})
    stage.pushed(before)
    assert [each.original.path for each in stage.comments] == ["b.yaml"]
    before = stage.github.newest.head
    stage.github.push({"b.yaml": None})
    stage.pushed(before)
    assert stage.comments == []


def test_case_08_the_file_is_renamed(stage: Stage) -> None:
    stage.github.open_pull({"old.yaml": CLEAN}, {"old.yaml": deployment(PID)})
    stage.review()
    known = names(stage.one(PID))
    before = stage.github.newest.head
    stage.github.push({"old.yaml": None, "new.yaml": deployment(PID)})
    stage.pushed(before)
    (comment,) = stage.comments
    assert (comment.original.path, names(comment)) == ("new.yaml", known)
    assert len(stage.github.newest.reviews) == 2


def test_case_08_a_rename_brings_nothing(stage: Stage) -> None:
    """What was there under the old name is older."""
    stage.github.open_pull({"old.yaml": deployment(PID)}, {"old.yaml": None, "new.yaml": deployment(PID)})
    run = stage.review()
    assert (run.outputs["findings"], run.outputs["older"]) == ("0", "1")


def test_case_09_crlf(stage: Stage) -> None:
    before, head = (text.replace("\n", "\r\n").encode() for text in (CLEAN, deployment(PID)))
    stage.github.open_pull({"web.yaml": before}, {"web.yaml": head})
    run = stage.review()
    assert sent(stage) == []
    assert "patch: CRLF line ends" in stage.summary
    assert patched(stage, run) == before


def test_case_10_mixed_line_ends(stage: Stage) -> None:
    """Elsewhere in the file there are others: a suggestion touches its own lines only."""
    before, head = (text.replace("kind: Deployment\n", "kind: Deployment\r\n") for text in (CLEAN, deployment(PID)))
    stage.github.open_pull({"web.yaml": before.encode()}, {"web.yaml": head.encode()})
    stage.review()
    stage.github.accept(stage.one(PID).id)
    assert stage.github.repository.read(stage.github.newest.head, "web.yaml") == before.encode()


def test_case_11_no_newline_at_the_end(stage: Stage) -> None:
    """A suggestion for the last line would bring one."""
    base = CLEAN[: CLEAN.index("            capabilities:\n")]
    head = base.replace(SETTING, RISKY_SETTING).removesuffix("\n")
    stage.github.open_pull({"web.yaml": base}, {"web.yaml": head})
    run = stage.review()
    assert sent(stage) == []
    assert "patch: no newline at the end of the file" in stage.summary
    assert "\\ No newline at end of file" in (run.folder / run.outputs["patch"]).read_text()
    assert patched(stage, run).decode() == base.removesuffix("\n")


@pytest.mark.parametrize("run_of", ["```", "````", "`````` ```"])
def test_case_12_fences_in_the_lines(stage: Stage, run_of: str) -> None:
    head = CLEAN.replace(SETTING, RISKY_SETTING.replace("\n", f"  # {run_of}suggestion\n"))
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": head})
    stage.review()
    (comment,) = stage.comments
    expected = SETTING.replace("\n", f"  # {run_of}suggestion\n")
    assert blocks(comment.body) == [expected]
    stage.github.accept(comment.id)
    assert stage.head_text() == head.replace(": true  #", ": false  #")


BESIDE = "tab\there no\u00a0break caf\u00e9 \U0001f389\U0001f468\u200d\U0001f469 and blanks   "


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "bom"])
def test_case_13_bytes_beside_the_fix(stage: Stage, start: str) -> None:
    base, head = (
        start + CLEAN.replace(SETTING, f"            # {BESIDE}\n{line[:-1]}  # {BESIDE}\n")
        for line in (SETTING, RISKY_SETTING)
    )
    stage.github.open_pull({"web.yaml": base}, {"web.yaml": head})
    stage.review()
    stage.github.accept(stage.one(GAIN).id)
    assert stage.head_text() == base


def test_case_14_an_alias_carries_the_value_elsewhere(stage: Stage) -> None:
    head = deployment(GAIN).replace(
        "  securityContext:\n            read", "  securityContext: &rights\n            read"
    )
    head += (
        "        - name: second\n"
        "          image: registry.example.org/second:1.0.0\n"
        "          securityContext: *rights\n"
    )
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": head})
    run = stage.review()
    assert sent(stage) == []
    assert int(run.outputs["findings"]) > 0
    assert "alias" in stage.summary or "anchor" in stage.summary


def test_case_15_findings_that_want_neighbouring_lines(stage: Stage) -> None:
    """One suggestion names both, and takes both lines."""
    head = deployment(PID).replace("      hostPID: true\n", "      hostPID: true\n      hostIPC: true\n")
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": head})
    stage.review()
    (comment,) = stage.comments
    assert sorted(policies(comment)) == ["host-ipc", PID]
    assert len(names(comment)) == 2
    stage.github.accept(comment.id)
    assert stage.head_text() == CLEAN


def test_modes_of_files_stay(stage: Stage) -> None:
    """A program keeps its bit, in the suggestion and in the patch."""
    stage.github.open_pull({}, {"web.yaml": File(deployment(PID), "100755")})
    stage.review(events.opened(stage.github))
    stage.github.accept(stage.one(PID).id)
    assert stage.github.repository.tree(stage.github.newest.head)["web.yaml"][0] == "100755"
