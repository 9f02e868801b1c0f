"""ServiceAccounts that several workloads run as: what one of them may do, all may."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import SCALED, text, title
from bot.manifest import workloads
from bot.manifest.workloads import Pod

LOOKS_AROUND = True
_KINDS = (*SCALED, "apps/DaemonSet", "batch/Job", "batch/CronJob", "v1/Pod")


def check(context: Context) -> Iterator[Hit]:
    """The name, when another workload that is there whenever this one is names it as well."""
    pod = context.pod
    assert pod is not None, "the policy looks at pod specs"
    name = _account(pod)
    if not name or name == "default":
        return
    others = [
        each
        for each in context.inventory.always(context.resource, *_KINDS)
        if any(_account(other) == name for other in workloads.pods(each))
    ]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        yield Hit(
            at=f"{pod.spec}/{'serviceAccountName' if text(pod.spec_body, 'serviceAccountName') else 'serviceAccount'}",
            message=f"ServiceAccount {name} is that of {title(others[0])}{more}, too",
        )


def _account(pod: Pod) -> str:
    return text(pod.spec_body, "serviceAccountName") or text(pod.spec_body, "serviceAccount")
