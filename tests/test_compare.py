"""Checkov as a witness: what counts as a disagreement, and that each one is explained. Checkov itself is not needed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from bench.peers import CHECKOV
from bot.policy import load
from tests.material import ROOT
from tools.compare import answers, material
from tools.compare.__main__ import PAGE
from tools.compare.answers import Answer, Answers, hidden
from tools.compare.causes import CAUSES, cause_of
from tools.compare.disagree import Compared, Twin
from tools.compare.findings import Looker
from tools.compare.page import page
from tools.compare.run import Outcome, compare

POLICIES = load()
KEPT = answers.kept()
PRIVILEGED = Twin("CKV_K8S_16", frozenset({"Pod"}), ("privileged-container",))
IMAGE = Twin("CKV_K8S_14", frozenset({"Pod"}), ("image-tag-latest-or-missing",))
HOST_PID = Twin("CKV_K8S_17", frozenset({"Pod"}), ("host-pid",))

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostPID: true
  initContainers:
    - {name: init, image: "init:1", securityContext: {privileged: true}}
  containers:
    - {name: web, image: "web:1"}
    - {name: log, image: "log:1", securityContext: {privileged: true}}
"""
WEB, LOG, INIT = "/spec/containers/0", "/spec/containers/1", "/spec/initContainers/0"


def compared(text: str, said: dict[str, dict[str, list[str]]], twin: Twin) -> Compared:
    sample = material.Sample("a pod", "folder", "pod.yaml", text)
    looker = Looker([each for each in POLICIES if each.id in twin.policies], [sample])
    found = Compared()
    found.add(sample, {hidden(name): checks for name, checks in said.items()}, looker.look(sample), [twin])
    return found


@pytest.mark.parametrize(
    ("twin", "verdict", "alone"),
    [
        # Both name the container; what Checkov thinks of those after it is unknown.
        (PRIVILEGED, f"failed {LOG}", []),
        # It names a container that is fine to us; those after it are unknown still.
        (PRIVILEGED, f"failed {WEB}", [("Checkov", WEB)]),
        # The containers come before the init containers, so one of ours passed.
        (PRIVILEGED, f"failed {INIT}", [("we", LOG)]),
        (PRIVILEGED, "passed", [("we", LOG), ("we", INIT)]),
        (PRIVILEGED, "skipped", []),
        (PRIVILEGED, None, [("we", LOG), ("we", INIT)]),
        (IMAGE, "passed", []),
        (IMAGE, f"failed {WEB}", [("Checkov", WEB)]),
        (HOST_PID, "failed", []),
        (HOST_PID, "passed", [("we", "")]),
    ],
)
def test_what_counts_as_a_disagreement(twin: Twin, verdict: str | None, alone: list[tuple[str, str]]) -> None:
    said = {"Pod.default.web": {twin.check: [verdict]}} if verdict else {}
    found = compared(POD, said, twin)
    places = [
        (case.side.value, case.container.pointer if case.container is not None else "") for case in found.disagreements
    ]
    assert sorted(places) == sorted(alone)


def test_agreements_are_counted() -> None:
    both = compared(POD, {"Pod.default.web": {"CKV_K8S_17": ["failed"]}}, HOST_PID)
    neither = compared(POD, {"Pod.default.web": {"CKV_K8S_14": ["passed"]}}, IMAGE)
    silent = compared(POD, {}, IMAGE)
    assert (both.complaints.total(), both.contents.total()) == (1, 0)
    assert (neither.complaints.total(), neither.contents.total()) == (0, 1)
    assert (silent.complaints.total(), silent.contents.total()) == (0, 0)


TWO = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {hostPID: %s}\n---\n"


