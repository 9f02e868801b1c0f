"""R: what a finding may cost, 0 to 100 points: by its severity, by how exposed the object is, and by its images."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.model import Severity
from bot.rank.feeds import Feeds, Vulnerability
from bot.rank.priors import BASE, EPSS, EXPOSED, IMAGE, IMPACT, SEVERITY


@dataclass(frozen=True, slots=True)
class Images:
    """What is known of an object's images: `harm`, 0 to 1, and the CVEs that are known to be exploited, sorted."""

    harm: float = 0.0
    exploited: tuple[str, ...] = ()


def of_images(references: Iterable[str], feeds: Feeds) -> Images:
    """What feeds say of images; nothing for an image that no report is about."""
    found = {each for reference in references for each in feeds.of(reference) or ()}
    known = feeds.kev or frozenset()
    return Images(harm(found, feeds.epss or {}), tuple(sorted({each.id for each in found} & known)))


def harm(found: Iterable[Vulnerability], epss: Mapping[str, float]) -> float:
    """The probability that one of several vulnerabilities is exploited within 30 days and reaches the object.

    As if they were independent, which is what the EPSS advises for several CVEs at one place.
    """
    left = 1.0
    for each in sorted(found, key=lambda one: (one.id, one.severity)):
        left *= 1.0 - epss.get(each.id, EPSS[each.severity]) * IMPACT[each.severity]
    return 1.0 - left


def parts(severity: Severity, exposed: float, harmed: float) -> tuple[tuple[str, float], ...]:
    """The parts of R, in points, by name; R is their sum. `exposed` and `harmed` are 0 to 1."""
    points = SEVERITY[severity]
    return (
        ("severity", points * BASE),
        ("exposure", points * EXPOSED * exposed),
        ("images", points * IMAGE * harmed),
    )
