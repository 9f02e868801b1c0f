"""The rights that docs/verification.md asks for suffice, and allow dry runs only."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import yaml

from bot.adapters.cluster import embedded
from bot.adapters.cluster.answers import Answer
from bot.adapters.cluster.api import Api, ScratchApi
from bot.adapters.cluster.binaries import Binaries
from bot.adapters.cluster.connection import Connection, Fixed
from bot.adapters.cluster.discovery import discover
from bot.adapters.cluster.session import ENFORCE, UserCluster
from bot.verify.server import Status
from tests.cluster.objects import RESTRICTED, deployment, obj, pod
from tests.material import ROOT

pytestmark = pytest.mark.cluster

PAGE = (ROOT / "docs/verification.md").read_text(encoding="utf-8")
(BLOCK,) = re.findall(r"```yaml\n(.*?)```", PAGE.partition("### Rights")[2], re.DOTALL)
OBJECTS = list(yaml.safe_load_all(BLOCK))
STRICT = obj("v1", "Namespace", "strict", metadata={"labels": {ENFORCE: "restricted"}})
ACCOUNT = "/api/v1/namespaces/k8s-auto-fix/serviceaccounts/k8s-auto-fix"


@pytest.fixture(scope="module")
def account(pair: Binaries) -> Iterator[Connection]:
    """A server with the objects of the page; how the account that they make reaches it."""
    with embedded.start(pair) as server, closing(ScratchApi(server.connection())) as api:
        places = discover(api)
        for body in [*OBJECTS, STRICT]:
            place = places[body["apiVersion"], body["kind"]]
            answer = api.apply(place.item(body["metadata"].get("namespace", ""), body["metadata"]["name"]), body)
            assert isinstance(answer, Answer)
            assert answer.code in (200, 201), answer.document()
        wanted = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        answer = api.create(f"{ACCOUNT}/token", wanted)
        assert isinstance(answer, Answer)
        token = answer.document()["status"]["token"]
        yield Connection(server.url, "kubeconfig", server.connection().tls, Fixed(f"Bearer {token}"))


def test_what_is_granted_can_be_asked(account: Connection) -> None:
    with UserCluster(Api(account)) as cluster:
        asked = [deployment(), pod(), obj("v1", "Service", spec={"ports": [{"port": 80}]})]
        assert [verdict.status for verdict in cluster.ask(asked)] == [Status.ACCEPTED] * 3
        assert cluster.prove(deployment(pod=RESTRICTED), "restricted").status is Status.ACCEPTED


def test_what_is_not_granted_is_not_verified_with_that_reason(account: Connection) -> None:
    with UserCluster(Api(account)) as cluster:
        (verdict,) = cluster.ask([obj("v1", "Secret")])
    assert verdict.status is Status.UNKNOWN
    assert verdict.reason.startswith("not allowed to ask: ")


def test_nothing_can_be_created_for_real(account: Connection) -> None:
    path = "/api/v1/namespaces/default/configmaps"
    with closing(ScratchApi(account)) as api:
        end = time.monotonic() + 15  # a policy is asked a second after it was made
        for number in range(1000):
            answer = api.create(path, obj("v1", "ConfigMap", f"real-{number}"))
            assert isinstance(answer, Answer)
            if answer.code != 201:
                break
            assert time.monotonic() < end, "objects are created for real"
            time.sleep(0.1)
        assert answer.code in (403, 422)
        assert "this account may do dry runs only" in answer.body.decode()
        dry = api.dry_run(path, obj("v1", "ConfigMap", "dry"))
        assert isinstance(dry, Answer)
        assert dry.code == 201
