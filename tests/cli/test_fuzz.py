"""Real-looking manifests with random values in random places: nothing raises, and what fix writes holds.

The manifests are the examples of the policies, so that every policy sees its own objects gone wrong.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from functools import cache

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import schema
from bot.detect.context import look_around
from bot.detect.detect import Detector, Environment
from bot.detect.marks import known
from bot.manifest import read
from bot.model import Applicability, Json
from bot.pipeline import Bot, FileResult, gather, look, repair
from bot.policy import load
from bot.report import diff, fixed, github, sarif, text
from bot.report import json as machine
from tests.cli.material import FORBIDDEN

VALUES = {
    "cpu-request": "100m",
    "memory-request": "64Mi",
    "cpu-limit": "1",
    "memory-limit": "1Gi",
    "images": {"nginx": "1.27.3"},
}
PATH = "manifest.yaml"

WORDS = [
    *("", "a", "true", "yes", "0644", "1e3", "null", "~", "5", "1Gi", "100m", "latest", "nginx", "nginx:latest"),
    *("a/b", "*", "/", "${X}", "{{ x }}", "$(A)", " lead", "trail ", "# c", "- x", "a: b", "&a", "!!str", "|"),
    *("a\nb\n", "\x1b[31m", "\x00", "\u202e", "\u2028", "é", "🎉", "x" * 300, "2001-01-01", "$patch", "windows"),
    *("v1", "apps/v1", "extensions/v1beta1", "Pod", "Deployment", "Secret", "kubernetes.io/os", "CHANGEME"),
]
NAMES = [
    *("name", "image", "value", "apiVersion", "kind", "items", "spec", "metadata", "labels", "containers", "env"),
    *("resources", "limits", "cpu", "securityContext", "$patch", "", "0", "007", "-", "a/b", "~x", "x y", "é", "<<"),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 80, 65536, 2**31, 2**63, 2**70, -(2**70), 10**400, 0.5, -0.0, 1e300, 1e-7]),
    st.sampled_from(WORDS),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)),
    max_leaves=8,
)


@cache
def examples() -> tuple[str, ...]:
    """The objects of all examples, as JSON."""
    texts = [each.bad or each.good or "" for policy in load() for each in policy.examples]
    bodies = (resource.body for example in texts for resource in read("example.yaml", example).resources)
    return tuple(sorted({json.dumps(body) for body in bodies}))


@cache
def everything() -> Bot:
    """A run with all policies."""
    policies = load()
    environment = Environment(VALUES, schema.OLDEST_SUPPORTED, schema.NEWEST, schema.with_crds(()))
    surroundings = look_around([PATH], lambda _: None, known(policies), today=dt.date(2025, 1, 1))
    return Bot(Detector(policies, environment), surroundings)


def places(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of all nodes."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in members:
        yield from places(child, (*path, key))


def replaced(value: Json, path: tuple[str | int, ...], new: Json) -> Json:
    if not path:
        return new
    holder = value
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = new
    return value


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """The text of one or two objects gone wrong, in some form."""
    bodies = []
    for body in draw(st.lists(st.sampled_from(examples()), min_size=1, max_size=2)):
        value = json.loads(body)
        for new in draw(st.lists(JSON, min_size=1, max_size=4)):
            value = replaced(value, draw(st.sampled_from(list(places(value)))), new)
        bodies.append(value)
    if draw(st.sampled_from([False, False, False, True])):
        bodies = [{"apiVersion": "v1", "kind": "List", "items": bodies}]
    form = draw(st.sampled_from(["block", "flow", "mixed", "json"]))
    if form == "json":
        written = "\n---\n".join(json.dumps(body, indent=draw(st.sampled_from([None, 2]))) for body in bodies)
    else:
        flow = {"block": False, "flow": True, "mixed": None}[form]
        written = yaml.safe_dump_all(
            bodies, default_flow_style=flow, sort_keys=False, allow_unicode=draw(st.booleans())
        )
    return draw(st.sampled_from(["", "\ufeff"])) + (written.replace("\n", "\r\n") if draw(st.booleans()) else written)


def reports(result: FileResult, written: str) -> None:
    """Every report of a result can be made, and holds nothing that would move a cursor."""
    report = gather([result])
    sources = {PATH: read(PATH, written)}
    pages = [
        text.render(report, sources, width=80, show_fixes=True),
        text.concise(report),
        fixed.render(report),
        github.render(report),
    ]
    for page in pages:
        assert FORBIDDEN.findall(page) == []
    json.loads(machine.render(report, sources, show_fixes=True))
    json.loads(sarif.render(report, sources, load(), version="1"))
    diff.render(report)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(manifests())
def test_nothing_raises_and_what_is_written_holds(written: str) -> None:
    bot = everything()
    seen = look(bot, PATH, written, propose=True, verify=True)
    reports(seen, written)
    repaired = repair(bot, PATH, written, least=Applicability.UNSAFE)
    after = written if repaired.after is None else repaired.after
    reports(repaired, after)
    if repaired.after is not None:
        manifest = read(PATH, after)
        assert manifest.problem is None
        assert len(manifest.documents) >= len(read(PATH, written).documents), "a document is lost"
        assert after.startswith("\ufeff") is written.startswith("\ufeff")
        assert repair(bot, PATH, after, least=Applicability.UNSAFE).after is None, "a second fix changes something"


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(examples()), st.data())
def test_nothing_raises_over_text_that_is_hardly_yaml(body: str, data: st.DataObject) -> None:
    written = yaml.safe_dump(json.loads(body), sort_keys=False)
    marks = [
        "\n",
        " ",
        "\t",
        "- ",
        ": ",
        " #",
        "{",
        "}",
        "[",
        "]",
        ",",
        "'",
        '"',
        "&a ",
        "*a",
        "<<: *a",
        "|",
        ">-",
        "---\n",
        "\r",
    ]
    marks += [
        "\ufeff",
        "\u2028",
        "\x85",
        "!!str ",
        "!x ",
        "? ",
        "%",
        "{{ x }}",
        "\x00",
        "\x1b",
        "# k8s-auto-fix: ignore[host-pid] x\n",
    ]
    for mark in data.draw(st.lists(st.sampled_from(marks), min_size=1, max_size=6)):
        place = data.draw(st.integers(0, len(written)))
        written = written[:place] + mark + written[place + data.draw(st.integers(0, 3)) :]
    bot = everything()
    reports(look(bot, PATH, written, propose=True, verify=True), written)
    repaired = repair(bot, PATH, written, least=Applicability.UNSAFE)
    if repaired.after is not None:
        assert read(PATH, repaired.after).problem is None
        assert repair(bot, PATH, repaired.after, least=Applicability.UNSAFE).after is None


@pytest.mark.parametrize("body", ["[]", "{}", "5", "null", '"x"'])
def test_every_member_of_every_kind_may_be_of_another_type(body: str) -> None:
    """Each place of one example of each kind in turn, which chance may miss."""
    kinds: dict[str, Json] = {}
    for example in sorted(examples(), key=len, reverse=True):
        value = json.loads(example)
        if isinstance(value.get("kind"), str):
            kinds.setdefault(f"{value['apiVersion']} {value['kind']}", value)
    bot = everything()
    assert len(kinds) > 30
    for value in kinds.values():
        for path in list(places(value)):
            wrong = json.dumps(replaced(json.loads(json.dumps(value)), path, json.loads(body)))
            look(bot, PATH, wrong, propose=True)
