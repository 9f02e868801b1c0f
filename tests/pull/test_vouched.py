"""Offers before an API server: each alone, all of an object together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from bot.model import Json, Tier
from bot.pull import Brought, bring, vouch
from bot.pull.brought import reprove
from bot.pull.vouched import bodies
from bot.review.proof import TOGETHER
from bot.verify.server import Body, Cause, Stage, Status, Verdict
from tests.pull.material import changed, task

TEXT = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostPID: true
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: web
      image: registry.example.com/web:1.0.0
      securityContext: {allowPrivilegeEscalation: false}
  hostIPC: true
"""
ACCEPTED = Verdict(Status.ACCEPTED)
Rule = Callable[[Body], str]


class Server:
    """Answers by a rule: why an object is refused, or nothing."""

    version = "v1.36.3"
    label = "server v1.36.3 (embedded)"

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.asked: list[Body] = []

    def ask(self, bodies: Sequence[Body]) -> tuple[Verdict, ...]:
        self.asked += bodies
        return tuple(self._verdict(body) for body in bodies)

    def prove(self, body: Body, level: str) -> Verdict:
        raise AssertionError("no fix of these claims a level")

    def _verdict(self, body: Body) -> Verdict:
        why = self.rule(body)
        cause = Cause(Stage.VALIDATION, why, "spec", "FieldValueInvalid")
        return Verdict(Status.REJECTED, why, (cause,)) if why else ACCEPTED


def found(server: Server | None, reason: str = "") -> Brought:
    run = task(["web.yaml"])
    result = bring(run, changed("web.yaml", None, TEXT))
    assert len(result.offers) == 2
    vouch(server, reason, [result], partial(reprove, run))
    return result


def spec(body: Body) -> dict[str, Json]:
    return body["spec"]  # type: ignore[no-any-return]


def test_an_accepted_offer_says_who_accepted_it() -> None:
    result = found(Server(lambda _: ""))
    assert [offer.verification.tier for offer in result.offers] == [Tier.SERVER, Tier.SERVER]
    assert {offer.verification.server for offer in result.offers} == {"server v1.36.3 (embedded)"}


def test_a_refused_offer_is_held_and_says_why() -> None:
    result = found(Server(lambda body: "" if "hostPID" in spec(body) else "the profiler needs hostPID"))
    assert [offer.lead.policy_id for offer in result.offers] == ["host-ipc"]
    (held,) = [each for each in result.held if each.finding.policy_id == "host-pid"]
    assert "the profiler needs hostPID" in held.reason


def test_refused_together_the_lesser_one_goes() -> None:
    def neither(body: Body) -> str:
        return "" if "hostPID" in spec(body) or "hostIPC" in spec(body) else "one of them has to stay"

    result = found(Server(neither))
    assert len(result.offers) == 1
    assert [each.reason for each in result.held] == [TOGETHER]


def test_all_are_asked_alone_and_together() -> None:
    server = Server(lambda _: "")
    found(server)
    hosts = {("hostPID" in spec(body), "hostIPC" in spec(body)) for body in server.asked}
    assert hosts == {(True, True), (False, True), (True, False), (False, False)}


@pytest.mark.parametrize("reason", ["", "kind is not up after 90 s"])
def test_without_a_server_the_schema_vouches(reason: str) -> None:
    result = found(None, reason)
    assert [offer.verification.tier for offer in result.offers] == [Tier.SCHEMA, Tier.SCHEMA]
    assert {offer.verification.server for offer in result.offers} == {"1.37"}


def test_a_server_is_prepared_for_files_with_offers_only() -> None:
    run = task(["web.yaml"])
    with_offers = bring(run, changed("web.yaml", None, TEXT))
    without = bring(run, changed("web.yaml", TEXT, TEXT + "\n# more\n"))
    assert [body["metadata"]["name"] for body in bodies([with_offers, without])] == ["web"]
