"""Policies against resources: what they look at, where findings point, what is left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import schema
from bot.detect.detect import Detection, detect_all
from bot.detect.identity import number
from bot.manifest import read
from bot.model import Severity, Skip
from bot.policy import Policy, load
from tests.small_policies import detected, detector, policy

ANY = {
    "object": policy("any", "false"),
    "pod-spec": policy("any", "false", kinds=["workload"], target="pod-spec"),
    "container": policy(
        "any", "false", kinds=["workload"], target="container", message="${containerType} ${container.name}"
    ),
}

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  template:
    metadata:
      labels: {app: web}
    spec:
      initContainers:
        - name: setup
        - name: proxy
          restartPolicy: Always
      containers:
        - name: web
          env:
            - {name: A, value: one}
            - {name: B, value: two}
        - name: log
      ephemeralContainers:
        - name: debug
"""
SPEC = "/spec/template/spec"


def targets(found: list[Detection]) -> list[str]:
    return [each.finding.target for each in found]


def places(found: list[Detection]) -> list[str]:
    return [each.finding.location.pointer for each in found]


def messages(found: list[Detection]) -> list[str]:
    return [each.finding.message for each in found]


def find(text: str, *policies: Policy, **more: str) -> list[Detection]:
    _, found, skips = detected(policies, text, **more)
    assert skips == []
    return found


# Targets.


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("object", [""]),
        ("pod-spec", [SPEC]),
        (
            "container",
            [
                f"{SPEC}/initContainers/0",
                f"{SPEC}/initContainers/1",
                f"{SPEC}/containers/0",
                f"{SPEC}/containers/1",
                f"{SPEC}/ephemeralContainers/0",
            ],
        ),
    ],
)
def test_what_a_policy_looks_at(kind: str, expected: list[str]) -> None:
    found = find(DEPLOYMENT, ANY[kind])
    assert targets(found) == expected
    assert places(found) == expected
    assert {each.finding.resource.name for each in found} == {"web"}


def test_every_sort_of_container() -> None:
    assert messages(find(DEPLOYMENT, ANY["container"])) == [
        "init setup",
        "sidecar proxy",
        "container web",
        "container log",
        "ephemeral debug",
    ]


@pytest.mark.parametrize(
    ("target", "each", "expected"),
    [
        ("container", "/env/*", [(f"{SPEC}/containers/0/env/0", "0 one"), (f"{SPEC}/containers/0/env/1", "1 two")]),
        ("object", "/spec/template/metadata/labels/*", [("/spec/template/metadata/labels/app", "app web")]),
        (
            "pod-spec",
            "/containers/*/env/*",
            [(f"{SPEC}/containers/0/env/0", "0 one"), (f"{SPEC}/containers/0/env/1", "1 two")],
        ),
        ("pod-spec", "/volumes/*", []),
    ],
)
def test_each_item_is_a_target(target: str, each: str, expected: list[tuple[str, str]]) -> None:
    message = "${string(key)} ${type(item) == map ? item.value : item}"
    kinds = ["workload"] if target != "object" else ["*"]
    found = find(DEPLOYMENT, policy("any", "false", target=target, each=each, kinds=kinds, message=message))
    assert list(zip(targets(found), messages(found), strict=True)) == expected


def test_an_item_is_judged_by_itself() -> None:
    named = policy("any", 'item.value != "two"', target="container", kinds=["workload"], each="/env/*", at="/value")
    assert places(find(DEPLOYMENT, named)) == [f"{SPEC}/containers/0/env/1/value"]


@pytest.mark.parametrize(
    ("kinds", "found"),
    [
        (["Deployment"], True),
        (["workload"], True),
        (["*"], True),
        (["apps/Deployment"], True),
        (["apps/v1/Deployment"], True),
        (["Service", "Deployment"], True),
        (["Service"], False),
        (["batch/Deployment"], False),
        (["apps/v1beta1/Deployment"], False),
    ],
)
def test_the_kinds_of_a_policy(kinds: list[str], found: bool) -> None:
    assert bool(find(DEPLOYMENT, policy("any", "false", kinds=kinds))) is found


