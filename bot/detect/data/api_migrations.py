"""apiVersions that are deprecated or gone, and what has replaced them.

One row is one old apiVersion of some kinds. Releases are Kubernetes minors, or those of `project` for kinds that come
from elsewhere. `mode` says what the move takes: RENAME (the fields are the same), RESTRUCTURE (`steps` names the
converter in `bot.detect.functions._migrations` that rewrites the fields), MANUAL (a person has to decide).

`deprecated`, `removed` and `since` (first release that serves the replacement) are those that the API's own types
declare.

Sources: https://kubernetes.io/docs/reference/using-api/deprecation-guide/; the prerelease-lifecycle of k8s.io/api up to
v0.37; https://cert-manager.io/docs/releases/upgrading/remove-deprecated-apis/;
https://github.com/kubernetes-csi/external-snapshotter (CHANGELOG of 6.0).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Mode(StrEnum):
    """What a move to the replacement takes."""

    RENAME = "rename"
    RESTRUCTURE = "restructure"
    MANUAL = "manual"


KUBERNETES = "Kubernetes"


@dataclass(frozen=True, slots=True)
class Migration:
    """One old apiVersion of some kinds; see the module. `to` is empty when nothing replaces it.

    `note` says, for a person, what else changes.
    """

    kinds: tuple[str, ...]
    source: str
    to: str
    deprecated: str
    removed: str
    since: str
    mode: Mode
    note: str = ""
    steps: str = ""
    project: str = KUBERNETES


def _rename(kinds: str, source: str, to: str, *releases: str, note: str = "", project: str = KUBERNETES) -> Migration:
    return _row(kinds, source, to, releases, mode=Mode.RENAME, note=note, project=project)


def _restructure(
    kinds: str, source: str, to: str, *releases: str, steps: str, note: str, project: str = KUBERNETES
) -> Migration:
    return _row(kinds, source, to, releases, mode=Mode.RESTRUCTURE, note=note, steps=steps, project=project)


def _manual(kinds: str, source: str, to: str, *releases: str, note: str) -> Migration:
    return _row(kinds, source, to, releases, mode=Mode.MANUAL, note=note)


def _row(
    kinds: str,
    source: str,
    to: str,
    releases: tuple[str, ...],
    *,
    mode: Mode,
    note: str,
    steps: str = "",
    project: str = KUBERNETES,
) -> Migration:
    deprecated, removed, since = releases
    return Migration(tuple(kinds.split()), source, to, deprecated, removed, since, mode, note, steps, project)


_APPS = "apps/v1"
_NETWORKING = "networking.k8s.io/v1"
_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"
_FLOWCONTROL = "flowcontrol.apiserver.k8s.io"
_RESOURCE_KINDS = "ResourceClaim ResourceClaimTemplate DeviceClass ResourceSlice"

_SELECTOR = "apps/v1 wants spec.selector; it used to default to the labels of the template"
_ON_DELETE = f"{_SELECTOR}; updateStrategy used to default to OnDelete and defaults to RollingUpdate now"
_ROLLOUT = (
    f"{_SELECTOR}; spec.rollbackTo is gone; progressDeadlineSeconds defaults to 600, revisionHistoryLimit to 10, "
    "maxSurge and maxUnavailable to 25% now"
)
_BACKENDS = (
    "backends are written as service.name and service.port, spec.backend is spec.defaultBackend, each path wants a "
    "pathType: ImplementationSpecific is what it was"
)
_WEBHOOKS = (
    "sideEffects and admissionReviewVersions have to be written; failurePolicy, matchPolicy and timeoutSeconds have "
    "other defaults: the old ones are written out"
)
_SHARES = "assuredConcurrencyShares is nominalConcurrencyShares"
_ZERO_SHARES = "an explicit 0 shares used to mean 30 and means 0 now"
_CERTIFICATES = (
    "keyAlgorithm, keySize and keyEncoding are under privateKey, organization is subject.organizations, emailSANs is "
    "emailAddresses, uriSANs is uris, csr is request"
)
_REQUESTS = "each request is written under exactly or firstAvailable, the members of a basic device stand in the device"

# What stands behind the kinds: deprecated, removed, replacement served since.
MIGRATIONS: tuple[Migration, ...] = (
    # Workloads
    _restructure("Deployment", "extensions/v1beta1", _APPS, "1.8", "1.16", "1.9", steps="deployment", note=_ROLLOUT),
    _restructure("Deployment", "apps/v1beta1", _APPS, "1.8", "1.16", "1.9", steps="deployment", note=_ROLLOUT),
    _rename("Deployment", "apps/v1beta2", _APPS, "1.9", "1.16", "1.9"),
    _restructure("DaemonSet", "extensions/v1beta1", _APPS, "1.8", "1.16", "1.9", steps="daemon_set", note=_ON_DELETE),
    _rename("DaemonSet", "apps/v1beta2", _APPS, "1.9", "1.16", "1.9"),
    _restructure("StatefulSet", "apps/v1beta1", _APPS, "1.8", "1.16", "1.9", steps="stateful_set", note=_ON_DELETE),
    _rename("StatefulSet", "apps/v1beta2", _APPS, "1.9", "1.16", "1.9"),
    _restructure("ReplicaSet", "extensions/v1beta1", _APPS, "1.8", "1.16", "1.9", steps="selector", note=_SELECTOR),
    _restructure("ReplicaSet", "apps/v1beta1", _APPS, "1.8", "1.16", "1.9", steps="selector", note=_SELECTOR),
    _restructure("ReplicaSet", "apps/v1beta2", _APPS, "1.9", "1.16", "1.9", steps="selector", note=_SELECTOR),
    _rename("CronJob", "batch/v1beta1", "batch/v1", "1.21", "1.25", "1.21"),
    _rename("CronJob", "batch/v2alpha1", "batch/v1", "1.8", "1.21", "1.21"),
    _restructure(
        "PodDisruptionBudget",
        "policy/v1beta1",
        "policy/v1",
        *("1.21", "1.25", "1.21"),
        steps="disruption_budget",
        note="an empty selector matched no pod and matches every pod of the namespace now",
    ),
    _restructure(
        "HorizontalPodAutoscaler",
        "autoscaling/v2beta1",
        "autoscaling/v2",
        *("1.22", "1.25", "1.23"),
        steps="autoscaler",
        note="targets are written as target.type with averageUtilization, averageValue or value; names and selectors "
        "of metrics are under metric",
    ),
    _rename("HorizontalPodAutoscaler", "autoscaling/v2beta2", "autoscaling/v2", "1.23", "1.26", "1.23"),
    _rename("PriorityClass", "scheduling.k8s.io/v1alpha1", "scheduling.k8s.io/v1", "1.14", "1.22", "1.14"),
    _rename("PriorityClass", "scheduling.k8s.io/v1beta1", "scheduling.k8s.io/v1", "1.14", "1.22", "1.14"),
    _rename("RuntimeClass", "node.k8s.io/v1beta1", "node.k8s.io/v1", "1.22", "1.25", "1.20"),
    # Networking
    _restructure("Ingress", "extensions/v1beta1", _NETWORKING, "1.14", "1.22", "1.19", steps="ingress", note=_BACKENDS),
    _restructure(
        "Ingress", "networking.k8s.io/v1beta1", _NETWORKING, "1.19", "1.22", "1.19", steps="ingress", note=_BACKENDS
    ),
    _rename("IngressClass", "networking.k8s.io/v1beta1", _NETWORKING, "1.19", "1.22", "1.19"),
    _rename("NetworkPolicy", "extensions/v1beta1", _NETWORKING, "1.9", "1.16", "1.7"),
    _rename("IPAddress ServiceCIDR", "networking.k8s.io/v1beta1", _NETWORKING, "1.34", "1.37", "1.33"),
    _manual(
        "EndpointSlice",
        "discovery.k8s.io/v1beta1",
        "discovery.k8s.io/v1",
        *("1.21", "1.25", "1.21"),
        note="topology gives way to nodeName and zone",
    ),
    # Access
    _restructure(
        "ClusterRole ClusterRoleBinding Role RoleBinding",
        f"{_RBAC}/v1alpha1",
        f"{_RBAC}/v1",
        *("1.17", "1.22", "1.8"),
        steps="role_binding",
        note="subjects name their apiGroup instead of an apiVersion",
    ),
    _rename(
        "ClusterRole ClusterRoleBinding Role RoleBinding", f"{_RBAC}/v1beta1", f"{_RBAC}/v1", "1.17", "1.22", "1.8"
    ),
    _manual(
        "PodSecurityPolicy",
        "extensions/v1beta1",
        "",
        *("1.11", "1.16", ""),
        note="the pod-security.kubernetes.io labels of namespaces, or a policy engine, do its work now",
    ),
    _manual(
        "PodSecurityPolicy",
        "policy/v1beta1",
        "",
        *("1.21", "1.25", ""),
        note="the pod-security.kubernetes.io labels of namespaces, or a policy engine, do its work now",
    ),
    _manual(
        "TokenReview",
        "authentication.k8s.io/v1beta1",
        "authentication.k8s.io/v1",
        *("1.19", "1.22", "1.6"),
        note="it is a request to the API server, not an object to keep in a file",
    ),
    _manual(
        "LocalSubjectAccessReview SelfSubjectAccessReview SubjectAccessReview",
        "authorization.k8s.io/v1beta1",
        "authorization.k8s.io/v1",
        *("1.19", "1.22", "1.6"),
        note="spec.group is spec.groups",
    ),
    _manual(
        "CertificateSigningRequest",
        "certificates.k8s.io/v1beta1",
        "certificates.k8s.io/v1",
        *("1.19", "1.22", "1.19"),
        note="signerName and usages have to be written, and kubernetes.io/legacy-unknown is refused",
    ),
    # The API server itself
    _manual(
        "CustomResourceDefinition",
        "apiextensions.k8s.io/v1beta1",
        "apiextensions.k8s.io/v1",
        *("1.16", "1.22", "1.16"),
        note="every version needs a structural schema; generate the definition again with the current version of the "
        "project it comes from",
    ),
    _restructure(
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
        f"{_ADMISSION}/v1beta1",
        f"{_ADMISSION}/v1",
        *("1.16", "1.22", "1.16"),
        steps="webhooks",
        note=_WEBHOOKS,
    ),
    _restructure(
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
        f"{_ADMISSION}/v1alpha1",
        f"{_ADMISSION}/v1",
        *("1.29", "1.32", "1.30"),
        steps="admission_policy",
        note="a binding wants its validationActions",
    ),
    _rename(
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
        f"{_ADMISSION}/v1beta1",
        f"{_ADMISSION}/v1",
        *("1.31", "1.34", "1.30"),
    ),
    _rename(
        "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
        f"{_ADMISSION}/v1beta1",
        f"{_ADMISSION}/v1",
        *("1.37", "1.40", "1.36"),
    ),
    _rename("APIService", "apiregistration.k8s.io/v1beta1", "apiregistration.k8s.io/v1", "1.19", "1.22", "1.10"),
    _restructure(
        "FlowSchema PriorityLevelConfiguration",
        f"{_FLOWCONTROL}/v1beta1",
        f"{_FLOWCONTROL}/v1",
        *("1.23", "1.26", "1.29"),
        steps="priority_level",
        note=_SHARES,
    ),
    _restructure(
        "FlowSchema PriorityLevelConfiguration",
        f"{_FLOWCONTROL}/v1beta2",
        f"{_FLOWCONTROL}/v1",
        *("1.26", "1.29", "1.29"),
        steps="priority_level",
        note=_SHARES,
    ),
    _restructure(
        "FlowSchema PriorityLevelConfiguration",
        f"{_FLOWCONTROL}/v1beta3",
        f"{_FLOWCONTROL}/v1",
        *("1.29", "1.32", "1.29"),
        steps="priority_level",
        note=_ZERO_SHARES,
    ),
    _rename("Lease", "coordination.k8s.io/v1beta1", "coordination.k8s.io/v1", "1.19", "1.22", "1.14"),
    _manual(
        "Event", "events.k8s.io/v1beta1", "events.k8s.io/v1", "1.22", "1.25", "1.19", note="many fields are renamed"
    ),
    _manual(
        "StorageVersionMigration",
        "storagemigration.k8s.io/v1alpha1",
        "storagemigration.k8s.io/v1beta1",
        *("1.35", "1.35", "1.35"),
        note="the resource is named otherwise",
    ),
    # Storage and devices
    _rename("CSIDriver", "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "1.19", "1.22", "1.18"),
    _rename("CSINode", "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "1.17", "1.22", "1.17"),
    _rename("StorageClass", "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "1.19", "1.22", "1.6"),
    _rename("VolumeAttachment", "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "1.19", "1.22", "1.13"),
    _rename("CSIStorageCapacity", "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "1.24", "1.27", "1.24"),
    _rename("VolumeAttributesClass", "storage.k8s.io/v1alpha1", "storage.k8s.io/v1", "1.32", "1.35", "1.34"),
    _rename("VolumeAttributesClass", "storage.k8s.io/v1beta1", "storage.k8s.io/v1", "1.34", "1.37", "1.34"),
    _manual(_RESOURCE_KINDS, "resource.k8s.io/v1alpha3", "resource.k8s.io/v1", "1.32", "1.34", "1.34", note=_REQUESTS),
    _manual(_RESOURCE_KINDS, "resource.k8s.io/v1beta1", "resource.k8s.io/v1", "1.35", "1.38", "1.34", note=_REQUESTS),
    _rename(_RESOURCE_KINDS, "resource.k8s.io/v1beta2", "resource.k8s.io/v1", "1.36", "1.39", "1.34"),
    # Not Kubernetes' own
    _rename(
        "VolumeSnapshot VolumeSnapshotClass VolumeSnapshotContent",
        "snapshot.storage.k8s.io/v1beta1",
        "snapshot.storage.k8s.io/v1",
        *("4", "6", "4"),
        project="external-snapshotter",
    ),
    *(
        _restructure(
            "Certificate CertificateRequest ClusterIssuer Issuer",
            f"cert-manager.io/{version}",
            "cert-manager.io/v1",
            *("1.4", "1.6", "1.0"),
            steps="certificate",
            note=_CERTIFICATES,
            project="cert-manager",
        )
        for version in ("v1alpha2", "v1alpha3", "v1beta1")
    ),
    *(
        _rename(
            "Challenge Order",
            f"acme.cert-manager.io/{version}",
            "acme.cert-manager.io/v1",
            *("1.4", "1.6", "1.0"),
            project="cert-manager",
        )
        for version in ("v1alpha2", "v1alpha3", "v1beta1")
    ),
)


def find(api_version: str, kind: str) -> Migration | None:
    """The row of an apiVersion and kind; None when there is nothing to say about it."""
    return _index().get((api_version, kind))


@lru_cache(maxsize=1)
def _index() -> dict[tuple[str, str], Migration]:
    return dict(_pairs())


def _pairs() -> Iterator[tuple[tuple[str, str], Migration]]:
    for migration in MIGRATIONS:
        for kind in migration.kinds:
            yield (migration.source, kind), migration
