"""Flags of kube-apiserver that the CIS Kubernetes Benchmark asks for in section 1.2."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._flags import Demand, absent, given, lists, lists_none, no, not_no, unmet

_MODES = "authorization-config"
_DEMANDS = (
    Demand("anonymous-auth", no, "requests of nobody in particular are answered", ("authentication-config",)),
    Demand("token-auth-file", absent, "its tokens never expire and cannot be revoked without a restart"),
    Demand("authorization-mode", lists_none("AlwaysAllow"), "everybody may do everything", (_MODES,)),
    Demand("authorization-mode", lists("Node", "RBAC"), "Node and RBAC are not both among them", (_MODES,)),
    Demand("enable-admission-plugins", lists_none("AlwaysAdmit"), "nothing is refused"),
    Demand("enable-admission-plugins", lists("NodeRestriction"), "a node may change what belongs to another one"),
    Demand(
        "disable-admission-plugins",
        lists_none("ServiceAccount", "NamespaceLifecycle", "NodeRestriction", "PodSecurity"),
        "a plugin is off that others count on",
    ),
    Demand("client-ca-file", given, "no certificate of a client is checked", ("authentication-config",)),
    Demand("tls-cert-file", given, "the server shows a certificate of its own making"),
    Demand("tls-private-key-file", given, "the server shows a certificate of its own making"),
    Demand("kubelet-client-certificate", given, "kubelets do not learn who asks them"),
    Demand("kubelet-client-key", given, "kubelets do not learn who asks them"),
    Demand("kubelet-certificate-authority", given, "whoever has the address of a kubelet is taken for it"),
    Demand("etcd-cafile", given, "whoever has the address of etcd is taken for it"),
    Demand("etcd-certfile", given, "etcd does not learn who asks it"),
    Demand("etcd-keyfile", given, "etcd does not learn who asks it"),
    Demand("service-account-key-file", given, "tokens are checked with the key of the server's certificate"),
    Demand("service-account-lookup", not_no, "tokens of accounts that are gone still hold"),
    Demand("profiling", no, "whoever may ask sees what goes on inside"),
)


def check(context: Context) -> Iterator[Hit]:
    """Each demand that is not met."""
    return unmet(context, "kube-apiserver", _DEMANDS)
