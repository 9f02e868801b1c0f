"""Fixes of one file against the gates: together, one by one, and document by document."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import pytest

from bot import schema
from bot.detect.detect import Detection, Detector, Environment
from bot.detect.inventory import Inventory
from bot.manifest import Manifest, Resource
from bot.model import Applicability, Change, Fix, GateResult, GateStatus, Json, Operation, Severity, Skip, Tier
from bot.policy import Policy, load
from bot.trial import Alone
from bot.verify.verify import Verified, Verifier
from tests.small_policies import detected, detector, fixes_of, policy

POLICIES = {each.id: each for each in load()}

POD_SPEC = {"kinds": ["workload"], "target": "pod-spec"}


def flag(member: str, *operations: dict, policy_id: str = "", severity: str = "medium") -> Policy:
    """A policy against a member of a pod spec; its fix removes it unless told otherwise."""
    return policy(
        policy_id or member.lower(),
        f"!has(podSpec.{member})",
        at=f"/{member}",
        severity=severity,
        fixes=[operations or [{"op": "remove", "path": f"/{member}"}]],
        **POD_SPEC,
    )


HOST_PID = flag("hostPID")
HOST_IPC = flag("hostIPC")
HOST_NETWORK = flag("hostNetwork")
GOOD = [HOST_IPC, HOST_NETWORK]

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostPID: true  # a
  hostIPC: true  # b
  hostNetwork: true  # c
  containers:
    - name: web
      image: web:1
      env: [{name: A, value: x}]
      resources: {limits: {cpu: 1}}
"""


def verify(text: str, policies: Sequence[Policy], fixing: Sequence[Policy] | None = None, **more: str) -> Verified:
    """What comes of the first fixes of all findings, or of those of some policies only."""
    manifest, found, _ = detected(policies, text, **more)
    ids = {each.id for each in policies if fixing is None or each in fixing}
    fixes = fixes_of(each for each in found if each.policy.id in ids)
    return Verifier(detector(policies, **more), Alone().resources).verify(manifest, fixes, found)


def failed(verified: Verified) -> dict[str, list[tuple[str, str]]]:
    """(gate, reason) of the gates that failed, by policy; a policy whose fix passed has none."""
    return {
        policy_of(each.fix): [(one.gate, one.reason) for one in each.results if one.status is GateStatus.FAILED]
        for each in verified.verifications
    }


def policy_of(fix: Fix) -> str:
    return fix.findings[0].policy_id


def passing(*policies: Policy) -> dict[str, list[tuple[str, str]]]:
    return {each.id: [] for each in policies}


def test_all_fixes_of_a_document_are_one_edit() -> None:
    verified = verify(POD, [HOST_PID, *GOOD])
    assert failed(verified) == passing(HOST_PID, *GOOD)
    assert verified.edited is not None
    assert verified.edited.text == POD.replace(
        "  hostPID: true  # a\n  hostIPC: true  # b\n  hostNetwork: true  # c\n", ""
    )
    for each in verified.verifications:
        assert [one.gate for one in each.results] == [
            *("edit", "identity", "nothing-lost", "nothing-lowered", "finding-gone", "nothing-new", "schema")
        ]
        assert {one.status for one in each.results} == {GateStatus.PASSED}
        assert (each.tier, each.server, each.notes) == (Tier.SCHEMA, schema.NEWEST, ())


def test_no_fixes() -> None:
    verified = verify(POD, [HOST_PID], fixing=[])
    assert (verified.verifications, verified.edited, verified.waiting) == ((), None, ())


def test_the_answers_come_in_the_order_of_the_fixes() -> None:
    manifest, found, _ = detected([HOST_PID, *GOOD], POD + "---\n" + POD)
    fixes = fixes_of(found)[::-1]
    bad = flag("hostPID", {"op": "add", "path": "/nope", "value": 1}, policy_id="hostpid")
    fixes[2] = fixes_of(detected([bad], POD + "---\n" + POD)[1])[1]
    verified = Verifier(detector([HOST_PID, *GOOD]), Alone().resources).verify(manifest, fixes, found)
    assert [each.fix for each in verified.verifications] == fixes
    assert [each.passed for each in verified.verifications] == [True, True, False, True, True, True]


