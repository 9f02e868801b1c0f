"""Scalars are read as kubectl reads them, and stand plain only where every reader agrees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.manifest import read
from bot.manifest.reader import Manifest
from bot.manifest.scalars import plain_is_safe


def value_of(text: str) -> object:
    manifest = read("case.yaml", text)
    assert manifest.problem is None, manifest.problem
    return manifest.documents[0].value


def kubectl_rows(cases: Path) -> list[tuple[str, str]]:
    lines = (cases / "kubectl-scalars.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith(("#", "token\t"))]
    return [("" if row[0] == "(empty)" else row[0], row[1]) for row in rows]


def test_every_measured_scalar_reads_as_kubectl_reads_it(cases: Path) -> None:
    rows = kubectl_rows(cases)
    assert len(rows) == 92
    wrong = []
    for token, kubectl in rows:
        manifest: Manifest = read("case.yaml", f"k: {token}\n")
        if kubectl.startswith("error"):
            if manifest.problem is None:
                wrong.append((token, kubectl, "accepted"))
            continue
        assert manifest.problem is None, (token, manifest.problem)
        found = manifest.documents[0].value["k"]
        text, _, kind = kubectl.rpartition(" ")
        wanted = int(text) if kind == "int" else float(text) if kind == "float" else json.loads(kubectl)
        if found != wanted or type(found) is not type(wanted):
            wrong.append((token, kubectl, repr(found)))
    assert wrong == []


def test_every_listed_string_is_quoted_or_plain_as_measured(cases: Path) -> None:
    table = yaml.load((cases / "yaml-edit-cases.yaml").read_bytes(), Loader=yaml.CSafeLoader)["strings"]
    assert len(table) == 146
    wrong = [
        (row["text"], style)
        for row in table
        for style in ("block", "flow")
        if plain_is_safe(row["text"], flow=style == "flow") is not row[style]
    ]
    assert wrong == []


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12))
def test_a_string_that_may_stand_plain_reads_as_itself_everywhere(text: str) -> None:
    for flow in (False, True):
        if not plain_is_safe(text, flow=flow):
            continue
        source = f"[{text}, x]\n" if flow else f"k: {text}\n"
        wanted = [text, "x"] if flow else {"k": text}
        assert value_of(source) == wanted
        assert yaml.load(source, Loader=yaml.CSafeLoader) == wanted
        assert YAML(typ="safe", pure=True).load(source) == wanted


@pytest.mark.parametrize(
    ("key", "name"),
    [("on", "true"), ("8080", "8080"), ("0777", "511"), ("1.5", "1.5"), ("n", "false"), ('"on"', "on"), ("a b", "a b")],
)
def test_keys_become_the_names_that_kubectl_makes(key: str, name: str) -> None:
    assert value_of(f"{key}: x\n") == {name: "x"}


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("18446744073709551615", int),  # 64 bits without a sign
        ("18446744073709551616", int),
        ("-9223372036854775809", int),
        ("1" + "0" * 300, float),
        ("1" + "0" * 400, str),  # beyond a float: Go keeps the text
        ("-1" + "0" * 400, str),
        ("1" + "0" * 5000, str),  # Python refuses to read as many digits
        ("0x" + "f" * 17, str),
        ("0x" + "f" * 5000, str),
        ("0b" + "1" * 5000, str),
        ("0" + "7" * 5000, str),
        ("1_" * 3000 + "1", str),
        ("1e400", str),
    ],
)
def test_numbers_of_any_length_are_read(token: str, value: type) -> None:
    found = value_of(f"k: {token}\n")
    assert isinstance(found, dict)
    assert type(found["k"]) is value
    assert value is not str or found["k"] == token
