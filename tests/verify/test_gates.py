"""Each gate on pairs of an object before and after: what passes, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Finding, Severity
from bot.policy import Policy
from bot.verify import gates
from bot.verify.gates import Question
from tests.small_policies import detected, policy

POD_SPEC = {"kinds": ["workload"], "target": "pod-spec"}
CONTAINER = {"kinds": ["workload"], "target": "container"}

HOST_PID = policy("host-pid", "podSpec.?hostPID.orValue(false) != true", at="/hostPID", severity="high", **POD_SPEC)
HOST_IPC = policy("host-ipc", "podSpec.?hostIPC.orValue(false) != true", at="/hostIPC", severity="low", **POD_SPEC)


def question(before: str, after: str, policies: list[Policy], cured: str) -> Question:
    """What gates ask about a fix that turns `before` into `after`; it is for all findings of the policy `cured`."""
    was, old, _ = detected(policies, before)
    is_, new, _ = detected(policies, after)
    about = tuple(each.finding for each in old if each.policy.id == cured)
    assert about, f"no finding of {cured}"
    return Question(about, tuple(was.resources), tuple(is_.resources), tuple(old), tuple(new))


def pod(spec: str, name: str = "web") -> str:
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {spec}\n"


BOTH = pod("{hostPID: true, hostIPC: true, containers: [{name: web}]}")


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (pod("{hostIPC: true, containers: [{name: web}]}"), ""),
        (pod("{hostPID: false, hostIPC: true, containers: [{name: web}]}"), ""),
        (BOTH, "still found after the fix: host-pid"),
        (pod("{hostPID: true, containers: [{name: web}]}"), "still found after the fix: host-pid"),
    ],
)
def test_the_finding_is_gone(after: str, reason: str) -> None:
    assert gates.finding_gone(question(BOTH, after, [HOST_PID, HOST_IPC], "host-pid")) == reason


def test_the_finding_is_told_from_its_like_in_another_container() -> None:
    latest = policy("latest", '!container.image.endsWith(":latest")', at="/image", **CONTAINER)
    before = pod("{containers: [{name: a, image: 'a:latest'}, {name: b, image: 'b:latest'}]}")
    after = pod("{containers: [{name: b, image: 'b:latest'}, {name: a, image: 'a:1'}]}")
    both = question(before, after, [latest], "latest")
    assert gates.finding_gone(replace(both, cured=both.cured[:1])) == ""
    assert gates.finding_gone(replace(both, cured=both.cured[1:])) == "still found after the fix: latest"


def test_a_finding_under_another_api_version_is_still_there() -> None:
    paused = policy("paused", "object.?spec.?paused.orValue(false) != true", at="/spec/paused")
    before = "apiVersion: extensions/v1beta1\nkind: Deployment\nmetadata: {name: web}\nspec: {paused: true}\n"
    assert gates.finding_gone(question(before, before.replace("extensions/v1beta1", "apps/v1"), [paused], "paused"))


# Nothing new: a finding of another policy, on a node that was there or on one that the fix added.

NO_TAG = {
    severity: policy(
        f"no-tag-{severity}",
        'container.image.contains(":")',
        at="/image",
        severity=severity,
        message="no tag",
        **CONTAINER,
    )
    for severity in ("low", "medium", "high")
}
CURED = policy("cured", "podSpec.?hostPID.orValue(false) != true", at="/hostPID", severity="medium", **POD_SPEC)


@pytest.mark.parametrize(
    ("after", "severity", "reason", "notes"),
    [
        ("{containers: [{name: a, image: 'a:1'}]}", "high", "", ()),
        # On a node that was there any finding counts.
        ("{containers: [{name: a, image: a}]}", "low", "no-tag-low", ()),
        # On a node that the fix added, those as severe as what it cures; the others are named.
        ("{containers: [{name: a, image: 'a:1'}, {name: b, image: b}]}", "low", "", ("no-tag-low: no tag",)),
        ("{containers: [{name: a, image: 'a:1'}, {name: b, image: b}]}", "medium", "no-tag-medium", ()),
        ("{containers: [{name: a, image: 'a:1'}, {name: b, image: b}]}", "high", "no-tag-high", ()),
        # Both.
        ("{containers: [{name: a, image: a}, {name: b, image: b}]}", "low", "no-tag-low", ("no-tag-low: no tag",)),
        (
            "{containers: [{name: b, image: b}, {name: c, image: c}, {name: d, image: d}]}",
            "medium",
            "no-tag-medium",
            (),
        ),
    ],
)
def test_nothing_new(after: str, severity: str, reason: str, notes: tuple[str, ...]) -> None:
    before = pod("{hostPID: true, containers: [{name: a, image: 'a:1'}]}")
    asked = question(before, pod(after), [CURED, NO_TAG[severity]], "cured")
    assert gates.nothing_new(asked) == (f"the fix would bring a new finding: {reason}" if reason else "")
    assert gates.brought_along(asked) == notes


def test_what_was_found_before_is_not_new() -> None:
    before = pod("{hostPID: true, containers: [{name: a, image: a}]}")
    after = pod("{containers: [{name: a, image: a}]}")
    assert gates.nothing_new(question(before, after, [CURED, NO_TAG["high"]], "cured")) == ""


def test_a_finding_about_an_absent_member_of_an_old_node_is_new() -> None:
    """Where the member would be does not count as added: the fix has taken something away."""
    required = policy("required", "has(podSpec.hostIPC)", at="/hostIPC", severity="low", **POD_SPEC)
    after = pod("{containers: [{name: web}]}")
    assert gates.nothing_new(question(BOTH, after, [HOST_PID, required], "host-pid")).endswith("required")


def test_a_finding_about_what_is_absent_before_and_after_is_new() -> None:
    either = policy(
        "either", "has(podSpec.hostPID) || has(podSpec.hostUsers)", at="/hostUsers", severity="low", **POD_SPEC
    )
    after = pod("{hostIPC: true, containers: [{name: web}]}")
    assert gates.nothing_new(question(BOTH, after, [HOST_PID, either], "host-pid")).endswith("either")


def test_the_most_severe_of_what_is_cured_counts() -> None:
    before = pod("{hostPID: true, hostIPC: true, containers: []}")
    after = pod("{containers: [{name: b, image: b}]}")
    asked = question(before, after, [HOST_PID, HOST_IPC, NO_TAG["medium"]], "host-pid")
    assert (gates.nothing_new(asked), gates.disputed(asked)) == ("", False)
    # A fix of the lesser finding may not bring it: who brings it has to be found out.
    of_both = replace(asked, cured=tuple(each.finding for each in asked.old))
    assert {finding.severity for finding in of_both.cured} == {Severity.HIGH, Severity.LOW}
    assert (gates.nothing_new(of_both), gates.disputed(of_both)) == ("", True)


def test_objects_of_a_list_are_told_apart() -> None:
    items = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: %s}\n"
    items += "- {apiVersion: v1, kind: Pod, metadata: {name: b}, spec: %s}\n"
    bad, good = "{hostPID: true, containers: []}", "{containers: [{name: x, image: x}]}"
    asked = question(items % (bad, bad), items % (bad, good), [CURED, NO_TAG["low"]], "cured")
    assert gates.finding_gone(replace(asked, cured=asked.cured[1:])) == ""
    assert gates.finding_gone(replace(asked, cured=asked.cured[:1])) != ""
    assert gates.brought_along(asked) == ("no-tag-low: no tag",)
    tagged = "{containers: [{name: x, image: 'x:1'}]}"
    asked = question(items % (bad, tagged), items % (good, good), [CURED, NO_TAG["low"]], "cured")
    assert gates.nothing_new(asked) == "the fix would bring a new finding: no-tag-low"


# Identity.

NAMED = "apiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {bad: true}\n"
BAD = policy("bad", "object.?spec.?bad.orValue(false) == false", at="/spec/bad")
MIGRATION = policy("removed-api-version", "object.?spec.?bad.orValue(false) == false", at="/spec/bad")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("bad: true", "bad: false", ""),
        ("kind: Service", "kind: Pod", "Service shop/web would become Pod shop/web"),
        ("name: web", "name: web2", "Service shop/web would become Service shop/web2"),
        ("namespace: shop", "namespace: bank", "Service shop/web would become Service bank/web"),
        (", namespace: shop", "", "Service shop/web would become Service web"),
        ("apiVersion: v1", "apiVersion: v2", "the apiVersion of Service shop/web would change"),
        ("apiVersion: v1", "apiVersion: serving.knative.dev/v1", "the apiVersion of Service shop/web would change"),
        ("spec:", "---\napiVersion: v1\nkind: Pod\nspec:", "the number of objects would change"),
        ("kind: Service", "kynd: Service", "the number of objects would change"),
    ],
)
def test_identity(old: str, new: str, reason: str) -> None:
    assert gates.same_identity(question(NAMED, NAMED.replace(old, new), [BAD], "bad")) == reason
    migrating = gates.same_identity(question(NAMED, NAMED.replace(old, new), [MIGRATION], "removed-api-version"))
    assert migrating == ("" if reason.startswith("the apiVersion") else reason)


# Nothing lost.

WHOLE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      volumes:
      - {name: tmp, emptyDir: {}}
      - {name: data, hostPath: {path: /data}}
      initContainers:
      - {name: init, image: 'init:1'}
      containers:
      - name: web
        image: web:1
        ports:
        - {containerPort: 80}
        - {containerPort: 80, protocol: UDP}
        env:
        - {name: MODE, value: fast}
        - {name: MODE, value: slow}
        - {name: SIZE, value: 1}
      ephemeralContainers:
      - {name: debug, image: 'debug:1'}
"""
SPEC = "/spec/template/spec"
WEB = f"{SPEC}/containers/0"
ELSEWHERE = (f"{SPEC}/hostPID", SPEC)