PRIVILEGED = policy(
    "privileged",
    "container.?securityContext.?privileged.orValue(false) != true",
    kinds=["workload"],
    target="container",
)
BAD = {
    "identity": (
        [{"op": "replace", "target": "object", "path": "/metadata/name", "value": "web2"}],
        "Pod web would become",
    ),
    "nothing-lost": ([{"op": "replace", "path": "/containers/0/env/0/value", "value": "y"}], "variable A of Pod web"),
    "nothing-lowered": (
        [{"op": "replace", "path": "/containers/0/resources/limits/cpu", "value": "500m"}],
        "from 1 to",
    ),
    "finding-gone": ([{"op": "replace", "path": "/hostPID", "value": False}], "still found after the fix: hostpid"),
    "nothing-new": (
        [
            {"op": "remove", "path": "/hostPID"},
            {"op": "add", "path": "/containers/0/securityContext/privileged", "value": True},
        ],
        "the fix would bring a new finding: privileged",
    ),
    "schema": (
        [{"op": "remove", "path": "/hostPID"}, {"op": "add", "path": "/hostPet", "value": True}],
        f"schema {schema.NEWEST}: /spec/hostPet: ",
    ),
    "edit": ([{"op": "move", "from": "/hostPID", "path": "/containers/0/name/x"}], "refused: patch-error: "),
}


@pytest.mark.parametrize("gate", [gate for gate in BAD if gate != "edit"])
def test_one_bad_fix_among_good_ones(gate: str) -> None:
    operations, reason = BAD[gate]
    bad = flag("hostPID", *operations)
    verified = verify(POD, [bad, *GOOD, PRIVILEGED])
    said = failed(verified)
    ((name, why),) = said.pop(bad.id)
    assert name == gate
    assert reason in why
    assert said == passing(*GOOD)
    assert verified.edited is not None
    assert verified.edited.text == POD.replace("  hostIPC: true  # b\n  hostNetwork: true  # c\n", "")
    refused, *others = verified.verifications
    assert (refused.tier, refused.server) == (Tier.NONE, None)
    assert refused.results[-1].gate == gate, "no gate is asked after one that fails"
    assert {each.tier for each in others} == {Tier.SCHEMA}


SHARED = POD.replace("hostPID: true", "hostPID: &yes true").replace("hostIPC: true", "hostUsers: *yes\n  hostIPC: true")


def test_an_edit_that_is_refused_says_why() -> None:
    verified = verify(SHARED, [HOST_PID, *GOOD])
    ((gate, reason),) = failed(verified).pop("hostpid")
    assert gate == "edit"
    assert reason.startswith("refused: anchor-shared: ")
    assert {**failed(verified), "hostpid": []} == passing(HOST_PID, *GOOD)
    assert verified.edited is not None
    assert "hostPID: &yes true" in verified.edited.text
    assert "hostNetwork" not in verified.edited.text


def test_only_a_bad_fix() -> None:
    verified = verify(SHARED, [HOST_PID])
    assert [gate for gate, _ in failed(verified)["hostpid"]] == ["edit"]
    assert verified.edited is None


# Each passes alone, and not together.

EITHER = policy("either", "has(podSpec.hostPID) || has(podSpec.hostIPC)", at="", severity="low", **POD_SPEC)


def test_what_passes_alone_and_not_together_loses_the_later_one() -> None:
    verified = verify(POD, [HOST_PID, HOST_IPC, HOST_NETWORK, EITHER])
    reason = "passes alone, not together with the other fixes of its document"
    # The last one goes first, although it is innocent: it is in the next round.
    assert failed(verified) == {"hostpid": [], "hostipc": [("together", reason)], "hostnetwork": [("together", reason)]}
    assert verified.edited is not None
    assert "hostPID" not in verified.edited.text
    assert "hostIPC" in verified.edited.text


def test_a_quarrel_in_one_document_is_none_of_the_others() -> None:
    verified = verify(POD.replace("  hostNetwork: true  # c\n", "") + "---\n" + POD, [HOST_PID, HOST_IPC, EITHER])
    assert [each.passed for each in verified.verifications] == [True, False, True, False]
    assert verified.edited is not None
    assert verified.edited.text.count("hostPID") == 0
    assert verified.edited.text.count("hostIPC") == 2


