"""Every message of docs/troubleshooting.md is printed just so."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.material import CLEAN, run
from tests.cli.test_stages import NOT_PRIVILEGED, PRIVILEGED, by_hand, patch_of
from tests.material import ROOT

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
MESSAGES = dict(re.findall(r"^## (.+)\n\n```text\n(.+)\n```$", PAGE, re.MULTILINE))

LATEST = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'nginx:latest'}]}\n"


def put(name: str, found: Any) -> None:
    Path("data").mkdir(exist_ok=True)
    Path("data", name).write_text(found if isinstance(found, str) else json.dumps(found), encoding="utf-8")


def refused(*steps: Any, ignore: str = "") -> str:
    Path("web.yaml").write_text(PRIVILEGED, encoding="utf-8")
    put("detections.json", [by_hand(manifest_path="web.yaml")])
    put("patches.json", [patch_of(*steps)])
    said = run("verify", *(("--ignore", ignore) if ignore else ())).err
    (verdict,) = json.loads(Path("data/verified.json").read_text(encoding="utf-8"))
    assert verdict["reason"] in said
    return said


def declined(record: dict[str, Any], text: str = PRIVILEGED) -> str:
    Path("web.yaml").write_text(text, encoding="utf-8")
    put("detections.json", [record])
    return run("propose").err


def nothing_detected() -> str:
    Path("a.yaml").write_text(CLEAN, encoding="utf-8")
    return run("detect", "--in", ".", "--select", "host-pid,host-ipc").err


def no_proposal() -> str:
    put("detections.json", "[]")
    return run("propose").err


def not_an_array() -> str:
    Path("web.yaml").write_text(PRIVILEGED, encoding="utf-8")
    put("detections.json", [by_hand(manifest_path="web.yaml")])
    put("patches.json", [patch_of() | {"patch": NOT_PRIVILEGED}])
    return run("verify").err


def unknown() -> str:
    put("detections.json", [by_hand()])
    put("patches.json", [patch_of(id="strange")])
    return run("verify").err


def empty_schedule() -> str:
    put("verified.json", "[]")
    return run("schedule").err


def broken(text: str) -> str:
    put("detections.json", text)
    return run("propose").err


def another_proposer() -> str:
    Path(".k8s-auto-fix.yaml").write_text("proposer: {mode: vllm}\n", encoding="utf-8")
    put("detections.json", "[]")
    return run("propose").err


SAID: dict[str, Callable[[], str]] = {
    "Nothing detected": nothing_detected,
    "The manifest of a record is missing": lambda: declined(by_hand(manifest_path="gone.yaml")),
    "A manifest changed meanwhile": lambda: declined(by_hand(manifest_path="web.yaml", manifest_yaml=CLEAN)),
    "A guard refuses to propose": lambda: declined(
        by_hand(manifest_path="web.yaml", policy_id="image-tag-latest-or-missing"), LATEST
    ),
    "No proposal": no_proposal,
    "A patch is none": not_an_array,
    "An operation is none": lambda: refused({**NOT_PRIVILEGED, "op": "set"}),
    "A patch names what is not there": lambda: refused({"op": "replace", "path": "/spec/hostPID", "value": False}),
    "The schema gate fails": lambda: refused({**NOT_PRIVILEGED, "value": "no"}, ignore="schema-error"),
    "The finding is still there": lambda: refused({"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}),
    "All proposals are refused": lambda: refused({**NOT_PRIVILEGED, "op": "set"}),
    "A finding of this id is not known": unknown,
    "An empty schedule": empty_schedule,
    "A file that was cut short": lambda: broken("["),
    "A field is missing or wrong": lambda: broken('[{"id": "a"}]'),
    "Another proposer": another_proposer,
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("heading", SAID)
def test_the_message_is_printed_just_so(heading: str) -> None:
    said = SAID[heading]()
    assert re.search(rf"^(?: +[\d,]+ )?{re.escape(MESSAGES[heading])}$", said, re.MULTILINE), said


def test_every_message_is_tried() -> None:
    assert MESSAGES.keys() == SAID.keys() == set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE))
