"""Findings, policies and surroundings for the tests of this folder, made from little."""

from __future__ import annotations

from datetime import date

from bot.detect.context import Surroundings, look_around
from bot.detect.marks import known
from bot.manifest import Manifest, pointers, spans
from bot.model import Finding, Severity
from tests.small_policies import policy

TODAY = date(2026, 11, 24)

CATEGORIES = {
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
}
TWINS = {
    "host-pid": {
        "checkov": ["CKV_K8S_17"],
        "kics": ["302736f4-b16c-41b8-befe-c0baffa0bd9d"],
        "kube-linter": ["host-pid"],
        "kubescape": ["C-0038"],
        "polaris": ["hostPIDSet"],
        "trivy": ["KSV-0010"],
    },
    "privileged-container": {"kics": ["container_is_privileged"], "kubesec": ["Shared"]},
    "memory-limit-missing": {"kube-linter": ["unset-memory-requirements"], "kube-score": ["container-resources"]},
    "cpu-limit-missing": {"kube-score": ["container-resources"], "datree": ["Shared"]},
}

NAMES = known(
    policy(each, "true", category=category, twins=TWINS.get(each, {})) for each, category in CATEGORIES.items()
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
