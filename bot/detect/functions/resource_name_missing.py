"""Objects without a name, or with one that the API server refuses.

Only kinds of Kubernetes itself: of others nobody knows whether they are objects at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder
from bot.policy.kinds import is_built_in

_SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\Z")
_LABEL_KINDS = frozenset({"Namespace", "Service"})
_NAMELESS = re.compile(r".*(?:Review|Options|Request|List)\Z|Binding\Z|Eviction\Z|Scale\Z|Status\Z|Config\Z")
_RBAC = "rbac.authorization.k8s.io"
_FREE = frozenset({"IPAddress", "ClusterTrustBundle", "CertificateSigningRequest"})
"""Kinds whose names follow rules of their own."""


def check(context: Context) -> Iterator[Hit]:
    """One hit for a name that is missing or wrong."""
    ref = context.resource.ref
    if not is_built_in(ref.group) or _NAMELESS.match(ref.kind):
        return
    metadata = context.resource.body.get("metadata")
    if metadata is not None and not isinstance(metadata, dict):
        return
    metadata = metadata or {}
    name, at = metadata.get("name"), "/metadata/name"
    if name is None or name == "":
        if not metadata.get("generateName"):
            yield Hit(at=at, target=at, message=f"{ref.kind} without a name")
    elif isinstance(name, str) and not is_placeholder(name) and not _fits(ref.group, ref.kind, name):
        yield Hit(at=at, target=at, message=f"{name!r} is no name for a {ref.kind}")


def _fits(group: str, kind: str, name: str) -> bool:
    if kind in _FREE:
        return True
    if group == _RBAC:
        return name not in (".", "..") and "/" not in name and "%" not in name
    return (_LABEL if kind in _LABEL_KINDS else _SUBDOMAIN).match(name) is not None
