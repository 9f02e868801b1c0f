"""Documents, values, objects; and one clear reason for what cannot be read."""

from __future__ import annotations

import time

import pytest

from bot.manifest import read

UNREADABLE = [
    ("a: 'x\n", "not-yaml", 1, "quoted scalar"),
    ("a: 1\nb:\n\tc: 1\n", "not-yaml", 3, "tab"),
    ("a: [1, 2\nb: 3\n", "not-yaml", 2, "flow sequence"),
    ("a: {{ .Values.x }}\n", "template", 1, "template"),
    ("{{- if x }}\na: 1\n{{- end }}\n", "template", 1, "template"),
    ("? [a]\n: 1\n", "unsupported-key", 1, "kubectl"),
    ("a: 1\n~: 2\n", "unsupported-key", 2, "kubectl"),
    ("a: 1\n--- {b: 2}\n", "doc-separator", 2, "kubectl"),
    ("%YAML 1.2\n---\na: 1\n", "directive", 1, "kubectl"),
    ("a: .inf\n", "not-yaml", 1, "JSON"),
    ("a: !!int x\n", "not-yaml", 1, "kubectl"),
    ("a: *b\n", "not-yaml", 1, "unknown anchor"),
    ("a: &a [*a]\n", "not-yaml", 1, "contains itself"),
    ("a: \x01\n", "not-yaml", 1, "control characters"),
    ("a: 1\n" + "".join(" " * i + "b:\n" for i in range(300)), "too-deep", 202, "deeper"),
    ("[" * 10_000, "not-yaml", 1, "nesting"),
]


@pytest.mark.parametrize(("text", "code", "line", "word"), UNREADABLE, ids=lambda value: str(value)[:20])
def test_what_cannot_be_read_has_a_code_a_line_and_a_reason(text: str, code: str, line: int, word: str) -> None:
    problem = read("bad.yaml", text).problem
    assert problem is not None
    assert (problem.code, problem.line) == (code, line)
    assert word in problem.reason
    assert "\n" not in problem.reason


def test_an_alias_bomb_is_refused_in_no_time() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 10):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n"
    started = time.monotonic()
    problem = read("bomb.yaml", text).problem
    assert problem is not None
    assert problem.code == "too-many-aliases"
    assert time.monotonic() - started < 1


VALUES = [
    (
        "merge, later wins",
        "d: &d {a: 1, b: 1}\ne: {a: 0, <<: *d, b: 2}\n",
        {"d": {"a": 1, "b": 1}, "e": {"a": 1, "b": 2}},
    ),
    (
        "merge list, first wins",
        "p: &p {a: 1}\nq: &q {a: 2}\nr: {<<: [*p, *q]}\n",
        {"p": {"a": 1}, "q": {"a": 2}, "r": {"a": 1}},
    ),
    ("duplicate, last wins", "a: 1\na: 2\n", {"a": 2}),
    ("anchor name used twice", "a: &v 1\nb: *v\nc: &v 2\nd: *v\n", {"a": 1, "b": 1, "c": 2, "d": 2}),
    ("unknown tag is its text", "a: !vault secret\n", {"a": "secret"}),
    ("quoted number with a tag", 'a: !!int "3"\n', {"a": 3}),
    ("json with tabs", '{\n\t"a": {\n\t\t"b": "\\u00e9"\n\t}\n}\n', {"a": {"b": "é"}}),
    ("byte order mark", "\ufeffa: 1\n", {"a": 1}),
    ("CRLF", "a: |\r\n  x\r\n  y\r\nb: 1\r\n", {"a": "x\ny\n", "b": 1}),
]


@pytest.mark.parametrize(("text", "value"), [row[1:] for row in VALUES], ids=[row[0] for row in VALUES])
def test_values(text: str, value: object) -> None:
    manifest = read("ok.yaml", text)
    assert manifest.problem is None
    assert manifest.documents[0].value == value


def test_empty_documents_count() -> None:
    manifest = read("ok.yaml", "---\n---\na: 1\n---\nb: 2\n")
    assert [document.value for document in manifest.documents] == [None, {"a": 1}, {"b": 2}]


def test_objects_of_a_list_and_of_a_typed_list() -> None:
    text = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a, namespace: shop}
- just text
- kind: NoVersion
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleList
items:
- metadata: {name: r}
---
not: an object
---
- apiVersion: v1
"""
    found = [
        (str(each.ref), each.ref.api_version, each.document, each.pointer) for each in read("l.yaml", text).resources
    ]
    assert found == [
        ("Service shop/a", "v1", 0, "/items/0"),
        ("Role r", "rbac.authorization.k8s.io/v1", 1, "/items/0"),
    ]


def test_lines_end_at_line_feeds_only() -> None:
    manifest = read("ok.yaml", 'a: "x\u2028y\x85z"\nb: 1\n')
    assert manifest.line_of(manifest.text.index("b:")) == 2
    assert manifest.line_span(2) == (manifest.text.index("b:"), len(manifest.text) - 1)


def test_every_plain_file_of_the_corpus_is_read(corpus_plain: list) -> None:
    problems = []
    for path in corpus_plain:
        manifest = read(path.name, path.read_bytes().decode())
        if manifest.problem is not None:
            problems.append((path, manifest.problem))
    assert problems == []
    assert len(corpus_plain) > 500


def test_members_that_stand_twice_are_remembered_with_their_place() -> None:
    text = "a: {b: 1, b: 2}\n---\nc: 1\nd: {'e': 1, \"e\": 2, e: 3}\nc: 4\n"
    manifest = read("twice.yaml", text)
    found = [
        (document.index, key, text[at : at + 3]) for document in manifest.documents for key, at in document.repeated
    ]
    assert found == [(0, "b", "b: "), (1, "e", '"e"'), (1, "e", "e: "), (1, "c", "c: ")]
    assert read("twice.yaml", "base: &b {a: 1}\nmore: {<<: *b, a: 2}\n").documents[0].repeated == ()


def test_places_of_members_that_stand_twice_are_bounded() -> None:
    assert len(read("twice.yaml", "a: 1\n" * 100_000).documents[0].repeated) == 100


@pytest.mark.parametrize(
    ("metadata", "namespace", "name"),
    [
        ("{name: web, namespace: shop}", "shop", "web"),
        ("{name: 5, namespace: 012}", "10", "5"),
        ("{name: yes}", None, "true"),
        ("{generateName: web-}", None, "web-"),
        ("{name: [web], namespace: {a: b}}", None, ""),
        ("{name: null, namespace: ''}", None, ""),
        ("text", None, ""),
    ],
)
def test_names_as_they_are_meant(metadata: str, namespace: str | None, name: str) -> None:
    (resource,) = read("web.yaml", f"apiVersion: v1\nkind: Pod\nmetadata: {metadata}\n").resources
    assert (resource.ref.namespace, resource.ref.name) == (namespace, name)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("apiVersion: v1\nkind: List\nitems: []\n", [("List", "")]),
        ("apiVersion: v1\nkind: List\n", [("List", "")]),
        ("apiVersion: v1\nkind: List\nitems: [1, {kind: Pod}]\n", [("List", "")]),
        ("apiVersion: v1\nkind: List\nitems: [1, {apiVersion: v1, kind: Pod}]\n", [("Pod", "/items/1")]),
        ("apiVersion: v1\nkind: PodList\nitems: []\n", []),
    ],
)
def test_a_list_without_objects_is_there_itself(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.ref.kind, each.pointer) for each in read("a.yaml", text).resources] == expected