def test_objects_of_one_name_are_told_apart_by_their_order() -> None:
    text = TWO % "true" + TWO % "false"
    right = compared(text, {"Pod.default.web": {"CKV_K8S_17": ["failed", "passed"]}}, HOST_PID)
    wrong = compared(text, {"Pod.default.web": {"CKV_K8S_17": ["passed", "failed"]}}, HOST_PID)
    unclear = compared(text, {"Pod.default.web": {"CKV_K8S_17": ["failed"]}}, HOST_PID)
    assert [len(each.disagreements) for each in (right, wrong, unclear)] == [0, 2, 0]


ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [""], resources: [secrets], verbs: [list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: ServiceAccount, name: web}]
"""
SECRETS = Twin("CKV2_K8S_5", frozenset({"RoleBinding"}), ("rbac-secrets-access",))


@pytest.mark.parametrize(
    ("text", "verdict", "silent"),
    [
        (ROLE, "failed", []),
        (ROLE, "passed", [False]),
        # Checkov passes what is bound to people, and what it cannot see: it has no opinion on the role.
        (ROLE.replace("ServiceAccount", "User"), "passed", [True]),
        (ROLE.replace("name: reader}\nsubjects", "name: other}\nsubjects"), "passed", [True]),
    ],
)
def test_what_checkov_says_of_a_binding_is_about_its_role(text: str, verdict: str, silent: list[bool]) -> None:
    found = compared(text, {"RoleBinding.default.readers": {"CKV2_K8S_5": [verdict]}}, SECRETS)
    assert [(case.kind, case.silent) for case in found.disagreements] == [("Role", each) for each in silent]


def test_what_nobody_understood_has_no_cause() -> None:
    (case,) = compared(POD, {"Pod.default.web": {"CKV_K8S_17": ["passed"]}}, HOST_PID).disagreements
    assert cause_of(case) is None
    assert str(case) == "CKV_K8S_17: we alone: a pod: Pod web"


def test_answers_are_kept_as_they_are(tmp_path: Path) -> None:
    said = Answers({"CKV_K8S_17": ["Pod"]}, {"x.yaml": Answer("0", {"Pod.default.web": {"CKV_K8S_17": ["failed"]}})})
    for name in ("one", "two"):
        answers.keep(said, tmp_path / name)
    assert answers.kept(tmp_path / "one") == said
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_an_answer_is_about_one_text() -> None:
    sample = material.Sample("x.yaml", "folder", "x.yaml", "a: 1\n", Path("x.yaml"))
    same = Answers({}, {"x.yaml": Answer(material.digest("a: 1\n"), {})})
    other = Answers({}, {"x.yaml": Answer(material.digest("a: 2\n"), {})})
    assert same.of(sample) == {}
    assert other.of(sample) is None


def test_every_disagreement_about_an_example_is_explained() -> None:
    outcome = compare(POLICIES, list(material.examples(POLICIES)), KEPT)
    assert [str(case) for case in outcome.unexplained] == []
    assert len(outcome.new) < len(outcome.samples) / 20, "Checkov has not seen these examples: make compare"


@pytest.fixture(scope="module")
def everything(corpus: Path) -> Outcome:
    return compare(POLICIES, [*material.examples(POLICIES), *material.corpus(corpus)], KEPT)


@pytest.mark.corpus
def test_every_disagreement_about_the_corpus_is_explained(everything: Outcome) -> None:
    assert [str(case) for case in everything.unexplained] == []
    assert [each.name for each in everything.new if each.path is not None] == []
    assert {each.id for each in CAUSES} == {each.id for each in everything.causes if each is not None}


@pytest.mark.corpus
def test_the_page_is_that_of_today(everything: Outcome) -> None:
    """To the last number when Checkov knows every example; the numbers may lag behind while it does not."""
    wanted, there = page(everything), PAGE.read_bytes().decode()
    if everything.new:
        wanted, there = without_numbers(wanted), without_numbers(there)
    assert there == wanted, "make compare writes it"


def without_numbers(text: str) -> str:
    return re.sub(r"(?m)(?<![^ \n])\d[\d,]*(?= [|a-z])", "n", text)


def test_numbers_are_left_out_and_nothing_else() -> None:
    text = "1,322 texts, 60 checks\n48 policies\n| CKV_K8S_8 | 12 | 0 | since 1.34 |\n"
    assert without_numbers(text) == "n texts, n checks\nn policies\n| CKV_K8S_8 | n | n | since 1.34 |\n"


def test_links_lead_somewhere() -> None:
    text = PAGE.read_bytes().decode()
    places, anchors = re.findall(r"\]\((?!https:|#)([^)]+)", text), re.findall(r"\]\(#([^)]+)", text)
    assert places
    assert anchors
    assert [place for place in places if not (PAGE.parent / place).resolve().is_file()] == []
    assert [anchor for anchor in anchors if f'<a id="{anchor}"></a>' not in text] == []


def test_causes_have_names_of_their_own_and_say_why() -> None:
    ids = [each.id for each in CAUSES]
    assert len(ids) == len(set(ids))
    assert [each.id for each in CAUSES if not each.why.endswith(".")] == []


def test_one_version_of_the_witness() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["dependency-groups"]["witness"] == [f"checkov=={CHECKOV}"]
