"""What is put in order, how much each term weighs, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model import Applicability, Json, ResourceRef, Severity

Body = Mapping[str, Json]
"""A Kubernetes object as it was read."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One verified fix, or several that are taken together: the worst finding then speaks for all.

    `fingerprint` breaks ties, `id` the ties that are left. `verify_ms` are the milliseconds that its gates took; None:
    not measured, or not to count. `body` is the object, for its exposure and its images; `neighbours` are other objects
    in scope (Services, Ingresses, role bindings, ...), one collection shared by all candidates of a scope: it is looked
    through once. `age_hours` says how long the finding has been in the base branch, 0 for new lines, None when nobody
    knows.
    """

    id: str
    policy_id: str
    fingerprint: str
    severity: Severity
    applicability: Applicability
    changed_lines: int
    verify_ms: float | None
    resource: ResourceRef
    body: Body
    neighbours: Sequence[Body] = ()
    age_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of S, in points of risk a minute, the unit of R * p / E[t].

    `explore` is for one unit of the bound (about a standard deviation), `alpha` for an hour of waiting, `kev` for an
    image with a vulnerability that is known to be exploited. docs/scheduler.md says where the numbers come from.
    """

    explore: float = 0.5
    alpha: float = 0.0005
    kev: float = 20.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its score and every term, unweighted.

    `R` is 0 to 100 points, `p` a probability, `Et` minutes, `explore` a bound without unit, `wait` hours (0 when
    unknown), `kev` 0 or 1. `parts` name what R is made of, in points. `reason` is what stands out besides the severity,
    as words that follow a noun ("exposed by an Ingress"); empty when nothing does.
    """

    candidate: Candidate
    score: float
    R: float
    p: float
    Et: float
    explore: float
    wait: float
    kev: float
    parts: tuple[tuple[str, float], ...]
    reason: str = ""

    @property
    def note(self) -> str:
        """A few words for a column: `score 21 · exposed by an Ingress`."""
        return f"score {self.score:.0f}" + (f" · {self.reason}" if self.reason else "")

    @property
    def why(self) -> str:
        """One sentence for people."""
        one = self.candidate
        stands_out = f", {self.reason}" if self.reason else ""
        minutes = f"{self.Et:.1f}".removesuffix(".0")
        return (
            f"A finding of {one.severity} severity{stands_out}; about {self.p * 100:.0f} of 100 such fixes are taken,"
            f" and this one needs about {minutes} minute{'s' * (minutes != '1')} of a person."
        )
