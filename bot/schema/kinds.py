"""Which minor versions the bundle holds, and which kinds Kubernetes itself serves in them."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.schema.bundle import bundle, minor

OLDEST_SUPPORTED = "1.34"
"""The oldest minor that is still maintained by default somewhere (November 2026): a replacement has to be served there.

Upstream ended 1.34 on 27 October 2026 and maintains 1.35 to 1.37; the big providers keep a minor some 14 months.
"""

NEWEST = "1.37"
"""The newest minor: what it no longer serves is removed."""

REMOVED_GROUPS = frozenset({"auditregistration.k8s.io", "extensions", "settings.k8s.io"})
"""Groups of Kubernetes' own that no bundled minor has any more (kubernetes.io, deprecation guide)."""

_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?![0-9])")


def versions() -> tuple[str, ...]:
    """The bundled minors, oldest first."""
    return bundle().minors


@lru_cache(maxsize=256)
def nearest(version: str) -> str:
    """The bundled minor for `version` (`1.36`, `v1.36.3`, `1.36.3-gke.1`): itself, or the oldest or newest there is.

    Raises ValueError for what is no version.
    """
    match = _VERSION.match(version)
    if match is None:
        raise ValueError(f"not a Kubernetes version: {version!r}; write it as {NEWEST}")
    wanted = _order(match.group())
    return min(versions(), key=lambda one: abs(_order(one) - wanted))


def _order(version: str) -> int:
    major, minor_ = version.lstrip("v").split(".")
    return int(major) * 10_000 + int(minor_)


@lru_cache(maxsize=1)
def own_groups() -> frozenset[str]:
    """The API groups that are Kubernetes' own, in any bundled minor or before; the core group is empty."""
    present = {group_of(api_version) for one in versions() for api_version, _ in minor(one).kinds}
    return REMOVED_GROUPS | present


def group_of(api_version: str) -> str:
    """The API group of an apiVersion; empty for the core group."""
    return api_version.rpartition("/")[0]


def served(api_version: str, kind: str, version: str) -> bool | None:
    """Whether Kubernetes `version` knows the kind; None when the group is not Kubernetes' own.

    Alpha and beta versions that a cluster has switched off by default count as served.
    """
    known = minor(nearest(version)).kinds
    if (api_version, kind) in known or (api_version, kind.removesuffix("List")) in known:
        return True
    return False if group_of(api_version) in own_groups() else None
