"""`doctor`: what is there, what is missing, and nothing of a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.adapters.cluster.stand_ins import StandIns
from tests.cli.material import run

SECRET = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"

Variables = dict[str, str]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Variables:
    """A machine with nothing on it."""
    monkeypatch.setattr("bot.adapters.cluster.kind._SOCKETS", ())
    home = tmp_path / "home"
    (tmp_path / "bin").mkdir()
    home.mkdir()
    names = ("KUBECONFIG", "KUBEBUILDER_ASSETS", "XDG_CACHE_HOME", "XDG_DATA_HOME", "DOCKER_HOST", "RUNNER_TEMP")
    names += ("GITHUB_TOKEN", "INPUT_TOKEN")
    return dict.fromkeys(names, "") | {"HOME": str(home), "PATH": str(tmp_path / "bin"), "TMPDIR": str(tmp_path)}


@pytest.fixture(autouse=True)
def no_kept_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def program(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


def assets(tmp_path: Path) -> Path:
    for name in ("kube-apiserver", "etcd"):
        program(tmp_path / "assets" / name)
    return tmp_path / "assets"


def report(env: Variables, code: int) -> dict[str, Any]:
    done = run("doctor", "--format", "json", env=env)
    assert (done.code, done.err) == (code, "")
    document: dict[str, Any] = json.loads(done.out)
    return document


def there(document: dict[str, Any]) -> set[str]:
    return {piece["name"] for piece in document["pieces"] if piece["there"]}


def test_a_machine_with_nothing_on_it(bare: Variables) -> None:
    document = report(bare, 1)
    assert (document["tier"], document["server"]) == ("schema", None)
    assert there(document) == {"schemas"}
    for piece in document["pieces"]:
        assert piece["gives"]
        assert piece["there"] or (piece["detail"] and piece["get"]), piece


def test_in_words_every_missing_piece_says_what_it_gives_and_how_to_get_it(bare: Variables) -> None:
    done = run("doctor", env=bare)
    assert done.code == 1
    first, empty, *rows = done.out.splitlines()
    assert first == "No API server can be asked: fixes are checked against the bundled schemas alone."
    assert empty == ""
    assert [row[3:20].strip() for row in rows if row[1] in "✓·"] == [
        *("kubeconfig", "container engine", "kind", "kept server", "API server", "schemas", "kubectl"),
        *("kube-linter", "kyverno", "git", "GitHub token"),
    ]
    assert "k8s-auto-fix cluster install" in done.out
    assert all(len(row) <= 100 for row in rows)
    assert done.out.count("gives ") == 10
    assert "\x1b" not in done.out


def test_it_fits_a_narrow_terminal_and_has_colours_when_asked(bare: Variables) -> None:
    done = run("doctor", "--color", "always", env=bare | {"COLUMNS": "60"})
    assert "\x1b[2m·\x1b[0m" in done.out
    assert "\x1b[32m✓\x1b[0m" in done.out
    plain = run("doctor", env=bare | {"COLUMNS": "60"})
    assert max(len(row) for row in plain.out.splitlines()[2:] if "https://" not in row) <= 60


def test_the_servers_own_binaries(bare: Variables, tmp_path: Path) -> None:
    document = report(bare | {"KUBEBUILDER_ASSETS": str(assets(tmp_path))}, 0)
    assert (document["tier"], document["server"]) == ("server", "an embedded API server")
    assert "API server" in there(document)
    done = run("doctor", env=bare | {"KUBEBUILDER_ASSETS": str(assets(tmp_path))})
    assert done.out.startswith("With --cluster auto, fixes are verified by an embedded API server.\n")


def test_half_of_the_binaries(bare: Variables, tmp_path: Path) -> None:
    program(tmp_path / "half" / "etcd")
    document = report(bare | {"KUBEBUILDER_ASSETS": str(tmp_path / "half")}, 1)
    (piece,) = (piece for piece in document["pieces"] if piece["name"] == "API server")
    assert "lacks kube-apiserver" in piece["detail"]


def test_a_container_engine_and_kind(bare: Variables, tmp_path: Path) -> None:
    tools = StandIns(tmp_path / "tools")
    found = {**bare, "PATH": f"{tools.folder / 'bin'}:/usr/bin:/bin", "DOCKER_HOST": tools.environ["DOCKER_HOST"]}
    document = report(found, 0)
    assert document["server"] == "a cluster by kind"
    assert {"container engine", "kind"} <= there(document)
    (tools.folder / "bin" / "kind").unlink()
    document = report(found, 1)
    assert "container engine" in there(document)
    assert "kind" not in there(document)
    tools.socket.close()


KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: here, user: me}}]
clusters: [{name: here, cluster: {server: "https://cluster.example.com:6443"}}]
users: [{name: me, user: {token: %s}}]
"""


def test_a_kubeconfig_shows_its_address_alone(bare: Variables, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(KUBECONFIG % SECRET)
    document = report(bare | {"KUBECONFIG": str(config)}, 0)
    assert document["server"] == "the cluster at https://cluster.example.com:6443"
    assert SECRET not in str(document)


def test_a_kubeconfig_that_cannot_be_used_is_not_passed_over(bare: Variables, tmp_path: Path) -> None:
    """As in a run: who names a cluster gets no verdicts of another."""
    env = bare | {"KUBECONFIG": str(tmp_path / "none"), "KUBEBUILDER_ASSETS": str(assets(tmp_path))}
    document = report(env, 1)
    assert "no such kubeconfig" in document["pieces"][0]["detail"]
    assert "unset KUBECONFIG" in document["pieces"][0]["get"]


def test_a_kubeconfig_at_home_is_mentioned_and_not_used(bare: Variables) -> None:
    config = Path(bare["HOME"]) / ".kube" / "config"
    config.parent.mkdir()
    config.write_text(KUBECONFIG % SECRET)
    document = report(bare, 1)
    assert "--cluster kubeconfig" in document["pieces"][0]["detail"]


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "INPUT_TOKEN"])
@pytest.mark.parametrize("form", ["text", "json"])
def test_a_token_is_named_and_never_shown(bare: Variables, name: str, form: str) -> None:
    done = run("doctor", "--format", form, env=bare | {name: SECRET})
    assert f"in {name}" in done.out
    assert SECRET not in done.out + done.err
    assert SECRET[:8] not in done.out + done.err
