"""A file from text to findings and fixes, rounds until nothing changes, and the results of a run put together."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import date
from itertools import product

import pytest

from bot import pipeline
from bot.detect.context import look_around
from bot.detect.identity import fingerprint
from bot.detect.suppress import known
from bot.model import Applicability, Finding, GateStatus, Report, Severity, Skip, Tier, Verification
from bot.pipeline import Bot, FileResult, gather, look, name_of, repair
from bot.policy import Policy
from bot.trial import Alone
from tests.small_policies import detector, policy

POD_SPEC = {"kinds": ["workload"], "target": "pod-spec"}
UNSAFE = Applicability.UNSAFE


def flag(member: str, *fixes: object, **more: str) -> Policy:
    """A policy against a member of a pod spec; its fix removes it unless told otherwise."""
    removal = [{"op": "remove", "path": f"/{member}"}]
    return policy(
        member.lower(), f"!has(podSpec.{member})", at=f"/{member}", fixes=fixes or [removal], **{**POD_SPEC, **more}
    )


HOST_PID = flag("hostPID", severity="high")
HOST_IPC = flag("hostIPC", severity="low")

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostPID: true  # pid
  hostIPC: true  # ipc
  containers: [{name: web, image: web}]
"""
NO_PID = POD.replace("  hostPID: true  # pid\n", "")
NEITHER = NO_PID.replace("  hostIPC: true  # ipc\n", "")


def bot_of(*policies: Policy, **more: Severity) -> Bot:
    return Bot(detector(policies), Alone(), **more)


def ids(findings: Sequence[Finding]) -> list[str]:
    return [finding.policy_id for finding in findings]


def fixed(result: FileResult) -> list[tuple[str, str, bool]]:
    """(policy, title, whether it was proven and passed) of the fixes of a result."""
    return [
        (each.fix.findings[0].policy_id, each.fix.title, bool(each.results) and each.passed)
        for each in result.verifications
    ]


def skipped(skips: Sequence[Skip]) -> list[tuple[str, str, int | None, bool]]:
    return [(skip.stage, skip.code, skip.line, skip.error) for skip in skips]


# Looking.


@pytest.mark.parametrize(("propose", "verify"), list(product([False, True], repeat=2)))
def test_looking_at_a_file(propose: bool, verify: bool) -> None:
    result = look(bot_of(HOST_PID, HOST_IPC), "web.yaml", POD, propose=propose, verify=verify)
    assert ids(result.findings) == ["hostpid", "hostipc"]
    assert [finding.location.start_line for finding in result.findings] == [5, 6]
    assert (result.path, result.documents, result.resources) == ("web.yaml", 1, 1)
    assert (result.before, result.after, result.skips) == (None, None, [])
    wanted = [("hostpid", "Fix 0", verify), ("hostipc", "Fix 0", verify)] if propose else []
    assert fixed(result) == wanted
    for each, place in zip(result.verifications, (5, 6), strict=False):
        assert each.tier is (Tier.SCHEMA if verify else Tier.NONE)
        ((edit,),) = (change.edits for change in each.fix.changes) if verify else (((None,),))
        if edit is not None:
            # Each fix has its own edits, as if it were the only one.
            alone = POD[: edit.span.start] + edit.new_text + POD[edit.span.end :]
            assert alone.splitlines() == [line for at, line in enumerate(POD.splitlines(), 1) if at != place]


def test_a_file_without_objects() -> None:
    result = look(bot_of(HOST_PID), "values.yaml", "hostPID: true\n---\n- 1\n")
    assert (result.findings, result.skips, result.documents, result.resources) == ([], [], 2, 0)


@pytest.mark.parametrize(
    ("least", "found"),
    [
        (Severity.LOW, ["hostpid", "hostipc"]),
        (Severity.MEDIUM, ["hostpid"]),
        (Severity.HIGH, ["hostpid"]),
        (Severity.CRITICAL, []),
    ],
)
def test_the_least_severity(least: Severity, found: list[str]) -> None:
    bot = bot_of(HOST_PID, HOST_IPC, severity=least)
    result = look(bot, "web.yaml", POD)
    assert ids(result.findings) == found
    assert [policy_id for policy_id, *_ in fixed(result)] == found
    repaired = repair(bot, "web.yaml", POD, least=UNSAFE)
    assert repaired.after == {2: NEITHER, 1: NO_PID, 0: None}[len(found)]


