"""Every policy over its own examples with something of another type in them: a text for a list, null, a number, a map.

Such an object is refused by its schema, or an expression says why it cannot be decided. It never crashes anything, and
a fix that is made all the same leaves no more wrong than there was.
"""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import schema
from bot.detect.detect import Detector, Environment
from bot.manifest import Manifest, read
from bot.manifest.render import Layout, block
from bot.manifest.values import clone
from bot.model import Applicability, Json
from bot.pipeline import Bot, FileResult, repair
from bot.policy import Policy, load
from bot.settings.values import VALUES
from bot.trial import Alone
from tests.mutants import places, put

POLICIES = load()
SCHEMAS = schema.with_crds(())
SCHEMA_POLICIES = tuple(policy for policy in POLICIES if policy.category == "schema-error")

GIVEN: dict[str, Json] = {
    "cpu-request": "100m",
    "cpu-limit": "1",
    "memory-request": "128Mi",
    "memory-limit": "512Mi",
    "storage-request": "1Gi",
    "ephemeral-storage-limit": "1Gi",
    "empty-dir-size-limit": "100Mi",
    "run-as-user": 10001,
    "run-as-group": 10001,
    "fs-group": 10001,
    "pre-stop-seconds": 5,
    "termination-grace-period": 60,
    "hpa-max-replicas": 10,
    "service-port-min": 1024,
    "service-port-max": 32767,
    "priority-class": "high",
    "storage-class": "fast",
    "ingress-class": "inner",
    "runtime-class": "sandboxed",
    "internal-load-balancer": {"annotation": "example.com/internal", "value": "true"},
    "images": {"nginx": "1.27.3"},
    "registries": ["registry.example.com"],
    "mirrors": {"docker.io": "registry.example.com/hub"},
    "pull-secrets": {"registry.example.com": "pull"},
    "required-labels": {"team": "shop", "tier": ""},
    "required-annotations": {"owner": "shop"},
    "disallowed-labels": ["*", "!app"],
    "disallowed-annotations": ["*/x"],
}
UNFIT: list[Json] = [
    *(None, True, 0, 3, -1, 1.5, 10**12, "", "x", "8080", "true", "${X}", "a b/c:d@e"),
    *([], ["x"], [None], [3], [{}], [["x"]], [{"name": 3}], [{"name": "a"}, {"name": "a"}]),
    *({}, {"x": 1}, {"name": None}, {"name": ["x"]}, {"containers": "x"}),
]


def _bot(*policies: Policy) -> Bot:
    environment = Environment(GIVEN, schema.OLDEST_SUPPORTED, schema.NEWEST, SCHEMAS)
    return Bot(Detector(policies, environment), Alone())


def _text(documents: list[Json]) -> str:
    return "---\n".join("".join(line + "\n" for line in block(each, 0, Layout())) for each in documents)


@st.composite
def gone_wrong(draw: st.DrawFn, policy: Policy) -> str:
    """An example of the policy in which one to three places hold something else."""
    texts = [example.bad or example.good or "" for example in policy.examples]
    manifest = read("example.yaml", draw(st.sampled_from(texts)))
    documents = [clone(each.value) for each in manifest.documents if isinstance(each.value, dict)]
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(documents) - 1))
        # apiVersion and kind say which policies look at all.
        inside = [each for each in places(documents[place]) if each not in ("/apiVersion", "/kind")]
        if inside:
            put(documents[place], draw(st.sampled_from(inside)), clone(draw(st.sampled_from(UNFIT))))
    return _text(documents)


def _errors(body: Json) -> Counter[str] | None:
    """What the schema has against an object, how often; None when no release that is known serves its kind."""
    for version in (schema.NEWEST, schema.OLDEST_SUPPORTED):
        errors = SCHEMAS.check(body, version)
        if errors is not None:
            return Counter(error.keyword for error in errors)
    return None


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)
def test_whatever_an_object_holds(policy: Policy) -> None:
    # The fixed seed makes a failure in one place a failure everywhere.
    @settings(max_examples=12, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(text=gone_wrong(policy))
    def check(text: str) -> None:
        before = read("example.yaml", text)
        assert before.problem is None, text
        result = repair(_bot(policy), "example.yaml", text, least=Applicability.UNSAFE)
        _undecided_has_its_reason(result, before, text)
        if result.after is None:
            return
        after = read("example.yaml", result.after)
        assert after.problem is None, result.after
        for old, new in zip(before.resources, after.resources, strict=False):
            errors, wrong = _errors(new.body), _errors(old.body)
            assert errors is None or wrong is None or errors <= wrong, f"{errors}\n{text}\n{result.after}"
        again = repair(_bot(policy), "example.yaml", result.after, least=Applicability.UNSAFE)
        assert again.after is None, f"{result.after}\n{again.after}"

    check()


def _has_null_item(value: Json) -> bool:
    if isinstance(value, list):
        return None in value or any(map(_has_null_item, value))
    return isinstance(value, dict) and any(map(_has_null_item, value.values()))


def _undecided_has_its_reason(result: FileResult, before: Manifest, text: str) -> None:
    """An expression errs on nothing that the schema takes; a null in a list is taken, and nobody means it."""
    for skip in result.skips:
        assert skip.reason
        assert "\n" not in skip.reason
        if skip.code == "undecided" and skip.stage == "detect":
            unfit = any(_errors(each.body) != Counter() or _has_null_item(each.body) for each in before.resources)
            assert unfit, f"{skip.reason}\n{text}"


@pytest.mark.parametrize("pointer", ["/spec", "/spec/containers", "/spec/containers/0", "/spec/containers/0/image"])
@pytest.mark.parametrize("unfit", [3, "x", True, [3], {"x": "y"}], ids=repr)
def test_a_wrong_type_is_a_finding_of_the_schema(pointer: str, unfit: Json) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "web", "image": "web:1"}]},
    }
    fits = pointer.endswith("/image") and unfit == "x"
    result = repair(
        _bot(*SCHEMA_POLICIES), "a.yaml", _text([put(pod, pointer, unfit)]), least=Applicability.DISPLAY_ONLY
    )
    assert bool(result.findings or result.after) is not fits


def test_all_values_are_given() -> None:
    assert set(GIVEN) == set(VALUES)
