"""What the message says, and what it must not: a value of the environment may be a password."""

from __future__ import annotations

import pytest

from bot import schema
from bot.detect.detect import Detector, Environment, detect_all
from bot.manifest import read
from bot.policy import load

POLICY = next(policy for policy in load() if policy.id == "string-field-not-quoted")
ENVIRONMENT = Environment({}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema)
POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: web:1, %s}]\n"


@pytest.mark.parametrize(
    ("text", "value", "quoted"),
    [
        (POD % "env: [{name: PIN, value: 4711}]", "4711", False),
        ("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {pin: 4711}\n", "4711", False),
        ("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: s}\ndata: {port: 4711}\n", "4711", True),
    ],
    ids=["variable", "Secret", "ConfigMap"],
)
def test_values_in_messages(text: str, value: str, quoted: bool) -> None:
    manifest = read("a.yaml", text)
    [found], _ = detect_all(Detector([POLICY], ENVIRONMENT), manifest, manifest.resources)
    assert "has to be text" in found.finding.message
    assert (value in found.finding.message) is quoted
