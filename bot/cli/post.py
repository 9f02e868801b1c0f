"""The action's last step, `k8s-auto-fix-post`: removes what a run left that was killed.

GitHub starts it in a container of its own, with what the run noted as state (STATE_<name>). It removes nothing that
belongs to somebody else, and never fails the job: what it could not do is one line of the log.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from bot.cli.streams import tell

CLUSTER_STATE = "cluster"
"""The name under which a run notes its kind cluster: GITHUB_STATE takes `cluster=NAME`."""


def main() -> None:
    """Clean up, and say what was removed."""
    for line in clean(os.environ):
        tell(line)


def clean(environ: Mapping[str, str]) -> list[str]:
    """Removes clusters and servers of runs that ended without doing so; what there is to say about it."""
    from bot.adapters.cluster import embedded, kind, leftovers

    said = []
    try:
        removed = kind.clean_up(environ) + leftovers.sweep(embedded.PREFIX, leftovers.kill_servers)
        if removed:
            said.append(f"removed what {removed} ended run{'s' * (removed > 1)} left")
        name = environ.get(f"STATE_{CLUSTER_STATE}", "")
        if kind.is_ours(name) and not kind.delete(name, environ):
            said.append(f"the cluster may still be there: kind delete cluster --name {name}")
    except OSError as error:
        said.append(f"clean-up: {error.strerror or error}")
    return said