def test_what_passes_is_what_is_written() -> None:
    """Alone the first fix would leave an apiVersion that no schema knows; with the second it is validated."""
    text = """\
apiVersion: extensions/v1beta1
kind: DaemonSet
metadata: {name: web}
spec:
  template:
    metadata: {labels: {a: b}}
    spec: {hostPID: true, hostIPC: true, containers: [{name: web, image: web}]}
"""
    fix = [
        {"op": "replace", "path": "/apiVersion", "value": "apps/v1"},
        {"op": "add", "path": "/spec/selector", "value": {"matchLabels": {"a": "b"}}},
    ]
    move = policy("removed-api-version", 'object.apiVersion == "apps/v1"', at="/apiVersion", fixes=[fix])
    bad = flag("hostIPC", {"op": "replace", "path": "/hostIPC", "value": False})
    verified = verify(text, [move, HOST_PID, bad])
    assert {policy_of(each.fix): (each.passed, each.tier) for each in verified.verifications} == {
        "removed-api-version": (True, Tier.SCHEMA),
        "hostpid": (True, Tier.SCHEMA),
        "hostipc": (False, Tier.NONE),
    }


def test_fixes_that_make_the_same_parent_are_both_in() -> None:
    def without(member: str) -> Policy:
        place = f"/securityContext/{member}"
        fix = [{"op": "add", "path": place, "value": 1000}]
        return policy(
            member.lower(), f"podSpec.?securityContext.?{member}.hasValue()", at=place, fixes=[fix], **POD_SPEC
        )

    verified = verify(POD, [without("runAsUser"), without("runAsGroup")])
    assert {each.passed for each in verified.verifications} == {True}
    assert verified.edited is not None
    assert "  securityContext:\n    runAsGroup: 1000\n    runAsUser: 1000\n" in verified.edited.text


def test_what_needs_the_same_place_waits() -> None:
    other = flag("hostIPC", {"op": "remove", "path": "/hostIPC"}, {"op": "replace", "path": "/hostPID", "value": False})
    verified = verify(POD, [HOST_PID, other])
    assert failed(verified) == passing(HOST_PID)
    assert [policy_of(fix) for fix in verified.waiting] == ["hostipc"]
    assert verified.edited is not None
    assert verified.edited.text == POD.replace("  hostPID: true  # a\n", "")


# Schemas.


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("image: web:1", "image: web:1\n      imagePullPolciy: Always"),
        ("metadata: {name: web}", "metadata: {name: web, labels: {a: 1}}"),
        ("limits: {cpu: 1}", "limits: {cpu: lots}"),
        ("containers:", "containers:\n    - {name: first}\n    - {name: first}"),
    ],
)
def test_a_fix_is_not_blamed_for_an_error_that_was_there(old: str, new: str) -> None:
    assert old in POD
    assert failed(verify(POD.replace(old, new), [HOST_PID])) == passing(HOST_PID)


def test_nor_when_the_error_has_moved_up() -> None:
    first = policy(
        "first",
        'podSpec.?volumes.orValue([]).all(volume, volume.name != "first")',
        at="/volumes/0",
        fixes=[[{"op": "remove", "path": "/volumes/0"}]],
        **POD_SPEC,
    )
    text = POD.replace("  containers:", "  volumes: [{name: first}, {name: second, emptyDri: {}}]\n  containers:")
    assert failed(verify(text, [first])) == passing(first)


def test_a_second_error_of_the_kind_is_the_fault_of_the_fix() -> None:
    text = POD.replace("containers:", "imagePullSecrets: [{name: a, nope: 1}]\n  containers:")
    fix = [
        {"op": "remove", "path": "/hostPID"},
        {"op": "add", "path": "/imagePullSecrets/-", "value": {"name": "a", "nope": 2}},
    ]
    ((gate, reason),) = failed(verify(text, [flag("hostPID", *fix)]))["hostpid"]
    assert gate == "schema"
    assert "/spec/imagePullSecrets/1" in reason


CUSTOM = policy(
    "bad", "object.?spec.?bad.orValue(false) == false", at="/spec/bad", fixes=[[{"op": "remove", "path": "/spec/bad"}]]
)
UNKNOWN = "{apiVersion: example.com/v1, kind: Widget, metadata: {name: a}, spec: {bad: true}}\n"
KNOWN = "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, spec: {bad: true}}\n"


