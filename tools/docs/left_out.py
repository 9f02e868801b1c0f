"""docs/coverage.md: what of the known misconfigurations is left out, and why."""

from __future__ import annotations

from collections.abc import Iterable

from bot.policy.coverage import Coverage, LeftOut
from tools.docs.markdown import plain, section, table

_HEAD = """\
<!-- Written by `make docs` from bot/policy/data/misconfigurations.py and the policies. -->

# What is covered

The tools of the field know {known} misconfigurations of manifests between them, one id for each distinct thing, and for
{fixable} of them a fix of the manifest is defined. Here **{detected} are detected and {fixed} fixed**;
`k8s-auto-fix policies --coverage` counts anew. What is left out is listed below with its reason: a wrong finding or
fix costs more trust than a missing one.

What is asked of a control plane is not among them: it stands in no manifest of an application. Five policies, off by
default, look at what kubeadm writes for it all the same: flags of the API server, the controller manager, the scheduler
and etcd, encryption and the audit log. Kubelets, the modes of files on nodes and the network plugin are in no manifest.
"""


def page(found: Coverage) -> str:
    """The page for what was counted."""
    head = _HEAD.format(known=found.known, fixable=found.fixable, detected=found.detected, fixed=found.fixed)
    return (
        head
        + section(f"Not detected ({len(found.undetected)})", _rows(found.undetected))
        + section(f"Detected, without the fix that is defined ({len(found.unfixed)})", _rows(found.unfixed))
    )


def _rows(rows: Iterable[LeftOut]) -> str:
    cells = [(f"`{each.id}`", plain(each.reason)) for each in rows]
    return table(("misconfiguration", "why not"), cells) if cells else ""
