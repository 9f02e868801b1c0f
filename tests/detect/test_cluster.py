"""Findings of other tools beside ours: one root cause, one finding, with the fix that a policy of ours has for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.detect.reported import Reported, Reports
from bot.model import Applicability, Finding, Origin, Severity, Skip
from bot.pipeline import Bot, FileResult, look, repair
from bot.policy import Policy
from bot.policy.twins import Twins
from bot.trial import Alone
from tests.small_policies import detector, policy

PATH = "shop.yaml"
PODS = """\
apiVersion: v1
kind: Pod
metadata: {name: one}
spec:
  hostPID: true  # kept: the comment
  hostIPC: true
  containers:
    - name: web
      tty: true
    - name: cache
      tty: true
---
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  hostPID: true
  hostIPC: true
"""
ONE, TWO = (0, ""), (1, "")

IN_POD = {"kinds": ["workload"], "target": "pod-spec"}
IN_CONTAINER = {"kinds": ["workload"], "target": "container"}


def against(member: str, twins: dict[str, list[str]], **more: object) -> Policy:
    """A policy against a member that is true, whose fix removes it."""
    target = more.pop("at", IN_POD)
    value = "podSpec" if target is IN_POD else "container"
    return policy(
        member.lower(),
        f"!has({value}.{member})",
        at=f"/{member}",
        fixes=[[{"op": "remove", "path": f"/{member}"}]],
        twins=twins,
        **{**target, **more},
    )


PID = against("hostPID", {"kube-linter": ["host-pid", "host-any"], "checkov": ["CKV_1"]}, severity="high")
IPC = against("hostIPC", {"kube-linter": ["host-ipc", "host-any"]}, severity="low")
TTY = against("tty", {"kube-linter": ["no-tty"], "kyverno": ["no-tty"]}, at=IN_CONTAINER, severity="medium")
OVER = policy("over", "!has(podSpec.hostPID)", at="/hostPID", supersedes=["hostpid"], severity="critical", **IN_POD)


def said(check: str, **more: object) -> Reported:
    tool = str(more.pop("tool", "kube-linter"))
    return Reported(tool, tool, check, f"{check}, it says", PATH, **more)  # type: ignore[arg-type]


def scan(
    *reported: Reported, on: tuple[Policy, ...], off: tuple[Policy, ...] = (), ignored: str = "", text: str = PODS
) -> FileResult:
    known = (*on, *off)
    reports = Reports({PATH: reported}, Twins(known), {each.id: each for each in known}, frozenset(ignored.split()))
    return look(Bot(detector(on), Alone(), reports=reports), PATH, text, verify=True)


def shown(result: FileResult) -> list[tuple[str, str, tuple[str, ...]]]:
    """(object, policy, the tools that report it, too)."""
    return [(each.resource.name, each.policy_id, each.also) for each in result.findings]


def fixes(result: FileResult) -> list[tuple[str, str, bool]]:
    """(object, policy, whether it passed) of the fixes."""
    about = [(each.fix.findings[0], each.passed) for each in result.verifications]
    return [(finding.resource.name, finding.policy_id, passed) for finding, passed in about]


def test_what_a_tool_says_too_is_no_finding_of_its_own() -> None:
    result = scan(said("host-pid", place=ONE), said("CKV_1", tool="checkov", place=ONE), on=(PID,))
    assert shown(result) == [("one", "hostpid", ("kube-linter: host-pid", "checkov: CKV_1")), ("two", "hostpid", ())]
    assert fixes(result) == [("one", "hostpid", True), ("two", "hostpid", True)]
    assert [each.origin for each in result.findings] == [Origin.POLICY] * 2


def test_a_policy_that_is_off_is_looked_at_for_the_object_that_is_reported_and_brings_its_fix() -> None:
    result = scan(said("host-pid", place=TWO), on=(IPC,), off=(PID,))
    assert shown(result) == [
        ("one", "hostipc", ()),
        ("two", "hostpid", ("kube-linter: host-pid",)),
        ("two", "hostipc", ()),
    ]
    assert ("two", "hostpid", True) in fixes(result)


def test_of_a_check_that_stands_for_several_policies_those_that_are_on_come_first() -> None:
    result = scan(said("host-any", place=ONE), on=(IPC,), off=(PID,))
    assert shown(result) == [("one", "hostipc", ("kube-linter: host-any",)), ("two", "hostipc", ())]


def test_a_tool_that_names_a_container_says_it_of_this_one() -> None:
    result = scan(said("no-tty", place=ONE, container="cache"), on=(TTY,))
    assert [(each.target, each.also) for each in result.findings] == [
        ("/spec/containers/0", ()),
        ("/spec/containers/1", ("kube-linter: no-tty",)),
    ]


def test_a_tool_that_names_no_container_says_it_of_all() -> None:
    result = scan(said("no-tty", place=ONE), on=(TTY,))
    assert [each.also for each in result.findings] == [("kube-linter: no-tty",)] * 2


def test_lines_are_taken_for_a_container_only_while_that_fits() -> None:
    in_web, in_spec = said("no-tty", lines=(8, 9)), said("host-pid", lines=(8, 9))
    result = scan(in_web, in_spec, on=(TTY, PID), text=PODS.split("---", maxsplit=1)[0])
    assert [(each.policy_id, each.target, bool(each.also)) for each in result.findings] == [
        ("hostpid", "/spec", True),
        ("tty", "/spec/containers/0", True),
        ("tty", "/spec/containers/1", False),
    ]


def test_what_no_policy_knows_keeps_the_name_that_the_tool_has_for_it() -> None:
    result = scan(said("odd", place=ONE, severity=Severity.CRITICAL), on=(IPC,))
    (finding,) = [each for each in result.findings if each.origin is Origin.ENGINE]
    assert (finding.policy_id, finding.severity, finding.message) == (
        "kube-linter:odd",
        Severity.CRITICAL,
        "odd, it says",
    )
    assert (finding.location.start_line, finding.also, finding.resource.name) == (3, (), "one")
    assert fixes(result) == [("one", "hostipc", True), ("two", "hostipc", True)]


def test_what_our_policy_does_not_find_is_theirs_under_our_name_without_a_fix() -> None:
    text = PODS.replace("  hostPID: true  # kept: the comment\n", "")
    result = scan(said("host-pid", place=ONE), on=(PID,), text=text)
    finding = result.findings[0]
    assert (finding.policy_id, finding.origin, finding.also) == (
        "hostpid",
        Origin.ENGINE,
        ("kube-linter: host-pid",),
    )
    assert (finding.severity, finding.message) == (Severity.HIGH, "host-pid, it says")
    assert fixes(result) == [("two", "hostpid", True)]


def test_two_tools_that_say_the_same_alone_are_one_finding() -> None:
    text = PODS.replace("  hostPID: true  # kept: the comment\n", "")
    result = scan(said("host-pid", place=ONE), said("CKV_1", tool="checkov", place=ONE), on=(PID,), text=text)
    assert shown(result)[0] == ("one", "hostpid", ("kube-linter: host-pid", "checkov: CKV_1"))


def test_what_is_ignored_by_name_is_not_taken_from_others_either() -> None:
    result = scan(said("host-pid", place=ONE), on=(IPC,), off=(PID,), ignored="hostpid")
    assert {policy_id for _, policy_id, _ in shown(result)} == {"hostipc"}


def test_a_report_of_what_another_finding_stands_for_goes_with_that_one() -> None:
    result = scan(said("host-pid", place=ONE), on=(OVER, PID))
    assert shown(result) == [("one", "over", ("kube-linter: host-pid",)), ("two", "over", ())]


def test_a_policy_that_contradicts_one_that_is_on_is_not_looked_at() -> None:
    contrary = replace(PID, contradicts=("hostipc",))
    result = scan(said("CKV_1", tool="checkov", place=ONE), on=(IPC,), off=(contrary,))
    assert ("one", "hostpid", ("checkov: CKV_1",)) in shown(result)
    assert not any(policy_id == "hostpid" for _, policy_id, _ in fixes(result))


def test_a_policy_that_is_off_does_not_stand_in_the_way_of_fixes_elsewhere() -> None:
    """What the fix of `two` would bring to a policy that is off is nobody's business: it was reported of `one`."""
    needs = policy("needs", "has(podSpec.hostIPC)", at="/hostIPC", twins={"kube-linter": ["needs"]}, **IN_POD)
    result = scan(said("needs", place=ONE), on=(IPC,), off=(needs,))
    assert fixes(result)[-1] == ("two", "hostipc", True)