def test_what_cel_knows_about_a_target() -> None:
    said = policy(
        "any",
        "false",
        target="container",
        kinds=["Deployment"],
        message=(
            "${object.kind} ${string(size(podSpec.containers))} ${podMetadata.labels.app} ${container.name} "
            "${containerType} ${values.team} ${kubernetes}"
        ),
    )
    found = find(DEPLOYMENT, said, values={"team": "shop"})
    assert messages(found)[2] == f"Deployment 2 web web container shop {schema.OLDEST_SUPPORTED}"
    assert messages(find(DEPLOYMENT, said, values={"team": "shop"}, version="1.33"))[2].endswith("shop 1.33")


def test_members_that_are_null_are_absent_on_kinds_of_kubernetes_only() -> None:
    has = policy("any", "!has(object.spec.x)")
    text = "{{apiVersion: {}, kind: Service, metadata: {{name: a}}, spec: {{x: null}}}}\n"
    assert find(text.format("v1"), has) == []
    assert len(find(text.format("example.com/v1"), has)) == 1


# Windows.


@pytest.mark.parametrize("target", ["pod-spec", "container"])
@pytest.mark.parametrize(
    ("spec", "windows"),
    [
        ("os: {name: windows}, ", True),
        ("os: {name: linux}, ", False),
        ("nodeSelector: {kubernetes.io/os: windows}, ", True),
        ("nodeSelector: {beta.kubernetes.io/os: windows}, ", True),
        ("nodeSelector: {kubernetes.io/os: linux}, ", False),
        ("nodeSelector: {kubernetes.io/arch: windows}, ", False),
        ("os: windows, nodeSelector: windows, ", False),
        ("", False),
    ],
)
def test_pods_on_windows(spec: str, windows: bool, target: str) -> None:
    text = f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{{spec}containers: [{{name: a}}]}}\n"
    made = [policy(f"for-{os}", "false", kinds=["workload"], target=target, os=os) for os in ("linux", "windows")]
    found = find(text, *made, replace(ANY[target], id="for-any"))
    assert sorted(each.policy.id for each in found) == sorted(["for-any", "for-windows" if windows else "for-linux"])


# Fragments: what is absent says nothing.

MISSING = policy("missing", "has(container.image)", at="/image", kinds=["workload"], target="container", severity="low")
PRESENT = policy("present", "!has(container.image)", at="/image", kinds=["workload"], target="container")
PARTIAL = {
    "knative": ("serving.knative.dev/v1", "Service", "spec: {{template: {{spec: {}}}}}"),
    "prometheus": ("monitoring.coreos.com/v1", "Prometheus", "spec: {}"),
}


@pytest.mark.parametrize("kind", PARTIAL)
def test_partial_templates_have_no_findings_about_what_is_absent(kind: str) -> None:
    version, name, spec = PARTIAL[kind]
    containers = "{containers: [{name: a}, {name: b, image: b}]}"
    text = f"apiVersion: {version}\nkind: {name}\nmetadata: {{name: a}}\n{spec.format(containers)}\n"
    found = find(text, MISSING, PRESENT)
    assert [(each.policy.id, each.finding.location.pointer.rpartition("/containers/")[2]) for each in found] == [
        ("present", "1/image")
    ]


def test_fragments_have_no_findings_about_what_is_absent() -> None:
    manifest = read("a.yaml", DEPLOYMENT)
    (whole,) = manifest.resources
    absent = policy("absent", "false", at="/spec/paused", kinds=["Deployment"])
    there = policy("there", "false", at="/spec/replicas", kinds=["Deployment"])
    made = detector([absent, there, MISSING])
    found, _ = detect_all(made, manifest, [whole])
    assert [each.policy.id for each in found] == ["absent", "there", *["missing"] * 5]
    found, _ = detect_all(made, manifest, [replace(whole, partial=True)])
    assert [each.policy.id for each in found] == ["there"]


def test_functions_have_no_findings_about_what_is_absent_in_a_fragment() -> None:
    made = detector([each for each in load() if each.id in ("selector-missing", "number-field-quoted")])
    text = DEPLOYMENT.replace("replicas: 3", "replicas: '3'")
    manifest = read("a.yaml", text)
    (whole,) = manifest.resources
    found, _ = detect_all(made, manifest, [whole])
    assert [each.policy.id for each in found] == ["selector-missing", "number-field-quoted"]
    found, _ = detect_all(made, manifest, [replace(whole, partial=True)])
    assert [each.policy.id for each in found] == ["number-field-quoted"]


# Where a finding points.


