"""A history counted: p and explore by policy."""

from __future__ import annotations

from collections import Counter
from math import log, sqrt

from bot.model import Applicability
from bot.rank.gates import passed
from bot.rank.history import History, Outcome
from bot.rank.priors import PEOPLE, STRENGTH

_ENDS = (Outcome.ACCEPTED, Outcome.DISMISSED)


class Tally:
    """What a history says of policies. A suggestion counts once, by the last thing that people did to it."""

    def __init__(self, history: History) -> None:
        posted = {(each.fingerprint, each.pull): each.policy_id for each in history.events}
        ends = {(each.fingerprint, each.pull): each for each in history.events if each.outcome in _ENDS}
        self._posted = Counter(posted.values())
        self._accepted = Counter(each.policy_id for each in ends.values() if each.outcome is Outcome.ACCEPTED)
        self._dismissed = Counter(each.policy_id for each in ends.values() if each.outcome is Outcome.DISMISSED)
        self.total = len(posted)

    def probability(self, policy_id: str, applicability: Applicability) -> float:
        """P that a fix passes the gates and people take it: the mean of a Beta distribution.

        Its prior has the mean of gates times people and counts like `STRENGTH` outcomes; outcomes of the policy in this
        repository are added, whatever the applicability was.
        """
        prior = passed(policy_id) * PEOPLE[applicability]
        accepted, dismissed = self._accepted[policy_id], self._dismissed[policy_id]
        return (STRENGTH * prior + accepted) / (STRENGTH + accepted + dismissed)

    def bound(self, policy_id: str) -> float:
        """How much is still to be learnt of a policy: the width of UCB1, sqrt(2 ln N / n), one added to both counts.

        Auer, Cesa-Bianchi, Fischer: Finite-time Analysis of the Multiarmed Bandit Problem (2002).
        """
        return sqrt(2.0 * log(1.0 + self.total) / (1.0 + self._posted[policy_id]))
