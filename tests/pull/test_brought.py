"""What a pull request brings in one file, and what is offered for it."""

from __future__ import annotations

import pytest

from bot.pull import Brought
from bot.pull.brought import ASIDE, bring
from bot.review.introduced import Scope
from bot.review.lines import Lines, replace
from bot.review.suggest import rank
from tests.pull.material import brought, changed, task

HEAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
"""
HARDENED = """\
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: web
          image: registry.example.com/web:1.0.0
          args:
            - --one
            - --two
            - --three
            - --four
            - --five
            - --six
            - --seven
            - --eight
            - --nine
          securityContext:
            allowPrivilegeEscalation: false
"""
GOOD = HEAD + HARDENED
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  containers: [{name: a, image: 'r.example.com/a:1.0.0'}]
  hostPID: true
"""


def offered(found: Brought) -> list[tuple[str, ...]]:
    return [tuple(sorted(finding.policy_id for finding in offer.findings)) for offer in found.offers]


def spans(found: Brought) -> list[tuple[int, int, str] | str]:
    return [
        (offer.span.start, offer.span.end, offer.span.new) if offer.span is not None else offer.reason
        for offer in found.offers
    ]


def test_what_is_new_is_offered_and_what_is_old_is_not() -> None:
    before = GOOD.replace("    spec:\n      sec", "    spec:\n      hostIPC: true\n      sec")
    found = brought(before, before.replace("      containers:", "      hostPID: true\n      containers:"))
    assert offered(found) == [("host-pid",)]
    old = [finding.policy_id for finding, new in zip(found.result.findings, found.new, strict=True) if not new]
    assert "host-ipc" in old


def test_one_line_has_no_range() -> None:
    """Acceptance case 3."""
    found = brought(GOOD, GOOD.replace("      containers:", "      hostPID: true\n      containers:"))
    ((start, end, new),) = spans(found)  # type: ignore[misc]
    assert start == end
    assert new == ""


def test_a_value_that_was_changed_counts_again() -> None:
    """The finding was there before, with other words on its line: whoever touches it sees it."""
    before = GOOD.replace("      containers:", "      hostPID: true\n      containers:")
    found = brought(before, before.replace("hostPID: true", "hostPID: true  # the profiler"))
    assert offered(found) == [("host-pid",)]


def test_an_old_gap_is_not_brought_by_a_change_beside_it() -> None:
    before = GOOD.replace("            allowPrivilegeEscalation: false", "            readOnlyRootFilesystem: true")
    found = brought(before, before.replace(":1.0.0", ":1.0.1"))
    assert offered(found) == []
    assert any(not new for new in found.new)


def test_an_added_file_is_all_new() -> None:
    """Acceptance case 6: first and last line can be suggested."""
    cron = """\
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: sweep, namespace: shop}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: OnFailure
          securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
          containers:
            - name: sweep
              image: registry.example.com/sweep:1.0.0
              securityContext: {allowPrivilegeEscalation: false}
"""
    assert spans(brought(None, cron)) == [(1, 1, "apiVersion: batch/v1\n")]
    last = HEAD + HARDENED + "      hostPID: true\n"
    end = last.count("\n")
    assert spans(brought(None, last)) == [(end, end, "")]


def test_outside_the_diff_is_for_the_patch() -> None:
    """Acceptance cases 1 and 5: the container begins within the hunk, its end, where the fix belongs, does not."""
    before = GOOD.replace("          securityContext:\n            allowPrivilegeEscalation: false\n", "")
    after = before.replace("        - name: web\n", "        - name: shop\n")
    found = brought(before, after)
    assert [each for each in spans(found) if isinstance(each, str)] == ["outside the diff"]


def test_lines_that_touch_are_one_offer() -> None:
    """Acceptance case 15."""
    after = GOOD.replace("          securityContext:\n            allowPrivilegeEscalation: false\n", "")
    pod = (
        "      securityContext:\n        runAsNonRoot: true\n        seccompProfile:\n          type: RuntimeDefault\n"
    )
    after = after.replace(pod, "")
    found = brought(None, after)
    together = [offer for offer in found.offers if len(offer.findings) > 1]
    assert len(together) == 1
    assert len(together[0].parts) == len(together[0].findings)
    text = replace(Lines(after), [block for offer in found.offers for block in offer.replaced])
    assert brought(None, text).offers == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("\n", "\r\n"), "CRLF line ends"),
        (lambda text: "\ufeff" + text, "a byte order mark"),
        (lambda text: text.rstrip("\n"), "no newline at the end of the file"),
    ],
    ids=["crlf", "bom", "no-newline"],
)
def test_bytes_that_a_suggestion_cannot_say(change, reason: str) -> None:  # type: ignore[no-untyped-def]
    """Acceptance cases 9, 10, 11, 13: a patch keeps them, a suggestion is not made."""
    removed = (
        "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"
        "spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}\n"
    )
    tail = POD.replace("NAME", "web")
    text = change(removed if reason != "no newline at the end of the file" else tail)
    found = brought(None, text)
    assert reason in spans(found)
    for offer in found.offers:
        after = replace(Lines(text), offer.replaced)
        assert after.count("\r\n") == after.count("\n") or "\r" not in text
        assert after.startswith("\ufeff") == text.startswith("\ufeff")


def test_a_fix_through_an_alias_is_refused() -> None:
    """Acceptance case 14: another consumer would change with it."""
    text = GOOD.replace(
        "          securityContext:\n            allowPrivilegeEscalation: false\n",
        "          securityContext: &rights\n            allowPrivilegeEscalation: true\n"
        "        - {name: second, image: 'registry.example.com/second:1.0.0', securityContext: *rights}\n",
    )
    found = brought(None, text)
    held = {each.finding.location.pointer: each.reason for each in found.held}
    assert any("alias" in reason or "anchor" in reason for reason in held.values()), held


def test_people_set_a_finding_aside() -> None:
    text = HEAD + "      hostPID: true\n" + HARDENED
    (finding,) = brought(None, text).result.findings
    found = bring(task(["web.yaml"]), changed("web.yaml", None, text), frozenset({finding.fingerprint}))
    assert found.offers == []
    assert [each.reason for each in found.held] == [ASIDE]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope.INTRODUCED, []),
        (Scope.CHANGED_OBJECTS, ["first"]),
        (Scope.CHANGED_FILES, ["first", "second"]),
    ],
)
def test_scopes(scope: Scope, expected: list[str]) -> None:
    before = POD.replace("NAME", "first") + "---\n" + POD.replace("NAME", "second")
    after = before.replace("a:1.0.0", "a:1.0.1", 1)
    found = brought(before, after, scope=scope)
    new = {finding.resource.name for finding, is_new in zip(found.result.findings, found.new, strict=True) if is_new}
    assert sorted(new) == expected


def test_generated_by_attributes_is_left_alone() -> None:
    from dataclasses import replace as with_

    made = changed("web.yaml", None, GOOD.replace("      containers:", "      hostPID: true\n      containers:"))
    found = bring(task(["web.yaml"]), with_(made, diff=with_(made.diff, generated=True)))
    assert [skip.code for skip in found.result.skips] == ["generated"]
    assert found.offers == []


def test_offers_come_best_first() -> None:
    text = (
        HEAD
        + "      hostPID: true\n"
        + HARDENED.replace("allowPrivilegeEscalation: false", "readOnlyRootFilesystem: true")
    )
    found = brought(None, text)
    assert [rank(offer) for offer in found.offers] == sorted(rank(offer) for offer in found.offers)
    assert len(found.offers) > 1
