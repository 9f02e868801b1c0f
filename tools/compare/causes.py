"""Why the two differ, as data: each disagreement belongs to the first cause that fits it.

A cause says who is right and why in one sentence, with the source where Kubernetes decides. What fits no cause has not
been understood yet, and a cause that nothing fits any more is to be removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.detect.targets import is_windows
from bot.model import Json
from tools.compare.disagree import Disagreement, Side

OURS, THEIRS = Side.OURS, Side.THEIRS


class Right(StrEnum):
    """Who is right; BOTH where the two ask different things, and each is right about its own."""

    OURS = "we"
    THEIRS = "Checkov"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason. `side` is who complains alone; without `checks` it may fit any of them."""

    id: str
    side: Side
    right: Right
    why: str
    fits: Callable[[Disagreement], bool]
    checks: frozenset[str] = frozenset()
    source: str = ""

    def explains(self, case: Disagreement) -> bool:
        """Whether this is why the two differ here."""
        return case.side is self.side and (not self.checks or case.check in self.checks) and self.fits(case)


def cause_of(case: Disagreement) -> Cause | None:
    """The first cause that fits; None when the disagreement is unexplained."""
    return next((cause for cause in CAUSES if cause.explains(case)), None)


_DOCS = "https://kubernetes.io/docs/"
_STANDARDS = _DOCS + "concepts/security/pod-security-standards/"
_RESOURCES = _DOCS + "concepts/configuration/manage-resources-containers/"
_PROBES = _DOCS + "concepts/configuration/liveness-readiness-startup-probes/"
_CONTEXT = _DOCS + "tasks/configure-pod-container/security-context/"
_RBAC = _DOCS + "reference/access-authn-authz/rbac/"
_IMAGES = _DOCS + "concepts/containers/images/"

_REFERENCE = re.compile(r"([a-z0-9.-]+(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+|/)[a-z0-9]+)*(:\w[\w.-]*)?(@.+)?", re.ASCII)
_NOT_SERVING = re.compile("metrics|prom|debug|admin|health|probe")
_ROLES = frozenset({"Role", "ClusterRole"})


def _ckv(*numbers: int) -> frozenset[str]:
    return frozenset(f"CKV_K8S_{number}" for number in numbers)


def _graph(*numbers: int) -> frozenset[str]:
    return frozenset(f"CKV2_K8S_{number}" for number in numbers)


_POD_SECURITY_POLICY = _ckv(1, 2, 3, 4, 5, 6, 7, 24, 32, 36)
_ABSENT = _ckv(8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31, 37, 38, 40, 43) | _graph(6)
"""Checks that complain about what is not there."""

_QUANTITY = {"CKV_K8S_10": "cpu", "CKV_K8S_11": "cpu", "CKV_K8S_12": "memory", "CKV_K8S_13": "memory"}


def _at(value: Json, *path: str) -> Json:
    """The value at a path of members; None where there is none."""
    for member in path:
        value = value.get(member) if isinstance(value, dict) else None
    return value


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _container(case: Disagreement, *path: str) -> Json:
    return _at(case.container.body, *path) if case.container is not None else None


def _spec(case: Disagreement, *path: str) -> Json:
    return _at(case.pod.spec_body, *path) if case.pod is not None else None


def _type(case: Disagreement) -> str:
    return case.container.type if case.container is not None else ""


def _image(case: Disagreement) -> str:
    image = _container(case, "image")
    return image if isinstance(image, str) else ""


def _containers(case: Disagreement, *lists: str) -> list[Json]:
    return [each for member in lists for each in _list(_spec(case, member))]


def _rules(case: Disagreement) -> list[Json]:
    return _list(case.body.get("rules"))


def _strings(value: Json) -> list[str]:
    """Every string below a value that stands under the key `name`."""
    if isinstance(value, list):
        return [name for each in value for name in _strings(each)]
    if not isinstance(value, dict):
        return []
    own = [each for key, each in value.items() if key == "name" and isinstance(each, str)]
    return own + [name for each in value.values() for name in _strings(each)]