def test_a_fix_must_not_bring_what_is_not_shown() -> None:
    """Findings below the least severity are no news, but a fix may not make new ones."""
    swap = [{"op": "remove", "path": "/hostPID"}, {"op": "replace", "path": "/hostIPC", "value": False}]
    kept = policy("ipc-off", "podSpec.hostIPC == true", at="/hostIPC", severity="low", **POD_SPEC)
    bot = bot_of(flag("hostPID", swap, severity="high"), kept, severity=Severity.HIGH)
    (only,) = look(bot, "web.yaml", POD, verify=True).verifications
    assert [one.gate for one in only.results if one.status is GateStatus.FAILED] == ["nothing-new"]


def test_keys_that_stand_twice() -> None:
    text = POD + "  hostIPC: false\n" + "---\na: 1\na: 2\n"
    assert skipped(look(bot_of(), "web.yaml", text).skips) == [("read", "duplicate-key", 8, False)]


def test_what_a_policy_cannot_decide() -> None:
    result = look(bot_of(policy("odd", "int(podSpec.containers[0].name) > 0", **POD_SPEC), HOST_PID), "web.yaml", POD)
    assert skipped(result.skips) == [("detect", "undecided", 4, False)]
    assert ids(result.findings) == ["hostpid"]


# Files that are left alone.

BIG = "apiVersion: v1\nkind: List\nitems:\n" + "- {apiVersion: v1, kind: Secret}\n" * 3


@pytest.mark.parametrize(
    ("text", "code", "line", "error"),
    [
        ("a: {{ .Values.a }}\n{{ if b }}\n" + POD, "template", 1, False),
        (POD + "a: [\n", "not-yaml", 9, True),
        ("%YAML 1.1\n---\n" + POD, "directive", 1, True),
        (POD + "? [a]\n: b\n", "unsupported-key", 8, True),
        (POD + "x: " + "[" * 300 + "]" * 300 + "\n", "too-deep", 8, True),
        (BIG, "too-many-objects", 1, True),
    ],
)
@pytest.mark.parametrize("repairing", [False, True])
def test_what_is_left_alone_says_why(
    text: str, code: str, line: int, error: bool, repairing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "MAX_RESOURCES", 2)
    bot = bot_of(HOST_PID)
    result = repair(bot, "a.yaml", text, least=UNSAFE) if repairing else look(bot, "a.yaml", text)
    assert skipped(result.skips) == [("read", code, line, error)]
    assert (result.findings, result.verifications, result.after) == ([], [], None)


def test_as_many_objects_as_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MAX_RESOURCES", 3)
    result = look(bot_of(HOST_PID), "a.yaml", BIG)
    assert (result.skips, result.resources) == ([], 3)


def test_what_surrounds_a_file_has_the_first_say() -> None:
    class Elsewhere(Alone):
        def skip(self, manifest, /):
            return Skip("detect", "generated", "a generated file", manifest.path)

    result = look(Bot(detector([HOST_PID]), Elsewhere()), "a.yaml", "a: [\n")
    assert skipped(result.skips) == [("detect", "generated", None, False)]


def test_what_does_not_count_is_not_found_nor_fixed() -> None:
    class Quiet(Alone):
        def silence(self, manifest, resource, finding, /):
            return "set elsewhere" if finding.policy_id == "hostpid" else None

    bot = Bot(detector([HOST_PID, HOST_IPC]), Quiet())
    assert ids(look(bot, "a.yaml", POD).findings) == ["hostipc"]
    assert repair(bot, "a.yaml", POD, least=UNSAFE).after == POD.replace("  hostIPC: true  # ipc\n", "")


def test_what_does_not_count_does_not_supersede() -> None:
    class Quiet(Alone):
        def silence(self, manifest, resource, finding, /):
            return "set elsewhere" if finding.policy_id == "hostpid" else None

    over = flag("hostPID", supersedes=["hostipc"])
    assert ids(look(bot_of(over, HOST_IPC), "a.yaml", POD).findings) == ["hostpid"]
    assert ids(look(Bot(detector([over, HOST_IPC]), Quiet()), "a.yaml", POD).findings) == ["hostipc"]


# Accepted findings.


def accepting(*policies: Policy) -> Bot:
    around = look_around(["a.yaml"], {}.get, known(policies), today=date(2026, 1, 1))
    return Bot(detector(policies), around)


ACCEPTED = POD.replace("# pid", "# k8s-auto-fix: ignore[hostpid] the agent")


