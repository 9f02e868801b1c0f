"""`scheduler:` of the settings: how verified fixes are put in order, and what is known of images and earlier reviews.

Paths are those of the file; who reads them knows what they are relative to. docs/scheduler.md says what each means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.manifest.configuration import Field

KEYS = ("enabled", "weights", "history", "epss", "kev", "trivy")
WEIGHTS = ("explore", "alpha", "kev")
LARGEST_WEIGHT = 1_000_000


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """What a team says of the order. `weights` are those that it changes, by their names in the formula.

    `enabled` False: a review goes by severity alone. `history`, `epss` and `kev` are files, None where none is named;
    `trivy` are reports on images.
    """

    enabled: bool = True
    weights: Mapping[str, float] = field(default_factory=dict)
    history: str | None = None
    epss: str | None = None
    kev: str | None = None
    trivy: tuple[str, ...] = ()


def read_scheduler(member: Field) -> SchedulerSettings:
    """The settings under `scheduler`; null is absent."""
    members = member.members(KEYS)
    weights = members["weights"].members(WEIGHTS) if "weights" in members else {}
    reports = members["trivy"].items("it is a list of reports, such as [web.trivy.json]") if "trivy" in members else []
    paths = {key: members[key].text("it is the path of a file") for key in ("history", "epss", "kev") if key in members}
    return SchedulerSettings(
        enabled=members["enabled"].flag() if "enabled" in members else True,
        weights={key: weight.number(0, LARGEST_WEIGHT) for key, weight in weights.items()},
        trivy=tuple(each.text("it is the path of a report") for each in reports),
        **paths,
    )
