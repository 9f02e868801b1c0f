"""How long 100,000 candidates take to be put in order, and what the order does on a corpus."""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.material import ROOT
from bench.measure import table
from bot.model import Applicability, Json, ResourceRef, Severity
from bot.rank import Candidate, Ranked, rank
from bot.rank.candidates import around, candidate, changed_lines, owner
from bot.rank.compare import by_severity, tau

COUNT = 100_000
OBJECTS, SCOPES = 20_000, 1_000
MINUTES = (60, 240, 960)


def main() -> None:
    """Time and memory; then the corpus, where there is one."""
    made = made_up()
    before = _peak()
    started = time.perf_counter()
    rank(made)
    ranked = time.perf_counter() - started
    started = time.perf_counter()
    by_severity(made)
    plain = time.perf_counter() - started
    print(f"{COUNT:,} candidates of {OBJECTS:,} objects in {SCOPES:,} scopes; {before:.0f} MiB before the order\n")
    rows = [("S", f"{ranked:.2f}", f"{_peak():.0f}"), ("plain sort by severity", f"{plain:.2f}", "-")]
    table(("order", "seconds", "peak MiB"), rows)
    corpus = ROOT / "../shared/corpus"
    if corpus.is_dir():
        replay(from_corpus(corpus.resolve()))


def made_up() -> list[Candidate]:
    """Candidates of Deployments behind Services, the same in every run."""
    draw = random.Random(7)
    ref = [ResourceRef("apps/v1", "Deployment", "shop", f"web-{number}") for number in range(OBJECTS)]
    bodies = [_deployment(each.name) for each in ref]
    each_scope = OBJECTS // SCOPES
    scopes = [
        tuple(_service(f"web-{scope * each_scope + place}", place) for place in range(10)) for scope in range(SCOPES)
    ]
    return [
        Candidate(
            f"{number:06}",
            f"policy-{draw.randrange(150)}",
            f"{draw.getrandbits(64):016x}",
            draw.choice(list(Severity)),
            draw.choice((Applicability.SAFE, Applicability.UNSAFE)),
            draw.randrange(1, 20),
            draw.uniform(0.5, 20.0),
            ref[number % OBJECTS],
            bodies[number % OBJECTS],
            scopes[number % OBJECTS // each_scope],
            draw.uniform(0.0, 20_000.0),
        )
        for number in range(COUNT)
    ]


def from_corpus(corpus: Path) -> list[Candidate]:
    """Every verified fix of all policies over a folder, file by file."""
    from bot.adapters.files import read_text
    from bot.cli.session import Request, Session
    from bot.manifest import read
    from bot.settings import Options

    session = Session(Request((str(corpus),), options=Options(select=("all",))))
    report = session.scan(verify=True)
    found = []
    manifests = {}
    for each in report.verifications:
        path = each.fix.findings[0].location.path
        if path not in manifests:
            text = read_text(path)
            manifest = read(path, text if isinstance(text, str) else "")
            manifests[path] = manifest, around(session.bot.surroundings.inventory(manifest))
        manifest, neighbours = manifests[path]
        it = owner(manifest, each.fix.findings[0])
        if each.passed and it is not None:
            lines = changed_lines(each, manifest.text)
            found.append(candidate(each, it, changed_lines=lines, neighbours=neighbours, measured=False))
    return found


def replay(found: Sequence[Candidate]) -> None:
    """What a person who takes fixes in some order has cured after some time, and how alike the orders are."""
    by_score = rank(found)
    terms = {id(each.candidate): each for each in by_score}
    orders = {
        "S": list(by_score),
        "plain severity": [terms[id(each)] for each in by_severity(found)],
        "first come": [terms[id(each)] for each in found],
    }
    whole = sum(each.R * each.p for each in by_score)
    print(
        f"\n{len(found):,} verified fixes of the corpus, taken in order: risk cured (R * p) after some time of work\n"
    )
    rows = [
        (
            name,
            *(f"{_cured(order, minutes) / whole * 100:.1f} %" for minutes in MINUTES),
            f"{tau(_places(by_score, terms), _places(order, terms)):.2f}",
        )
        for name, order in orders.items()
    ]
    table(("order", *(f"{minutes // 60} h" for minutes in MINUTES), "tau with S"), rows)


def _cured(order: Sequence[Ranked], minutes: float) -> float:
    cured = 0.0
    for each in order:
        minutes -= each.Et
        if minutes < 0:
            break
        cured += each.R * each.p
    return cured


def _places(order: Sequence[Ranked], terms: dict[int, Ranked]) -> list[float]:
    """The place of each candidate in an order, candidates always in the same sequence."""
    places = {id(each.candidate): place for place, each in enumerate(order)}
    return [places[each] for each in terms]


def _deployment(name: str) -> dict[str, Json]:
    container = {"name": "web", "image": f"ghcr.io/shop/{name}:1.2", "ports": [{"containerPort": 8080}]}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"replicas": 2, "template": template},
    }


def _service(name: str, place: int) -> dict[str, Json]:
    spec = {"type": "LoadBalancer" if place % 3 else "ClusterIP", "selector": {"app": name}}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"}, "spec": spec}


def _peak() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform == "linux" else 1024 * 1024)


if __name__ == "__main__":
    main()
