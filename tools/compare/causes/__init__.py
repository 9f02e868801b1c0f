"""Why the two differ, as data: each disagreement belongs to the first cause that fits it.

A cause says who is right and why in one sentence, with the source where Kubernetes decides. What fits no cause has not
been understood yet, and a cause that nothing fits any more is to be removed.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.compare.cause import Cause
from tools.compare.causes import access, objects, products, security, workloads
from tools.compare.disagree import Disagreement

CAUSES: Sequence[Cause] = (
    *objects.CAUSES,
    *workloads.CAUSES,
    *security.CAUSES,
    *products.CAUSES,
    *access.CAUSES,
)


def cause_of(case: Disagreement) -> Cause | None:
    """The first cause that fits; None when the disagreement is unexplained."""
    return next((cause for cause in CAUSES if cause.explains(case)), None)
