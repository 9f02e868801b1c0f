"""SARIF as Trivy, Checkov, Kubescape, KICS, kube-linter and kube-score write it, and as it should not be."""

from __future__ import annotations

import json

import pytest

from bot.adapters.engines import sarif_in
from bot.adapters.engines.shape import NotAsDescribed
from bot.model import ResourceRef, Severity


def result(check: str | None = "X1", uri: str = "web.yaml", start: int | None = 3, **more: object) -> dict:
    region = {"startLine": start, "endLine": start} if start is not None else {}
    place = {"artifactLocation": {"uri": uri}, "region": region}
    said = {"message": {"text": "wrong"}, "locations": [{"physicalLocation": place}], **more}
    return {"ruleId": check, **said} if check is not None else said


def log(*results: object, name: str = "Tool", rules: tuple = (), **more: object) -> str:
    driver = {"name": name, "rules": list(rules)}
    run = {"tool": {"driver": driver}, "results": list(results), **more}
    return json.dumps({"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]})


def one(written: str) -> sarif_in.Result:
    report = sarif_in.parse(written)
    assert (len(report.results), report.left_out, report.unread) == (1, 0, 0)
    return report.results[0]


def test_trivy() -> None:
    text = (
        "Artifact: deploy/web.yaml\nType: kubernetes\nVulnerability KSV-0014\nSeverity: HIGH\n"
        "Message: Container 'cache' of Deployment 'web' should set 'readOnlyRootFilesystem' to true\n"
        "Link: [KSV-0014](https://avd.example/ksv-0014)"
    )
    rule = {"id": "KSV-0014", "properties": {"security-severity": "8.0"}}
    found = one(
        log(
            result("KSV-0014", "deploy/web.yaml", 12, level="error", message={"text": text}, ruleIndex=0),
            name="Trivy",
            rules=(rule,),
            originalUriBaseIds={"ROOTPATH": {"uri": "file:///work/"}},
        )
    )
    assert found == sarif_in.Result(
        "trivy",
        "Trivy",
        "KSV-0014",
        "Container 'cache' of Deployment 'web' should set 'readOnlyRootFilesystem' to true",
        "deploy/web.yaml",
        Severity.HIGH,
        (12, 12),
        container="cache",
    )


def test_checkov() -> None:
    place = {"artifactLocation": {"uri": "deploy/web.yaml"}, "region": {"startLine": 1, "endLine": 13, "snippet": {}}}
    found = one(log(result("CKV_K8S_16", locations=[{"physicalLocation": place}], level="error"), name="Checkov"))
    assert (found.tool, found.label, found.check, found.lines) == ("checkov", "Checkov", "CKV_K8S_16", (1, 13))


def test_kubescape() -> None:
    place = {"artifactLocation": {"uri": "web.yaml", "uriBaseId": "PROJECTROOT"}, "region": {"startLine": 9}}
    said = result("C-0016", locations=[{"physicalLocation": place}], level="warning")
    found = one(log(said, name="kubescape", originalUriBaseIds={"PROJECTROOT": {"uri": "file:///work/repo/"}}))
    assert (found.tool, found.label, found.check) == ("kubescape", "Kubescape", "C-0016")
    assert (found.uri, found.lines, found.severity) == ("file:///work/repo/web.yaml", (9, 9), Severity.MEDIUM)


def test_kics_names_queries_by_uuid() -> None:
    found = one(log(result("02323c00-cdc3-4fdc-a310-4f2b3e7a1660"), name="KICS"))
    assert (found.tool, found.check) == ("kics", "containers_run_with_low_uid")


def test_kube_linter_names_the_object_and_no_line() -> None:
    names = {"Object Name": "web", "Object Namespace": "shop", "GVK/Group": "apps", "GVK/Version": "v1"}
    logical = [{"kind": kind, "name": name} for kind, name in {**names, "GVK/Kind": "Deployment"}.items()]
    said = result("no-tty", start=1)
    said["locations"][0]["logicalLocations"] = logical
    found = one(log(said, name="kube-linter"))
    assert (found.ref, found.lines) == (ResourceRef("apps/v1", "Deployment", "shop", "web"), None)


def test_kube_score_gives_the_line_of_the_object_as_context() -> None:
    place = {"artifactLocation": {"uri": "file:///work/web.yaml"}, "region": {}, "contextRegion": {"startLine": 14}}
    found = one(log(result(locations=[{"physicalLocation": place}]), name="kube-score"))
    assert (found.uri, found.lines) == ("file:///work/web.yaml", (14, 14))


@pytest.mark.parametrize(
    ("more", "rule", "severity"),
    [
        ({"level": "error"}, {}, Severity.HIGH),
        ({"level": "warning"}, {}, Severity.MEDIUM),
        ({"level": "note"}, {}, Severity.LOW),
        ({"level": "none"}, {}, Severity.LOW),
        ({"level": "odd"}, {}, Severity.MEDIUM),
        ({}, {}, Severity.MEDIUM),
        ({}, {"defaultConfiguration": {"level": "error"}}, Severity.HIGH),
        ({"level": "note"}, {"defaultConfiguration": {"level": "error"}}, Severity.LOW),
        ({"level": "note"}, {"properties": {"security-severity": "9.1"}}, Severity.CRITICAL),
        ({"level": "note"}, {"properties": {"security-severity": 7}}, Severity.HIGH),
        ({"level": "error"}, {"properties": {"security-severity": "0.0"}}, Severity.LOW),
        ({"level": "error"}, {"properties": {"security-severity": "high"}}, Severity.HIGH),
        ({"properties": {"security-severity": "4"}}, {"properties": {"security-severity": "9"}}, Severity.MEDIUM),
    ],
)
def test_severity(more: dict, rule: dict, severity: Severity) -> None:
    assert one(log(result(**more), rules=({"id": "X1", **rule},))).severity is severity


@pytest.mark.parametrize(
    ("said", "rules"),
    [
        (result("X1"), ()),
        (result(None, rule={"id": "X1"}), ()),
        (result(None, rule={"index": 1}), ({"id": "X0"}, {"id": "X1"})),
        (result(None, ruleIndex=0), ({"id": "X1"},)),
    ],
)
def test_the_id_of_a_check(said: dict, rules: tuple) -> None:
    assert one(log(said, rules=rules)).check == "X1"


def test_without_a_message_the_rule_is_described() -> None:
    rule = {"id": "X1", "shortDescription": {"text": "Do not\n do it."}}
    assert one(log(result(message={"id": "default"}), rules=(rule,))).message == "Do not do it."


@pytest.mark.parametrize(
    "more",
    [
        {"kind": "pass", "level": "none"},
        {"kind": "notApplicable"},
        {"baselineState": "absent"},
        {"suppressions": [{"kind": "inSource"}]},
        {"suppressions": [{"kind": "external", "status": "accepted"}]},
    ],
)
def test_what_is_passed_accepted_or_gone_does_not_count(more: dict) -> None:
    report = sarif_in.parse(log(result(**more), result("X2")))
    assert ([each.check for each in report.results], report.left_out) == (["X2"], 1)


@pytest.mark.parametrize("more", [{"suppressions": []}, {"suppressions": [{"kind": "external", "status": "rejected"}]}])
def test_a_suppression_that_was_not_accepted_is_none(more: dict) -> None:
    assert one(log(result(**more))).check == "X1"


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {**result(), "locations": []},
        {**result(), "locations": [{"physicalLocation": {"artifactLocation": {"index": 3}}}]},
        {**result(), "locations": {}},
        {**result(), "message": "text"},
        {**result(), "ruleId": 5},
    ],
)
def test_one_result_that_is_not_as_described_costs_no_other(broken: object) -> None:
    report = sarif_in.parse(log(result("good"), broken, result("better")))
    assert ([each.check for each in report.results], report.unread) == (["good", "better"], 1)