def test_objects_of_a_list() -> None:
    item = "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {hostPID: true, containers: [{name: a}]}}"
    text = f"apiVersion: v1\nkind: ConfigMap\n---\napiVersion: v1\nkind: List\nitems:\n- {item % 'a'}\n- {item % 'b'}\n"
    found = find(text, policy("pid", "false", at="/hostPID", kinds=["workload"], target="pod-spec"), ANY["container"])
    assert [(each.finding.target, each.finding.location.pointer) for each in found] == [
        ("/items/0/spec", "/items/0/spec/hostPID"),
        ("/items/0/spec/containers/0", "/items/0/spec/containers/0"),
        ("/items/1/spec", "/items/1/spec/hostPID"),
        ("/items/1/spec/containers/0", "/items/1/spec/containers/0"),
    ]
    assert [each.finding.resource.name for each in found] == ["a", "a", "b", "b"]
    assert {each.finding.location.document for each in found} == {1}
    assert [each.finding.location.start_line for each in found] == [7, 7, 8, 8]


def test_findings_come_in_the_order_of_the_file_then_of_their_policies() -> None:
    text = "apiVersion: v1\nkind: Pod\nspec: {b: 1, a: 2}\nmetadata: {name: x}\n"
    made = [policy(name, "false", at=at) for name, at in (("z", "/spec/b"), ("y", "/spec/a"), ("x", "/spec/b"))]
    assert [each.policy.id for each in find(text + "---\n" + text, *made)] == ["x", "z", "y"] * 2


def test_a_message_that_names_what_is_absent_gives_way_to_the_title() -> None:
    named = policy("any", "false", message="the mode is ${object.spec.mode}")
    assert messages(find(DEPLOYMENT, named)) == ["The title of any"]


def test_severities() -> None:
    (found,) = find(DEPLOYMENT, ANY["object"])
    assert found.finding.severity is Severity.MEDIUM
    (found,) = find(DEPLOYMENT, ANY["object"], severities={"any": Severity.CRITICAL, "other": Severity.LOW})
    assert found.finding.severity is Severity.CRITICAL


@pytest.mark.parametrize("made", [
    policy("odd", "int(object.metadata.name) > 0"),
    policy("odd", "false", at="/${object.spec.nothing}"),
])  # fmt: skip
def test_what_cannot_be_decided_is_a_skip(made: Policy) -> None:
    _, found, skips = detected([made, ANY["object"]], "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {}\n")
    assert [each.policy.id for each in found] == ["any"]
    (skip,) = skips
    assert isinstance(skip, Skip)
    assert (skip.stage, skip.code, skip.path, skip.document, skip.line) == ("detect", "undecided", "a.yaml", 0, 1)
    assert skip.reason.startswith("odd cannot be decided for Pod web: ")


# One finding per cause.


def superseding(outer: str, inner: str, each: str | None = None) -> list[str]:
    """The targets of an inner policy's findings that a superseding policy leaves."""
    over = replace(ANY[outer], id="over", supersedes=("any",))
    made = ANY[inner] if each is None else policy("any", "false", kinds=["workload"], target=inner, each=each)
    manifest, found, _ = detected([over, made], DEPLOYMENT)
    assert manifest
    left = detector([over, made]).one_per_cause(found)
    assert [one for one in left if one.policy.id == "over"] == [one for one in found if one.policy.id == "over"]
    return targets([one for one in left if one.policy.id == "any"])


@pytest.mark.parametrize(
    ("outer", "inner", "each", "left"),
    [
        ("container", "container", None, 0),
        ("container", "container", "/env/*", 0),
        ("pod-spec", "container", None, 0),
        ("pod-spec", "pod-spec", None, 0),
        ("object", "object", None, 0),
        # An object's finding is not about its parts, nor a part's about the whole.
        ("object", "pod-spec", None, 1),
        ("object", "container", None, 5),
        ("container", "pod-spec", None, 1),
        ("pod-spec", "object", None, 1),
    ],
)
def test_what_is_superseded(outer: str, inner: str, each: str | None, left: int) -> None:
    assert len(superseding(outer, inner, each)) == left


