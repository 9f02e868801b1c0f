"""Reports of krr and goldilocks: what they say, and what makes a file say nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.detect.recommendations.gather import USUAL, gather
from bot.detect.recommendations.model import Recommended
from bot.model import ResourceRef

UNSAID: dict[str, Any] = {
    "cpu": {"value": None, "severity": "UNKNOWN"},
    "memory": {"value": "?", "severity": "UNKNOWN"},
}


def krr(requests: Any = UNSAID, limits: Any = UNSAID, **about: Any) -> dict[str, Any]:
    """A report with one scan, as krr 1.28 writes it."""
    named = {"cluster": "prod", "name": "web", "container": "app", "namespace": "shop", "kind": "Deployment"} | about
    return {
        "scans": [
            {
                "object": named | {"pods": [], "hpa": None, "allocations": {"requests": {}, "limits": {}}},
                "recommended": {"requests": requests, "limits": limits, "info": {"cpu": None, "memory": None}},
                "severity": "WARNING",
            }
        ],
        "score": 30,
        "strategy": {"name": "simple", "settings": {}},
    }


def goldilocks(**members: Any) -> dict[str, Any]:
    """A summary with one container, as goldilocks 4.13 writes it."""
    container = {
        "containerName": "app",
        "lowerBound": None,
        "uncappedTarget": {},
        "requests": {},
        "BasePath": "",
    } | members
    workload = {
        "controllerName": "web",
        "controllerType": "Deployment",
        "containers": {"app": container},
        "BasePath": "",
    }
    return {"Namespaces": {"shop": {"namespace": "shop", "workloads": {"web": workload}, "BasePath": ""}}}


def found(*reports: Any) -> Recommended:
    """What reports say that stand at usual names; a text stands as it is."""
    texts = {
        name: report if isinstance(report, str) else json.dumps(report)
        for name, report in zip(USUAL, reports, strict=False)
    }
    return gather(texts.get, {})


def amounts(report: Any) -> dict[tuple[str, str], str]:
    """{(part, resource): amount} for the one container of a report."""
    said = found(report)
    assert said.skips == ()
    return {(part, resource): each.amount for (*_, part, resource), (each,) in said.entries.items()}


NUMBERS = [
    ({"cpu": {"value": 0.25}, "memory": {"value": 134217728.0}}, ["250m", "128Mi"]),
    ({"cpu": 0.0101, "memory": 100_000_000}, ["11m", "100000000"]),
    ({"cpu": 2.0, "memory": 0.5}, ["2", "1"]),
    ({"cpu": 0.011, "memory": 1e9}, ["11m", "1000000000"]),
    ({"cpu": 0, "memory": "?"}, []),
    ({}, []),
]


@pytest.mark.parametrize(("requests", "expected"), NUMBERS)
def test_krr_says_cores_and_bytes(requests: Any, expected: list[str]) -> None:
    assert list(amounts(krr(requests)).values()) == expected


def test_what_krr_says_of_limits_is_for_limits() -> None:
    assert amounts(krr(limits={"cpu": {"value": None}, "memory": {"value": 2**30}})) == {("limits", "memory"): "1024Mi"}


def test_goldilocks_has_the_target_for_requests_and_the_upper_bound_for_limits() -> None:
    summary = goldilocks(target={"cpu": "15m", "memory": "105M"}, upperBound={"cpu": "1", "memory": "1Gi"})
    assert amounts(summary) == {
        ("requests", "cpu"): "15m",
        ("requests", "memory"): "105M",
        ("limits", "cpu"): "1",
        ("limits", "memory"): "1Gi",
    }


def test_goldilocks_of_old_knows_deployments_only() -> None:
    container = {"containerName": "app", "target": {"cpu": "15m", "memory": "0"}}
    deployments = {"web": {"deploymentName": "web", "containers": {"app": container}}}
    assert amounts({"Namespaces": {"shop": {"deployments": deployments}}}) == {("requests", "cpu"): "15m"}


def test_what_has_no_recommendation_yet() -> None:
    assert amounts(goldilocks()) == {}
    assert amounts({"Namespaces": {}}) == {}
    assert amounts({"scans": []}) == {}


REFUSED = [
    ('{"scans": [', "it is no JSON: Expecting value"),
    ('{"scans": [{}], "x": NaN}', "NaN is no number"),
    ("[" * 100_000, "it is nested too deeply"),
    ('{"scans": [' + "9" * 5000 + "]}", "too long a number"),
    ("[]", 'it is no report of a tool that is known here; krr writes {"scans": [...]}'),
    ({"items": []}, "it is no report of a tool that is known here"),
    ({"scans": {}}, "scans is a mapping, not a list"),
    ({"scans": ["web"]}, "scans[0] is the text 'web', not a mapping"),
    ({"scans": [{"object": None}]}, "scans[0].object is empty, not a mapping"),
    (krr(container=None), "scans[0].object.container is empty, not a name"),
    (krr(name=1), "scans[0].object.name is the number 1, not a name"),
    (krr(limits=None), "scans[0].recommended.limits is empty, not a mapping"),
    (krr({"cpu": "250m"}), "scans[0].recommended.requests.cpu is the text '250m', not a number"),
    (krr({"cpu": True}), "scans[0].recommended.requests.cpu is the boolean true, not a number"),
    (json.dumps(krr({"cpu": 77.25})).replace("77.25", "1e999"), "requests.cpu is the number inf, more than there is"),
    ({"Namespaces": []}, "Namespaces is a list, not a mapping"),
    ({"Namespaces": {"shop": {}}}, "Namespaces.shop has neither workloads nor deployments"),
    ({"Namespaces": {"shop": {"workloads": {"web": {"containers": {}}}}}},
     "Namespaces.shop.workloads.web.controllerType is empty, not a name"),
    (goldilocks(target={"cpu": "much"}),
     "Namespaces.shop.workloads.web.containers.app.target.cpu is the text 'much', not a quantity such as 100m"),
    (goldilocks(target={"cpu": 1}), "app.target.cpu is the number 1, not a quantity"),
    (goldilocks(target=["1"]), "app.target is a list, not a mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("report", "words"), REFUSED, ids=[words[:50] for _, words in REFUSED])
def test_a_file_of_another_layout_says_nothing_and_that_it_does(report: Any, words: str) -> None:
    said = found(report)
    (skip,) = said.skips
    assert words in skip.reason
    assert skip.reason.startswith("no recommendation in it counts: ")
    assert (skip.path, skip.error, said.entries) == ("krr.json", False, {})


def test_one_wrong_record_voids_the_file_and_no_other() -> None:
    half = krr({"cpu": 0.1})
    half["scans"].append({})
    said = found(half, krr({"cpu": 0.2}))
    assert "scans[1].object is empty" in said.skips[0].reason
    assert [each.amount for entries in said.entries.values() for each in entries] == ["200m"]


def test_files_that_the_settings_name() -> None:
    texts = {"/r/reports/a.json": json.dumps(krr({"cpu": 0.1})), "/r/b.json": "{}"}
    named = {"reports/a.json": ".k8s-auto-fix.yaml:2", "b.json": ".k8s-auto-fix.yaml:3", "c.json": "s.yaml:4"}
    said = gather(texts.get, named, root="/r", shown="..")
    ((each,),) = said.entries.values()
    assert each.source == "what krr recommends for shop/web (../reports/a.json)"
    # What somebody asked for and cannot be read is an error, not a note.
    assert [(skip.path, skip.line, skip.error) for skip in said.skips] == [
        ("../b.json", None, True),
        ("s.yaml", 4, True),
    ]
    assert said.skips[1].reason == "recommendations names c.json, which is not there or cannot be read"


def test_kinds_of_others_that_use_the_words_of_kubernetes() -> None:
    said = found(krr({"cpu": 0.1}, kind="StatefulSet"))
    there = ("app", "requests", "cpu")
    assert said.of(ResourceRef("apps/v1", "StatefulSet", None, "web"), *there)
    assert not said.of(ResourceRef("apps.kruise.io/v1beta1", "StatefulSet", None, "web"), *there)
    assert found(krr({"cpu": 0.1}, kind="Rollout")).of(
        ResourceRef("argoproj.io/v1alpha1", "Rollout", None, "web"), *there
    )
