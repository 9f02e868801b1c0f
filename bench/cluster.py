"""What asking an API server costs: beside kubectl, sustained, from start to first verdict, in memory; and its verdicts.

One server, one run: kubectl and the bot take turns with the same manifests.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.material import manifests
from bench.measure import run, table
from bot.adapters.cluster import binaries, embedded
from bot.adapters.cluster.api import ScratchApi
from bot.adapters.cluster.binaries import KUBECTL, Binaries
from bot.adapters.cluster.embedded import EmbeddedServer
from bot.adapters.cluster.scratch import ScratchServer
from bot.manifest import read
from bot.verify.server import Status

Object = dict[str, Any]
STARTS = 3
PAIRS = 40
VERDICTS = 2_000
NOT_COMPARED = ("CustomResourceDefinition", "Namespace")
"""They exist by the time kubectl asks, which is another question."""


def main() -> None:
    """Print the measurements, then the table of verdicts."""
    found = binaries.find()
    if found is None:
        sys.exit(f"bench: {binaries.missing()}")
    what, contents = manifests()
    bodies = [body for content in contents for body in _bodies(content)]
    rows = [("start to first verdict, median", f"{_start(found) * 1000:.0f} ms")]
    with embedded.start(found) as server, _scratch(server) as scratch:
        scratch.prepare(bodies)
        verdicts = scratch.ask(bodies)
        accepted = [body for body, said in zip(bodies, verdicts, strict=True) if said.status is Status.ACCEPTED]
        rows += _beside_kubectl(server, accepted)
        rows.append(("sustained, distinct objects", f"{_sustained(server, accepted):.0f} a second"))
        rows.append((f"memory of both processes after {VERDICTS:,} verdicts more", f"{_memory(server):.0f} MiB"))
        rows.append(("server", scratch.label.removeprefix("server ")))
    table(("measured", "value"), rows)
    print(f"\nVerdicts on the {len(bodies):,} objects of {what}\n")
    counts = Counter(verdict.status for verdict in verdicts)
    table(("verdict", "objects"), [(str(status), f"{counts[status]:,}") for status in Status])


def _bodies(content: bytes) -> list[Object]:
    return [dict(resource.body) for resource in read("bench.yaml", content.decode()).resources]


def _scratch(server: EmbeddedServer) -> ScratchServer:
    return ScratchServer(ScratchApi(server.connection(), ended=server.ended))


def _start(found: Binaries) -> float:
    """Seconds from nothing to a verdict."""
    taken = []
    for _ in range(STARTS):
        began = time.perf_counter()
        with embedded.start(found) as server, _scratch(server) as scratch:
            (verdict,) = scratch.ask([{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "first"}}])
            taken.append(time.perf_counter() - began)
        assert verdict.status is Status.ACCEPTED
    return statistics.median(taken)


def _beside_kubectl(server: EmbeddedServer, accepted: Sequence[Object]) -> list[tuple[str, str]]:
    """A dry run of each manifest, by a process of kubectl and by the bot, in turn."""
    kubectl = server.binaries.apiserver.with_name(KUBECTL)
    if not kubectl.exists():
        return [("kubectl", "not beside kube-apiserver")]
    apart = [body for body in accepted if body["metadata"].get("name") and body["kind"] not in NOT_COMPARED]
    chosen = apart[:: max(1, len(apart) // PAIRS)][:PAIRS]
    theirs, ours = [], []
    with tempfile.TemporaryDirectory(prefix="k8s-auto-fix-bench-") as folder:
        command = [kubectl, "--kubeconfig", _kubeconfig(server, Path(folder)), "--cache-dir", f"{folder}/cache"]
        path = Path(folder) / "manifest.json"
        for number, body in enumerate([chosen[0], *chosen]):
            path.write_text(json.dumps(body), encoding="utf-8")
            by_kubectl = run([*command, "apply", "--dry-run=server", "-f", path], fine=(0,)).seconds
            with _scratch(server) as fresh:  # the other one remembers its answers
                began = time.perf_counter()
                fresh.ask([body])
                by_bot = time.perf_counter() - began
            if number:  # the first fills kubectl's cache
                theirs.append(by_kubectl)
                ours.append(by_bot)
    ratios = [left / right for left, right in zip(theirs, ours, strict=True)]
    return [
        ("kubectl, one process a manifest, median", f"{statistics.median(theirs) * 1000:.1f} ms"),
        ("the bot, the same manifest, median", f"{statistics.median(ours) * 1000:.1f} ms"),
        (f"times faster, median of {len(ratios)} manifests", f"{statistics.median(ratios):.1f}"),
    ]


def _kubeconfig(server: EmbeddedServer, folder: Path) -> Path:
    config = folder / "kubeconfig"
    config.touch(mode=0o600)
    cluster = {"server": server.url, "certificate-authority": str(server.folder / "apiserver.crt")}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "bench",
        "contexts": [{"name": "bench", "context": {"cluster": "bench", "user": "bench"}}],
        "clusters": [{"name": "bench", "cluster": cluster}],
        "users": [{"name": "bench", "user": {"token": server.token}}],
    }
    config.write_text(yaml.safe_dump(document), encoding="utf-8")
    return config


def _sustained(server: EmbeddedServer, accepted: Sequence[Object]) -> float:
    """Verdicts a second over many objects, no two of them equal."""
    asked = []
    for number in range(VERDICTS):
        body = accepted[number % len(accepted)]
        labels = {**(body["metadata"].get("labels") or {}), "bench": str(number)}
        asked.append({**body, "metadata": {**body["metadata"], "labels": labels}})
    with _scratch(server) as fresh:
        began = time.perf_counter()
        verdicts = fresh.ask(asked)
        seconds = time.perf_counter() - began
    failed = [verdict for verdict in verdicts if verdict.status is not Status.ACCEPTED]
    if failed:
        sys.exit(f"bench: {len(failed)} objects are not accepted any more: {failed[0].reason}")
    return VERDICTS / seconds


def _memory(server: EmbeddedServer) -> float:
    """Resident memory of kube-apiserver and etcd."""
    pids = ",".join((server.folder / "processes").read_text(encoding="utf-8").split())
    said = subprocess.run(["ps", "-o", "rss=", "-p", pids], capture_output=True, text=True, check=True)
    return sum(map(int, said.stdout.split())) / 1024


if __name__ == "__main__":
    main()
