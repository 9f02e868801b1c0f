"""Flags of etcd that the CIS Kubernetes Benchmark asks for in section 2; what variables or a file set is left alone."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._flags import Demand, given, not_yes, unmet, yes

_FILE = ("config-file",)
_DEMANDS = (
    Demand("cert-file", given, "what goes to etcd can be read on the way", _FILE),
    Demand("key-file", given, "what goes to etcd can be read on the way", _FILE),
    Demand("client-cert-auth", yes, "whoever reaches etcd has every Secret of the cluster", _FILE),
    Demand("auto-tls", not_yes, "its certificate is of its own making, nobody can check it", _FILE),
    Demand("peer-cert-file", given, "what members tell each other can be read on the way", _FILE),
    Demand("peer-key-file", given, "what members tell each other can be read on the way", _FILE),
    Demand("peer-client-cert-auth", yes, "whoever reaches the port of the members is taken for one", _FILE),
    Demand("peer-auto-tls", not_yes, "certificates of members are of their own making", _FILE),
)
_VARIABLES = "ETCD_"


def check(context: Context) -> Iterator[Hit]:
    """Each demand that is not met."""
    variables = context.container.body.get("env") if context.container is not None else None
    for each in variables if isinstance(variables, list) else ():
        if isinstance(each, dict) and str(each.get("name", "")).startswith(_VARIABLES):
            return iter(())
    return unmet(context, "etcd", _DEMANDS)
