"""Any of the suggestions of a file, taken in any order as GitHub does, give a file that is right.

Every corpus file is a pull request that adds it. Of its suggestions random sets are taken one after the other in random
order: each is a click that replaces lines of the file as it is by then.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from bot.manifest import read
from bot.pipeline import Seen, examine
from bot.pull import Brought, bring
from bot.review.lines import split
from bot.review.model import Offer
from tests.pull.material import changed, task

SEED = 20261125
SETS = 4

pytestmark = pytest.mark.corpus


@cache
def files(corpus: Path) -> dict[str, str]:
    texts = {}
    for path in sorted(corpus.rglob("*.y*ml")):
        try:
            texts[path.relative_to(corpus).as_posix()] = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
    return texts


def clicked(text: str, offers: Sequence[Offer]) -> str:
    """The text after each of the offers has been taken, in this order; lines move as those above grow or shrink."""
    moved: list[tuple[int, int]] = []
    lines = split(text)
    for offer in offers:
        span = offer.span
        assert span is not None
        shift = sum(by for line, by in moved if line < span.start)
        first, last = span.start - 1 + shift, span.end + shift
        assert "".join(lines[first:last]) == span.old, "the lines are not what the suggestion was made for"
        lines[first:last] = split(span.new)
        moved.append((span.start, len(split(span.new)) - (span.end - span.start + 1)))
    return "".join(lines)


@pytest.mark.parametrize("every", [False, True], ids=["default", "all"])
def test_any_suggestions_in_any_order(corpus: Path, every: bool) -> None:
    texts = files(corpus)
    run = task(texts, texts.get, every=every)
    chance = random.Random(SEED)
    looked_at, taken = 0, 0
    for path, text in texts.items():
        found = bring(run, changed(path, None, text))
        offers = [offer for offer in found.offers if offer.span is not None]
        if len(offers) < 2:
            continue
        looked_at += 1
        _, before = examine(run.head, path, text)
        assert before is not None
        known = {each.finding.fingerprint for each in before.everything}
        for _ in range(SETS if not every else 1):
            chosen = chance.sample(offers, chance.randint(1, len(offers)))
            _check(found, before, known, chosen, run.head)
            taken += len(chosen)
    assert looked_at > (60 if not every else 150)
    assert taken > (300 if not every else 500)


def _check(found: Brought, before: Seen, known: set[str], chosen: Sequence[Offer], bot: object) -> None:
    text = clicked(found.changed.text, chosen)
    names = [(offer.lead.policy_id, offer.lead.location.start_line) for offer in chosen]
    assert read(found.path, text).problem is None, (found.path, names)
    _, after = examine(bot, found.path, text)  # type: ignore[arg-type]
    assert after is not None
    left = {each.finding.fingerprint: each.finding for each in after.everything}
    for offer in chosen:
        for finding in offer.findings:
            assert finding.fingerprint not in left, (found.path, names, finding.policy_id)
    new = {key: finding for key, finding in left.items() if key not in known}
    # What a fix brings along is less severe than what it cures, and its comment says so.
    notes = {note.partition(":")[0] for offer in chosen for note in offer.verification.notes}
    unsaid = [finding.policy_id for finding in new.values() if finding.policy_id not in notes]
    assert not unsaid, (found.path, names, unsaid)