def about(place: str, target: str) -> Question:
    """A question about nothing yet, for a finding at a place about a target."""
    manifest, (found,), _ = detected([policy("any", "false")], WHOLE)
    finding: Finding = replace(found.finding, target=target, location=replace(found.finding.location, pointer=place))
    return Question((finding,), tuple(manifest.resources), (), (), ())


def lost(old: str, new: str, place: tuple[str, str] = ELSEWHERE) -> str:
    """What `nothing_lost` says of a fix that replaces a text."""
    assert WHOLE.count(old) == 1, old
    after, _, _ = detected([], WHOLE.replace(old, new))
    return gates.nothing_lost(replace(about(*place), after=tuple(after.resources)))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("      - {name: tmp, emptyDir: {}}\n", "", "volume /spec/template/spec tmp"),
        ("{name: tmp, emptyDir: {}}", "{name: tmp2, emptyDir: {}}", "volume /spec/template/spec tmp"),
        ("{path: /data}", "{path: /other}", "volume /spec/template/spec data"),
        ("name: web\n", "name: web2\n", "container /spec/template/spec container web"),
        (
            "      initContainers:\n      - {name: init, image: 'init:1'}\n",
            "",
            "container /spec/template/spec init init",
        ),
        ("{name: init, image", "{name: init, restartPolicy: Always, image", "container /spec/template/spec init init"),
        ("{name: debug, image: 'debug:1'}", "{}", "container /spec/template/spec ephemeral debug"),
        ("image: web:1", "image: web:2", "container /spec/template/spec container web image"),
        ("        image: web:1\n", "", "container /spec/template/spec container web image"),
        ("        - {containerPort: 80}\n", "", "container /spec/template/spec container web port 80/TCP"),
        ("{containerPort: 80}", "{containerPort: 81}", "container /spec/template/spec container web port 80/TCP"),
        ("protocol: UDP", "protocol: TCP", "container /spec/template/spec container web port 80/UDP"),
        ("        - {name: SIZE, value: 1}\n", "", "container /spec/template/spec container web variable SIZE"),
        ("value: 1}", "value: '1'}", "container /spec/template/spec container web variable SIZE"),
        ("value: 1}", "value: true}", "container /spec/template/spec container web variable SIZE"),
        ("        - {name: MODE, value: slow}\n", "", "container /spec/template/spec container web variable MODE"),
    ],
)
def test_what_must_not_be_lost(old: str, new: str, what: str) -> None:
    assert lost(old, new) == f"{what} of Deployment web would be lost or changed"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("image: web:1", "image: web:1\n        securityContext: {privileged: false}"),
        ("- {name: tmp, emptyDir: {}}\n", "- {name: tmp, emptyDir: {}}\n      - {name: more, emptyDir: {}}\n"),
        ("{containerPort: 80}", "{containerPort: 80, name: http, hostPort: 8080}"),
        ("{containerPort: 80}", "{containerPort: 80, protocol: TCP}"),
        # Of two of a name the last one counts.
        ("        - {name: MODE, value: fast}\n", ""),
        # An order does not count.
        ("      - {name: tmp, emptyDir: {}}\n      - {name: data, hostPath: {path: /data}}\n",
         "      - {name: data, hostPath: {path: /data}}\n      - {name: tmp, emptyDir: {}}\n"),
    ],
)  # fmt: skip
def test_what_may_change(old: str, new: str) -> None:
    assert lost(old, new) == ""


