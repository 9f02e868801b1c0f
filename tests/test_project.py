"""What the project's own files say agrees: versions, lock, workflow, hooks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.material import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VERSIONS = {
    classifier.rpartition(" ")[2]
    for classifier in PROJECT["project"]["classifiers"]
    if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", classifier)
}
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def locked(name: str) -> dict[str, str]:
    """Package to the text that follows its pin, markers left out: the hashes."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    found = re.findall(r"(?m)^([\w.-]+)==((?:.*\\\n)*.*)", text)
    return {package.lower(): re.sub(r" ;[^\\\n]*", " ", rest) for package, rest in found}


def test_python_versions_agree() -> None:
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert set(ci["jobs"]["test"]["strategy"]["matrix"]["python"]) == VERSIONS
    oldest, newest = min(VERSIONS), max(VERSIONS)
    assert PROJECT["project"]["requires-python"] == f">={oldest}"
    assert f"Python {oldest} to {newest}" in (ROOT / "tools/setup.sh").read_text(encoding="utf-8")


def test_lock_has_every_package_of_the_project() -> None:
    run, dev = locked("run.txt"), locked("dev.txt")
    groups = PROJECT["dependency-groups"]
    wanted = {re.split(r"[<>=~!]", line)[0].lower() for line in PROJECT["project"]["dependencies"]}
    tools = {re.split(r"[<>=~!]", line)[0].lower() for name in ("tests", "tools", "build") for line in groups[name]}
    assert wanted <= set(run)
    assert {name.replace(".", "-") for name in wanted | tools} <= set(dev)
    assert run.items() <= dev.items(), "the two locks pin different versions: make lock"
    assert all("--hash=sha256:" in rest for rest in dev.values())


def test_the_image_is_built_with_what_the_tests_build_with() -> None:
    build, dev = locked("build.txt"), locked("dev.txt")
    assert "hatchling" in build
    assert build.items() <= dev.items(), "the two locks pin different versions: make lock"


@pytest.mark.parametrize("name", ["run.txt", "dev.txt", "build.txt"])
def test_lock_names_no_index(name: str) -> None:
    assert "://" not in (ROOT / "requirements" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_permissions_are_least(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    uses = re.findall(r"uses: *(\S+)(.*)", text)
    assert uses
    for action, comment in uses:
        if action == "./":
            continue  # the action of this very commit
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.match(r" +# v\d", comment), f"{action} does not say its version"
    assert yaml.safe_load(text)["permissions"] == {}
