"""Policies tried on their own examples: what `k8s-auto-fix policies test` and the test suite run.

A `bad` text gives the policy's finding, a `good` one gives none; the fix turns `bad` into `fixed` byte for byte, passes
all gates with every policy switched on that it does not contradict, and has nothing to do on `fixed`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.detect.detect import Detection, Detector, Environment, detect_all
from bot.detect.inventory import Inventory, alone
from bot.manifest import Manifest, Resource, read
from bot.model import Applicability, Finding, Fix, Skip, Suppression
from bot.pipeline import Bot, repair
from bot.policy import Example, Policy
from bot.policy.contradictions import contradict
from bot.propose.template import proposals
from bot.verify.additions import is_addition, verify_additions
from bot.verify.verify import Verifier

LEAST_EXAMPLES = 2
"""Examples of each sort, `bad` and `good`, that a policy needs."""


class Alone:
    """Surroundings of a text that stands alone: nothing is skipped, silenced or suppressed."""

    def skip(self, _manifest: Manifest, /) -> Skip | None:
        """Nothing is left out."""
        return None

    def resources(self, manifest: Manifest, /) -> Sequence[Resource]:
        """All objects, none of them a fragment."""
        return tuple(manifest.resources)

    def inventory(self, manifest: Manifest, /) -> Inventory:
        """The objects of the text are each other's inventory."""
        return alone(manifest.resources)

    def silence(self, _manifest: Manifest, _resource: Resource, _finding: Finding, /) -> str | None:
        """Every finding counts."""
        return None

    def suppress(
        self, _manifest: Manifest, findings: Sequence[Finding], /
    ) -> tuple[Sequence[Suppression | None], Sequence[Skip]]:
        """No finding is accepted."""
        return [None] * len(findings), ()


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong with a policy; `example` is the name of the example, empty when it is about the policy."""

    policy_id: str
    example: str
    what: str

    def __str__(self) -> str:
        return f"{self.policy_id}: {self.example}: {self.what}" if self.example else f"{self.policy_id}: {self.what}"


def try_policy(policy: Policy, everything: Sequence[Policy], environment: Environment) -> Iterator[Failure]:
    """What is wrong with the examples of `policy`; `everything` are the policies that its fixes must not offend."""
    for sort in ("bad", "good"):
        count = sum(1 for example in policy.examples if getattr(example, sort) is not None)
        if count < LEAST_EXAMPLES:
            yield Failure(policy.id, "", f"{count} {sort} examples, {LEAST_EXAMPLES} needed")
    for example in policy.examples:
        yield from (Failure(policy.id, example.name, what) for what in _try(example, policy, everything, environment))


def _try(example: Example, policy: Policy, everything: Sequence[Policy], environment: Environment) -> Iterator[str]:
    circumstances = Environment(
        example.values if example.values is not None else environment.values,
        example.kubernetes or environment.oldest,
        example.kubernetes or environment.newest,
        environment.schemas,
    )
    own = Detector([policy], circumstances)
    text = example.bad if example.bad is not None else example.good
    assert text is not None, "an example is bad or good"
    manifest = read("example.yaml", text)
    if manifest.problem is not None:
        yield f"not readable: {manifest.problem.reason}"
        return
    detections, skips = detect_all(own, manifest, manifest.resources)
    yield from (skip.reason for skip in skips)
    if example.good is not None:
        yield from (f"a good example has a finding: {each.finding.message}" for each in detections)
        return
    if not detections:
        yield "a bad example has no finding"
        return
    others = [each for each in everything if not contradict(each, policy)]
    yield from _try_fix(example, text, manifest, detections, own, Detector(others, circumstances))


def _try_fix(
    example: Example,
    text: str,
    manifest: Manifest,
    detections: Sequence[Detection],
    own: Detector,
    full: Detector,
) -> Iterator[str]:
    bot = Bot(own, Alone())
    fixes = [_first(detection) for detection in detections]
    repaired = repair(bot, "example.yaml", text, least=Applicability.DISPLAY_ONLY)
    if example.fixed is None:
        if repaired.after is not None:
            yield f"a fix holds, and the example has no fixed text; it would be:\n{repaired.after}"
        elif not example.unfixed and any(policy.fixes for policy in own.policies.values()):
            yield "no fix holds: say `unfixed: true`" + "".join(f"\n{each}" for each in _refusals(repaired))
        return
    if repaired.after is None:
        yield "no fix was made" + "".join(f"\n{each}" for each in _refusals(repaired))
        return
    if repaired.after != example.fixed:
        yield f"the fix gives another text:\n{repaired.after}"
        return
    if repaired.findings:
        yield f"the fixed text still has a finding: {repaired.findings[0].message}"
    before, _ = detect_all(full, manifest, manifest.resources)
    made = [fix for fix in fixes if fix is not None]
    verifier = Verifier(full, Alone().resources)
    verified = list(verifier.verify(manifest, [fix for fix in made if not is_addition(fix)], before).verifications)
    additions = [fix for fix in made if is_addition(fix)]
    if additions:
        verified += verify_additions(verifier, manifest, additions, before).verifications
    for verification in verified:
        yield from (f"gate {each.gate}: {each.reason}" for each in verification.results if each.status == "failed")


def _first(detection: Detection) -> Fix | None:
    return next((offer for offer in proposals(detection) if isinstance(offer, Fix)), None)


def _refusals(result: object) -> list[str]:
    verifications = getattr(result, "verifications", [])
    return [
        f"gate {each.gate}: {each.reason}"
        for verification in verifications
        for each in verification.results
        if each.status == "failed"
    ]
