"""The command line of Kyverno itself, on the policies of the examples and on what it is known to stumble over."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.adapters.engines import kyverno
from bot.adapters.engines.given import Given, of_manifest
from bot.adapters.engines.kyverno_policies import Policies, read_policies
from bot.manifest import read
from bot.trial import Alone

pytestmark = pytest.mark.kyverno

EXAMPLES = Path(__file__).parents[3] / "examples" / "kyverno-policies"

BARE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          resources: {requests: {cpu: 10m, memory: 10Mi}, limits: {memory: 10Mi}}
        - name: cache
          image: cache:1
"""
GOOD = """\
apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  securityContext: {runAsNonRoot: true}
  containers:
    - name: web
      image: web:1
      resources: {requests: {cpu: 10m, memory: 10Mi}, limits: {memory: 10Mi}}
"""
UNKNOWN = "apiVersion: example.com/v1\nkind: Unknown\nmetadata: {name: web}\nspec: {}\n"
LABEL = """\
apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata:
  name: need-label
  annotations: {policies.kyverno.io/severity: high}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
  validations:
    - {expression: "has(object.metadata.labels)", message: label it}
"""
BROKEN = """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: broken}
spec:
  rules:
    - name: broken
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {messag: 5}
"""
EXCEPTION = """\
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: web, namespace: default}
spec:
  exceptions:
    - policyName: require-run-as-nonroot
      ruleNames: [run-as-non-root, autogen-run-as-non-root]
  match: {any: [{resources: {kinds: [Deployment], names: [web]}}]}
"""


def given(**files: str) -> list[Given]:
    return [each for path, text in files.items() for each in of_manifest(read(path, text), Alone())]


def policies(*more: str) -> Policies:
    shipped = [(path.name, path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.yaml"))]
    return read_policies([*shipped, *((f"more-{number}.yaml", text) for number, text in enumerate(more))])


def run(program: str, objects: list[Given], chosen: Policies) -> tuple[list[tuple[str, str, str]], list[str]]:
    """((file, policy, place in the object), what was said of the run)."""
    reported, notices = kyverno.run(program, objects, chosen, {}, deadline=time.monotonic() + 100)
    return sorted((each.path, each.check, each.at) for each in reported), notices


SPEC = "/spec/template/spec"


def test_the_policies_of_the_examples(real_kyverno: str) -> None:
    found, notices = run(real_kyverno, given(bare=BARE, good=GOOD), policies())
    assert found == [
        ("bare", "require-requests-limits", f"{SPEC}/containers/1/resources"),
        ("bare", "require-run-as-nonroot", SPEC),
    ]
    assert notices == []


def test_objects_of_one_name_in_several_files(real_kyverno: str) -> None:
    found, notices = run(
        real_kyverno, given(one=BARE, two=BARE, three=BARE.replace("name: web}", "name: other}")), policies()
    )
    assert [path for path, check, _ in found if check == "require-run-as-nonroot"] == ["one", "three", "two"]
    assert notices == []


def test_objects_without_a_name_and_of_odd_characters(real_kyverno: str) -> None:
    unnamed = GOOD.replace("{name: good}", '{generateName: good-, annotations: {a: "\\U0001F600\\x7f"}}')
    found, notices = run(real_kyverno, given(one=unnamed, two=unnamed, bare=BARE), policies())
    assert [path for path, _, _ in found] == ["bare", "bare"]
    assert notices == []


def test_a_kind_that_it_does_not_know_costs_no_other(real_kyverno: str) -> None:
    found, notices = run(real_kyverno, given(unknown=UNKNOWN, bare=BARE), policies(LABEL))
    assert ("bare", "need-label", "") in found
    assert len(found) == 3
    assert notices == []


def test_a_policy_that_it_does_not_take_costs_no_other(real_kyverno: str) -> None:
    found, notices = run(real_kyverno, given(bare=BARE), policies(BROKEN))
    assert len(found) == 2
    assert notices == ["it does not take more-0.yaml (broken); the other policies are applied"]


def test_an_exception_holds(real_kyverno: str) -> None:
    found, _ = run(real_kyverno, given(bare=BARE), policies(EXCEPTION))
    assert [check for _, check, _ in found] == ["require-requests-limits"]
