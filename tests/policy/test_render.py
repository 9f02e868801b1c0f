"""Messages, places and the items of `each`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.policy.cel import EvaluationError, activation
from bot.policy.files import parse
from bot.policy.render import items_of, render_message, render_place
from tests.policy.material import POLICY

BASE = parse("privileged-container.yaml", POLICY)
BINDINGS = {"container": {"name": "web", "ports": [80, 443], "tty": True, "x": None, "f": 1.5, "m": {"b": 1, "a": [2]}}}


def policy(**check):
    return replace(BASE, check=replace(BASE.check, **check))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("container ${container.name} runs privileged", "container web runs privileged"),
        ("plain", "plain"),
        ("$${VAR} is ${container.name}", "${VAR} is web"),
        ("${container.ports}", "80, 443"),
        ("${container.tty} ${container.x} ${container.f} ${container.ports[0]}", "true null 1.5 80"),
        ("${container.m}", '{"a": [2], "b": 1}'),
        ("${container.ports.filter(p, p > 1000)}!", "!"),
    ],
)
def test_messages(template, text):
    assert render_message(policy(message=template), activation(BINDINGS)) == text


def test_a_message_that_errs_says_why():
    found = render_message(policy(message="${container.none}"), activation(BINDINGS))
    assert found == EvaluationError('${container.none}: Key not found in map : "none"')


@pytest.mark.parametrize(
    ("at", "pointer"),
    [
        ("", ""),
        ("/a~1b/c", "/a~1b/c"),
        ("/x/${container.name}", "/x/web"),
        ("/${'a/b'}", "/a~1b"),
        ("/${container.ports[0]}", "/80"),
    ],
)
def test_places(at, pointer):
    assert render_place(policy(at=at), activation(BINDINGS)) == pointer


@pytest.mark.parametrize("at", ["/${container.none}", "/${container.ports}", "/${container.x}"])
def test_a_place_that_errs_says_why(at):
    assert isinstance(render_place(policy(at=at), activation(BINDINGS)), EvaluationError)


@pytest.mark.parametrize(
    ("value", "each", "items"),
    [
        ({"env": [1, 2]}, "/env/*", [("/env/0", 0, 1), ("/env/1", 1, 2)]),
        ({"labels": {"a": 1, "b/c": 2}}, "/labels/*", [("/labels/a", "a", 1), ("/labels/b~1c", "b/c", 2)]),
        (
            {"rules": [{"paths": ["x"]}, {}, {"paths": None}, {"paths": ["y", "z"]}]},
            "/rules/*/paths/*",
            [("/rules/0/paths/0", 0, "x"), ("/rules/3/paths/0", 0, "y"), ("/rules/3/paths/1", 1, "z")],
        ),
        ({"a/b": [1]}, "/a~1b/*", [("/a~1b/0", 0, 1)]),
        ([1], "/*", [("/0", 0, 1)]),
        ({"env": [None, 1]}, "/env/*", [("/env/1", 1, 1)]),
        ({"env": "text"}, "/env/*", []),
        ({"env": None}, "/env/*", []),
        ({}, "/env/*", []),
        (None, "/env/*", []),
    ],
)
def test_items_of(value, each, items):
    assert list(items_of(value, each)) == items
