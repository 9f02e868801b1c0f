"""docs/scheduler.md says the numbers that count."""

from __future__ import annotations

import re

import pytest

from bot.model import Applicability, Severity
from bot.rank import Weights, exposure, facts, powers, priors
from bot.rank.history import History, line
from bot.rank.tally import Tally
from tests.material import ROOT
from tests.rank.material import candidate, event, only

PAGE = (ROOT / "docs" / "scheduler.md").read_text(encoding="utf-8")
WORDS = " ".join(PAGE.split())


def rows(head: str) -> list[list[str]]:
    """The rows of the table whose first column is called `head`."""
    table = PAGE.partition(f"\n\n| {head} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table]


def test_weights() -> None:
    said = {name.strip("`"): default.partition(":")[0] for name, _, default in rows("weight")}
    assert {name: float(value) for name, value in said.items()} == {
        "explore": Weights().explore,
        "alpha": Weights().alpha,
        "kev": Weights().kev,
    }
    assert f"{8766 * Weights().alpha:.1f}" in WORDS.partition("a year of waiting gains ")[2][:4]


def test_what_weights_are_compared_with() -> None:
    said = re.search(r"is ([0-9.]+) at low, ([0-9.]+) at medium, ([0-9.]+) at high and ([0-9.]+) at critical", WORDS)
    assert said is not None
    found = [only(candidate(policy="own-policy", severity=each)).score for each in sorted(Severity)]
    assert [f"{score:.1f}" for score in found] == list(said.groups())


def test_what_an_unknown_policy_gains() -> None:
    tally = Tally(History(tuple(event("posted", each) for each in range(100))))
    assert f"gains {Weights().explore * tally.bound('never'):.1f}," in WORDS


def test_points_and_parts() -> None:
    points = ", ".join(f"{value:g} {severity}" for severity, value in priors.SEVERITY.items())
    assert f"{points}." in WORDS
    shares = [re.match(r"\d+", row[1]) for row in rows("part")]
    assert [int(share[0]) / 100 for share in shares if share] == [priors.BASE, priors.EXPOSED, priors.IMAGE]


def test_shares_of_exposure() -> None:
    assert [float(share) for _, share in rows("fact")] == [
        facts.ROUTED,
        *(each[0] for each in (facts.BALANCER, facts.NODE_PORT, facts.IN_CLUSTER, facts.HOST_NETWORK)),
        *(each[0] for each in (facts.HOST_PORT, facts.PRIVILEGED, facts.NODE, facts.NODE_FILES)),
        *(each[0] for each in (exposure.BESIDE, exposure.SYSTEM, exposure.LOOSE)),
        *(each[0] for each in (powers.EVERYTHING, powers.MORE_RIGHTS, powers.READ_SECRETS, powers.START_PODS)),
    ]
    assert f"counts {powers.IN_ONE_NAMESPACE * 100:.0f} %" in WORDS


def test_images() -> None:
    said = {name: (float(probability), float(impact)) for name, probability, impact in rows("severity")}
    assert said == {name: (priors.EPSS[name], priors.IMPACT[name]) for name in priors.EPSS}


@pytest.mark.parametrize(
    "said",
    [
        f"({priors.STRENGTH:g} m + accepted) / ({priors.STRENGTH:g} + accepted + dismissed)",
        f"({priors.PEOPLE[Applicability.SAFE]} safe, {priors.PEOPLE[Applicability.UNSAFE]} unsafe, ",
        f"{priors.PEOPLE[Applicability.DISPLAY_ONLY]} display-only",
        f"The mean of {priors.EXPECTED:g} minutes",
        f"half a minute, {priors.LINE} for each changed line",
        f"drawn to {priors.GATES_MS:g} ms as by three measurements",
        line(event("posted", 1)).partition('"fingerprint"')[0],
    ],
)
def test_priors(said: str) -> None:
    assert said in WORDS
    assert (priors.REVIEW, priors.GATE_STRENGTH) == (0.5, 3.0)