def test_an_accepted_finding_stays_and_gets_no_fix() -> None:
    bot = accepting(HOST_PID, HOST_IPC)
    result = look(bot, "a.yaml", ACCEPTED, verify=True)
    assert [(each.policy_id, each.suppression and each.suppression.reason) for each in result.findings] == [
        ("hostpid", "the agent"),
        ("hostipc", None),
    ]
    assert [policy_id for policy_id, *_ in fixed(result)] == ["hostipc"]

    repaired = repair(bot, "a.yaml", ACCEPTED, least=UNSAFE)
    assert repaired.after == ACCEPTED.replace("  hostIPC: true  # ipc\n", "")
    assert [(each.policy_id, each.suppression and each.suppression.reason) for each in repaired.findings] == [
        ("hostpid", "the agent")
    ]
    assert fixed(repaired) == [("hostipc", "Fix 0", True)]


def test_a_suppression_that_does_not_hold_is_told() -> None:
    result = look(accepting(HOST_PID), "a.yaml", POD.replace("# pid", "# k8s-auto-fix: ignore[hostpid]"))
    assert [code for _, code, *_ in skipped(result.skips)] == ["suppression-void"]
    assert result.findings[0].suppression is None


# Fixes: applicability, guards, alternatives.


def sure(**members: str) -> dict[str, object]:
    return {"patch": [{"op": "remove", "path": "/hostPID"}], **members}


FALSE = {"patch": [{"op": "replace", "path": "/hostPID", "value": False}]}
NOTHING = {"patch": [{"op": "add", "path": "/hostNetwork", "value": True}]}
WRONG = {"patch": [{"op": "add", "path": "/nope", "value": 1}, {"op": "remove", "path": "/hostPID"}]}


@pytest.mark.parametrize(
    ("applicability", "least", "made"),
    [
        (given, least, given >= least)
        for given, least in product(Applicability, (Applicability.SAFE, Applicability.UNSAFE))
    ],
)
def test_the_least_applicability(applicability: Applicability, least: Applicability, made: bool) -> None:
    text = "apiVersion: v1\nkind: PodTemplate\nmetadata: {name: a}\ntemplate: {spec: {hostPID: true, containers: []}}\n"
    one = flag("hostPID", sure(applicability=str(applicability)))
    result = repair(bot_of(one), "a.yaml", text, least=least)
    assert (result.after is not None) is made
    assert fixed(result) == [("hostpid", "Fix 0", made)]
    assert ids(result.findings) == ([] if made else ["hostpid"])


@pytest.mark.parametrize(
    ("fixes", "title", "passes"),
    [
        ([sure(), FALSE], "Fix 0", True),
        ([sure(when="false"), sure()], "Fix 1", True),
        ([WRONG, sure()], "Fix 1", True),
        ([NOTHING, sure()], "Fix 1", True),
        ([WRONG, NOTHING, sure()], "Fix 2", True),
        ([WRONG, NOTHING], "Fix 0", False),
        ([sure(applicability="display-only"), sure()], "Fix 1", True),
    ],
)
def test_the_first_alternative_that_holds_is_taken(fixes: list[object], title: str, passes: bool) -> None:
    bot = bot_of(flag("hostPID", *fixes), HOST_IPC)
    repaired = repair(bot, "a.yaml", POD, least=UNSAFE)
    assert repaired.after == (NEITHER if passes else POD.replace("  hostIPC: true  # ipc\n", ""))
    tried = [each for each in fixed(repaired) if each[0] == "hostpid"]
    assert (tried[0][1:] == (title, True)) is passes
    assert ids(repaired.findings) == ([] if passes else ["hostpid"])

    shown = [each for each in fixed(look(bot, "a.yaml", POD, verify=True)) if each[0] == "hostpid"]
    title = "Fix 0" if "display-only" in str(fixes[0]) else title
    assert shown == [("hostpid", title, passes)]


def test_what_was_refused_last_is_told() -> None:
    repaired = repair(bot_of(flag("hostPID", WRONG, NOTHING)), "a.yaml", POD, least=UNSAFE)
    assert repaired.after is None
    assert fixed(repaired) == [("hostpid", "Fix 0", False), ("hostpid", "Fix 1", False)]
    gates = [[one.gate for one in each.results if one.status is GateStatus.FAILED] for each in repaired.verifications]
    assert gates == [["schema"], ["finding-gone"]]


def test_a_fix_that_is_not_made_is_still_offered() -> None:
    result = repair(bot_of(HOST_PID, HOST_IPC), "a.yaml", POD, least=Applicability.SAFE)
    assert result.after is None
    assert fixed(result) == [("hostpid", "Fix 0", False), ("hostipc", "Fix 0", False)]
    assert all(each.results == () for each in result.verifications)


