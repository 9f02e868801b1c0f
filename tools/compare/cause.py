"""What a cause of a disagreement is, and the words that causes are written in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from tools.compare.disagree import Disagreement, Side

OURS, THEIRS = Side.OURS, Side.THEIRS

DOCS = "https://kubernetes.io/docs/"
STANDARDS = DOCS + "concepts/security/pod-security-standards/"
RESOURCES = DOCS + "concepts/configuration/manage-resources-containers/"
PROBES = DOCS + "concepts/configuration/liveness-readiness-startup-probes/"
CONTEXT = DOCS + "tasks/configure-pod-container/security-context/"
RBAC = DOCS + "reference/access-authn-authz/rbac/"
IMAGES = DOCS + "concepts/containers/images/"


class Right(StrEnum):
    """Who is right; BOTH where the two ask different things, and each is right about its own."""

    OURS = "we"
    THEIRS = "Checkov"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason. `side` is who complains alone; without `checks` it may fit any of them."""

    id: str
    side: Side
    right: Right
    why: str
    fits: Callable[[Disagreement], bool]
    checks: frozenset[str] = frozenset()
    source: str = ""

    def explains(self, case: Disagreement) -> bool:
        """Whether this is why the two differ here."""
        return case.side is self.side and (not self.checks or case.check in self.checks) and self.fits(case)


def ckv(*numbers: int) -> frozenset[str]:
    """Checks of one object, by their numbers."""
    return frozenset(f"CKV_K8S_{number}" for number in numbers)


def graph(*numbers: int) -> frozenset[str]:
    """Checks of relations between objects, by their numbers."""
    return frozenset(f"CKV2_K8S_{number}" for number in numbers)
