"""Flags of kube-apiserver for encryption at rest and an audit log: sections 1.2 and 3.2 of the CIS Benchmark."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._flags import Demand, given, unmet

_DEMANDS = (
    Demand("encryption-provider-config", given, "Secrets lie in etcd as they are"),
    Demand("audit-policy-file", given, "nobody writes down who did what"),
    Demand("audit-log-path", given, "nobody writes down who did what", ("audit-webhook-config-file",)),
)


def check(context: Context) -> Iterator[Hit]:
    """Each demand that is not met."""
    return unmet(context, "kube-apiserver", _DEMANDS)
