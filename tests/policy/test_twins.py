"""Other tools' ids for our policies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy.files import parse
from bot.policy.twins import Twins, Unclear
from tests.policy.material import POLICY

BASE = parse("privileged-container.yaml", POLICY)


def named(name: str, *twins: tuple[str, str]):
    return replace(BASE, id=name, twins=twins)


TWINS = Twins(
    [
        named("host-pid", ("kube-linter", "host-pid"), ("polaris", "hostPIDSet"), ("kubescape", "C-0038")),
        named("host-ipc", ("kube-linter", "host-ipc"), ("kubescape", "C-0038"), ("checkov", "CKV_K8S_18")),
        named("privileged-container", ("trivy", "KSV-0017"), ("kube-linter", "privileged")),
        named(
            "host-network",
            ("kubesec", "host-pid"),
            ("kubesec", "Privileged"),
            ("kics", "6b6bdfb3-c3ae-44cb-88e4-7405c1ba2c8a"),
        ),
    ],
    groups=["restricted"],
)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("host-pid", ("host-pid",)),  # an own id wins over kubesec's
        ("CKV_K8S_18", ("host-ipc",)),
        ("ckv_k8s_18", ("host-ipc",)),
        ("C-0038", ("host-ipc", "host-pid")),
        ("kubescape:C-0038", ("host-ipc", "host-pid")),
        ("checkov:C-0038", ()),
        ("KSV-0017", ("privileged-container",)),
        ("KSV017", ("privileged-container",)),
        ("AVD-KSV-0017", ("privileged-container",)),
        ("KSV-0018", ()),
        ("hostPIDSet", ("host-pid",)),
        ("kubesec:host-pid", ("host-network",)),
        ("6B6BDFB3-C3AE-44CB-88E4-7405C1BA2C8A", ("host-network",)),
        ("nonsense", ()),
        ("", ()),
        ("tool:", ()),
    ],
)
def test_policy_ids(name, ids):
    assert TWINS.policy_ids(name) == ids


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("host-pidd", "no policy is called 'host-pidd', did you mean 'host-pid'?"),
        ("CKV_K8S_19", "no policy is called 'CKV_K8S_19', did you mean 'CKV_K8S_18'?"),
        ("restrictd", "no policy is called 'restrictd', did you mean 'restricted'?"),
        ("zzzzzz", "no policy is called 'zzzzzz'"),
        ("chekov:CKV_K8S_18", "no tool is called 'chekov', did you mean 'checkov'?"),
        ("checkov:CKV_K8S_81", "no policy says what checkov:CKV_K8S_81 says, did you mean 'CKV_K8S_18'?"),
        (
            "privileged",
            (
                "'privileged' means different things to different tools, name one: "
                "kube-linter:privileged is privileged-container; kubesec:privileged is host-network"
            ),
        ),
    ],
)
def test_why_a_name_is_unclear(name, why):
    assert TWINS.meaning(name) == Unclear(why)


def test_a_group_stands_for_itself():
    assert TWINS.meaning("restricted") == ("restricted",)


def test_the_tool_is_written_as_it_comes():
    assert TWINS.meaning("Trivy:ksv0017") == ("privileged-container",)


def test_all_of():
    assert TWINS.all_of("kube-linter") == {"host-pid", "host-ipc", "privileged-container"}
    assert TWINS.all_of("nobody") == frozenset()


def test_of_tool():
    assert TWINS.of_tool("kube-linter", "privileged") == ("privileged-container",)
    assert TWINS.of_tool("polaris", "privileged") == ()