def test_severity_that_was_asked_for_holds_for_what_others_say() -> None:
    known = (PID,)
    reports = Reports({PATH: (said("odd", place=ONE, severity=Severity.LOW),)}, Twins(known), {"hostpid": PID})
    result = look(Bot(detector(known), Alone(), Severity.HIGH, reports=reports), PATH, PODS)
    assert {each.policy_id for each in result.findings} == {"hostpid"}


def test_what_has_no_place_is_said() -> None:
    result = scan(said("host-pid", lines=(700, 700)), said("odd", place=(9, "")), on=(PID,))
    assert [(each.code, each.reason, each.line) for each in result.skips] == [
        (
            "reported-not-placed",
            "kube-linter: host-pid: the file has no line 700; it is another one than the tool has seen",
            700,
        ),
        ("reported-not-placed", "kube-linter: odd: the object that it is about is not looked at", None),
    ]


def test_a_file_that_is_left_alone_says_what_is_not_shown() -> None:
    result = scan(said("odd"), said("host-pid"), on=(PID,), text="{{ template }}\n")
    assert [(each.code, each.reason) for each in result.skips][1:] == [
        ("reported-not-placed", "2 findings of other tools, in a file that is left alone")
    ]


def test_what_is_missing_in_a_fragment_is_nobodys_finding() -> None:
    class Fragments(Alone):
        def resources(self, manifest):  # type: ignore[no-untyped-def]
            return tuple(replace(each, partial=True) for each in super().resources(manifest))

    reports = Reports({PATH: (said("missing", place=ONE), said("there", place=ONE, at="/spec/hostIPC"))}, Twins(()))
    result = look(Bot(detector(()), Fragments(), reports=reports), PATH, PODS)
    assert [each.policy_id for each in result.findings] == ["kube-linter:there"]
    assert [each.code for each in result.skips] == ["reported-fragment"]


