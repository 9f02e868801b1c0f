"""Fixes on the real server: what it accepted before a fix, it accepts after it; what it refuses is taken back."""

from __future__ import annotations

import shutil
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from bot import schema
from bot.adapters.cluster.scratch import ScratchServer
from bot.cli.run import run
from bot.detect.detect import Detector, Environment
from bot.manifest import read
from bot.model import Applicability, GateStatus, Tier
from bot.pipeline import Bot, FileResult, repair
from bot.policy import Policy, load
from bot.trial import Alone
from bot.verify.dry_run import Pair, ask, changed, new
from bot.verify.server import Status
from bot.vouch import Voucher

pytestmark = pytest.mark.cluster

POLICIES = load()

HARMLESS = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "harmless"}}
"""Every server accepts it: what a fix adds has to be accepted too."""


def bot_of(policies: tuple[Policy, ...]) -> Bot:
    environment = Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema.with_crds(()))
    return Bot(Detector(policies, environment), Alone())


@pytest.mark.corpus
@pytest.mark.parametrize("everything", [False, True], ids=["default", "all"])
def test_every_fixed_object_of_an_accepted_original_is_accepted(
    everything: bool, scratch: ScratchServer, corpus: Path, corpus_plain: list[Path], tmp_path: Path
) -> None:
    """As a person runs it: with what is beside each file, kustomizations and values from elsewhere included."""
    copied = tmp_path / "corpus"
    shutil.copytree(corpus, copied, copy_function=shutil.copyfile)
    for path in (copied, *copied.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    chosen = ("--select", "all" if everything else "default")
    assert run(["fix", *chosen, "--unsafe", "--cluster", "none", str(copied)]) in (1, 2)
    pairs = []
    for path in corpus_plain:
        before, after = (
            read(str(each), each.read_bytes().decode()) for each in (path, copied / path.relative_to(corpus))
        )
        pairs += [(str(path), old.body, new.body) for old, new in changed(before, after)]
        pairs += [(str(path), HARMLESS, each.body) for each in new(before, after)]
    bodies = [body for _, old, new in pairs for body in (old, new)]
    scratch.prepare(bodies)
    verdicts = scratch.ask(bodies)
    counts: Counter[tuple[Status, Status]] = Counter()
    lost = []
    for place, (path, _, _) in enumerate(pairs):
        was, is_ = verdicts[2 * place], verdicts[2 * place + 1]
        counts[was.status, is_.status] += 1
        if was.status is Status.ACCEPTED and is_.status is not Status.ACCEPTED:
            lost.append((path, is_.reason))
    assert lost == []
    assert counts[Status.ACCEPTED, Status.ACCEPTED] > 200, counts


def test_every_fixed_example_is_accepted_when_the_bad_one_was(scratch: ScratchServer) -> None:
    pairs = []
    for policy in POLICIES:
        for example in policy.examples:
            if example.bad is None or example.fixed is None:
                continue
            bad, fixed = read("bad.yaml", example.bad), read("fixed.yaml", example.fixed)
            pairs += [(f"{policy.id}: {example.name}", old.body, each.body) for old, each in changed(bad, fixed)]
            pairs += [(f"{policy.id}: {example.name}", HARMLESS, each.body) for each in new(bad, fixed)]
    bodies = [body for _, old, new in pairs for body in (old, new)]
    scratch.prepare(bodies)
    verdicts = scratch.ask(bodies)
    lost = [
        (name, verdicts[2 * place + 1].reason)
        for place, (name, _, _) in enumerate(pairs)
        if verdicts[2 * place].status is Status.ACCEPTED and verdicts[2 * place + 1].status is Status.REJECTED
    ]
    assert lost == []
    assert sum(verdict.status is Status.ACCEPTED for verdict in verdicts) > 50


DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      hostPID: true
      containers:
      - name: web
        image: registry.example.com/web:1.2
"""

WRONG = """\
id: host-pid
title: Wrong on purpose
severity: high
category: custom
default: true
description: Its fix writes what the server refuses and no schema knows.
remediation: None.
match: {kinds: [workload], target: pod-spec}
check:
  expression: podSpec.?hostPID.orValue(false) == false
  message: hostPID
  at: /hostPID
fixes:
  - title: Rename the first container badly
    why: it is wrong on purpose
    patch:
      - {op: remove, path: /hostPID}
      - {op: add, path: /hostname, value: Not_A_Label}
"""


def test_what_the_server_refuses_is_taken_back(scratch: ScratchServer, tmp_path: Path) -> None:
    folder = tmp_path / "custom"
    folder.mkdir()
    (folder / "host-pid.yaml").write_text(WRONG, encoding="utf-8")
    seccomp = tuple(policy for policy in POLICIES if policy.id == "seccomp-profile-missing")
    bot = bot_of((*load(tmp_path), *seccomp))
    result = repair(bot, "web.yaml", DEPLOYMENT, least=Applicability.UNSAFE)
    assert "Not_A_Label" in (result.after or "")
    scratch.prepare([resource.body for resource in read("web.yaml", DEPLOYMENT).resources])
    again = partial(_again, bot)
    final = Voucher(scratch).repairs([result], again)[0]
    assert final.after is not None
    assert "Not_A_Label" not in final.after
    assert "hostPID: true" in final.after
    assert "RuntimeDefault" in final.after
    tiers = {each.fix.findings[0].policy_id: each.tier for each in final.verifications if each.results}
    assert tiers["seccomp-profile-missing"] is Tier.SERVER


def _again(bot: Bot, path: str, text: str, veto: frozenset) -> FileResult:
    return repair(bot, path, text, least=Applicability.UNSAFE, veto=veto)


def test_the_pair_is_judged_together(scratch: ScratchServer) -> None:
    good = next(iter(read("web.yaml", DEPLOYMENT).resources)).body
    worse = {**good, "spec": {**good["spec"], "replicas": -1}}
    scratch.prepare([good])
    judged = ask(scratch, [Pair(None, good, good), Pair(None, good, worse), Pair(None, worse, good)])
    assert [each.status for each in judged] == [GateStatus.PASSED, GateStatus.FAILED, GateStatus.PASSED]


def test_without_a_server_the_reason_is_told() -> None:
    bot = bot_of(tuple(policy for policy in POLICIES if policy.default))
    result = repair(bot, "web.yaml", DEPLOYMENT, least=Applicability.UNSAFE)
    final = Voucher(None, "no container engine answers").repairs([result], partial(_again, bot))[0]
    said = [each.results[-1] for each in final.verifications if each.results and each.passed]
    assert said
    assert {(each.gate, each.status, each.reason) for each in said} == {
        ("server", GateStatus.SKIPPED, "no container engine answers")
    }
    assert all(each.tier is not Tier.SERVER for each in final.verifications)