def _has_unnamed_braces(case: Disagreement) -> bool:
    return any(set("#{}") & set(name) for name in _strings(case.body))


def _serves_nobody(case: Disagreement) -> bool:
    ports = [_at(each, "name") or "" for each in _list(_container(case, "ports"))]
    probes = [_at(_container(case, probe), kind) for probe in ("livenessProbe", "startupProbe") for kind in _NETWORK]
    return all(_NOT_SERVING.search(str(name)) for name in ports) and not any(probes)


_NETWORK = ("httpGet", "tcpSocket", "grpc")


def _user_number(case: Disagreement) -> bool:
    """Whether every container that is not held to runAsNonRoot has a user by number that is not root."""
    users = [
        _effective(case, each, "runAsUser")
        for each in _containers(case, "containers")
        if _effective(case, each, "runAsNonRoot") is not True
    ]
    return bool(users) and all(isinstance(user, int) and user > 0 for user in users)


def _effective(case: Disagreement, container: Json, member: str) -> Json:
    """A security setting of a container, or of its pod when it has none of its own."""
    own = _at(container, "securityContext", member)
    return own if own is not None else _spec(case, "securityContext", member)


CAUSES: Sequence[Cause] = (
    # The file or the object as a whole.
    Cause(
        "generated-file",
        THEIRS,
        Right.BOTH,
        "The file says that it is generated: a change to it is lost, so it is left alone and named as skipped.",
        lambda case: case.left == "generated",
    ),
    Cause(
        "expected-by-a-test",
        THEIRS,
        Right.OURS,
        "A KUTTL test expects to find these objects; nobody applies the file.",
        lambda case: case.left == "expectation",
    ),
    Cause(
        "fragment",
        THEIRS,
        Right.OURS,
        "The object is a patch that names only what it changes; what is absent stands in the object it is laid over.",
        lambda case: case.resource.partial,
        _ABSENT,
    ),
    Cause(
        "set-elsewhere",
        THEIRS,
        Right.OURS,
        "A kustomization, Skaffold or Tilt sets or builds this image; what the file says is not what runs.",
        lambda case: bool(case.silenced),
        _ckv(14, 15, 43),
    ),
    Cause(
        "windows",
        THEIRS,
        Right.OURS,
        "The API server refuses these fields in a pod for Windows, or Windows has no such thing.",
        lambda case: case.pod is not None and is_windows(case.pod),
        _ckv(20, 22, 25, 28, 31, 37, 39, 40),
        _CONTEXT,
    ),
    Cause(
        "role-without-a-binding",
        OURS,
        Right.OURS,
        "Checkov judges a role only where it is bound to a ServiceAccount or a node in the same files; the role is "
        "what to change, whoever binds it.",
        lambda case: case.silent and case.kind in _ROLES,
        _graph(1, 2, 3, 4, 5),
    ),
    Cause(
        "more-rules-than-one",
        OURS,
        Right.OURS,
        "Checkov passes every role of more than one rule in the checks that start from bindings.",
        lambda case: len(_rules(case)) > 1,
        _graph(1, 2, 3, 4, 5),
    ),
    Cause(
        "get-is-enough",
        OURS,
        Right.OURS,
        "Checkov asks for create; get is enough to run commands in pods and to reach the kubelet, by a WebSocket.",
        lambda case: all({"create", "*"}.isdisjoint(map(str, _list(_at(rule, "verbs")))) for rule in _rules(case)),
        _graph(2),
        _DOCS + "concepts/security/rbac-good-practices/#access-to-proxy-subresource-of-nodes",
    ),
    Cause(
        "pods-under-the-account",
        OURS,
        Right.BOTH,
        "Checkov looks at the ServiceAccount called default, if it is in the files; we look at the pods that run under "
        "it because they name no other.",
        lambda case: case.pod is not None,
        _ckv(41),
        _DOCS + "concepts/security/service-accounts/#default-service-accounts",
    ),
    Cause(
        "ending-not-read",
        OURS,
        Right.OURS,
        "Checkov reads files that end in .yaml, .yml or .json; this one was named.",
        lambda case: case.unread and not case.sample.file.endswith((".yaml", ".yml", ".json")),
    ),
    Cause(
        "list-of-a-kind",
        OURS,
        Right.OURS,
        "Checkov opens objects of kind List, not RoleList and its like; kubectl applies the items of both.",
        lambda case: case.unread and case.resource.pointer.startswith("/items/"),
    ),
    Cause(
        "kind-not-read",
        OURS,
        Right.OURS,
        "Checkov's check does not look at this kind; it holds a pod template, or the same setting, all the same.",
        lambda case: case.silent and case.kind not in case.twin.kinds,
    ),
    Cause(
        "no-name",
        OURS,
        Right.OURS,
        "Checkov says nothing of objects without a name; with generateName the server gives one.",
        lambda case: case.unread and not _at(case.body, "metadata", "name"),
        source=_DOCS + "reference/using-api/api-concepts/#generated-values",
    ),
    Cause(
        "name-with-braces",
        OURS,
        Right.OURS,
        "Checkov takes an object in which some name holds #, { or } for no object; what it says holds all the same.",
        lambda case: case.unread and _has_unnamed_braces(case),
    ),
    Cause(
        "template-without-labels",
        OURS,
        Right.OURS,
        "For this check Checkov makes a pod of a template only when the template has a name or labels.",
        lambda case: case.silent and case.pod is not None and not _at(case.pod.metadata_body, "labels"),
        _graph(6),
    ),
    Cause(
        "template-misplaced",
        THEIRS,
        Right.OURS,
        "There is no pod template where the kind keeps it: that is the finding (cronjob-template-misnested).",
        lambda case: case.kind == "CronJob" and case.pod is None,
        _ckv(23, 29, 31, 38, 40),
    ),
    # Resources.
    Cause(
        "no-requests-at-all",
        OURS,
        Right.OURS,
        "Where resources has no requests Checkov is undecided, though neither a request nor a limit supplies one.",
        lambda case: not isinstance(_container(case, "resources", "requests"), dict),
        _ckv(10, 12),
    ),
    Cause(
        "limit-is-request",
        THEIRS,
        Right.OURS,
        "A limit without a request is the request too.",
        lambda case: bool(_container(case, "resources", "limits", _QUANTITY[case.check])),
        _ckv(10, 12),
        _RESOURCES,
    ),
    Cause(
        "pod-level-resources",
        THEIRS,
        Right.OURS,
        "Requests and limits of the pod (1.34) hold for its containers together.",
        lambda case: bool(_spec(case, "resources")),
        _ckv(10, 11, 12, 13),
        _RESOURCES,
    ),
    Cause(
        "init-container-ends",
        THEIRS,
        Right.OURS,
        "A plain init container is gone when the others run and competes with nobody.",
        lambda case: _type(case) == "init",
        _ckv(10, 11, 12, 13),
        _DOCS + "concepts/workloads/pods/init-containers/#resource-sharing-within-containers",
    ),
    # Probes.
    Cause(
        "sidecar",
        OURS,
        Right.OURS,
        "An init container with restartPolicy Always runs as long as the pod and may have probes.",
        lambda case: _type(case) == "sidecar",
        _ckv(8, 9),
        _DOCS + "concepts/workloads/pods/sidecar-containers/",
    ),
    Cause(
        "pod-that-ends",
        THEIRS,
        Right.OURS,
        "A bare Pod with restartPolicy Never or OnFailure ends like a Job, for which Checkov asks no probe either.",
        lambda case: case.kind == "Pod" and _spec(case, "restartPolicy") in ("Never", "OnFailure"),
        _ckv(8, 9),
    ),
    Cause(
        "serves-nobody",
        THEIRS,
        Right.OURS,
        "A readiness probe decides whether Services send traffic; this container declares no port that serves any.",
        _serves_nobody,
        _ckv(9),
        _PROBES,
    ),
    # Images.
    Cause(
        "no-image",
        THEIRS,
        Right.OURS,
        "There is no image to judge; that it is missing is not a question of its tag, digest or pull policy.",
        lambda case: case.container is not None and not _image(case),
        _ckv(14, 15, 43),
    ),
    Cause(
        "image-filled-in-later",
        THEIRS,
        Right.OURS,
        "The image is a placeholder (`${IMAGE}`, `ko://...`, `<image>`): its tag is whatever is filled in.",
        lambda case: _REFERENCE.fullmatch(_image(case)) is None,
        _ckv(14, 15, 43),
        _IMAGES,
    ),
    Cause(
        "default-pull-policy",
        THEIRS,
        Right.BOTH,
        "No pull policy is said, and a version is pulled when it is not there: an absent field is no finding, "
        "an explicit IfNotPresent or Never is.",
        lambda case: _container(case, "imagePullPolicy") is None,
        _ckv(15),
        _IMAGES + "#imagepullpolicy-defaulting",
    ),
    # Where it runs.
    Cause(
        "namespace-from-elsewhere",
        THEIRS,
        Right.OURS,
        "An absent namespace comes from kubectl, the release or the kustomization; an explicit default is a finding.",
        lambda case: not _at(case.body, "metadata", "namespace"),
        _ckv(21),
    ),
    # Users.
    Cause(
        "users-of-its-own",
        THEIRS,
        Right.OURS,
        "With hostUsers false root in the pod is nobody on the node, and the Restricted standard asks no more (1.35).",
        lambda case: _spec(case, "hostUsers") is False,
        _ckv(23),
        _STANDARDS,
    ),
    Cause(
        "user-by-number",
        OURS,
        Right.BOTH,
        "Checkov is content with a runAsUser that is not root; the Restricted standard asks for runAsNonRoot as well.",
        _user_number,
        _ckv(23),
        _STANDARDS,
    ),
    Cause(
        "true-in-quotes",
        OURS,
        Right.OURS,
        "runAsNonRoot is the text 'true', which the API server refuses; Checkov takes any text for true.",
        lambda case: any(
            isinstance(_at(each, "securityContext", "runAsNonRoot"), str) for each in _containers(case, "containers")
        ),
        _ckv(23),
    ),
    Cause(
        "init-container-too",
        OURS,
        Right.OURS,
        "Checkov does not look at init containers here; the Pod Security Standards do.",
        lambda case: bool(_containers(case, "initContainers")),
        _ckv(23, 31, 40),
        _STANDARDS,
    ),
    # Capabilities.
    Cause(
        "net-bind-service",
        THEIRS,
        Right.OURS,
        "NET_BIND_SERVICE is the one capability that the Restricted standard lets a container add.",
        lambda case: _list(_container(case, "securityContext", "capabilities", "add")) == ["NET_BIND_SERVICE"],
        _ckv(25),
        _STANDARDS,
    ),
    Cause(
        "net-raw-wanted",
        THEIRS,
        Right.BOTH,
        "The container adds NET_RAW by name: that is one finding (net-raw-capability-added), not two.",
        lambda case: "NET_RAW" in _list(_container(case, "securityContext", "capabilities", "add")),
        _ckv(28),
    ),
    Cause(
        "all-in-small-letters",
        OURS,
        Right.OURS,
        "Runtimes drop everything for `all` too, but the Restricted standard knows only ALL and refuses the pod.",
        lambda case: "all" in _list(_container(case, "securityContext", "capabilities", "drop")),
        _ckv(37),
        _STANDARDS,
    ),
    Cause(
        "with-the-prefix",
        OURS,
        Right.OURS,
        "CAP_SYS_ADMIN is SYS_ADMIN to container runtimes that accept the prefix.",
        lambda case: "CAP_SYS_ADMIN" in _list(_container(case, "securityContext", "capabilities", "add")),
        _ckv(39),
    ),
    # Access to the node.
    Cause(
        "port-zero",
        THEIRS,
        Right.OURS,
        "hostPort 0 takes no port of the node.",
        lambda case: all(not _at(each, "hostPort") for each in _list(_container(case, "ports"))),
        _ckv(26),
    ),
    Cause(
        "on-the-host-network",
        THEIRS,
        Right.OURS,
        "With hostNetwork every hostPort equals its containerPort and says nothing new: host-network is the finding.",
        lambda case: _spec(case, "hostNetwork") is True,
        _ckv(26),
    ),
    Cause(
        "other-runtimes",
        OURS,
        Right.OURS,
        "The socket of containerd or CRI-O, or the folder it lies in, gives the same power as Docker's.",
        lambda case: all(_at(each, "hostPath", "path") != "/var/run/docker.sock" for each in _volumes(case)),
        _ckv(27),
    ),
    # Security settings.
    Cause(
        "set-on-the-containers",
        THEIRS,
        Right.BOTH,
        "Checkov asks for settings of the pod and, by another check, of each container; one finding of ours says that "
        "neither has any.",
        lambda case: all(_at(each, "securityContext") for each in _containers(case, "containers", "initContainers")),
        _ckv(29),
        _CONTEXT,
    ),
    Cause(
        "set-on-the-pod",
        THEIRS,
        Right.BOTH,
        "The pod has security settings, which its containers inherit; Checkov asks for the container's own as well.",
        lambda case: bool(_spec(case, "securityContext")),
        _ckv(30),
        _CONTEXT,
    ),
    Cause(
        "seccomp-annotation",
        OURS,
        Right.OURS,
        "Checkov takes the alpha annotation for a profile; since 1.27 it has no effect.",
        lambda case: case.pod is not None and any("seccomp" in key for key in _annotations(case)),
        _ckv(31),
        _DOCS + "reference/labels-annotations-taints/#seccomp-security-alpha-kubernetes-io-pod",
    ),
    # Products.
    Cause(
        "beside-the-dashboard",
        THEIRS,
        Right.OURS,
        "The scraper of metrics comes from the same makers and is not the Dashboard.",
        lambda case: "metrics-scraper" in _image(case),
        _ckv(33),
    ),
    Cause(
        "tiller-in-the-name",
        THEIRS,
        Right.OURS,
        "Checkov asks whether the image contains the word; this is another program.",
        lambda case: not re.search(r"(^|/)tiller([:@]|$)", _image(case)),
        _ckv(34, 45),
    ),
    Cause(
        "the-account-itself",
        THEIRS,
        Right.BOTH,
        "Checkov looks at the ServiceAccount called default, which service-account-automount-enabled reports; "
        "default-service-account-used reports the pods that run under it.",
        lambda case: case.kind == "ServiceAccount",
        _ckv(41),
    ),
    Cause(
        "other-injection",
        OURS,
        Right.OURS,
        "Commands that git-sync runs for a hook are injected as well as those of GITSYNC_GIT, the one Checkov knows.",
        lambda case: not any(_at(each, "name") == "GITSYNC_GIT" for each in _list(_container(case, "env"))),
        _ckv(159),
    ),
    Cause(
        "any-snippet",
        OURS,
        Right.OURS,
        "Three checks of Checkov are one policy of ours: any snippet is reported, with alias or Lua in it or without.",
        lambda case: case.kind == "Ingress",
        _ckv(152, 154),
    ),
    # Roles.
    Cause(
        "later-rule",
        OURS,
        Right.OURS,
        "Checkov looks at the first rule of a role; the star is in a later one.",
        lambda case: not any("*" in str(_at(rule, key)) for rule in _rules(case)[:1] for key in ("resources", "verbs")),
        _ckv(49),
        _RBAC,
    ),
    Cause(
        "part-of-a-name",
        THEIRS,
        Right.OURS,
        "A star within a name is one subresource (`*/scale`), or nothing at all (`pods/*`): RBAC knows no patterns.",
        lambda case: all("*" not in _list(_at(rule, key)) for rule in _rules(case) for key in ("resources", "verbs")),
        _ckv(49),
        _RBAC + "#referring-to-resources",
    ),
    Cause(
        "star-within-limits",
        THEIRS,
        Right.OURS,
        "The star is limited: to resources by name, to addresses, or to a group that is not one of Kubernetes' own.",
        lambda case: all(_is_limited(rule) for rule in _rules(case)),
        _ckv(49),
        _RBAC,
    ),
    Cause(
        "own-by-name",
        THEIRS,
        Right.OURS,
        "resourceNames limits the rule to the operator's own configuration.",
        lambda case: all(_at(rule, "resourceNames") for rule in _rules(case)),
        _ckv(155),
        _RBAC + "#referring-to-resources",
    ),
    Cause(
        "bind-is-for-roles",
        THEIRS,
        Right.OURS,
        "The verb bind is asked of roles, never of bindings, so a star on bindings does not include it.",
        lambda case: all(_ROLE_RESOURCES.isdisjoint(_list(_at(rule, "resources"))) for rule in _rules(case)),
        _ckv(157),
        _RBAC + "#restrictions-on-role-binding-creation-or-update",
    ),
    Cause(
        "one-of-two-verbs",
        OURS,
        Right.OURS,
        "Two checks of Checkov, for bind and for escalate, are one policy of ours.",
        lambda case: case.kind in _ROLES,
        _ckv(157, 158),
        _RBAC + "#privilege-escalation-prevention-and-bootstrapping",
    ),
    # Network policies.
    Cause(
        "other-network-policies",
        THEIRS,
        Right.OURS,
        "A policy of Cilium or Calico in scope selects the pods.",
        lambda case: case.pod is not None,
        _graph(6),
    ),
    Cause(
        "selects-by-expression",
        OURS,
        Right.OURS,
        "Checkov does not read matchExpressions and takes a policy that selects other pods for one that selects these.",
        lambda case: not case.silent,
        _graph(6),
        _DOCS + "concepts/overview/working-with-objects/labels/#label-selectors",
    ),
    # PodSecurityPolicy.
    Cause(
        "one-of-ten",
        OURS,
        Right.BOTH,
        "Ten checks of Checkov are one policy of ours, which finds something else in this object.",
        lambda case: case.kind == "PodSecurityPolicy",
        _POD_SECURITY_POLICY,
    ),
    Cause(
        "default-profile-annotation",
        THEIRS,
        Right.BOTH,
        "Checkov asks for an annotation; we report what the policy allows. No server serves the kind since 1.25.",
        lambda case: case.kind == "PodSecurityPolicy",
        _ckv(32),
        _DOCS + "concepts/security/pod-security-policy/",
    ),
)

_OWN_GROUPS = frozenset({"", "*", "apps", "autoscaling", "batch", "policy", "rbac.authorization.k8s.io"})


def _is_limited(rule: Json) -> bool:
    if _at(rule, "resourceNames") or _at(rule, "nonResourceURLs"):
        return True
    return _OWN_GROUPS.isdisjoint(str(each) for each in _list(_at(rule, "apiGroups")))


_ROLE_RESOURCES = frozenset({"roles", "clusterroles", "*"})


def _volumes(case: Disagreement) -> list[Json]:
    return _list(_spec(case, "volumes"))


def _annotations(case: Disagreement) -> list[str]:
    own = _at(case.pod.metadata_body, "annotations") if case.pod is not None else None
    outer = _at(case.body, "metadata", "annotations")
    return [key for each in (own, outer) if isinstance(each, dict) for key in each]