def test_a_kind_without_a_schema_is_not_validated() -> None:
    verified = verify(UNKNOWN, [CUSTOM])
    (only,) = verified.verifications
    assert only.results[-1] == GateResult(
        "schema", GateStatus.SKIPPED, "not validated: no schema for example.com/v1 Widget"
    )
    assert (only.passed, only.tier, only.server) == (True, Tier.NONE, None)
    assert verified.edited is not None


@pytest.mark.parametrize("first", [True, False])
def test_an_unknown_kind_hides_no_error_of_the_object_beside_it(first: bool) -> None:
    items = [UNKNOWN, KNOWN] if first else [KNOWN, UNKNOWN]
    text = "apiVersion: v1\nkind: List\nitems:\n" + "".join(f"- {item}" for item in items)
    assert last_gates(verify(text, [CUSTOM])) == {"a": GateStatus.SKIPPED, "b": GateStatus.SKIPPED}
    worse = policy(
        "bad",
        "object.?spec.?bad.orValue(false) == false",
        at="/spec/bad",
        fixes=[[{"op": "remove", "path": "/spec"}, {"op": "add", "path": "/nope", "value": 1}]],
    )
    assert last_gates(verify(text, [worse])) == {"a": GateStatus.SKIPPED, "b": GateStatus.FAILED}


def last_gates(verified: Verified) -> dict[str, GateStatus]:
    """The answer of the last gate, by the name of the object."""
    return {each.fix.findings[0].resource.name: each.results[-1].status for each in verified.verifications}


def test_an_object_that_stays_as_it_is_needs_no_schema() -> None:
    text = f"apiVersion: v1\nkind: List\nitems:\n- {UNKNOWN}- {KNOWN}".replace("{bad: true}}", "{bad: false}}", 1)
    (only,) = verify(text, [CUSTOM]).verifications
    assert (only.passed, only.tier) == (True, Tier.SCHEMA)


def test_another_error_at_the_same_place_is_the_fault_of_the_fix() -> None:
    text = POD.replace("hostIPC: true  # b", "priority: x")
    fix = [{"op": "remove", "path": "/hostPID"}, {"op": "replace", "path": "/priority", "value": 2**40}]
    assert [gate for gate, _ in failed(verify(text, [flag("hostPID", *fix)]))["hostpid"]] == ["schema"]


INGRESS = """\
apiVersion: {version}
kind: Ingress
metadata: {{name: web}}
spec:
  rules:
    - host: web.example.com
      http:
        paths:
          - path: /
            {extra}backend: {{serviceName: web, servicePort: 80}}
"""
REMOVED = POLICIES["removed-api-version"]


def test_a_migration_is_judged_by_the_schema_of_the_new_version() -> None:
    text = INGRESS.format(version="extensions/v1beta1", extra="")
    verified = verify(text, [REMOVED])
    (only,) = verified.verifications
    assert (only.passed, only.tier, only.server) == (True, Tier.SCHEMA, schema.NEWEST)
    assert verified.edited is not None
    assert "apiVersion: networking.k8s.io/v1\n" in verified.edited.text
    assert "serviceName" not in verified.edited.text


def test_a_migration_that_leaves_the_fields_as_they_were_is_blamed_for_the_required_ones() -> None:
    lazy = policy(
        "removed-api-version",
        'object.apiVersion != "apps/v1beta1"',
        at="/apiVersion",
        fixes=[
            [
                {"op": "replace", "path": "/apiVersion", "value": "apps/v1"},
                {"op": "add", "path": "/spec/nope", "value": 1},
            ]
        ],
    )
    text = "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: web}\nspec: {replica: 1}\n"
    ((gate, reason),) = failed(verify(text, [lazy]))["removed-api-version"]
    assert gate == "schema"
    assert "/spec/nope" in reason, "and not /spec/replica, which was there, nor what apps/v1 requires, which was absent"


