"""SARIF: the official schema accepts it, columns are UTF-16, fixes can be applied, GitHub's limits hold."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import pytest

from bot.manifest import read
from bot.model import Applicability, Change, Fix, Report, Severity, Skip, Suppression, Tier, Verification
from bot.policy import Check, Match, Policy, Target
from bot.report import sarif
from tests.report.material import SHOP, WEB, add, finding, shop

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema_rs.validator_for(SCHEMA, validate_formats=True)


def policy(name: str, **members) -> Policy:
    """A policy with what a rule needs."""
    defaults = {
        "title": "Container runs privileged",
        "severity": Severity.CRITICAL,
        "category": "container-hardening",
        "default": True,
        "profiles": ("baseline",),
        "description": "A privileged container has every capability.\n",
        "remediation": "Set securityContext.privileged to false.",
        "references": ("https://kubernetes.io/docs/concepts/security/pod-security-standards/",),
        "match": Match(("workload",), Target.CONTAINER),
        "check": Check("true", None, "m"),
    }
    return Policy(name, **(defaults | members))


def run(report, sources, policies=(), **options) -> dict:
    """The one run of the log, which the official schema accepts."""
    log = json.loads(sarif.render(report, sources, policies, version="1.2.3", **options))
    assert [f"{error.instance_path}: {error.message}" for error in VALIDATOR.iter_errors(log)] == []
    assert log["version"] == "2.1.0"
    (only,) = log["runs"]
    return only


def by_rule(results: dict) -> dict:
    return {each["ruleId"]: each for each in results["results"]}


def test_the_official_schema_is_used():
    assert not VALIDATOR.is_valid({"version": "2.1.0", "runs": [{"results": []}]})
    assert SCHEMA["id"] == sarif.SCHEMA


def test_a_result():
    result = by_rule(run(*shop()))["privileged-container"]
    start = SHOP.split("\n")[15].index("privileged") + 1
    assert result == {
        "ruleId": "privileged-container",
        "ruleIndex": result["ruleIndex"],
        "level": "error",
        "message": {"text": "container web runs privileged"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "deploy/shop.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {
                        "startLine": 16,
                        "startColumn": start,
                        "endLine": 16,
                        "endColumn": start + len("privileged: true"),
                    },
                },
                "logicalLocations": [
                    {
                        "name": "shop",
                        "kind": "resource",
                        "fullyQualifiedName": "apps/v1 Deployment storefront/shop",
                    },
                    {
                        "name": "privileged",
                        "kind": "property",
                        "fullyQualifiedName": f"{WEB}/securityContext/privileged",
                    },
                ],
            }
        ],
        "partialFingerprints": {"k8sAutoFix/v1": f"privileged-container:{WEB}/securityContext/privileged"},
        "suppressions": [],
        "fixes": [
            {
                "description": {"text": "Set privileged to false (unsafe: the workload may rely on host devices)"},
                "artifactChanges": [
                    {
                        "artifactLocation": {"uri": "deploy/shop.yaml", "uriBaseId": "%SRCROOT%"},
                        "replacements": [
                            {
                                "deletedRegion": {
                                    "startLine": 16,
                                    "startColumn": 23,
                                    "endLine": 16,
                                    "endColumn": 27,
                                },
                                "insertedContent": {"text": "false"},
                            }
                        ],
                    }
                ],
            }
        ],
    }


def test_rules_and_results_belong_together():
    report, sources = shop()
    log = run(report, sources, [policy("privileged-container"), policy("not-found")])
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({each.policy_id for each in report.findings})
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in log["results"])
    assert len(log["results"]) == len(report.findings)
    assert rules[0].keys() == {"id", "shortDescription", "fullDescription", "help"}


def test_a_rule():
    report, sources = shop()
    rules = run(report, sources, [policy("privileged-container")])["tool"]["driver"]["rules"]
    (rule,) = [rule for rule in rules if rule["id"] == "privileged-container"]
    reference = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"
    assert rule == {
        "id": "privileged-container",
        "shortDescription": {"text": "Container runs privileged"},
        "fullDescription": {"text": "A privileged container has every capability."},
        "help": {
            "text": "A privileged container has every capability.\n\n"
            f"Set securityContext.privileged to false.\n\n{reference}",
            "markdown": "**Container runs privileged**\n\nA privileged container has every capability.\n\n"
            "**What to do.** Set securityContext.privileged to false.\n\n"
            "To accept a finding, give the reason on its line: "
            "`# k8s-auto-fix: ignore[privileged-container] reason`.\n\n"
            f"- <{reference}>",
        },
        "helpUri": reference,
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["kubernetes", "security", "container-hardening", "baseline"],
            "precision": "high",
            "problem.severity": "error",
            "security-severity": "9.5",
        },
    }


@pytest.mark.parametrize(
    ("severity", "level", "score", "word"),
    [
        (Severity.CRITICAL, "error", "9.5", "error"),
        (Severity.HIGH, "error", "8.0", "error"),
        (Severity.MEDIUM, "warning", "5.5", "warning"),
        (Severity.LOW, "note", "2.0", "recommendation"),
    ],
)
def test_severities(severity, level, score, word):
    report = Report((finding(read("a.yaml", SHOP), "p", "/spec/replicas", "m", severity=severity),))
    log = run(report, {}, [policy("p", severity=severity)])
    (rule,) = log["tool"]["driver"]["rules"]
    assert rule["defaultConfiguration"]["level"] == log["results"][0]["level"] == level
    assert (rule["properties"]["security-severity"], rule["properties"]["problem.severity"]) == (score, word)


def test_what_is_not_about_security_has_no_score():
    report = Report((finding(read("a.yaml", SHOP), "p", "/spec/replicas", "m"),))
    (rule,) = run(report, {}, [policy("p", category="reliability", references=())])["tool"]["driver"]["rules"]
    assert "security-severity" not in rule["properties"]
    assert "security" not in rule["properties"]["tags"]
    assert "helpUri" not in rule


def test_limits_of_a_rule():
    report = Report((finding(read("a.yaml", SHOP), "p", "/spec/replicas", "m"),))
    profiles = tuple(f"profile-{number}" for number in range(30))
    (rule,) = run(report, {}, [policy("p", description="long " * 500, profiles=profiles)])["tool"]["driver"]["rules"]
    assert len(rule["properties"]["tags"]) == 20
    assert len(rule["fullDescription"]["text"]) == 1_024


def test_limits_of_a_run_keep_the_worst():
    one = finding(read("a.yaml", SHOP), "p", "/spec/replicas", "m", severity=Severity.LOW)
    findings = [replace(one, message=f"{number}") for number in range(25_002)]
    findings[25_001] = replace(findings[25_001], severity=Severity.CRITICAL)
    log = run(Report(tuple(findings)), {})
    assert len(log["results"]) == 25_000
    assert sum(each["level"] == "error" for each in log["results"]) == 1
    (notification,) = log["invocations"][0]["toolExecutionNotifications"]
    assert notification["message"]["text"].startswith("2 results are left out")


UTF16 = SHOP.replace("privileged: true  # legacy", "{a: '👍ü', privileged: true}").replace(
    "        securityContext:\n          {", "        securityContext: {"
)


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_are_utf16_code_units(bom, end):
    text = bom + "# 👍\n".replace("\n", end) + UTF16.replace("\n", end)
    report, sources = shop(text=text)
    log = run(report, sources)
    assert log["columnKind"] == "utf16CodeUnits"
    region = by_rule(log)["privileged-container"]["locations"][0]["physicalLocation"]["region"]
    line = text.removeprefix("\ufeff").split("\n")[region["startLine"] - 1]
    units = line.encode("utf-16-le")
    marked = units[2 * (region["startColumn"] - 1) : 2 * (region["endColumn"] - 1)].decode("utf-16-le")
    assert marked == "privileged: true"


def offset(text: str, line: int, column: int) -> int:
    """The place of a SARIF position in a text without byte order mark."""
    start = sum(len(each) + 1 for each in text.split("\n")[: line - 1])
    units = text[start:].encode("utf-16-le")[: 2 * (column - 1)]
    return start + len(units.decode("utf-16-le"))


@pytest.mark.parametrize("text", [SHOP, "\ufeff" + SHOP.replace("\n", "\r\n"), UTF16, SHOP.removesuffix("\n")])
def test_fixes_can_be_applied_from_what_sarif_says(text):
    report, sources = shop(text=text)
    plain = text.removeprefix("\ufeff")
    seen = 0
    for result in run(report, sources)["results"]:
        for fix in result.get("fixes", []):
            (change,) = fix["artifactChanges"]
            edited = plain
            for each in reversed(change["replacements"]):
                region = each["deletedRegion"]
                start = offset(plain, region["startLine"], region["startColumn"])
                end = offset(plain, region["endLine"], region["endColumn"])
                edited = edited[:start] + each.get("insertedContent", {"text": ""})["text"] + edited[end:]
            (verified,) = [v for v in report.verifications if fix["description"]["text"].startswith(v.fix.title)]
            wanted = read("a", text).documents[0].value
            operation = verified.fix.changes[0].operations[0]
            value = read("a", edited).documents[0].value
            assert value != wanted
            place = value
            for token in operation.path.split("/")[1:]:
                place = place[int(token) if isinstance(place, list) else token]
            assert place == operation.value
            seen += 1
    assert seen == 3


def test_a_fix_that_sarif_cannot_say_is_left_out():
    manifest = read("a.yaml", SHOP)
    found = finding(manifest, "a", "/spec/replicas", "m")
    change = Change("pdb.yaml", None, (add("", {"kind": "PodDisruptionBudget"}),))
    fix = Fix((found,), (change,), "t", "", Applicability.SAFE)
    (result,) = run(Report((found,), (Verification(fix, (), Tier.NONE),)), {"a.yaml": manifest})["results"]
    assert "fixes" not in result


def test_without_the_source_regions_have_lines_and_a_column():
    report, _ = shop()
    result = by_rule(run(report, {}))["host-port"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 18, "startColumn": 11, "endLine": 21}
    assert "fixes" not in result


@pytest.mark.parametrize(
    ("suppression", "expected"),
    [
        (Suppression("comment", "r"), {"kind": "inSource", "status": "accepted", "justification": "r"}),
        (Suppression("annotation", "r"), {"kind": "inSource", "status": "accepted", "justification": "r"}),
        (Suppression("config", "r"), {"kind": "external", "status": "accepted", "justification": "r"}),
    ],
)
def test_suppressions(suppression, expected):
    manifest = read("a.yaml", SHOP)
    accepted = finding(manifest, "a", "/spec/replicas", "m", suppression=suppression)
    other = finding(manifest, "b", "/spec/replicas", "m")
    log = by_rule(run(Report((accepted, other)), {}))
    assert log["a"]["suppressions"] == [expected]
    assert log["b"]["suppressions"] == []
    assert "suppressions" not in by_rule(run(Report((other,)), {}))["b"]


def test_skips_are_notifications_and_unreadable_inputs_fail_the_run():
    report, sources = shop()
    (invocation,) = run(report, sources)["invocations"]
    assert invocation["executionSuccessful"] is False
    notifications = invocation["toolExecutionNotifications"]
    assert notifications[0]["associatedRule"] == {"id": "memory-limit-missing"}
    assert notifications[-2] == {
        "descriptor": {"id": "not-yaml"},
        "level": "error",
        "message": {"text": "indented with a tab; YAML allows spaces only"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "deploy/broken.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 12},
                }
            }
        ],
    }
    assert notifications[-1]["level"] == "note"
    quiet = run(Report(skips=(Skip("read", "template", "r", "a.yaml"),)), {})["invocations"][0]
    assert quiet["executionSuccessful"] is True
    assert run(Report(), {})["invocations"] == [{"executionSuccessful": True}]


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("deploy/web.yaml", "deploy/web.yaml"),
        ("./web.yaml", "web.yaml"),
        ("a b/50%#1?.yaml", "a%20b/50%25%231%3F.yaml"),
        ("c:odd/x.yaml", "c%3Aodd/x.yaml"),
        ("ü/日.yaml", "%C3%BC/%E6%97%A5.yaml"),
        ("not-utf8-\udcff.yaml", "not-utf8-%FF.yaml"),
        ('q"[1].yaml', "q%22%5B1%5D.yaml"),
    ],
)
def test_paths_are_encoded(path, uri):
    assert sarif.artifact(path) == {"uri": uri, "uriBaseId": "%SRCROOT%"}
    report = Report(skips=(Skip("read", "template", "r", path),))
    run(report, {})


def test_an_absolute_path_is_a_file():
    assert sarif.artifact("/srv/a b.yaml") == {"uri": "file:///srv/a%20b.yaml"}


def test_the_root_and_the_tool():
    log = run(Report(), {}, root="file:///srv/shop", uri="https://example.com/k8s-auto-fix")
    assert log["originalUriBaseIds"]["%SRCROOT%"]["uri"] == "file:///srv/shop/"
    driver = log["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("k8s-auto-fix", "1.2.3")
    assert driver["informationUri"] == "https://example.com/k8s-auto-fix"


def test_a_message_is_no_markup():
    manifest = read("a.yaml", SHOP)
    found = (finding(manifest, "a", "/spec/replicas", "see [this](1) and [that]"), finding(manifest, "b", "/spec", ""))
    log = by_rule(run(Report(found), {}))
    assert log["a"]["message"]["text"] == "see \\[this](1) and [that]"
    assert log["b"]["message"]["text"] == "(no message)"
