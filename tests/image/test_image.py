"""The image does its work as GitHub starts it, and takes nothing from the workspace but the manifests."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.image.conftest import RUNNER, Image

pytestmark = pytest.mark.image

MANIFEST = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: registry.example/web:1.4.2
      securityContext:
        allowPrivilegeEscalation: true  # an old habit
"""
TRAP = 'raise SystemExit("a module of the workspace was imported")\n'
TRAPS = ("bot.py", "click.py", "yaml.py", "sitecustomize.py", "usercustomize.py", "json.py")
POST = "/opt/k8s-auto-fix/bin/k8s-auto-fix-post"


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    done = subprocess.run(["git", "-C", folder, *identity, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def workspace(image: Image) -> Path:
    """A checkout of the runner's user: an empty base, and a head with a finding and with traps for Python."""
    folder = image.root / "github/workspace"
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "commit", "--quiet", "--allow-empty", "--message=base")
    git(folder, "switch", "--quiet", "--create=head")
    (folder / "web.yaml").write_text(MANIFEST)
    for name in TRAPS:
        (folder / name).write_text(TRAP)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message=head")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, RUNNER, RUNNER)
    return folder


def state(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    """Every path with its owner, mode, time and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (about.st_uid, about.st_mode, about.st_mtime_ns if path.is_file() else 0, content)
    return found


def test_it_is_started_without_a_shell_as_root_in_the_workspace(image: Image) -> None:
    assert image.config["Entrypoint"] == ["/opt/k8s-auto-fix/bin/python", "-IB", "-m", "bot", "review"]
    assert {"User", "WorkingDir", "Cmd", "Volumes"}.isdisjoint(key for key, value in image.config.items() if value)
    assert image.config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_it_holds_nothing_but_the_bot_and_its_tools(image: Image) -> None:
    assert sorted(path.name for path in (image.root / "opt/kubernetes").iterdir()) == ["etcd", "kube-apiserver"]
    assert {"docker", "kind"} <= {path.name for path in (image.root / "usr/local/bin").iterdir()}
    assert not (image.root / "source").exists()
    assert not list(image.root.glob("opt/k8s-auto-fix/lib/python*/site-packages/pip"))
    assert not list(image.root.glob("opt/k8s-auto-fix/lib/python*/site-packages/tests"))


def test_the_bot_has_its_bytecode(image: Image) -> None:
    (package,) = image.root.glob("opt/k8s-auto-fix/lib/python*/site-packages/bot")
    sources = [path for path in package.rglob("*.py") if path.parent.name != "data"]
    compiled = {path.name.partition(".")[0] for path in package.rglob("__pycache__/*.pyc")}
    assert sources
    assert {path.stem for path in sources} <= compiled


@pytest.mark.parametrize("tool", ["/usr/bin/git", "/usr/local/bin/kind", "/usr/local/bin/docker"])
def test_its_tools_run(image: Image, tool: str) -> None:
    done = image.start("--version", entry=[tool])
    assert done.returncode == 0, done.stderr


def test_inputs_reach_it_and_a_real_server_vouches(image: Image, workspace: Path) -> None:
    """The review of a checkout, told by inputs alone, hyphens and all; nothing in the workspace is touched."""
    before = state(workspace)
    done = image.start(
        **{
            "INPUT_BASE": "main",
            "INPUT_HEAD": "head",
            "INPUT_DRY-RUN": "true",
            "INPUT_FORMAT": "payload",
            "INPUT_CLUSTER": "embedded",
            "INPUT_MAX-COMMENTS": "1",
            "INPUT_SELECT": "",
            "PYTHONPATH": "/github/workspace",
            "PYTHONSTARTUP": "/github/workspace/bot.py",
        }
    )
    assert done.returncode == 0, done.stderr
    payload = json.loads(done.stdout)
    (comment,) = payload["comments"]
    assert (comment["path"], comment["line"]) == ("web.yaml", 9)
    assert "        allowPrivilegeEscalation: false  # an old habit" in comment["body"]
    assert re.search(r"Kubernetes 1\.\d+\.\d+ \(embedded\) accepted it", comment["body"])
    assert state(workspace) == before
    assert list((image.root / "github/runner_temp").iterdir()) == []


def test_a_wrong_input_is_named(image: Image, workspace: Path) -> None:
    done = image.start(**{"INPUT_FAIL-ON": "sometimes"})
    assert done.returncode == 2
    assert "input 'fail-on': 'sometimes' is not one of" in done.stderr


def test_the_last_step_clears_what_a_killed_run_left(image: Image, workspace: Path) -> None:
    left = image.root / "github/runner_temp/k8s-auto-fix-cluster-dead"
    left.mkdir()
    (left / "owner").write_text('[1, "in another life"]')
    done = image.start(entry=[POST], PYTHONPATH="/github/workspace")
    assert (done.returncode, done.stderr) == (0, "removed what 1 ended run left\n")
    assert not left.exists()
