"""The exemptions of Polaris."""

from __future__ import annotations

import pytest

from bot.detect.others.polaris import parse
from tests.detect.others.said import holds, said

PID = {"host-pid"}


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("checks: {hostPIDSet: danger}\n", []),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {exemptions: none}\n", []),
        ("apiVersion: v1\nkind: Service\nexemptions: []\n", []),
        (
            "exemptions:\n  - controllerNames: [agent]\n    rules: [hostPIDSet]\n",
            [(2, PID, "skipped for Polaris (hostPIDSet)")],
        ),
        ("exemptions:\n  - controllerNames: [agent]\n", [(2, PID, "skipped for Polaris (every check)")]),
        ("exemptions:\n  - {namespace: kube-system}\n", [(2, PID, "skipped for Polaris (every check)")]),
        ("exemptions:\n  - {namespace: kube-system, rules: [somethingElse]}\n", []),
        ("disallowExemptions: true\nexemptions:\n  - {namespace: kube-system}\n", []),
        ("disallowConfigExemptions: true\nexemptions:\n  - {namespace: kube-system}\n", []),
    ],
)
def test_what_it_accepts(text, accepted):
    assert said(parse, text) == (accepted, [])


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (
            "exemptions:\n  - rules: [hostPIDSet]\n",
            2,
            "does not hold: an exemption names no controller, container or namespace",
        ),
        ("exemptions: 3", 1, "nothing in it holds: exemptions is the number 3; it is a list"),
        ("exemptions:\n  - controllerNames: [{}]\n", 2, "does not hold: an item of controllerNames is a mapping"),
        ("exemptions: [", 1, "nothing in it holds: "),
    ],
)
def test_what_does_not_hold(text, line, why):
    accepted, ((where, words),) = said(parse, text)
    assert accepted == []
    assert where == line
    assert words.startswith(why)


ENTRY = "exemptions: [{namespace: kube-system, controllerNames: [dns, agent], containerNames: [proxy]}]"
PLACE = {"namespace": "kube-system", "name": "dns-controller", "container": "proxy-2"}


@pytest.mark.parametrize(
    ("place", "held"),
    [
        ({}, True),
        ({"name": "agent"}, True),
        ({"name": "my-agent"}, False),
        ({"namespace": "kube-system-2"}, False),
        ({"namespace": ""}, False),
        ({"container": ""}, False),
        ({"container": "web"}, False),
    ],
)
def test_where_it_holds(place, held):
    assert holds(parse, ENTRY, **(PLACE | place)) is held


def test_names_of_controllers_alone():
    text = "exemptions: [{controllerNames: [dns]}]"
    assert holds(parse, text, name="dns-1", container="anything")
    assert holds(parse, text, name="dns-1", namespace="anywhere")