def test_why_there_is_no_fix() -> None:
    guarded = flag("hostPID", sure(when="podSpec.hostIPC == false"), sure(when="false"))
    for result in (look(bot_of(guarded), "a.yaml", POD), repair(bot_of(guarded), "a.yaml", POD, least=UNSAFE)):
        assert result.verifications == []
        (skip,) = result.skips
        assert (skip.code, skip.line) == ("guarded", 5)
        assert skip.reason.endswith("not proposed here; see k8s-auto-fix explain hostpid")
        assert skip.finding is result.findings[0]


def test_a_new_object_that_cures_nothing_is_refused() -> None:
    new = {"create": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}}}
    bot = bot_of(flag("hostPID", new))
    assert repair(bot, "a.yaml", POD, least=UNSAFE).after is None
    (only,) = look(bot, "a.yaml", POD, verify=True).verifications
    assert [each.reason for each in only.results if each.status is GateStatus.FAILED] == [
        "still found after the fix: hostpid"
    ]


# Rounds.


def chain(length: int) -> list[Policy]:
    """Policies whose fixes each unlock the next: a<n> goes once a<n-1> is gone."""
    made = []
    for number in range(length):
        guard = f"!has(podSpec.nodeSelector.a{number - 1})" if number else "true"
        fix = {"when": guard, "patch": [{"op": "remove", "path": f"/nodeSelector/a{number}"}]}
        place = f"/nodeSelector/a{number}"
        made.append(policy(f"a{number}", f"!has(podSpec.nodeSelector.a{number})", at=place, fixes=[fix], **POD_SPEC))
    return made


def chained(length: int) -> str:
    return NEITHER.replace(
        "spec:\n", "spec:\n  nodeSelector:\n    z: z\n" + "".join(f"    a{n}: x\n" for n in range(length))
    )


def test_a_fix_that_unlocks_another() -> None:
    result = repair(bot_of(*chain(3)), "a.yaml", chained(3), least=UNSAFE)
    assert (result.before, result.after) == (chained(3), chained(0))
    assert fixed(result) == [("a0", "Fix 0", True), ("a1", "Fix 0", True), ("a2", "Fix 0", True)]
    assert (result.findings, result.skips) == ([], [])
    again = repair(bot_of(*chain(3)), "a.yaml", chained(0), least=UNSAFE)
    assert (again.before, again.after, again.verifications) == (None, None, [])


def test_there_is_an_end_of_rounds() -> None:
    length = pipeline.MAX_ROUNDS + 2
    result = repair(bot_of(*chain(length)), "a.yaml", chained(length), least=UNSAFE)
    assert ids(result.findings) == ["a10", "a11"]
    assert len([each for each in fixed(result) if each[2]]) == pipeline.MAX_ROUNDS


def test_what_needs_the_same_place_is_fixed_in_the_next_round() -> None:
    def users(value: bool) -> dict[str, object]:
        return {"op": "add", "path": "/hostUsers", "value": value}

    pid, ipc = (
        [{"op": "remove", "path": f"/{member}"}, users(member == "hostPID")] for member in ("hostPID", "hostIPC")
    )
    result = repair(bot_of(flag("hostPID", pid), flag("hostIPC", ipc)), "a.yaml", POD, least=UNSAFE)
    assert fixed(result) == [("hostpid", "Fix 0", True), ("hostipc", "Fix 0", True)]
    assert result.after == NEITHER + "  hostUsers: false\n"


def test_the_findings_are_those_that_remain() -> None:
    result = repair(bot_of(HOST_PID, flag("hostIPC", sure(when="false"))), "a.yaml", POD, least=UNSAFE)
    (left,) = result.findings
    assert (left.policy_id, left.location.start_line) == ("hostipc", 5), "where it stands now"
    assert [code for _, code, *_ in skipped(result.skips)] == ["guarded"]


def test_a_fix_that_was_vetoed_is_not_made() -> None:
    bot = bot_of(HOST_PID, HOST_IPC)
    first = repair(bot, "a.yaml", POD, least=UNSAFE)
    veto = frozenset(name_of(each.fix) for each in first.verifications if each.fix.findings[0].policy_id == "hostipc")
    assert repair(bot, "a.yaml", POD, least=UNSAFE, veto=veto).after == NO_PID
    everything = frozenset(name_of(each.fix) for each in first.verifications)
    assert repair(bot, "a.yaml", POD, least=UNSAFE, veto=everything).after is None


