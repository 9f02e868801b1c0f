"""`fix --base`: exactly the fixes that a review of the checked out commit offers, as a report to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from bot.cli import checkout, review_engines
from bot.cli.reviewing import Wish
from bot.errors import InputError
from bot.model import Finding, Report, Severity, Verification
from bot.pull.review import applied
from bot.settings import Options

_HEAD = "HEAD"


def report(base: str, selection: Mapping[str, Any]) -> Report:
    """What `fix` would report for the offers of the review; `selection` are the shared options, by their names.

    InputError when a file to be fixed is not as it was committed: the offers are about the commit.
    """
    with checkout.repository() as found:
        shown = partial(checkout.shown, found)
        run = checkout.reviewing(_wish(selection), found, base, _HEAD)
        review = run.run()
        changed = tuple(applied(review.texts, review.offers))
        differing = found.differing(review.head, [path for path, _, _ in changed])
        if differing:
            raise InputError(f"{differing[0]}: differs from the commit that is reviewed; commit or stash it first")
        return Report(
            findings=tuple(_moved(each.finding, shown(each.finding.location.path)) for each in review.held),
            verifications=tuple(
                _named(replace(offer.verification, fix=part), shown(offer.path))
                for offer in review.offers
                for part in offer.parts
            ),
            skips=tuple(replace(skip, path=shown(skip.path)) for skip in review.skips),
            notices=review.notices,
            changed=tuple((shown(path), before, after) for path, before, after in changed),
            counts={"files": review.checked},
        )


def _moved(finding: Finding, path: str) -> Finding:
    return replace(finding, location=replace(finding.location, path=path))


def _named(verification: Verification, path: str) -> Verification:
    """A verification whose fix names its file as it is opened from here."""
    fix = verification.fix
    findings = tuple(_moved(finding, path) for finding in fix.findings)
    return replace(verification, fix=replace(fix, findings=findings, changes=(replace(fix.changes[0], path=path),)))


def _wish(selection: Mapping[str, Any]) -> Wish:
    said = dict(selection)
    severity = Severity[said["severity"].upper()]
    options = Options(
        said["config"],
        said["select"],
        said["ignore"],
        said["exclude"],
        said["kubernetes_version"],
        cluster=said["cluster"],
        profile=said["profile"],
        engines=said["engines"],
        kyverno_policies=said["kyverno_policies"],
    )
    review_engines.check(said["engines"])
    wish = Wish(said["paths"], severity=severity, least=severity, folder=said["folder"], jobs=said["jobs"])
    wish = replace(wish, kubeconfig=said["kubeconfig"] or "", context=said["context"] or "")
    return replace(wish, sarif=said["sarif"], options=options)
