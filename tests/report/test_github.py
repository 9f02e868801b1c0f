"""Workflow commands: their escaping, their levels, and the limits that GitHub sets."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.manifest import read
from bot.model import Finding, Location, Report, ResourceRef, Severity, Skip, Span
from bot.report.github import render
from tests.report.material import SHOP, finding, shop


def test_one_of_everything_the_worst_first():
    assert render(shop()[0]) == (
        "::error file=deploy/broken.yaml,line=12,endLine=12,title=not-yaml (not read)::"
        "indented with a tab; YAML allows spaces only\n"
        "::error file=deploy/shop.yaml,line=16,endLine=16,col=11,title=privileged-container (critical)::"
        "container web runs privileged%0AFix (unsafe): Set privileged to false\n"
        "::error file=deploy/shop.yaml,line=11,endLine=11,col=7,title=host-pid (high)::"
        "the pod shares the process ids of its node\n"
        "::error file=deploy/shop.yaml,line=15,endLine=15,col=9,title=run-as-non-root-missing (high)::"
        "container web may run as root%0AFix (unsafe): Set runAsNonRoot to true\n"
        "::warning file=deploy/shop.yaml,line=8,endLine=8,col=3,title=schema-invalid (medium)::"
        "replicas is a string, not an integer%0AFix (safe): Write the number without quotes\n"
        "::warning file=deploy/shop.yaml,line=13,endLine=13,col=9,title=cpu-request-missing (medium)::"
        "container web requests no CPU\n"
        "::warning file=deploy/shop.yaml,line=18,endLine=21,title=host-port (medium)::"
        "container web binds port 8080 of its node\n"
        "::notice file=deploy/shop.yaml,line=13,endLine=13,col=9,title=memory-limit-missing (low)::"
        "container web has no memory limit\n"
    )
    assert render(Report()) == ""


def test_escaping():
    place = Location("./a,b:c%d\r\n.yaml", 0, "", Span(0, 1), 1, 1, 1)
    resource = ResourceRef("v1", "Pod", None, "x")
    found = Finding("a:b,c", Severity.LOW, "50%: a, b\nand ::error::c \x1b[31m", resource, "", place)
    assert render(Report((found,))) == (
        "::notice file=a%2Cb%3Ac%25d␍␊.yaml,line=1,endLine=1,col=1,title=a%3Ab%2Cc (low)::"
        "50%25: a, b and ::error::c ␛[31m\n"
    )


def test_an_unreadable_file_without_a_line():
    report = Report(skips=(Skip("read", "not-utf-8", "not UTF-8", "a.yaml", error=True),))
    assert render(report) == "::error file=a.yaml,title=not-utf-8 (not read)::not UTF-8\n"


def many(**counts: int) -> Report:
    """So many findings of each severity."""
    manifest = read("a.yaml", SHOP)
    one = finding(manifest, "a", "/spec/replicas", "m")
    return Report(
        tuple(
            replace(one, severity=Severity[name.upper()], message=f"{name} {number}")
            for name, count in counts.items()
            for number in range(count)
        )
    )


def levels(text: str) -> list[str]:
    return [line.split(" ")[0] for line in text.splitlines()]


def test_ten_of_each_level_are_all_shown():
    text = render(many(low=10, high=10, medium=10))
    assert levels(text) == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    assert "more" not in text


def test_beyond_the_limits_the_last_notice_counts_the_others():
    text = render(many(low=14, medium=11, high=9, critical=4))
    assert levels(text) == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 10
    assert re.findall(r"critical \d|high \d", text)[:5] == [
        "critical 0",
        "critical 1",
        "critical 2",
        "critical 3",
        "high 0",
    ]
    assert text.splitlines()[-1] == (
        "::notice title=k8s-auto-fix::3 errors, 1 warning, 5 notices more: GitHub shows 10 of each in a step; "
        "--format text or sarif has all of them"
    )


@pytest.mark.parametrize(("low", "said"), [(9, "1 error more"), (10, "1 error, 1 notice more")])
def test_the_last_notice_takes_the_place_of_one(low, said):
    text = render(many(high=11, low=low))
    assert levels(text).count("::notice") == 10
    assert f"::{said}:" in text.splitlines()[-1]


@given(st.text(), st.text(min_size=1))
def test_a_finding_is_one_command_whatever_it_says(message, path):
    place = Location(path, 0, "", Span(0, 1), 1, 1, 1)
    text = render(Report((Finding("a", Severity.LOW, message, ResourceRef("v1", "Pod", None, "x"), "", place),)))
    assert text.count("\n") == 1
    assert re.fullmatch(r"::notice file=[^,:]*,line=1,endLine=1,col=1,title=a \(low\)::[^\r\n]*\n", text)