def test_what_shows_only_under_the_new_version_is_nobodys_fault() -> None:
    current = policy("current", 'object.apiVersion != "apps/v1" || !has(object.spec.rollbackTo)', at="/spec/rollbackTo")
    move = policy(
        "removed-api-version",
        'object.apiVersion != "extensions/v1beta1"',
        at="/apiVersion",
        severity="low",
        fixes=[[{"op": "replace", "path": "/apiVersion", "value": "apps/v1"}]],
    )
    text = (
        "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: web}\nspec: {rollbackTo: {revision: 1}}\n"
    )
    assert failed(verify(text, [move, current])) == passing(move)


def test_what_the_newest_no_longer_serves_is_judged_by_the_oldest() -> None:
    class OldOnly:
        @staticmethod
        def check(body: Json, version: str) -> tuple[()] | None:
            return () if version == "1.1" else None

        @staticmethod
        def served(*_: str) -> None:
            return None

    manifest, found, _ = detected([CUSTOM], UNKNOWN)
    old = Detector([CUSTOM], Environment({}, "1.1", "1.2", OldOnly()))
    (only,) = Verifier(old, Alone().resources).verify(manifest, fixes_of(found), found).verifications
    assert (only.tier, only.server) == (Tier.SCHEMA, "1.1")


# Several documents.


@pytest.mark.parametrize("bad_first", [True, False])
@pytest.mark.parametrize("gate", BAD)
def test_one_document_that_fails_does_not_harm_the_others(gate: str, bad_first: bool) -> None:
    """Not even when each has but one fix, and not when the edit of one is refused."""
    operations, reason = BAD[gate]
    bad = policy(
        "hostpid",
        "!has(podSpec.hostPID)",
        at="/hostPID",
        fixes=[
            {"when": 'object.metadata.name == "web"', "patch": operations},
            [{"op": "remove", "path": "/hostPID"}],
        ],
        **POD_SPEC,
    )
    good = POD.replace("name: web}", "name: fine}")
    harmed = POD
    if gate == "edit":
        harmed = SHARED
        bad, reason = HOST_PID, "refused: anchor-shared: "
    texts = [harmed, good] if bad_first else [good, harmed]
    verified = verify("---\n".join(texts), [bad, PRIVILEGED])
    by_name = {each.fix.findings[0].resource.name: each for each in verified.verifications}
    assert by_name["fine"].passed
    assert by_name["fine"].tier is Tier.SCHEMA
    assert (by_name["web"].passed, by_name["web"].results[-1].gate) == (False, gate)
    assert reason in by_name["web"].results[-1].reason
    assert verified.edited is not None
    texts[texts.index(good)] = good.replace("  hostPID: true  # a\n", "")
    assert verified.edited.text == "---\n".join(texts)


def test_a_refused_edit_beside_two_that_quarrel() -> None:
    text = SHARED.replace("  hostIPC: true  # b\n", "") + "---\n" + POD
    verified = verify(text, [HOST_PID, HOST_IPC, EITHER])
    gates = [[one.gate for one in each.results if one.status is GateStatus.FAILED] for each in verified.verifications]
    assert gates == [["edit"], [], ["together"]]


# What fixes bring along.

LIMITED = policy(
    "limit-set",
    "!has(container.resources.limits.memory)",
    at="/resources/limits/memory",
    message="a limit",
    kinds=["workload"],
    target="container",
)


def limiting(member: str, severity: str) -> Policy:
    limit = {"op": "add", "path": "/containers/0/resources/limits/memory", "value": "1Gi"}
    return flag(member, {"op": "remove", "path": f"/{member}"}, limit, severity=severity)


def test_what_a_fix_brings_along_is_named() -> None:
    (only,) = verify(POD, [limiting("hostPID", "high"), LIMITED]).verifications
    assert (only.passed, only.notes) == (True, ("limit-set: a limit",))


@pytest.mark.parametrize("first", ["hostPID", "hostIPC"])
def test_a_fix_does_not_hide_behind_the_severity_of_another(first: str) -> None:
    """The one that brings a finding along answers for it by what it cures itself."""
    second = "hostIPC" if first == "hostPID" else "hostPID"
    verified = verify(POD, [flag(first, severity="critical"), limiting(second, "low"), LIMITED])
    said = failed(verified)
    assert said[first.lower()] == []
    assert said[second.lower()] == [("nothing-new", "the fix would bring a new finding: limit-set")]
    assert all(each.notes == () for each in verified.verifications)


