"""Resources, probes, images, namespaces."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.manifest import read
from tools.compare.cause import DOCS, IMAGES, OURS, PROBES, RESOURCES, THEIRS, Cause, Right, ckv
from tools.compare.disagree import Disagreement
from tools.compare.reading import at, container, containers, image, items, spec, type_of

_REFERENCE = re.compile(r"([a-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+|/)[a-z0-9]+)*(:\w[\w.-]*)?(@.+)?", re.ASCII)
_NOT_SERVING = re.compile("metrics|prom|debug|admin|health|probe")
_NETWORK = ("httpGet", "tcpSocket", "grpc")
_QUANTITY = {"CKV_K8S_10": "cpu", "CKV_K8S_11": "cpu", "CKV_K8S_12": "memory", "CKV_K8S_13": "memory"}


def _serves_nobody(case: Disagreement) -> bool:
    ports = [at(each, "name") or "" for each in items(container(case, "ports"))]
    probes = [at(container(case, probe), kind) for probe in ("livenessProbe", "startupProbe") for kind in _NETWORK]
    return all(_NOT_SERVING.search(str(name)) for name in ports) and not any(probes)


def _is_selected(case: Disagreement) -> bool:
    """Whether a Service of the same text selects the pod, and the container is the only one or its port is meant."""
    labels = case.pod.metadata_body.get("labels") if case.pod is not None else None
    ports = items(container(case, "ports"))
    known = [value for each in ports for value in (at(each, "containerPort"), at(each, "name"))]
    alone = len(containers(case, "containers")) == 1
    for service in read(case.sample.file, case.sample.text).resources:
        selector = at(service.body, "spec", "selector")
        if service.ref.kind != "Service" or not isinstance(selector, dict) or not isinstance(labels, dict):
            continue
        sent = [at(each, "targetPort") or at(each, "port") for each in items(at(service.body, "spec", "ports"))]
        if selector and selector.items() <= labels.items() and (alone or any(each in known for each in sent)):
            return True
    return False


CAUSES: Sequence[Cause] = (
    # Resources.
    Cause(
        "no-requests-at-all",
        OURS,
        Right.OURS,
        "Where resources has no requests Checkov is undecided, though neither a request nor a limit supplies one.",
        lambda case: not isinstance(container(case, "resources", "requests"), dict),
        ckv(10, 12),
    ),
    Cause(
        "limit-is-request",
        THEIRS,
        Right.OURS,
        "A limit without a request is the request too.",
        lambda case: bool(container(case, "resources", "limits", _QUANTITY[case.check])),
        ckv(10, 12),
        RESOURCES,
    ),
    Cause(
        "pod-level-resources",
        THEIRS,
        Right.OURS,
        "Requests and limits of the pod (1.34) hold for its containers together.",
        lambda case: bool(spec(case, "resources")),
        ckv(10, 11, 12, 13),
        RESOURCES,
    ),
    Cause(
        "init-container-ends",
        THEIRS,
        Right.OURS,
        "A plain init container is gone when the others run and competes with nobody.",
        lambda case: type_of(case) == "init",
        ckv(10, 11, 12, 13),
        DOCS + "concepts/workloads/pods/init-containers/#resource-sharing-within-containers",
    ),
    # Probes.
    Cause(
        "sidecar",
        OURS,
        Right.OURS,
        "An init container with restartPolicy Always runs as long as the pod and may have probes.",
        lambda case: type_of(case) == "sidecar",
        ckv(8, 9),
        DOCS + "concepts/workloads/pods/sidecar-containers/",
    ),
    Cause(
        "pod-that-ends",
        THEIRS,
        Right.OURS,
        "A bare Pod with restartPolicy Never or OnFailure ends like a Job, for which Checkov asks no probe either.",
        lambda case: case.kind == "Pod" and spec(case, "restartPolicy") in ("Never", "OnFailure"),
        ckv(8, 9),
    ),
    Cause(
        "a-service-selects-it",
        THEIRS,
        Right.THEIRS,
        "A Service selects the pod: requests may come though no port that serves any is declared. The policy looks at "
        "the workload alone, as an admission policy has to, and does not see the Service.",
        _is_selected,
        ckv(9),
        DOCS + "concepts/services-networking/service/#defining-a-service",
    ),
    Cause(
        "serves-nobody",
        THEIRS,
        Right.OURS,
        "A readiness probe decides whether Services send traffic; this container declares no port that serves any.",
        _serves_nobody,
        ckv(9),
        PROBES,
    ),
    # Images.
    Cause(
        "no-image",
        THEIRS,
        Right.OURS,
        "There is no image to judge; that it is missing is not a question of its tag, digest or pull policy.",
        lambda case: case.container is not None and not image(case),
        ckv(14, 15, 43),
    ),
    Cause(
        "image-filled-in-later",
        THEIRS,
        Right.OURS,
        "The image is a placeholder (`${IMAGE}`, `ko://...`, `<image>`): its tag is whatever is filled in.",
        lambda case: _REFERENCE.fullmatch(image(case)) is None,
        ckv(14, 15, 43),
        IMAGES,
    ),
    Cause(
        "default-pull-policy",
        THEIRS,
        Right.BOTH,
        "No pull policy is said, and a version is pulled when it is not there: an absent field is no finding, "
        "an explicit IfNotPresent or Never is.",
        lambda case: container(case, "imagePullPolicy") is None,
        ckv(15),
        IMAGES + "#imagepullpolicy-defaulting",
    ),
    # Where it runs.
    Cause(
        "namespace-from-elsewhere",
        THEIRS,
        Right.OURS,
        "An absent namespace comes from kubectl, the release or the kustomization; an explicit default is a finding.",
        lambda case: not at(case.body, "metadata", "namespace"),
        ckv(21),
    ),
)
