"""An order explained: what each term adds, which terms say nothing, and whether a plain sort would have done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.rank.compare import agreement, is_by_severity
from bot.rank.feeds import Feeds
from bot.rank.history import History
from bot.rank.model import Ranked, Weights

_SAME = 1e-9


def terms(ranked: Ranked, weights: Weights) -> tuple[tuple[str, float], ...]:
    """What each term adds to the score, in points a minute; the score is their sum."""
    return (
        ("R * p / E[t]", ranked.R * ranked.p / ranked.Et),
        ("explore", weights.explore * ranked.explore),
        ("wait", weights.alpha * ranked.wait),
        ("kev", weights.kev * ranked.kev),
    )


def remarks(ranked: Sequence[Ranked], *, history: History, feeds: Feeds) -> tuple[str, ...]:
    """What a person should know of an order, a line each: missing inputs, constant terms, plain severity."""
    if not ranked:
        return ()
    return (*_missing(ranked, history, feeds), *_constant(ranked), _severity(ranked))


def _missing(ranked: Sequence[Ranked], history: History, feeds: Feeds) -> Iterator[str]:
    if feeds.images is None:
        yield "no report on images: their vulnerabilities are unknown, and kev is 0 (trivy image --format json IMAGE)"
    else:
        if feeds.epss is None:
            yield "no EPSS: the severity of a CVE stands for its probability (k8s-auto-fix feeds update)"
        if feeds.kev is None:
            yield "no KEV catalogue: kev is 0 (k8s-auto-fix feeds update)"
    if not history.events:
        yield "no history: p is the prior by policy and applicability, and explore is 0"
    if history.torn:
        yield f"{history.torn:,} torn lines of the history are left out"
    unknown = sum(each.candidate.age_hours is None for each in ranked)
    if unknown:
        of = "every fix" if unknown == len(ranked) else f"{unknown:,} of {len(ranked):,} fixes"
        yield f"wait is unknown for {of}, and counts as 0: no history of their lines in git"


def _constant(ranked: Sequence[Ranked]) -> Iterator[str]:
    """The terms that are the same everywhere, and so move nothing."""
    if len(ranked) < 2:
        return
    values = {
        "R": [each.R for each in ranked],
        "p": [each.p for each in ranked],
        "E[t]": [each.Et for each in ranked],
        "explore": [each.explore for each in ranked],
        "wait": [each.wait for each in ranked],
        "kev": [each.kev for each in ranked],
    }
    still = [f"{name} ({found[0]:.4g})" for name, found in values.items() if max(found) - min(found) <= _SAME]
    if still:
        yield f"the same for every fix: {', '.join(still)}"


def _severity(ranked: Sequence[Ranked]) -> str:
    if is_by_severity(ranked):
        return "the order is that of a plain sort by severity"
    severities = [each.candidate.severity for each in ranked]
    if severities == sorted(severities, reverse=True):
        return "a plain sort by severity differs only within a severity, where it goes by fingerprint"
    return f"a plain sort by severity gives another order (Kendall's tau {agreement(ranked):.2f})"
