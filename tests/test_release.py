"""What users of a release get differs from the repository in one line, and what is released is what was tested."""

from __future__ import annotations

import difflib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.adapters.cluster import kind
from tests.material import ROOT

TOOL = ROOT / "tools" / "release_action.py"
IMAGE = "ghcr.io/owner/k8s-auto-fix@sha256:" + "0a" * 32
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def release(path: Path, image: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, TOOL, path, image], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["action.yml", "full/action.yml"])
def test_one_line_changes(name: str, tmp_path: Path) -> None:
    before = (ROOT / name).read_text(encoding="utf-8")
    path = tmp_path / "action.yml"
    path.write_text(before, encoding="utf-8")
    assert release(path, IMAGE).returncode == 0
    after = path.read_text(encoding="utf-8")
    changed = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    assert changed == ["-   image: Dockerfile", f"+   image: docker://{IMAGE}"]
    assert yaml.safe_load(after)["runs"]["image"] == f"docker://{IMAGE}"


@pytest.mark.parametrize(
    "image",
    [
        "ghcr.io/owner/k8s-auto-fix:v1",
        "ghcr.io/Owner/k8s-auto-fix@sha256:" + "0a" * 32,
        "ghcr.io/owner/k8s-auto-fix@sha256:" + "0a" * 31,
        "k8s-auto-fix@sha256:" + "0a" * 32,
        IMAGE + "\n  entrypoint: /bin/sh",
        "",
    ],
)
def test_an_image_that_is_not_pinned_is_refused(image: str, tmp_path: Path) -> None:
    path = tmp_path / "action.yml"
    path.write_text("runs:\n  image: Dockerfile\n")
    done = release(path, image)
    assert (done.returncode, done.stdout) == (2, "")
    assert "registry/name@sha256:digest" in done.stderr
    assert path.read_text() == "runs:\n  image: Dockerfile\n"


@pytest.mark.parametrize(
    "text", ["runs: {}\n", "  image: Dockerfile\n  image: Dockerfile\n", f"  image: docker://{IMAGE}\n"]
)
def test_a_file_without_that_one_line_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "action.yml"
    path.write_text(text)
    assert release(path, IMAGE).returncode == 2
    assert path.read_text() == text


def argument(name: str) -> str:
    (value,) = re.findall(rf"(?m)^ARG {name}=(\S+)$", DOCKERFILE)
    return str(value)


def test_the_image_has_the_versions_that_the_tests_have() -> None:
    modules = (ROOT / "tools/apiserver/go.mod").read_text(encoding="utf-8")
    e2e = (ROOT / ".github/workflows/e2e.yml").read_text(encoding="utf-8")
    assert f"\tk8s.io/kubernetes {argument('APISERVER').partition(':')[2]} " in modules
    assert f"\tgo.etcd.io/etcd/server/v3 v{argument('ETCD').partition(':')[2].removesuffix('-0')} " in modules
    assert f"KIND: {argument('KIND')}\n" in e2e
    assert kind.DEFAULT in argument("APISERVER")


def test_a_release_resolves_every_image() -> None:
    """No digest stands in the Dockerfiles: the workflow finds them, for all arguments that name an image."""
    for text in (DOCKERFILE, (ROOT / "full/Dockerfile").read_text(encoding="utf-8")):
        images = re.findall(r"(?m)^ARG \w+=(\S+[/:]\S+)$", text)
        assert images
        assert all(re.fullmatch(r"[a-z0-9.-]+\.[a-z]+/[\w./-]+:[\w.-]+", image) for image in images)
        assert all(
            re.fullmatch(r"\$\{\w+\}", name) or name == "base"
            for name in re.findall(r"(?m)^FROM (?:--platform=\S+ )?(\S+)", text)
        )
