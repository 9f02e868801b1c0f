"""`${...}` taken apart."""

from __future__ import annotations

import pytest

from bot.policy.templates import Expression, TemplateError, copied_from, has_wildcard, parse, parse_path


def x(source: str) -> Expression:
    return Expression(source)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ()),
        ("plain", ("plain",)),
        ("${a}", (x("a"),)),
        ("${ a }", (x("a"),)),
        ("a ${b} c ${d}", ("a ", x("b"), " c ", x("d"))),
        ("${a}${b}", (x("a"), x("b"))),
        ("$a {b} $", ("$a {b} $",)),
        ("$${a}", ("${a}",)),
        ("$$${a}", ("$${a}",)),
        ("a $${b} ${c}", ("a ${b} ", x("c"))),
        ("${{'a': 1}.a}", (x("{'a': 1}.a"),)),
        ("${'}'}", (x("'}'"),)),
        ('${"}"}!', (x('"}"'), "!")),
        (r"${'\'}'}!", (x(r"'\'}'"), "!")),
        (r"${r'\'}!", (x(r"r'\'"), "!")),
        (r"${rb'\'}!", (x(r"rb'\'"), "!")),
        ("${'''it's}'''}!", (x("'''it's}'''"), "!")),
        ('${""}!', (x('""'), "!")),
        ("${object.spec\n.x}", (x("object.spec\n.x"),)),
    ],
)
def test_parse(text, parts):
    assert parse(text) == parts


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("${", "a ${ without its }"),
        ("a ${b", "a ${ without its }"),
        ("${{a}", "a ${ without its }"),
        ("${}", "an empty ${}"),
        ("${ }", "an empty ${}"),
        ("${'a}", "a string without its closing quote inside ${}"),
        ("${'''a''}", "a string without its closing quote inside ${}"),
    ],
)
def test_parse_refuses(text, reason):
    with pytest.raises(TemplateError) as caught:
        parse(text)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("path", "tokens"),
    [
        ("", ()),
        ("/", ((),)),
        ("/a", (("a",),)),
        ("/a/b", (("a",), ("b",))),
        ("/a//b", (("a",), (), ("b",))),
        ("/a~1b/~0c~01", (("a/b",), ("~c~1",))),
        ("/*/a*", ("*", ("a*",))),
        ("/${a}/b", ((x("a"),), ("b",))),
        ("/a-${b}-c/${d}", (("a-", x("b"), "-c"), (x("d"),))),
        ("/${'a/b~'}", ((x("'a/b~'"),),)),
        ("/${a}${b}", ((x("a"), x("b")),)),
        ("/${a}/", ((x("a"),), ())),
    ],
)
def test_parse_path(path, tokens):
    assert parse_path(path) == tokens


@pytest.mark.parametrize("path", ["a", "${a}/b", "/a~b", "/~", "/${a}~2", "/${"])
def test_parse_path_refuses(path):
    with pytest.raises(TemplateError):
        parse_path(path)


@pytest.mark.parametrize(
    ("path", "found"), [("/a/*", True), ("/*/a", True), ("/a*", False), ("/${'*'}", False), ("", False)]
)
def test_has_wildcard(path, found):
    assert has_wildcard(path) is found


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"from": "/a"}, "/a"),
        ({"from": "a"}, None),
        ({"from": []}, None),
        ({"from": "/a", "to": 1}, None),
        ({}, None),
        ("/a", None),
        (None, None),
    ],
)
def test_copied_from(value, path):
    assert copied_from(value) == path
