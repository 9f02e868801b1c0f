"""The order of offers: it depends on what they are, not on the order in which files are looked at."""

from __future__ import annotations

from dataclasses import replace

from bot.manifest import Manifest
from bot.pull.order import Known, ordered, plain, unknown_ages
from bot.rank import History, Weights
from bot.rank.history import Event, Outcome
from bot.rank.model import Body
from bot.review.model import Offer
from tests.pull.material import brought

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: {name}
spec:
  hostPID: true
  hostIPC: {ipc}
  containers:
    - name: app
      image: nginx:1.27.3
"""
FOUND = [
    brought(None, POD.format(name="one", ipc="false"), "one.yaml"),
    brought(None, POD.format(name="two", ipc="true"), "two.yaml"),
]
OFFERS = [offer for each in FOUND for offer in each.offers]


def nobody(_: Manifest) -> tuple[Body, ...]:
    return ()


def names(offers: list[Offer]) -> list[tuple[str, str]]:
    return [(offer.path, offer.lead.policy_id) for offer in offers]


def sorted_(offers: list[Offer], known: Known | None = None) -> list[Offer]:
    return ordered(offers, FOUND, known or Known(), nobody)


def test_every_offer_is_there_once_with_a_note() -> None:
    found = sorted_(OFFERS)
    assert sorted(names(found)) == sorted(names(OFFERS))
    assert all(offer.note.startswith("score ") for offer in found)
    assert {id(offer.verification) for offer in found} == {id(offer.verification) for offer in OFFERS}


def test_the_order_given_does_not_count() -> None:
    assert sorted_(OFFERS[::-1]) == sorted_(OFFERS)
    assert plain(OFFERS[::-1]) == plain(OFFERS)


def test_neighbours_are_asked_for_once_a_file() -> None:
    asked: list[str] = []

    def around(manifest: Manifest) -> tuple[Body, ...]:
        asked.append(manifest.path)
        return ()

    ordered(OFFERS, FOUND, Known(), around)
    assert asked == ["one.yaml", "two.yaml"]


def test_what_people_turn_down_comes_last() -> None:
    policy = sorted_(OFFERS)[0].lead.policy_id
    said = tuple(Event(Outcome.DISMISSED, f"{each:016x}", policy, each) for each in range(30))
    assert sorted_(OFFERS, Known(history=History(said)))[-1].lead.policy_id == policy


def test_new_lines_have_not_waited() -> None:
    ages = {(offer.path, offer.lead.location.start_line): 1e6 for offer in OFFERS}
    known = Known(weights=Weights(alpha=1.0), ages=ages)
    assert sorted_(OFFERS, known) == sorted_(OFFERS, replace(known, ages={}))
    assert unknown_ages(OFFERS, FOUND) == {}