def test_the_next_alternative_takes_the_place_of_a_fix_that_was_vetoed() -> None:
    both = [{"op": "remove", "path": "/hostPID"}, {"op": "remove", "path": "/hostIPC"}]
    bot = bot_of(flag("hostPID", sure(), both))
    (made,) = repair(bot, "a.yaml", POD, least=UNSAFE).verifications
    assert made.fix.title == "Fix 0"
    assert repair(bot, "a.yaml", POD, least=UNSAFE, veto=frozenset([name_of(made.fix)])).after == NEITHER


def test_every_fix_has_a_name_of_its_own() -> None:
    two = POD + "---\n" + POD.replace("name: web}\n", "name: db}\n")
    names = [name_of(each.fix) for each in look(bot_of(HOST_PID, HOST_IPC), "a.yaml", two).verifications]
    assert len(set(names)) == 4


# A run.


def run(files: dict[str, str], *policies: Policy, fixing: bool = False) -> tuple[Report, list[FileResult]]:
    bot = bot_of(*policies)
    results = [
        repair(bot, path, text, least=UNSAFE) if fixing else look(bot, path, text, verify=True)
        for path, text in files.items()
    ]
    # Files come from other processes: what is one object within a result stays one.
    results = [pickle.loads(pickle.dumps(result)) for result in results]
    return gather(results, [Skip("read", "not-utf-8", "not UTF-8", "x.yaml", error=True)], ["a notice"]), results


def test_fingerprints_are_numbered_across_files_in_their_order() -> None:
    other = POD.replace("name: web}\n", "name: db}\n")
    report, _ = run({"b.yaml": POD, "a.yaml": other + "---\n" + POD}, HOST_PID, HOST_IPC)
    assert [(each.location.path, each.policy_id, each.resource.name, each.ordinal) for each in report.findings] == [
        ("b.yaml", "hostpid", "web", 0),
        ("b.yaml", "hostipc", "web", 0),
        ("a.yaml", "hostpid", "db", 0),
        ("a.yaml", "hostipc", "db", 0),
        ("a.yaml", "hostpid", "web", 1),
        ("a.yaml", "hostipc", "web", 1),
    ]
    assert report.findings[4].fingerprint == fingerprint("hostpid\0\0Pod\0\0web\0/spec/hostPID", 1)
    assert len({each.fingerprint for each in report.findings}) == 6
    # The findings in fixes are the same, numbers included.
    assert [each.fix.findings for each in report.verifications] == [(each,) for each in report.findings]


def test_what_was_fixed_is_numbered_after_what_remains() -> None:
    stays = flag("hostPID", {"when": 'object.metadata.namespace == "x"', "patch": sure()["patch"]}, target="pod-spec")
    there = POD.replace("{name: web}\n", "{name: web, namespace: x}\n")
    report, _ = run({"a.yaml": POD, "b.yaml": there, "c.yaml": POD}, stays, HOST_IPC, fixing=True)
    assert [(each.location.path, each.ordinal) for each in report.findings] == [("a.yaml", 0), ("c.yaml", 1)]
    applied: list[Verification] = list(report.verifications)
    assert [(each.fix.findings[0].policy_id, each.fix.findings[0].ordinal) for each in applied] == [
        ("hostipc", 0),
        ("hostpid", 0),
        ("hostipc", 0),
        ("hostipc", 1),
    ]
    assert all(len(each.fix.findings[0].fingerprint) == 16 for each in applied)


def test_what_a_report_holds() -> None:
    guarded = flag("hostIPC", sure(when="false"))
    files = {"a.yaml": POD + "---\n" + POD, "b.yaml": NEITHER + "---\n- 1\n---\n" + NEITHER, "c.yaml": "a: [\n"}
    report, _ = run(files, HOST_PID, guarded, fixing=True)
    assert report.counts == {"files": 3, "documents": 5, "resources": 4}
    assert report.changed == (("a.yaml", files["a.yaml"], NO_PID + "---\n" + NO_PID),)
    assert report.notices == ("a notice",)
    assert [(skip.code, skip.path) for skip in report.skips] == [
        ("not-utf-8", "x.yaml"),
        ("guarded", "a.yaml"),
        ("guarded", "a.yaml"),
        ("not-yaml", "c.yaml"),
    ]
    assert [skip.finding for skip in report.skips if skip.code == "guarded"] == list(report.findings)
    assert gather([]) == Report(counts={"files": 0, "documents": 0, "resources": 0})
