"""The four files: what is written is read back, the schemas say the same, and what is wrong is named."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema_rs
import pytest

import bot.stages
from bot.errors import InputError
from bot.model import Applicability, GateResult, GateStatus, ResourceRef, Severity, Span, TextEdit, Tier
from bot.stages import detections, patches, schedule, verified
from bot.stages.detections import Detected
from bot.stages.patches import Declined, Proposal, Proposed, Source
from bot.stages.schedule import Scheduled
from bot.stages.verified import Verdict

REF = ResourceRef("v1", "Pod", None, "web")
YAML = "# kept\r\napiVersion: v1\nname: 'é\U0001f600'\n"

FULL: dict[str, tuple[ModuleType, Any]] = {
    "detections": (
        detections,
        Detected(
            "a1",
            "web.yaml",
            "host-pid",
            "pod shares",
            YAML,
            Severity.HIGH,
            REF,
            0,
            8,
            "/spec/hostPID",
            "kube-linter",
            ("trivy: KSV-0010",),
            "f1",
            "0" * 64,
        ),
    ),
    "patches": (
        patches,
        Proposed(
            "a1",
            "host-pid",
            Source.VENDOR,
            (
                Proposal([{"op": "remove", "path": "/spec/hostPID"}], "Remove it", "agents", Applicability.SAFE),
                Proposal("[]"),
            ),
            (TextEdit(Span(3, 5), "x"),),
            None,
            "0" * 64,
        ),
    ),
    "patches, declined": (patches, Proposed("a1", "host-pid", Source.RULES, skipped=Declined("no-fix", "none"))),
    "verified": (
        verified,
        Verdict(
            "a1",
            True,
            True,
            None,
            YAML,
            "host-pid",
            Severity.LOW,
            Applicability.UNSAFE,
            "Remove it",
            "rules",
            "",
            Tier.SERVER,
            "1.36",
            (GateResult("edit", GateStatus.PASSED, "", 0.25),),
            ("a note",),
            ({"op": "remove", "path": "/spec/hostPID"},),
            1,
            0.5,
            "web.yaml",
            0,
            "/spec/hostPID",
            8,
            REF,
            "f1",
            "0" * 64,
        ),
    ),
    "schedule": (
        schedule,
        Scheduled(
            "a1",
            12.5,
            60.0,
            0.75,
            4.0,
            None,
            0.0,
            0.25,
            (("severity", 40.0), ("exposure", 20.0)),
            "Exposed.",
            "host-pid",
            Severity.CRITICAL,
            Applicability.SAFE,
            "Remove it",
            "web.yaml",
            0,
            8,
            REF,
            "f1",
        ),
    ),
}

LEAST: dict[str, tuple[ModuleType, dict[str, Any]]] = {
    "detections": (
        detections,
        {"id": "1", "manifest_path": "a.yaml", "policy_id": "host-pid", "violation_text": ""},
    ),
    "patches": (patches, {"id": "1", "policy_id": "host-pid", "source": "vllm", "patch": "```json\n[]\n```"}),
    "verified": (
        verified,
        {"id": "1", "accepted": False, "ok_schema": None, "ok_policy": None, "patched_yaml": None},
    ),
    "schedule": (schedule, {"id": "1", "score": 1, "R": 1, "p": 0.5, "Et": 1, "wait": None, "kev": 0}),
}


def schema(name: str) -> Any:
    return json.loads((Path(bot.stages.__file__).parent / f"{name}.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("module", "record"), FULL.values(), ids=FULL)
def test_what_is_written_is_read_back(module: ModuleType, record: Any) -> None:
    text = module.dump([record])
    assert module.load(text, "x.json") == (record,)
    assert text.isascii()
    assert text == module.dump(module.load(text, "x.json"))


@pytest.mark.parametrize("module", [detections, patches, verified, schedule])
def test_no_records(module: ModuleType) -> None:
    assert module.dump([]) == "[]\n"
    assert module.load("[]", "x.json") == ()


@pytest.mark.parametrize("name", FULL)
def test_a_file_is_valid_against_its_schema(name: str) -> None:
    module, record = FULL[name]
    found = json.loads(module.dump([record]))
    published = schema(name.partition(",")[0])
    jsonschema_rs.validator_for(published).validate(found)
    assert found[0].keys() == module.KEYS == published["items"]["properties"].keys()


@pytest.mark.parametrize("name", LEAST)
def test_the_members_that_have_to_be_there(name: str) -> None:
    module, least = LEAST[name]
    published = schema(name)
    assert sorted(published["items"]["required"]) == sorted(least)
    jsonschema_rs.validator_for(published).validate([least])
    (record,) = module.load(json.dumps([least]), "x.json")
    assert record.id == "1"
    for member in least:
        short = {key: value for key, value in least.items() if key != member}
        where = "record 1" if member == "id" else "record 1 (id '1')"
        with pytest.raises(InputError) as refused:
            module.load(json.dumps([short]), "x.json")
        assert str(refused.value) == f"x.json: {where}: {member} is missing"


@pytest.mark.parametrize("name", LEAST)
def test_a_member_of_another_type_is_refused_by_the_schema_and_by_us(name: str) -> None:
    module, least = LEAST[name]
    published = schema(name)
    validator = jsonschema_rs.validator_for(published)
    for member in published["items"]["properties"]:
        for value in (5.5, "?", True, [7], {"?": {}}):
            record = {**least, member: value}
            if member == "patch" and name == "patches":
                continue  # whatever it is, `verify` refuses it with a reason
            said = refusal(module, record)
            assert (said == "") == validator.is_valid([record]), (member, value)
            assert not said or (said.startswith("x.json: record 1") and (member in said or member == "accepted"))


def refusal(module: ModuleType, record: dict[str, Any]) -> str:
    """What is said of a record; empty when it is taken."""
    try:
        module.load(json.dumps([record]), "x.json")
    except InputError as refused:
        return str(refused)
    return ""


BROKEN = {
    "empty": ("", "x.json: not JSON, or cut short: line 1 column 1: Expecting value"),
    "cut short": (
        '[{"id": "1", ',
        "x.json: not JSON, or cut short: line 1 column 14: Expecting property name enclosed in double quotes",
    ),
    "an object": ("{}", "x.json: a mapping; it is a list of records"),
    "a list of texts": ('["a"]', "x.json: record 1 is the text 'a'; it is an object"),
    "not a number": ("[NaN]", "x.json: not JSON, or cut short: NaN is no JSON"),
    "too deep": ("[" * 100_000, "x.json: not JSON, or cut short: nested too deeply"),
    "an id twice": (
        json.dumps([LEAST["detections"][1]] * 2),
        "x.json: record 2 (id '1'): its id is there twice; first in record 1",
    ),
    "a slip": (
        json.dumps([{**LEAST["detections"][1], "manifest_yml": "x"}]),
        "x.json: record 1 (id '1'): unknown field 'manifest_yml'; did you mean 'manifest_yaml'?",
    ),
    "inside": (
        json.dumps([{**LEAST["detections"][1], "object": {"kind": "Pod"}}]),
        "x.json: record 1 (id '1'): object: apiVersion is missing",
    ),
    "a severity": (
        json.dumps([{**LEAST["detections"][1], "severity": "HIGH"}]),
        "x.json: record 1 (id '1'): severity is the text 'HIGH'; it is one of critical, high, medium, low",
    ),
    "a line": (
        json.dumps([{**LEAST["detections"][1], "line": 0}]),
        "x.json: record 1 (id '1'): line is the number 0; it is a whole number from 1",
    ),
}


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file(text: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        detections.load(text, "x.json")
    assert str(refused.value) == said


def test_notes_of_other_programs_are_let_through() -> None:
    record = {**LEAST["detections"][1], "owner": "team-a", "x-run": 7}
    assert detections.load(json.dumps([record]), "x.json")[0].id == "1"


def test_an_accepted_fix_comes_with_its_text() -> None:
    record = {**LEAST["verified"][1], "accepted": True}
    with pytest.raises(InputError, match="patched_yaml is empty"):
        verified.load(json.dumps([record]), "x.json")
