"""What a report adds up to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.manifest import read
from bot.model import Applicability, GateStatus, Operation, Report, Severity, Skip, Suppression, Tier
from bot.report.tally import Offers, by_code, doubt, failure, in_order, tally
from tests.report.material import SHOP, finding, fixed, shop
from tests.report.material import replace as replacing


@pytest.fixture
def manifest():
    return read("shop.yaml", SHOP)


def test_the_numbers_of_a_report():
    totals = tally(shop()[0])
    assert [each.policy_id for each in totals.open].count("image-digest-missing") == 0
    assert (len(totals.open), totals.suppressed, len(totals.errors), len(totals.left_alone)) == (7, 1, 1, 6)
    assert totals.severities == {Severity.CRITICAL: 1, Severity.HIGH: 2, Severity.MEDIUM: 3, Severity.LOW: 1}
    assert totals.fixable == {Applicability.SAFE: 1, Applicability.UNSAFE: 2}


def test_the_fix_of_a_suppressed_finding_does_not_count(manifest):
    found = finding(manifest, "a", "/spec/replicas", "m", suppression=Suppression("config", "because"))
    report = Report((found,), (fixed(manifest, found, "t", replacing("/spec/replicas", 3)),))
    assert tally(report).fixable == {}


def test_of_alternatives_the_first_that_passed_is_offered(manifest):
    found = finding(manifest, "a", "/spec/replicas", "m")
    one, two, three = (fixed(manifest, found, title, replacing("/spec/replicas", 3)) for title in "123")
    failed = replace(one, results=(replace(one.results[0], status=GateStatus.FAILED, reason="because"),))
    offers = Offers(Report((found,), (failed, two, three)))
    assert offers.fix(found) is two
    assert offers.rejected(found) is None


def test_a_rejected_fix_and_its_gate():
    report, _ = shop()
    offers = Offers(report)
    host = next(each for each in report.findings if each.policy_id == "host-pid")
    rejected = offers.rejected(host)
    assert offers.fix(host) is None
    assert rejected is not None
    assert failure(rejected).gate == "nothing-new"


def test_why_a_fix_has_no_witness(manifest):
    report, _ = shop()
    by_title = {each.fix.title: each for each in report.verifications}
    assert doubt(by_title["Set runAsNonRoot to true"]) == "no schema for apps/v1 Deployment"
    assert doubt(by_title["Set privileged to false"]) == ""


def test_a_proposal_that_was_not_verified_is_an_offer(manifest):
    found = finding(manifest, "a", "/spec/replicas", "m")
    proposal = fixed(manifest, found, "t", Operation("remove", "/spec/replicas"), results=(), tier=Tier.NONE)
    assert Offers(Report((found,), (proposal,))).fix(found) is proposal


def test_whether_fixes_were_looked_for(manifest):
    found = finding(manifest, "a", "/spec/replicas", "m")
    assert not Offers(Report((found,)))
    assert Offers(Report((found,), skips=(Skip("propose", "needs-value", "r", "shop.yaml", finding=found),)))


def test_findings_go_file_by_file_then_by_place_the_worst_first(manifest):
    other = read("other.yaml", SHOP)
    late = finding(manifest, "late", "/spec/template", "m")
    low = finding(manifest, "low", "/spec/replicas", "m", severity=Severity.LOW)
    high = finding(manifest, "high", "/spec/replicas", "m")
    elsewhere = finding(other, "elsewhere", "/kind", "m")
    assert in_order([late, elsewhere, low, high]) == [high, low, late, elsewhere]


def test_skips_by_code_the_largest_group_first():
    skips = [Skip("read", code, "r", path) for code, path in ["b1", "a2", "c3", "c4"]]
    assert [(code, [each.path for each in group]) for code, group in by_code(skips)] == [
        ("c", ["3", "4"]),
        ("a", ["2"]),
        ("b", ["1"]),
    ]
