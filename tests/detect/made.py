"""Findings, policies and surroundings for the tests of this folder, made from little."""

from __future__ import annotations

from datetime import date

from bot.detect.context import Surroundings, look_around
from bot.detect.marks import Known
from bot.manifest import Manifest, pointers, spans
from bot.model import Finding, Severity

TODAY = date(2026, 11, 24)

NAMES = Known(
    categories={
        "host-pid": "pod-security",
        "host-network": "pod-security",
        "privileged-container": "container-hardening",
        "memory-limit-missing": "resources",
        "cpu-limit-missing": "resources",
        "insufficient-replicas": "reliability",
        "default-namespace-used": "best-practice",
        "schema-invalid": "schema-error",
        "unreplaced-placeholder": "schema-error",
        "secret-in-env-literal": "secrets",
        "image-tag-latest-or-missing": "supply-chain",
        "image-digest-missing": "supply-chain",
        "image-registry-untrusted": "supply-chain",
    },
    twins={
        ("checkov", "ckv_k8s_17"): frozenset({"host-pid"}),
        ("kics", "302736f4-b16c-41b8-befe-c0baffa0bd9d"): frozenset({"host-pid"}),
        ("kics", "container_is_privileged"): frozenset({"privileged-container"}),
        ("kube-linter", "host-pid"): frozenset({"host-pid"}),
        ("kube-linter", "unset-memory-requirements"): frozenset({"memory-limit-missing"}),
        ("kube-score", "container-resources"): frozenset({"memory-limit-missing", "cpu-limit-missing"}),
        ("kubescape", "c-0038"): frozenset({"host-pid"}),
        ("polaris", "hostpidset"): frozenset({"host-pid"}),
    },
)


def finding(manifest: Manifest, policy_id: str, pointer: str, target: str | None = None, document: int = 0) -> Finding:
    """A finding at `pointer`, counted from the document's root; its target is the parent unless given."""
    resources = manifest.documents[document].resources
    resource = next((each for each in reversed(resources) if pointers.is_within(pointer, each.pointer)), resources[0])
    return Finding(
        policy_id,
        Severity.HIGH,
        policy_id,
        resource.ref,
        pointers.parent(pointer) if target is None else target,
        spans.locate(manifest, document, pointer),
    )


def around(files: dict[str, str], *paths: str) -> Surroundings:
    """The surroundings of `paths` (all files when none is named) in a tree of `files`."""
    return look_around(paths or files, files.get, NAMES, today=TODAY)
