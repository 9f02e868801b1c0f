"""Flags of control planes: how they are written, and what each is asked for."""

from __future__ import annotations

import pytest

from bot.detect.detect import detect_all
from bot.manifest import read
from bot.policy import load
from tests.small_policies import detector

POLICIES = {each.id: each for each in load() if each.category == "control-plane"}


def said(policy_id: str, *words: str) -> list[str]:
    """What is wrong with a static Pod that runs these words, without the program."""
    listed = "".join(f"\n    - {word!r}" for word in words)
    text = (
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers:\n  - name: a\n    command:{listed}\n"
    )
    manifest = read("a.yaml", text)
    found, _ = detect_all(detector([POLICIES[policy_id]]), manifest, manifest.resources)
    return [f"{each.finding.location.start_line} {each.finding.message.partition(' ')[2]}" for each in found]


SCHEDULER = "control-plane-scheduler-flags"
NETWORK = "--bind-address: its health and metrics are open to the network"
PROFILING = "--profiling: whoever may ask sees what goes on inside"
WRITTEN = [
    (["--bind-address=127.0.0.1", "--profiling=false"], []),
    (["--bind-address", "127.0.0.1", "--profiling=FALSE"], []),
    (["--bind-address=0.0.0.0", "--profiling=false"], [f"9 {NETWORK}"]),
    (["--profiling=false", "--bind-address=127.0.0.1", "--bind-address=10.0.0.1"], [f"11 {NETWORK}"]),
    (["--bind-address=127.0.0.1", "--profiling"], [f"10 {PROFILING}"]),
    (["--bind-address=$(ADDRESS)", "--profiling=${PROFILING}"], []),
    ([], [f"7 {NETWORK}", f"7 {PROFILING}"]),
]


@pytest.mark.parametrize(("words", "expected"), WRITTEN)
def test_how_flags_are_written(words: list[str], expected: list[str]) -> None:
    assert said(SCHEDULER, "/usr/local/bin/kube-scheduler", *words) == expected


def test_another_program_and_a_shell_are_left_alone() -> None:
    assert said(SCHEDULER, "kube-proxy") == []
    assert said(SCHEDULER, "sh", "-c", "kube-scheduler --profiling=true") == []


API_SERVER = [
    ("--anonymous-auth=true", "anonymous-auth"),
    ("--token-auth-file=/tokens.csv", "token-auth-file"),
    ("--authorization-mode=Node,AlwaysAllow,RBAC", "authorization-mode"),
    ("--authorization-mode=RBAC", "authorization-mode"),
    ("--enable-admission-plugins=NodeRestriction,AlwaysAdmit", "enable-admission-plugins"),
    ("--disable-admission-plugins=ServiceAccount", "disable-admission-plugins"),
    ("--service-account-lookup=false", "service-account-lookup"),
]
FINE = [
    "kube-apiserver",
    *("--anonymous-auth=false", "--profiling=false", "--authorization-mode=Node,RBAC"),
    "--enable-admission-plugins=NodeRestriction",
    *(f"--{each}=/pki" for each in ("client-ca-file", "tls-cert-file", "tls-private-key-file")),
    *(f"--{each}=/pki" for each in ("etcd-cafile", "etcd-certfile", "etcd-keyfile", "service-account-key-file")),
    *(f"--kubelet-{each}=/pki" for each in ("client-certificate", "client-key", "certificate-authority")),
]


@pytest.mark.parametrize(("word", "flag"), API_SERVER)
def test_each_flag_of_the_api_server(word: str, flag: str) -> None:
    assert said("control-plane-api-server-flags", *FINE) == []
    (finding,) = said("control-plane-api-server-flags", *FINE, word)
    assert f" --{flag}: " in finding


@pytest.mark.parametrize("place", range(1, len(FINE)))
def test_each_flag_that_is_missing_from_the_api_server(place: int) -> None:
    (finding,) = said("control-plane-api-server-flags", *FINE[:place], *FINE[place + 1 :])
    assert f" {FINE[place].partition('=')[0]}: " in finding
