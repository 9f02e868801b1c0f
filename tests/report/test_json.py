"""The JSON report: what issue-free programs rely on, and the schema that describes it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

import bot.report
from bot.manifest import read
from bot.manifest.edits import apply
from bot.model import Applicability, Change, Fix, Report, Span, TextEdit, Tier, Verification
from bot.report.json import render
from tests.report.material import SHOP, add, finding, fixed, replace, shop

SCHEMA = json.loads((Path(bot.report.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))


def valid(text: str) -> dict:
    """The report, which the schema accepts."""
    document = json.loads(text)
    assert [error.message for error in jsonschema_rs.validator_for(SCHEMA).iter_errors(document)] == []
    return document


def objects(schema):
    """Every part of a schema that describes an object."""
    if isinstance(schema, dict):
        if schema.get("type") in ("object", ["object", "null"]):
            yield schema
        for part in schema.values():
            yield from objects(part)
    if isinstance(schema, list):
        for part in schema:
            yield from objects(part)


def test_the_schema_is_one_and_is_strict():
    jsonschema_rs.meta.validate(SCHEMA)
    # A patch's operations are closed one by one, in the branches of their oneOf.
    loose = [part for part in objects(SCHEMA) if part.get("additionalProperties") is not False and "oneOf" not in part]
    assert loose == []


def test_a_finding():
    report, sources = shop()
    assert valid(render(report, sources))["findings"][2] == {
        "policy": "privileged-container",
        "severity": "critical",
        "message": "container web runs privileged",
        "path": "deploy/shop.yaml",
        "line": 16,
        "end_line": 16,
        "column": 11,
        "document": 0,
        "pointer": "/spec/template/spec/containers/0/securityContext/privileged",
        "resource": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "storefront", "name": "shop"},
        "fingerprint": "privileged-container:/spec/template/spec/containers/0/securityContext/privileged",
        "origin": "policy",
        "also": [],
        "suppressed": None,
        "fix": {
            "title": "Set privileged to false",
            "applicability": "unsafe",
            "why": "the workload may rely on host devices",
            "evidence": [],
        },
    }


def test_show_fixes_brings_patch_edits_and_verification():
    report, sources = shop()
    fix = valid(render(report, sources, show_fixes=True))["findings"][2]["fix"]
    start = SHOP.index("true  # legacy")
    assert fix["patch"] == [
        {"op": "replace", "path": "/spec/template/spec/containers/0/securityContext/privileged", "value": False}
    ]
    assert fix["edits"] == [
        {
            "path": "deploy/shop.yaml",
            "start": start,
            "end": start + 4,
            "text": "false",
            "line": 16,
            "column": 23,
            "end_line": 16,
            "end_column": 27,
        }
    ]
    assert fix["elsewhere"] == []
    assert fix["verification"] == {
        "tier": "schema",
        "server": "1.36",
        "passed": True,
        "notes": ["rolls the pods of Deployment storefront/shop"],
        "gates": [{"gate": "schema", "status": "passed", "reason": ""}],
    }


def test_a_rejected_fix_and_a_suppressed_finding():
    report, sources = shop()
    found = {each["policy"]: each for each in valid(render(report, sources, show_fixes=True))["findings"]}
    assert found["host-pid"]["fix"] is None
    assert found["image-digest-missing"]["suppressed"] == {"kind": "comment", "reason": "pinned by the registry"}


def test_skips_say_what_they_are_about():
    report, sources = shop()
    skips = valid(render(report, sources))["skips"]
    assert skips[0] == {
        "stage": "propose",
        "code": "needs-value",
        "reason": "no memory-limit in values of .k8s-auto-fix.yaml",
        "path": "deploy/shop.yaml",
        "document": 0,
        "line": 13,
        "policy": "memory-limit-missing",
        "fingerprint": "memory-limit-missing:/spec/template/spec/containers/0/resources/limits/memory",
        "error": False,
    }
    assert skips[-1]["error"] is True


def test_the_summary():
    assert valid(render(*shop()))["summary"] == {
        "files": 9,
        "documents": 11,
        "resources": 4,
        "findings": 7,
        "suppressed": 1,
        "severities": {"critical": 1, "high": 2, "medium": 3, "low": 1},
        "fixable": {"safe": 1, "unsafe": 2, "display-only": 0},
        "skipped": 7,
        "errors": 1,
        "notices": ["charts/shop is rendered by Helm; scan what `helm template` prints"],
    }


def test_an_empty_report():
    document = valid(render(Report(), {}))
    assert list(document) == ["version", "findings", "skips", "summary"]
    assert (document["version"], document["findings"], document["skips"]) == (1, [], [])


@pytest.mark.parametrize("text", [SHOP, "\ufeff" + SHOP.replace("\n", "\r\n").replace("legacy", "ältere 👍")])
def test_edits_can_be_applied_by_offset_and_by_line(text):
    report, sources = shop(text=text)
    manifest = sources["deploy/shop.yaml"]
    lines = text.split("\n")
    for each in valid(render(report, sources, show_fixes=True))["findings"]:
        for edit in (each["fix"] or {"edits": []})["edits"]:
            start = sum(len(line) + 1 for line in lines[: edit["line"] - 1]) + edit["column"] - 1
            assert start + (edit["line"] == 1 and text[0] == "\ufeff") == edit["start"]
            applied = apply(text, [TextEdit(Span(edit["start"], edit["end"]), edit["text"])])
            assert read("a", applied).documents[0].value != manifest.documents[0].value


def test_a_new_object_and_a_text_that_is_not_at_hand():
    manifest = read("a.yaml", SHOP)
    found = finding(manifest, "a", "/spec/replicas", "m")
    here = fixed(manifest, found, "t", replace("/spec/replicas", 3)).fix.changes[0]
    new = Change("pdb.yaml", None, (add("", {"kind": "PodDisruptionBudget"}),))
    fix = Fix((found,), (here, new), "t", "", Applicability.SAFE)
    document = valid(render(Report((found,), (Verification(fix, (), Tier.NONE),)), {}, show_fixes=True))
    shown = document["findings"][0]["fix"]
    assert shown["elsewhere"] == [
        {"path": "pdb.yaml", "document": None, "patch": [{"op": "add", "path": "", "value": new.operations[0].value}]}
    ]
    assert (shown["edits"][0]["line"], shown["edits"][0]["text"]) == (None, "3")
    assert shown["verification"] is None


def test_it_is_ascii_whatever_is_in_it():
    manifest = read("ü.yaml", SHOP)
    report = Report((finding(manifest, "a", "/spec/replicas", "日本 \x1b\u2028\ud800"),), notices=("ü",))
    text = render(report, {})
    assert text.isascii()
    assert "\x1b" not in text
    assert valid(text)["findings"][0]["path"] == "ü.yaml"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.update(extra=1),
        lambda report: report["findings"][0].pop("fix"),
        lambda report: report["findings"][0].update(line=0),
        lambda report: report["findings"][0].update(severity="HIGH"),
        lambda report: report["findings"][2]["fix"].pop("verification"),
        lambda report: report["findings"][2]["fix"]["patch"][0].update(op="remove"),
        lambda report: report["findings"][2]["fix"]["verification"]["gates"][0].update(status="ok"),
        lambda report: report["skips"][0].update(line="12"),
        lambda report: report["summary"]["severities"].update(info=1),
    ],
)
def test_the_schema_refuses_what_is_not_a_report(spoil):
    document = json.loads(render(*shop(), show_fixes=True))
    assert jsonschema_rs.validator_for(SCHEMA).is_valid(document)
    spoil(document)
    assert not jsonschema_rs.validator_for(SCHEMA).is_valid(document)