def test_a_fix_that_may_bring_it_keeps_the_note_for_itself() -> None:
    verified = verify(POD, [flag("hostIPC", severity="low"), limiting("hostPID", "critical"), LIMITED])
    assert failed(verified) == {"hostpid": [], "hostipc": []}
    notes = {policy_of(each.fix): each.notes for each in verified.verifications}
    assert notes == {"hostpid": ("limit-set: a limit",), "hostipc": ()}
    assert {finding.severity for each in verified.verifications for finding in each.fix.findings} == {
        Severity.LOW,
        Severity.CRITICAL,
    }


# What has not changed.


class Counting(Detector):
    """A detector that remembers what it was asked to look at."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        super().__init__(policies, detector([]).environment)
        self.seen: list[str] = []

    def detect(
        self, manifest: Manifest, resource: Resource, inventory: Inventory | None = None
    ) -> tuple[list[Detection], list[Skip]]:
        self.seen.append(resource.ref.name)
        return super().detect(manifest, resource, inventory)


def text_of(form: str, pods: list[str]) -> str:
    if form == "list":
        return "apiVersion: v1\nkind: List\nitems:\n" + "".join(f"- {pod}\n" for pod in pods)
    return "".join(f"---\n{pod}\n" for pod in pods)


SMALL = "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {%s, containers: [{name: a, image: 'a:1'}]}}"


@pytest.mark.parametrize("form", ["list", "documents"])
def test_only_objects_that_change_are_looked_at_again(form: str) -> None:
    text = text_of(form, [SMALL % (f"p{number}", "hostPID: true") for number in range(20)])
    manifest, found, _ = detected([HOST_PID], text)
    fixes = fixes_of(found)
    assert len(fixes) == 20
    counting = Counting([HOST_PID])
    verified = Verifier(counting, Alone().resources).verify(manifest, fixes[3:5], found)
    assert [each.passed for each in verified.verifications] == [True, True]
    assert counting.seen == ["p3", "p4"]
    assert verified.edited is not None
    assert verified.edited.text == manifest.text.replace("p3}, spec: {hostPID: true, ", "p3}, spec: {").replace(
        "p4}, spec: {hostPID: true, ", "p4}, spec: {"
    )


def test_a_number_is_not_the_boolean_it_equals() -> None:
    """`hostUsers: 1` to `true` is a change that has to be looked at, although Python takes the two for equal."""
    policies = [POLICIES["number-field-quoted"], POLICIES["schema-invalid"]]
    manifest, found, _ = detected(policies, SMALL % ("p", "hostUsers: 1"))
    (hit,) = [each for each in found if each.finding.location.pointer == "/spec/hostUsers"]
    change = Change("pod.yaml", 0, (Operation("replace", "/spec/hostUsers", True),))
    fix = Fix((hit.finding,), (change,), "Say true", "", Applicability.SAFE)
    counting = Counting(policies)
    (verification,) = Verifier(counting, Alone().resources).verify(manifest, [fix], found).verifications
    assert counting.seen == ["p"]
    assert verification.passed
    assert (verification.tier, verification.server) == (Tier.SCHEMA, schema.NEWEST)


def test_a_fix_that_changes_another_object_cures_nothing() -> None:
    manifest, found, _ = detected([HOST_PID], text_of("list", [SMALL % (name, "hostPID: true") for name in "ab"]))
    change = Change("a.yaml", 0, (Operation("remove", "/items/1/spec/hostPID"),))
    fix = Fix((found[0].finding,), (change,), "Mend another one", "", Applicability.SAFE)
    verified = Verifier(detector([HOST_PID]), Alone().resources).verify(manifest, [fix], found)
    assert [gate for gate, _ in failed(verified)["hostpid"]] == ["finding-gone"]


def test_gates_are_timed() -> None:
    ticks = count()
    manifest, found, _ = detected([HOST_PID], POD)
    verifier = Verifier(detector([HOST_PID]), Alone().resources, lambda: float(next(ticks)))
    (only,) = verifier.verify(manifest, fixes_of(found), found).verifications
    assert [one.milliseconds for one in only.results] == [1000.0] * 7
