"""The text report as a person sees it; `make golden` rewrites the files in `expected/`."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.manifest import read
from bot.model import (
    Applicability,
    Change,
    Evidence,
    Finding,
    Fix,
    Location,
    Operation,
    Report,
    ResourceRef,
    Severity,
    Skip,
    Span,
    Suppression,
    Tier,
    Verification,
)
from bot.report.terminal import cells
from bot.report.text import concise, render
from tests.report.material import SHOP, WEB, add, finding, fixed, shop

EXPECTED = Path(__file__).parent / "expected"
ANSI = re.compile(r"\x1b\[[0-9;]*m")

CASES = {
    "shop-80": {"width": 80},
    "shop-60": {"width": 60},
    "shop-120-fixes": {"width": 120, "show_fixes": True},
    "shop-80-fixes-colour": {"width": 80, "show_fixes": True, "color": True},
}


@pytest.mark.parametrize("name", CASES)
def test_one_of_everything(golden, name):
    golden(EXPECTED / f"{name}.txt", render(*shop(), **CASES[name]))


def test_windows_line_ends_and_a_byte_order_mark_make_no_difference():
    plain = render(*shop(), width=80, show_fixes=True)
    assert render(*shop(text="\ufeff" + SHOP.replace("\n", "\r\n")), width=80, show_fixes=True) == plain


def test_colours_add_nothing_but_colours():
    for show_fixes in (False, True):
        plain = render(*shop(), width=100, show_fixes=show_fixes)
        assert ANSI.sub("", render(*shop(), width=100, show_fixes=show_fixes, color=True)) == plain


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("show_fixes", [False, True])
def test_lines_fit(width, show_fixes):
    text = render(*shop(), width=width, show_fixes=show_fixes)
    assert max(len(line) for line in text.split("\n")) <= width
    assert not [line for line in text.split("\n") if line != line.rstrip()]


def test_without_a_width_nothing_is_folded():
    assert "the fix brings shared-process-namespace\n" in render(*shop())


def test_nothing_found():
    assert render(Report(counts={"files": 1, "documents": 2, "resources": 2}), {}) == (
        "No findings\nLooked at 2 objects in 1 file\n"
    )
    assert render(Report(), {}) == "No findings\n"


def test_all_suppressed():
    manifest = read("a.yaml", SHOP)
    accepted = finding(manifest, "a", "/spec/replicas", "m", suppression=Suppression("config", "because"))
    assert render(Report((accepted,)), {}) == "No findings (1 suppressed)\n"


def test_without_the_source_the_place_is_still_named():
    report, _ = shop()
    assert render(Report(report.findings[:1], counts={"files": 1}), {}, width=80) == (
        "schema-invalid[medium]: replicas is a string, not an integer\n"
        " --> deploy/shop.yaml:8:3  Deployment storefront/shop\n"
        "  = help: k8s-auto-fix explain schema-invalid\n"
        "\n"
        "1 finding: 1 medium\n"
        "Looked at 1 file\n"
    )


def test_a_policy_is_explained_once():
    manifest = read("a.yaml", SHOP)
    found = tuple(finding(manifest, "a", pointer, "m") for pointer in ("/spec/replicas", f"{WEB}/image"))
    assert render(Report(found), {"a.yaml": manifest}).count("k8s-auto-fix explain a") == 1


def fixes(*how: Applicability) -> str:
    """The summary of findings with such fixes."""
    manifest = read("a.yaml", SHOP)
    found = [finding(manifest, f"p{number}", "/spec/replicas", "m") for number, _ in enumerate(how)]
    verified = [
        fixed(manifest, each, "t", Operation("remove", "/spec/replicas"), applicability=applicability)
        for each, applicability in zip(found, how, strict=True)
    ]
    return render(Report(tuple(found), tuple(verified)), {}).split("\n\n")[-1].split("\n")[1]


def test_what_can_be_fixed_and_how():
    safe, unsafe, by_hand = Applicability.SAFE, Applicability.UNSAFE, Applicability.DISPLAY_ONLY
    assert fixes(safe, safe, unsafe) == "2 fixable with 'k8s-auto-fix fix', 1 more with --unsafe"
    assert fixes(safe) == "1 fixable with 'k8s-auto-fix fix'"
    assert fixes(unsafe) == "1 fixable with 'k8s-auto-fix fix --unsafe'"
    assert fixes(by_hand) == "1 with a fix to apply by hand"
    assert fixes(safe, by_hand) == "1 fixable with 'k8s-auto-fix fix'; 1 with a fix to apply by hand"


def test_a_fix_that_makes_a_new_object_shows_it():
    manifest = read("a.yaml", SHOP)
    found = finding(manifest, "pdb-missing", "", "no budget for disruptions")
    budget = {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "spec": {"maxUnavailable": 1}}
    change = Change("pdb.yaml", None, (add("", budget),))
    fix = Fix(
        (found,), (change,), "Add a PodDisruptionBudget", "a drain may wait", Applicability.UNSAFE,
        evidence=(Evidence("values: in .k8s-auto-fix.yaml"),),
    )  # fmt: skip
    text = render(Report((found,), (Verification(fix, (), Tier.NONE),)), {}, show_fixes=True, width=80)
    assert text.split("\n")[2:13] == [
        "   = fix (unsafe): Add a PodDisruptionBudget",
        "     May break: a drain may wait",
        "     Value from values: in .k8s-auto-fix.yaml",
        "  --> pdb.yaml",
        "   |",
        " 1 + apiVersion: policy/v1",
        " 2 + kind: PodDisruptionBudget",
        " 3 + spec:",
        " 4 +   maxUnavailable: 1",
        "   |",
        "   = help: k8s-auto-fix explain pdb-missing",
    ]


def test_long_names_give_the_object_a_line_of_its_own():
    resource = ResourceRef("apps/v1", "Deployment", "a-namespace", "a-rather-long-name-of-a-deployment")
    place = Location("clusters/production/europe/shop/storefront/deployment.yaml", 0, "", Span(0, 1), 1, 1, 1)
    report = Report((Finding("a", Severity.LOW, "m", resource, "", place),))
    assert render(report, {}, width=80).split("\n")[1:3] == [
        " --> clusters/production/europe/shop/storefront/deployment.yaml:1:1",
        "     Deployment a-namespace/a-rather-long-name-of-a-deployment",
    ]


@pytest.mark.parametrize(
    ("pointer", "note"),
    [
        ("/spec/template/spec/hostIPC", "hostIPC"),
        ("/metadata/labels/app.kubernetes.io~1name", 'labels["app.kubernetes.io/name"]'),
        (f"{WEB}/env/0/value", "env[0].value"),
        (f"{WEB}/volumeMounts/-", "volumeMounts[]"),
    ],
)
def test_what_is_missing_is_written_as_people_do(pointer, note):
    manifest = read("a.yaml", SHOP)
    report = Report((finding(manifest, "a", pointer, "m"),))
    assert f"^ missing here: {note}\n" in render(report, {"a.yaml": manifest})


EVIL = "\x1b[2J\x1b]8;;http://x\x07 \x9b31m \u202e \u2066 \x00 \x7f \u2028 \ud800\r"


def test_nothing_of_others_reaches_the_terminal():
    resource = ResourceRef(EVIL, EVIL, EVIL, EVIL)
    path = f"{EVIL}.yaml"
    found = Finding(EVIL, Severity.HIGH, EVIL, resource, "", Location(path, 0, "", Span(2, 20), 1, 1, 3))
    change = Change(path, None, (add("", {"kind": EVIL}),))
    fix = Fix((found,), (change,), EVIL, EVIL, Applicability.SAFE, evidence=(Evidence(EVIL),))
    report = Report(
        (found, Finding("b", Severity.LOW, EVIL, resource, "", found.location)),
        (Verification(fix, fixed(*_plain()).results, Tier.SERVER, EVIL, (EVIL,)),),
        (
            Skip(EVIL, EVIL, EVIL, path, error=True),
            Skip("read", EVIL, EVIL, path),
            Skip("read", EVIL, "other", path),
            Skip("propose", EVIL, EVIL, path, finding=Finding("b", Severity.LOW, EVIL, resource, "", found.location)),
        ),
        (EVIL,),
    )
    for text in (render(report, {path: f"a: {EVIL}\n"}, width=80, show_fixes=True), concise(report)):
        leaked = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n"}
        assert not leaked
        assert "\u241b[2J" in text


def _plain():
    manifest = read("a.yaml", SHOP)
    found = finding(manifest, "a", "/spec/replicas", "m")
    return manifest, found, "t", Operation("remove", "/spec/replicas")


@given(st.text(), st.text(min_size=1), st.integers(0, 40), st.integers(0, 20), st.sampled_from([30, 80]))
def test_any_text_can_be_shown(message, text, start, length, width):
    """Whatever the source and the message: no exception, and the lines of the source fit."""
    place = Location("a.yaml", 0, "", Span(start, start + length), 1, 1, start + 1)
    found = Finding("a", Severity.LOW, message, ResourceRef("v1", "Pod", None, "x"), "", place)
    rendered = render(Report((found,)), {"a.yaml": text}, width=width)
    gutter = [line for line in rendered.split("\n") if re.match(r"[ \d]+ \|", line)]
    assert all(sum(wide for _, wide in cells(line)) <= width for line in gutter)


def test_concise():
    assert concise(shop()[0]) == (
        "deploy/shop.yaml:8:3: schema-invalid [medium] replicas is a string, not an integer\n"
        "deploy/shop.yaml:11:7: host-pid [high] the pod shares the process ids of its node\n"
        "deploy/shop.yaml:13:9: cpu-request-missing [medium] container web requests no CPU\n"
        "deploy/shop.yaml:13:9: memory-limit-missing [low] container web has no memory limit\n"
        "deploy/shop.yaml:15:9: run-as-non-root-missing [high] container web may run as root\n"
        "deploy/shop.yaml:16:11: privileged-container [critical] container web runs privileged\n"
        "deploy/shop.yaml:18:11: host-port [medium] container web binds port 8080 of its node\n"
        "deploy/broken.yaml:12: not-yaml [error] indented with a tab; YAML allows spaces only\n"
    )
    assert concise(Report()) == ""
