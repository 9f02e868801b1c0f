"""The examples of docs/suppressions.md do what it says."""

from __future__ import annotations

import re

import pytest

from bot.detect.suppress import suppress
from bot.manifest import read
from tests.detect.made import NAMES, TODAY, finding
from tests.material import ROOT

EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "suppressions.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("place", "accepted"),
    [
        (
            0,
            [
                ("host-pid", "/spec/hostPID"),
                ("host-network", "/spec/hostNetwork"),
                ("memory-limit-missing", "/spec/containers/0/resources/limits/memory"),
                ("cpu-limit-missing", "/spec/containers/0/resources/limits/cpu"),
            ],
        ),
        (1, [("insufficient-replicas", "/spec/replicas"), ("host-pid", "/spec/template/spec/hostPID")]),
    ],
)
def test_the_examples_hold(place, accepted):
    manifest = read("example.yaml", EXAMPLES[place])
    found, skips = suppress(manifest, [finding(manifest, *each) for each in accepted], NAMES, today=TODAY)
    assert skips == ()
    assert [each for each, by in zip(accepted, found, strict=True) if by is None] == []


def test_every_example_is_tried():
    assert len(EXAMPLES) == 2