@pytest.mark.parametrize(("start", "end", "lines"), [(0, 3, None), (-1, 3, None), (5, 2, (5, 5)), (5, None, (5, 5))])
def test_lines_that_make_no_sense(start: int, end: int | None, lines: tuple | None) -> None:
    place = {"artifactLocation": {"uri": "a"}, "region": {"startLine": start, "endLine": end}}
    assert one(log(result(locations=[{"physicalLocation": place}]))).lines == lines


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "no JSON"),
        ('{"runs": [', "no JSON"),
        (log(result())[:-50], "no JSON"),
        ("[]", "no SARIF: it has no runs"),
        ('{"version": "2.1.0"}', "no SARIF: it has no runs"),
        ('{"version": "2.0.0", "runs": []}', "SARIF of version 2.0.0; 2.1.0 is read"),
        ('{"runs": []}', "SARIF of version None"),
        ("[" * 100_000, "no JSON"),
    ],
)
def test_a_file_that_is_of_no_use(written: str, why: str) -> None:
    with pytest.raises(NotAsDescribed, match=why):
        sarif_in.parse(written)


def test_a_byte_order_mark_is_no_error() -> None:
    assert sarif_in.parse("\ufeff" + log()).results == []


def test_a_run_that_is_not_as_described_costs_no_other() -> None:
    document = json.loads(log(result()))
    document["runs"].insert(0, {"results": [result()]})
    report = sarif_in.parse(json.dumps(document))
    assert (len(report.results), report.unread) == (1, 1)