@pytest.mark.parametrize(
    ("old", "new", "place", "target", "allowed"),
    [
        ("image: web:1", "image: web:2", f"{WEB}/image", WEB, True),
        ("image: web:1", "image: web:2", f"{WEB}/imagePullPolicy", WEB, False),
        ("image: web:1", "image: web:2", WEB, WEB, False),
        ("image: web:1", "image: web:2", SPEC, SPEC, False),
        ("image: web:1", "image: web:2", "/spec/template", "", False),
        ("image: web:1", "image: web:2", "", "", False),
        ("        - {containerPort: 80}\n", "", f"{WEB}/ports", WEB, True),
        ("        - {containerPort: 80}\n", "", f"{WEB}/ports/0/hostPort", WEB, True),
        ("        - {containerPort: 80}\n", "", f"{WEB}/ports/1/hostPort", WEB, False),
        ("        - {name: SIZE, value: 1}\n", "", f"{WEB}/env/2/value", f"{WEB}/env/2", True),
        ("        - {name: SIZE, value: 1}\n", "", f"{WEB}/env/2/value", WEB, True),
        ("        - {name: SIZE, value: 1}\n", "", f"{WEB}/env/1/value", f"{WEB}/env/1", False),
        ("        - {name: SIZE, value: 1}\n", "", SPEC, f"{WEB}/env/2", True),
        ("hostPath: {path: /data}", "emptyDir: {}", f"{SPEC}/volumes/1/hostPath/path", SPEC, True),
        ("hostPath: {path: /data}", "emptyDir: {}", f"{SPEC}/volumes/0", SPEC, False),
        # A finding about all ephemeral containers may cost them; one about a field of a container not the container.
        ("      - {name: debug, image: 'debug:1'}\n", "", f"{SPEC}/ephemeralContainers", SPEC, True),
        ("      - {name: debug, image: 'debug:1'}\n", "", f"{SPEC}/ephemeralContainers/0/image", SPEC, False),
        ("      - {name: debug, image: 'debug:1'}\n", "", f"{SPEC}/ephemeralContainers/0", SPEC, False),
    ],
)
def test_what_a_finding_is_about_may_go(old: str, new: str, place: str, target: str, allowed: bool) -> None:
    assert (lost(old, new, (place, target)) == "") is allowed


