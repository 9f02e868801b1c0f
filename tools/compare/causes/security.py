"""Users, capabilities, access to the node, security settings."""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Json
from tools.compare.cause import CONTEXT, DOCS, OURS, STANDARDS, THEIRS, Cause, Right, ckv
from tools.compare.disagree import Disagreement
from tools.compare.reading import at, container, containers, items, spec


def _user_number(case: Disagreement) -> bool:
    """Whether every container that is not held to runAsNonRoot has a user by number that is not root."""
    users = [
        _effective(case, each, "runAsUser")
        for each in containers(case, "containers")
        if _effective(case, each, "runAsNonRoot") is not True
    ]
    return bool(users) and all(isinstance(user, int) and user > 0 for user in users)


def _effective(case: Disagreement, one: Json, member: str) -> Json:
    """A security setting of a container, or of its pod when it has none of its own."""
    own = at(one, "securityContext", member)
    return own if own is not None else spec(case, "securityContext", member)


def _volumes(case: Disagreement) -> list[Json]:
    return items(spec(case, "volumes"))


def _annotations(case: Disagreement) -> list[str]:
    own = at(case.pod.metadata_body, "annotations") if case.pod is not None else None
    outer = at(case.body, "metadata", "annotations")
    return [key for each in (own, outer) if isinstance(each, dict) for key in each]


CAUSES: Sequence[Cause] = (
    # Users.
    Cause(
        "users-of-its-own",
        THEIRS,
        Right.OURS,
        "With hostUsers false root in the pod is nobody on the node, and the Restricted standard asks no more (1.35).",
        lambda case: spec(case, "hostUsers") is False,
        ckv(23),
        STANDARDS,
    ),
    Cause(
        "user-by-number",
        OURS,
        Right.BOTH,
        "Checkov is content with a runAsUser that is not root; the Restricted standard asks for runAsNonRoot as well.",
        _user_number,
        ckv(23),
        STANDARDS,
    ),
    Cause(
        "true-in-quotes",
        OURS,
        Right.OURS,
        "runAsNonRoot is the text 'true', which the API server refuses; Checkov takes any text for true.",
        lambda case: any(
            isinstance(at(each, "securityContext", "runAsNonRoot"), str) for each in containers(case, "containers")
        ),
        ckv(23),
    ),
    Cause(
        "init-container-too",
        OURS,
        Right.OURS,
        "Checkov does not look at init containers here; the Pod Security Standards do.",
        lambda case: bool(containers(case, "initContainers")),
        ckv(23, 31, 40),
        STANDARDS,
    ),
    # Capabilities.
    Cause(
        "net-bind-service",
        THEIRS,
        Right.OURS,
        "NET_BIND_SERVICE is the one capability that the Restricted standard lets a container add.",
        lambda case: items(container(case, "securityContext", "capabilities", "add")) == ["NET_BIND_SERVICE"],
        ckv(25),
        STANDARDS,
    ),
    Cause(
        "net-raw-wanted",
        THEIRS,
        Right.BOTH,
        "The container adds NET_RAW by name: that is one finding (net-raw-capability-added), not two.",
        lambda case: "NET_RAW" in items(container(case, "securityContext", "capabilities", "add")),
        ckv(28),
    ),
    Cause(
        "all-in-small-letters",
        OURS,
        Right.OURS,
        "Runtimes drop everything for `all` too, but the Restricted standard knows only ALL and refuses the pod.",
        lambda case: "all" in items(container(case, "securityContext", "capabilities", "drop")),
        ckv(37),
        STANDARDS,
    ),
    Cause(
        "with-the-prefix",
        OURS,
        Right.OURS,
        "CAP_SYS_ADMIN is SYS_ADMIN to container runtimes that accept the prefix.",
        lambda case: "CAP_SYS_ADMIN" in items(container(case, "securityContext", "capabilities", "add")),
        ckv(39),
    ),
    # Access to the node.
    Cause(
        "port-zero",
        THEIRS,
        Right.OURS,
        "hostPort 0 takes no port of the node.",
        lambda case: all(not at(each, "hostPort") for each in items(container(case, "ports"))),
        ckv(26),
    ),
    Cause(
        "on-the-host-network",
        THEIRS,
        Right.OURS,
        "With hostNetwork every hostPort equals its containerPort and says nothing new: host-network is the finding.",
        lambda case: spec(case, "hostNetwork") is True,
        ckv(26),
    ),
    Cause(
        "other-runtimes",
        OURS,
        Right.OURS,
        "The socket of containerd or CRI-O, or the folder it lies in, gives the same power as Docker's.",
        lambda case: all(at(each, "hostPath", "path") != "/var/run/docker.sock" for each in _volumes(case)),
        ckv(27),
    ),
    # Security settings.
    Cause(
        "set-on-the-containers",
        THEIRS,
        Right.BOTH,
        "Checkov asks for settings of the pod and, by another check, of each container; one finding of ours says that "
        "neither has any.",
        lambda case: all(at(each, "securityContext") for each in containers(case, "containers", "initContainers")),
        ckv(29),
        CONTEXT,
    ),
    Cause(
        "set-on-the-pod",
        THEIRS,
        Right.BOTH,
        "The pod has security settings, which its containers inherit; Checkov asks for the container's own as well.",
        lambda case: bool(spec(case, "securityContext")),
        ckv(30),
        CONTEXT,
    ),
    Cause(
        "seccomp-annotation",
        OURS,
        Right.OURS,
        "Checkov takes the alpha annotation for a profile; since 1.27 it has no effect.",
        lambda case: case.pod is not None and any("seccomp" in key for key in _annotations(case)),
        ckv(31),
        DOCS + "reference/labels-annotations-taints/#seccomp-security-alpha-kubernetes-io-pod",
    ),
)