@pytest.mark.parametrize("silence", [True, False])
def test_what_does_not_count_here_does_not_count_from_others(silence: bool) -> None:
    class Filled(Alone):
        def silence(self, manifest, resource, finding: Finding) -> str | None:  # type: ignore[no-untyped-def]
            return "filled in later" if silence else None

    reports = Reports({PATH: (said("host-pid", place=ONE), said("odd", place=ONE))}, Twins((PID,)), {"hostpid": PID})
    result = look(Bot(detector((PID,)), Filled(), reports=reports), PATH, PODS)
    assert len(result.findings) == (0 if silence else 3)
    assert not [each for each in result.skips if isinstance(each, Skip)]


def test_after_a_fix_things_are_where_they_were_and_what_is_cured_is_gone() -> None:
    """The lines that a tool gave are those of the text before; a fix above them moves what they mean."""
    reported = (said("host-pid", lines=(5, 5)), said("no-tty", lines=(11, 11)), said("odd", lines=(16, 16)))
    known = (PID, TTY)
    reports = Reports({PATH: reported}, Twins(known), {each.id: each for each in known})
    bot = Bot(detector((PID,)), Alone(), reports=reports)
    result = repair(bot, PATH, PODS, least=Applicability.UNSAFE)
    assert result.after == PODS.replace("  hostPID: true  # kept: the comment\n", "").replace(
        "    - name: cache\n      tty: true\n", "    - name: cache\n"
    ).replace("  hostPID: true\n", "")
    assert [(each.policy_id, each.resource.name, each.location.start_line) for each in result.findings] == [
        ("kube-linter:odd", "two", 14)
    ]
