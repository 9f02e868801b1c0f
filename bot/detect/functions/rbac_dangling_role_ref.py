"""Bindings of a role that is not in scope: they give nothing, until somebody makes a role of that name."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import any_in_scope, missing, text, title
from bot.detect.functions._text import is_placeholder

LOOKS_AROUND = True
_OF_THE_CLUSTER = frozenset({"admin", "cluster-admin", "edit", "view"})


def check(context: Context) -> Iterator[Hit]:
    """The role, where the scope holds others of its kind; those that every cluster has are known."""
    kind, name = text(context.resource.body, "roleRef", "kind"), text(context.resource.body, "roleRef", "name")
    if kind not in ("Role", "ClusterRole") or not name or is_placeholder(name):
        return
    if kind == "ClusterRole" and (name in _OF_THE_CLUSTER or name.startswith("system:")):
        return
    if not any_in_scope(context, kind):
        return
    if all(each.ref.name != name for each in context.inventory.beside(context.resource, kind)):
        yield missing(context, f"{title(context.resource)} binds {kind} {name}, which is not", "/roleRef/name")
