"""What the four stages make of the sample manifests; `make fixtures` writes it anew, and the change is read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.material import ROOT
from tools.fixtures import EXPECTED, NAMES, made


@pytest.fixture(scope="module")
def found() -> dict[str, str]:
    return made()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_as_expected(name: str, found: dict[str, str]) -> None:
    assert found[name] == (EXPECTED / name).read_text(encoding="utf-8"), "make fixtures writes it anew"


def test_what_is_patched_is_what_the_example_says(found: dict[str, str]) -> None:
    texts = {each["manifest_path"]: each["patched_yaml"] for each in json.loads(found["verified.json"])}
    for path, line in (
        ("latest", "image: nginx:1.27.3  # the front page"),
        ("privileged", 'privileged: false   # "just'),
    ):
        before = (ROOT / f"examples/stages/manifests/{path}.yaml").read_text(encoding="utf-8").splitlines()
        after = texts[f"manifests/{path}.yaml"].splitlines()
        assert [each for each in before if each not in after] != []
        assert next(each for each in after if each not in before).strip().startswith(line)


@pytest.mark.parametrize(("stage", "source"), [("propose", 0), ("verify", 1), ("schedule", 2)])
def test_a_stage_works_on_the_files_of_another_run(
    stage: str, source: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.cli.material import run

    (tmp_path / ".git").mkdir()
    shutil.copytree(EXPECTED, tmp_path / "data")
    shutil.copy(ROOT / "examples/stages/.k8s-auto-fix.yaml", tmp_path)
    (tmp_path / "data" / NAMES[source + 1]).unlink()
    monkeypatch.chdir(tmp_path)  # no manifests here: the records carry theirs
    done = run(stage)
    assert done.code == 0, done.err
    made_here = json.loads((tmp_path / "data" / NAMES[source + 1]).read_text(encoding="utf-8"))
    expected = json.loads((EXPECTED / NAMES[source + 1]).read_text(encoding="utf-8"))
    assert [each["id"] for each in made_here] == [each["id"] for each in expected]
    for mine, theirs in zip(made_here, expected, strict=True):
        assert mine.get("patch") == theirs.get("patch")
        assert mine.get("patched_yaml") == theirs.get("patched_yaml")