def test_nothing_is_superseded_in_another_container_or_object() -> None:
    over = policy("over", 'container.name != "web"', kinds=["workload"], target="container", supersedes=["any"])
    _, found, _ = detected(
        [over, ANY["container"]], DEPLOYMENT + "---\n" + DEPLOYMENT.replace("name: web\n", "name: x\n")
    )
    left = detector([over, ANY["container"]]).one_per_cause(found)
    said = [one.finding.message for one in left if one.policy.id == "any"]
    first, second = said[:4], said[4:]
    assert "container web" not in first
    assert second == ["init setup", "sidecar proxy", "container x", "container log", "ephemeral debug"]


def test_only_the_named_policies_are_superseded() -> None:
    over = replace(ANY["object"], id="over", supersedes=("other",))
    _, found, _ = detected([over, ANY["object"]], DEPLOYMENT)
    assert detector([over, ANY["object"]]).one_per_cause(found) == found


def test_what_a_superseded_policy_supersedes_is_left_out_too() -> None:
    chain = [
        replace(ANY["object"], id=name, supersedes=over) for name, over in (("a", ("b",)), ("b", ("c",)), ("c", ()))
    ]
    _, found, _ = detected(chain, DEPLOYMENT)
    assert [each.policy.id for each in detector(chain).one_per_cause(found)] == ["a"]


# A finding stays the same finding.

IMAGE = policy("image", "false", at="/image", kinds=["workload"], target="container")
ENV = policy("env", "false", at="/value", kinds=["workload"], target="container", each="/env/*")
ABSENT = policy("absent", "false", at="/resources/limits/memory", kinds=["workload"], target="container")


def fingerprints(text: str, path: str = "a.yaml") -> list[str]:
    manifest = read(path, text)
    found, _ = detect_all(detector([IMAGE, ENV, ABSENT]), manifest, manifest.resources)
    return sorted(each.fingerprint for each in number(one.finding for one in found))


SWAPPED = DEPLOYMENT.replace(
    """\
        - name: web
          env:
            - {name: A, value: one}
            - {name: B, value: two}
        - name: log
""",
    """\
        - name: log
        - name: web
          env:
            - {name: B, value: two}
            - {name: A, value: three}
""",
)
IN_LIST = "apiVersion: v1\nkind: List\nitems:\n- " + DEPLOYMENT.replace("\n", "\n  ")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (DEPLOYMENT, "other/b.yml"),
        ("# a comment\n\n" + DEPLOYMENT, "a.yaml"),
        (SWAPPED, "a.yaml"),
        (DEPLOYMENT.replace("apps/v1", "apps/v1beta2"), "a.yaml"),
        (DEPLOYMENT.replace("replicas: 3", "replicas: 4"), "a.yaml"),
        (DEPLOYMENT.replace("- name: log", "- name: log\n          resources: {limits: {memory: 1Gi}}"), "a.yaml"),
        (IN_LIST, "a.yaml"),
    ],
)
def test_what_does_not_change_a_fingerprint(text: str, path: str) -> None:
    assert text != DEPLOYMENT or path != "a.yaml"
    assert fingerprints(text, path) == fingerprints(DEPLOYMENT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("metadata: {name: web}", "metadata: {name: web2}"),
        ("metadata: {name: web}", "metadata: {name: web, namespace: shop}"),
        ("kind: Deployment", "kind: StatefulSet"),
        ("apiVersion: apps/v1", "apiVersion: extensions/v1beta1"),
        ("- name: log", "- name: logs"),
        ("name: B", "name: C"),
    ],
)
def test_what_makes_another_finding(old: str, new: str) -> None:
    assert fingerprints(DEPLOYMENT.replace(old, new)) != fingerprints(DEPLOYMENT)


def test_the_same_object_twice_gives_findings_of_their_own() -> None:
    once, twice = fingerprints(DEPLOYMENT), fingerprints(DEPLOYMENT + "---\n" + DEPLOYMENT)
    assert len(set(twice)) == 2 * len(once)
    assert set(once) < set(twice)


@pytest.mark.parametrize("policy_id", ["hpa-missing", "pdb-missing", "network-policy-missing"])
def test_what_is_missing_beside_a_fragment_belongs_beside_its_base(policy_id: str) -> None:
    made = detector([each for each in load() if each.id == policy_id])
    manifest = read("patch.yaml", DEPLOYMENT)
    (whole,) = manifest.resources
    assert [each.policy.id for each in detect_all(made, manifest, [whole])[0]] == [policy_id]
    assert detect_all(made, manifest, [replace(whole, partial=True)])[0] == []
