"""The baseline: written, read, and what a report is beside it."""

from __future__ import annotations

import re

import pytest

from bot.errors import SettingsError
from bot.model import Finding, Location, Report, ResourceRef, Severity, Skip, Span, Suppression
from bot.report.baseline import Baseline, parse, render, stale, without_known

REF = ResourceRef("v1", "Pod", None, "web")


def finding(number, policy="host-pid", path="a.yaml", suppression=None):
    place = Location(path, 0, "/spec", Span(0, 1), 1, 1, 1)
    return Finding(policy, Severity.HIGH, "m", REF, "", place, fingerprint=f"{number:016x}", suppression=suppression)


def entry(number, policy="host-pid", path="a.yaml"):
    return f'    {{"fingerprint": "{number:016x}", "policy": "{policy}", "path": "{path}", "object": "Pod web"}}'


def text(*entries):
    return '{\n  "version": 1,\n  "findings": [\n' + ",\n".join(entries) + "\n  ]\n}\n"


def test_it_is_sorted_and_has_a_line_for_each_finding():
    report = Report((finding(3, path="b.yaml"), finding(2), finding(1), finding(9, "a-policy")))
    written = render(report, lambda path: path)
    assert written == text(entry(9, "a-policy"), entry(1), entry(2), entry(3, path="b.yaml"))
    assert render(Report(report.findings[::-1]), lambda path: path) == written


def test_accepted_findings_are_not_written_and_paths_are_from_the_root():
    report = Report((finding(1), finding(2, suppression=Suppression("comment", "why"))))
    assert render(report, lambda path: f"apps/{path}") == text(entry(1, path="apps/a.yaml"))


def test_entries_of_other_files_are_kept():
    before = parse("b.json", text(entry(1), entry(2, path="c.yaml")))
    kept = [each for each in before.entries.values() if each.path == "c.yaml"]
    assert render(Report((finding(7),)), lambda path: path, kept) == text(entry(7), entry(2, path="c.yaml"))


def test_an_empty_one():
    written = render(Report(), lambda path: path)
    assert written == '{\n  "version": 1,\n  "findings": []\n}\n'
    assert parse("b.json", written) == Baseline("b.json", {})


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{", "b.json:"),
        ("[]", "b.json:1: the baseline is a list; it is a mapping with version, findings"),
        ('{"findings": []}', "b.json:1: the baseline is of version None; this program writes version 1"),
        ('{"version": 2}', "b.json:1: the baseline is of version 2; this program writes version 1"),
        ('{"version": 1,\n"findings": 3}', "b.json:2: findings is the number 3; it is a list"),
        (
            '{"version": 1,\n"findings": [{"policy": "a"}]}',
            "b.json:2: a finding has no fingerprint; `k8s-auto-fix base",
        ),
        (text(entry(1)).replace("0001", "xyz"), "b.json:4: fingerprint is the text '000000000000xyz'; it is 16 hex"),
        (text(entry(1)).replace('"object"', '"line"'), "b.json:4: unknown key 'line'; "),
    ],
)
def test_refused_in_one_line(said, message):
    with pytest.raises(SettingsError, match=f"^{re.escape(message)}"):
        parse("b.json", said)


def test_known_findings_are_accepted_with_their_place_in_the_file():
    ours = Suppression("comment", "ours")
    report = Report(
        (finding(1), finding(2), finding(3, suppression=ours)),
        skips=(Skip("propose", "a", "b", "a.yaml", finding=finding(1)), Skip("propose", "a", "b", "a.yaml")),
    )
    found = without_known(report, parse("b.json", text(entry(1), entry(3))))
    assert [each.suppression and each.suppression.reason for each in found.findings] == [
        "known: it is in b.json",
        None,
        "ours",
    ]
    assert found.findings[0].suppression.location.start_line == 4
    assert [each.finding for each in found.skips] == [None]


@pytest.mark.parametrize(
    ("looked_at", "policies", "lines"),
    [
        ({"a.yaml"}, {"host-pid"}, [5]),
        ({"a.yaml", "b.yaml"}, {"host-pid"}, [5, 6]),
        ({"a.yaml"}, {"host-ipc"}, []),
        (set(), {"host-pid"}, []),
    ],
)
def test_stale_entries_are_those_that_a_run_could_have_found(looked_at, policies, lines):
    baseline = parse("b.json", text(entry(1), entry(2), entry(3, path="b.yaml")))
    report = Report((finding(1, suppression=Suppression("comment", "why")),))
    skips = stale(report, baseline, looked_at=looked_at, policies=policies)
    assert [skip.line for skip in skips] == lines
    assert all(skip.code == "baseline-stale" and skip.path == "b.json" and not skip.error for skip in skips)
