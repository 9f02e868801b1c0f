"""The bundled schemas and a real server agree on the examples of `tests/schema`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.adapters.cluster.scratch import ScratchServer
from bot.manifest import read
from bot.verify.server import Status

pytestmark = pytest.mark.cluster

EXAMPLES = Path(__file__).resolve().parents[1] / "schema"
MINOR = "v1.36."


@pytest.fixture
def measured(scratch: ScratchServer) -> ScratchServer:
    """A server of the minor that the examples were written with; others know other fields."""
    if not scratch.version.startswith(MINOR):
        pytest.skip(f"the examples are for {MINOR}x, the server is {scratch.version}")
    return scratch


def test_what_the_check_accepts_is_accepted(measured: ScratchServer) -> None:
    text = (EXAMPLES / "accepted.yaml").read_text(encoding="utf-8")
    resources = list(read("accepted.yaml", text).resources)
    verdicts = measured.ask([resource.body for resource in resources])
    refused = [
        (str(each.ref), one.reason)
        for each, one in zip(resources, verdicts, strict=True)
        if one.status is not Status.ACCEPTED
    ]
    assert refused == []


def test_what_the_check_refuses_is_refused(measured: ScratchServer) -> None:
    cases = [
        case for case in yaml.safe_load((EXAMPLES / "refused.yaml").read_text(encoding="utf-8")) if "status" in case
    ]
    assert len(cases) > 20
    bodies = [resource.body for case in cases for resource in read("case.yaml", case["manifest"]).resources]
    verdicts = measured.ask(bodies)
    names = [case["name"] for case in cases]
    assert [name for name, one in zip(names, verdicts, strict=True) if one.status is not Status.REJECTED] == []