def test_a_finding_about_one_object_of_a_list_is_not_about_another() -> None:
    item = "{apiVersion: v1, kind: Pod, metadata: {name: %s}, spec: {containers: [{name: web, image: 'web:%s'}]}}"
    text = "apiVersion: v1\nkind: List\nitems:\n- " + item % ("a", "%s") + "\n- " + item % ("b", "%s") + "\n"
    latest = policy("latest", 'container.image != "web:latest"', at="/image", **CONTAINER)
    policies = [latest]
    assert gates.nothing_lost(question(text % ("latest", 1), text % (2, 1), policies, "latest")) == ""
    other = gates.nothing_lost(question(text % ("latest", 1), text % (2, 2), policies, "latest"))
    assert other == "container /spec container web image of Pod b would be lost or changed"


# Nothing lowered.


def resources(text: str) -> str:
    return pod("{hostPID: true, containers: [{name: web, resources: " + text + "}]}")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("{limits: {cpu: 500m}}", "{limits: {cpu: 0.5}}", ""),
        ("{limits: {cpu: '1'}}", "{limits: {cpu: 1000m}}", ""),
        ("{limits: {memory: 1Gi}}", "{limits: {memory: 1073741824}}", ""),
        ("{limits: {memory: 1e3}}", "{limits: {memory: 1k}}", ""),
        ("{limits: {memory: 1G}}", "{limits: {memory: 1Gi}}", ""),
        ("{requests: {cpu: 1}}", "{requests: {cpu: 2}, limits: {cpu: 3}}", ""),
        ("{}", "{requests: {cpu: 1}}", ""),
        ("{limits: {memory: 1Gi}}", "{limits: {memory: 1G}}", "limits memory lowered from 1Gi to 1G"),
        ("{limits: {cpu: 500m}}", "{limits: {cpu: 0.4}}", "limits cpu lowered from 500m to 0.4"),
        ("{requests: {cpu: 1}}", "{requests: {cpu: 900m}}", "requests cpu lowered from 1 to 900m"),
        ("{requests: {cpu: 1}}", "{requests: {cpu: none}}", "requests cpu lowered from 1 to none"),
        ("{requests: {cpu: 1}}", "{}", "requests cpu removed"),
        ("{requests: {cpu: 1}}", "{requests: {memory: 1}}", "requests cpu removed"),
        ("{requests: {cpu: 1}, limits: {cpu: 1}}", "{requests: {cpu: 1}}", "limits cpu removed"),
        ("{limits: {example.com/gpu: 2}}", "{limits: {example.com/gpu: 1}}",
         "limits example.com/gpu lowered from 2 to 1"),
        ("{limits: {cpu: lots}}", "{limits: {cpu: 1}}", ""),
        ("{limits: {cpu: lots}}", "{limits: {}}", "limits cpu removed"),
    ],
)  # fmt: skip
def test_nothing_lowered(old: str, new: str, reason: str) -> None:
    said = gates.nothing_lowered(question(resources(old), resources(new), [HOST_PID], "host-pid"))
    what, _, rest = reason.rpartition(" lowered" if "lowered" in reason else " removed")
    verb = "lowered" if "lowered" in reason else "removed"
    assert said == (f"/spec container web {what} of Pod web would be {verb}{rest}" if reason else "")


