"""Credentials are known by the mark of their issuer; the value never leaves the object."""

from __future__ import annotations

import base64
import json

import pytest

from bot import schema
from bot.detect.functions import Context, find
from bot.manifest import read

LETTERS = "aB3dE5gH7jK9mN2pQ4sT6vW8xY1zC0fR"  # put together here, so that no scanner takes this file for a leak


def _hits(body):
    manifest = read("object.yaml", json.dumps(body))
    (resource,) = manifest.resources
    return list(find("hardcoded_credential")(Context(resource, manifest, "1.31", "1.36", schema)))


def _pod(value):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "web", "env": [{"name": "X", "value": value}]}]},
    }


FOUND = [
    ("AKIA" + "Z7Q2W3E4R5T6Y7U2", "an AWS access key"),
    ("ghp_" + LETTERS + "Zx9k", "a GitHub token"),
    ("github_pat_" + LETTERS[:22] + "_" + LETTERS + LETTERS[:27], "a GitHub token"),
    ("glpat-" + LETTERS[:20], "a GitLab token"),
    ("xoxb-" + "123456789012-" + LETTERS[:24], "a Slack token"),
    ("https://hooks.slack.com/services/T0A1B2C3D/B0A1B2C3D/" + LETTERS[:24], "the address of a Slack webhook"),
    ("sk_live_" + LETTERS[:24], "a Stripe key"),
    ("npm_" + LETTERS + "Zx9k", "an npm token"),
    ("dckr_pat_" + LETTERS[:27], "a Docker Hub token"),
    ("AIza" + LETTERS + "Zx9", "a Google API key"),
    ("hvs." + LETTERS, "a Vault token"),
    ("hf_" + "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH", "a Hugging Face token"),
    ("eyJ" + LETTERS[:20] + ".eyJ" + LETTERS[:24] + "." + LETTERS, "a JSON web token"),
    ("-----BEGIN RSA PRIVATE KEY-----\n" + LETTERS * 2 + "\n-----END RSA PRIVATE KEY-----\n", "a private key"),
    (
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB\n\n" + LETTERS * 2,
        "a private key",
    ),
    ("curl -H 'Authorization: token ghp_" + LETTERS + "Zx9k' https://api.github.com", "a GitHub token"),
]


@pytest.mark.parametrize(("value", "what"), FOUND, ids=range(len(FOUND)))
def test_found(value, what):
    (hit,) = _hits(_pod(value))
    assert hit.message == f"spec.containers[web].env[X].value holds {what}"
    assert (hit.at, hit.target) == ("/spec/containers/0/env/0/value", "/spec/containers/0/env/0")


QUIET = [
    "AKIA" + "IOSFODNN7EXAMPLE",
    "ghp_" + "x" * 36,
    "xAKIA" + "Z7Q2W3E4R5T6Y7U2",
    "AKIA" + "Z7Q2W3E4R5T6Y7U2" + "Z7Q2W3E4R5T6Y7U2",
    "AgBy3i4OJSWK+AKIA" + "Z7Q2W3E4R5T6Y7U2" + "/rO43cGDEq",
    "-----BEGIN PUBLIC KEY-----\n" + LETTERS * 2 + "\n-----END PUBLIC KEY-----",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "-----BEGIN CERTIFICATE-----\n" + LETTERS * 2 + "\n-----END CERTIFICATE-----",
    "sk_test_" + LETTERS[:24],
    "ENC[AES256_GCM,data:" + LETTERS + "]",
    "registry.example.com/shop/web:2.1.0@sha256:" + "0a399eb16751829e1af26fea27b20c3ec28d7ab1fb72182879dcae1cca21206a",
    "ghp_short",
]


@pytest.mark.parametrize("value", QUIET, ids=range(len(QUIET)))
def test_quiet(value):
    assert _hits(_pod(value)) == []


def test_base64_of_a_secret_is_read_and_that_of_others_is_not():
    value = base64.b64encode(("ghp_" + LETTERS + "Zx9k").encode()).decode()
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "ci"},
        "data": {"token": value, "n": 1, "x": "%"},
    }
    assert [hit.at for hit in _hits(body)] == ["/data/token"]
    assert _hits({**body, "kind": "ConfigMap"}) == []


@pytest.mark.parametrize(("value", "_what"), FOUND, ids=range(len(FOUND)))
def test_the_value_is_not_in_the_message(value, _what):
    (hit,) = _hits(_pod(value))
    assert value[:30] not in hit.message
    assert LETTERS[:8] not in hit.message
