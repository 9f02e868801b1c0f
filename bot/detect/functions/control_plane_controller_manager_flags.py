"""Flags of kube-controller-manager that the CIS Kubernetes Benchmark asks for in section 1.3."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._flags import Demand, given, lists_none, local, no, unmet, yes

_DEMANDS = (
    Demand("use-service-account-credentials", yes, "all controllers act with the rights of one"),
    Demand("service-account-private-key-file", given, "tokens of accounts are signed by nobody"),
    Demand("root-ca-file", given, "pods do not learn whom to trust"),
    Demand("feature-gates", lists_none("RotateKubeletServerCertificate=false"), "certificates of kubelets run out"),
    Demand("bind-address", local, "its health and metrics are open to the network"),
    Demand("profiling", no, "whoever may ask sees what goes on inside"),
)


def check(context: Context) -> Iterator[Hit]:
    """Each demand that is not met."""
    return unmet(context, "kube-controller-manager", _DEMANDS)
