"""Pods that run as a ServiceAccount which is not in scope: none of them is made until it is there."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._objects import any_in_scope, items, missing, text
from bot.detect.functions._text import is_placeholder
from bot.detect.inventory import is_same
from bot.model import Json, Severity

LOOKS_AROUND = True
_BINDINGS = ("RoleBinding", "ClusterRoleBinding")


def check(context: Context) -> Iterator[Hit]:
    """The name, where the scope holds other accounts, or a binding of this one."""
    pod = context.pod
    assert pod is not None, "the policy looks at pod specs"
    member = "serviceAccountName" if text(pod.spec_body, "serviceAccountName") else "serviceAccount"
    name = text(pod.spec_body, member)
    if not name or name == "default" or is_placeholder(name):
        return
    beside = context.inventory.beside(context.resource, "v1/ServiceAccount")
    if any(each.ref.name == name for each in beside):
        return
    if not any_in_scope(context, "v1/ServiceAccount") and not _is_bound(context, name):
        return
    create = _account(context, name)
    yield missing(
        context,
        f"the pods run as ServiceAccount {name}, which is not",
        f"{pod.spec}/{member}",
        create=create,
        severity=Severity.MEDIUM,  # the scope shows accounts, or what this one may do
        unfixable="" if create else "it is added beside the first object that names it",
    )


def _is_bound(context: Context, name: str) -> bool:
    """Whether a binding in scope gives the account something."""
    return any(
        text(subject, "kind") == "ServiceAccount" and text(subject, "name") == name
        for binding in context.inventory.beside(context.resource, *_BINDINGS)
        for subject in items(binding.body, "subjects")
    )


def _account(context: Context, name: str) -> dict[str, Json] | None:
    """The account, beside the first object that names it: one document is enough."""
    resource = context.resource
    users = [
        each.resource
        for each in context.inventory.pods(resource)
        if name in (each.pod.spec_body.get("serviceAccountName"), each.pod.spec_body.get("serviceAccount"))
    ]
    first = min(users, key=lambda each: (each.path, each.document, each.pointer), default=resource)
    if not is_same(first, resource) and first.path != resource.path:
        return None
    metadata: dict[str, Json] = {"name": name}
    if resource.ref.namespace:
        metadata["namespace"] = resource.ref.namespace
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}
