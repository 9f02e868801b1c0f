"""Objects that the tests of this folder ask about."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]


def obj(api_version: str, kind: str, name: str = "web", *, namespace: str = "", **fields: Any) -> Object:
    """Any object; `metadata` in `fields` is merged."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {}), **fields.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def container(**fields: Any) -> Object:
    return {"name": "c", "image": "nginx:1.27", **fields}


def pod(*, namespace: str = "", **spec: Any) -> Object:
    return obj("v1", "Pod", namespace=namespace, spec={"containers": [container()], **spec})


def deployment(*, namespace: str = "", pod: Object | None = None, name: str = "web", **spec: Any) -> Object:
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container()], **(pod or {})}}
    spec = {"selector": {"matchLabels": {"app": "web"}}, "template": template, **spec}
    return obj("apps/v1", "Deployment", name, namespace=namespace, spec=spec)


def crd(kind: str = "Sprocket", group: str = "parts.example.com", **spec: Any) -> Object:
    plural = f"{kind.lower()}s"
    properties = {
        "size": {"type": "integer", "maximum": 99},
        "teeth": {"type": "integer"},
        "mode": {"type": "string", "enum": ["fast", "slow"]},
    }
    limit = [{"rule": "!has(self.teeth) || self.teeth < 5", "message": "too many teeth"}]
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": properties, "x-kubernetes-validations": limit},
        },
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return obj(
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        f"{plural}.{group}",
        spec={
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": plural, "singular": kind.lower(), "kind": kind, "listKind": f"{kind}List"},
            "versions": [version],
            **spec,
        },
    )


RESTRICTED: Object = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        container(securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}),
    ],
}
"""A pod spec that the restricted level admits."""
