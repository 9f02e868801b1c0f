"""What people read about the action is what it does: action.yml, full/action.yml, the options, the docs' tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from bot.cli import review_options
from tests.material import ROOT

TOKEN = "token"


@click.command()
@review_options.options
def probe() -> None: ...


OPTIONS = {parameter.opts[0].lstrip("-"): parameter for parameter in probe.params}


def action(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    return loaded


def fixed(parameter: click.Parameter) -> str | None:
    """The default as action.yml says it; None where it depends on something else."""
    if isinstance(parameter.default, bool):
        return str(parameter.default).lower()
    return str(parameter.default) if getattr(parameter, "show_default", None) is True else None


def table(title: str) -> dict[str, list[str]]:
    """First column to the others, of the table below a heading of docs/github-action.md."""
    text = (ROOT / "docs" / "github-action.md").read_text(encoding="utf-8")
    section = re.split(r"(?m)^## ", text.partition(f"\n## {title}\n")[2])[0]
    rows = [
        [cell.strip() for cell in row.strip("|").split(" | ")] for row in section.splitlines() if row.startswith("|")
    ]
    return {name.strip("`"): rest for name, *rest in rows[2:]}


def test_inputs_are_the_options() -> None:
    assert list(action("action.yml")["inputs"]) == list(OPTIONS)


@pytest.mark.parametrize("name", OPTIONS)
def test_an_input_says_what_its_option_says(name: str) -> None:
    given, option = action("action.yml")["inputs"][name], OPTIONS[name]
    assert isinstance(option, click.Argument | click.Option)
    if name == TOKEN:
        assert given == {"description": option.help, "default": "${{ github.token }}"}
    elif (default := fixed(option)) is not None:
        assert given == {"description": option.help, "default": default}
    else:
        assert given == {"description": f"{option.help} Default: {option.show_default}."}


def test_outputs_are_those_of_the_command() -> None:
    assert {key: value["description"] for key, value in action("action.yml")["outputs"].items()} == (
        review_options.OUTPUTS
    )


def test_the_docs_have_a_row_for_every_input() -> None:
    rows = table("Inputs")
    assert list(rows) == list(OPTIONS)
    for name, option in OPTIONS.items():
        assert isinstance(option, click.Argument | click.Option)
        default = fixed(option)
        assert rows[name] == [f"`{default}`" if default is not None else option.show_default, option.help]


def test_the_docs_have_a_row_for_every_output() -> None:
    assert table("Outputs") == {name: [text] for name, text in review_options.OUTPUTS.items()}


def test_the_two_actions_differ_in_what_they_are_called_alone() -> None:
    plain, full = action("action.yml"), action("full/action.yml")
    assert {key for key in plain | full if plain.get(key) != full.get(key)} == {"name", "description"}


@pytest.mark.parametrize("name", ["action.yml", "full/action.yml"])
def test_a_container_gets_its_inputs_from_the_environment_alone(name: str) -> None:
    """No `args`: GitHub would paste inputs into a command line. What the last step needs travels as state."""
    assert set(action(name)["runs"]) == {"using", "image", "post-entrypoint"}
    assert action(name)["runs"]["using"] == "docker"


def examples() -> list[Path]:
    return sorted((ROOT / "examples").glob("*/workflow*.yml"))


@pytest.mark.parametrize("path", examples(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_an_example_is_pinned_and_asks_for_little(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name, comment in re.findall(r"uses: *(\S+)(.*)", text):
        if not re.fullmatch(r"OWNER/k8s-auto-fix(/full)?@v1", name):
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", name), name
            assert re.match(r" +# v\d", comment), f"{name} does not say its version"
    assert yaml.safe_load(text)["permissions"] == {}
    assert "pull_request_target" not in text
    assert (path.parent / "README.md").exists()
    inputs = [
        step.get("with", {})
        for job in yaml.safe_load(text)["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").startswith("OWNER/")
    ]
    assert all(set(given) <= set(OPTIONS) for given in inputs)


def test_first_use_is_short_and_the_same_everywhere() -> None:
    workflow = (ROOT / "examples/minimal/workflow.yml").read_text(encoding="utf-8")
    assert len(workflow.splitlines()) < 15
    for name in ("README.md", "docs/github-action.md", "examples/minimal/README.md"):
        assert f"```yaml\n{workflow}```" in (ROOT / name).read_text(encoding="utf-8"), name