@pytest.mark.parametrize(("at", "allowed"), [("/resources/limits/cpu", True), ("/resources/limits/memory", False)])
def test_what_a_finding_is_about_may_be_lowered(at: str, allowed: bool) -> None:
    limit = policy("limit", "false", at=at, **CONTAINER)
    asked = question(resources("{limits: {cpu: 2}}"), resources("{limits: {cpu: 1}}"), [limit], "limit")
    assert (gates.nothing_lowered(asked) == "") is allowed
    gone = question(resources("{limits: {cpu: 2}}"), resources("{}"), [limit], "limit")
    assert (gates.nothing_lowered(gone) == "") is allowed


def test_containers_are_compared_by_name() -> None:
    a, b = "{name: a, resources: {limits: {cpu: %s}}}", "{name: b, resources: {limits: {cpu: %s}}}"
    before, after = "{hostPID: true, containers: [" + a + ", " + b + "]}", "{containers: [" + b + ", " + a + "]}"
    same = question(pod(before % (2, 1)), pod(after % (1, 2)), [HOST_PID], "host-pid")
    assert gates.nothing_lowered(same) == ""
    lowered = question(pod(before % (2, 1)), pod(after % (2, 1)), [HOST_PID], "host-pid")
    assert gates.nothing_lowered(lowered).startswith("/spec container a limits cpu")
