"""The exceptions of Kubescape; today is 2026-11-24."""

from __future__ import annotations

import json

import pytest

from bot.detect.others.kubescape import parse
from tests.detect.others.said import holds, said

PID = {"host-pid"}
EVERY = {"designatorType": "Attributes", "attributes": {"kind": ".*"}}


def written(**members):
    entry = {
        "name": "agents",
        "policyType": "postureExceptionPolicy",
        "actions": ["alertOnly"],
        "resources": [EVERY],
        "posturePolicies": [{"controlID": "C-0038"}],
    }
    entry |= members
    return json.dumps([{key: value for key, value in entry.items() if value is not None}])


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("[]", []),
        ('{"exceptions": []}', []),
        (written(), [(1, PID, "skipped for Kubescape (agents)")]),
        (written(reason="reads /proc"), [(1, PID, "reads /proc")]),
        (written(posturePolicies=[{"controlID": "c-0038"}]), []),
        (written(posturePolicies=[{"controlID": "C-00.*"}]), [(1, PID, "skipped for Kubescape (agents)")]),
        (written(posturePolicies=[{"controlID": "C-003"}]), []),
        (
            written(posturePolicies=[{"controlID": "C-9999"}, {"controlID": "C-0038", "frameworkName": "NSA"}]),
            [(1, PID, "skipped for Kubescape (agents)")],
        ),
        (written(expirationDate="2026-11-24T10:00:00Z"), [(1, PID, "skipped for Kubescape (agents)")]),
    ],
)
def test_what_it_accepts(text, accepted):
    assert said(parse, text) == (accepted, [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (written(resources=[]), "does not hold: the exception agents needs at least one resource and one policy"),
        (
            written(posturePolicies=None),
            "does not hold: the exception agents needs at least one resource and one policy",
        ),
        (written(actions=[]), "does not hold: the exception agents has no action; the one there is, is alertOnly"),
        (written(posturePolicies=[{"controlName": "HostPath mount"}]), "does not hold: a policy names no controlID"),
        (written(posturePolicies=[{"frameworkName": "NSA"}]), "does not hold: a policy names no controlID"),
        (
            written(posturePolicies=[{"controlID": "C-0038", "ruleName": "x"}]),
            "does not hold: a rule is only a part of a control",
        ),
        (written(posturePolicies=[{"controlID": "C-("}]), "does not hold: controlID 'C-(': invalid regular expression"),
        (written(resources=[{"attributes": {}}]), "does not hold: a resource names no attributes"),
        (
            written(expirationDate="2026-11-23T00:00:00Z"),
            "the exception agents does not hold: it expired on 2026-11-23",
        ),
        (
            written(expirationDate="soon"),
            "does not hold: the exception agents ends at 'soon', which is no RFC 3339 time",
        ),
        (json.dumps({"a": "postureExceptionPolicy"}), "nothing in it holds: the exceptions of Kubescape is a mapping"),
    ],
)
def test_what_does_not_hold(text, why):
    accepted, ((line, words),) = said(parse, text)
    assert (accepted, line) == ([], 1)
    assert words.startswith(why)


@pytest.mark.parametrize(
    ("attributes", "held"),
    [
        ({"kind": "DaemonSet"}, True),
        ({"kind": "daemonset"}, False),
        ({"kind": "Daemon"}, False),
        ({"kind": "(Daemon|Stateful)Set", "namespace": "mon.*"}, True),
        ({"namespace": "other"}, False),
        ({"name": "agent", "app": "agent"}, True),
        ({"name": "agent", "app": "a.*"}, False),
        ({"kind": "DaemonSet", "cluster": "minikube"}, False),
        ({"kind": "DaemonSet", "cluster": ".*"}, True),
    ],
)
def test_where_it_holds(attributes, held):
    text = written(resources=[{"attributes": {"name": "nobody"}}, {"attributes": attributes}])
    place = {"kind": "DaemonSet", "name": "agent", "namespace": "monitoring", "labels": {"app": "agent"}}
    assert holds(parse, text, **place) is held
