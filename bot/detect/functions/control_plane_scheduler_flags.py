"""Flags of kube-scheduler that the CIS Kubernetes Benchmark asks for in section 1.4."""

from __future__ import annotations

from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._flags import Demand, local, no, unmet

_DEMANDS = (
    Demand("bind-address", local, "its health and metrics are open to the network"),
    Demand("profiling", no, "whoever may ask sees what goes on inside", ("config",)),
)


def check(context: Context) -> Iterator[Hit]:
    """Each demand that is not met."""
    return unmet(context, "kube-scheduler", _DEMANDS)
