"""A new document at the end of a file: what is there stays, byte for byte."""

from __future__ import annotations

import pytest

from bot.manifest import read
from bot.manifest.append import append
from bot.manifest.edits import Edited, Refusal

NEW = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "labels": {"a": "1"}}}
YAML = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n  labels:\n    a: "1"\n'
WEB = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"

CHANGED = {
    "one document": (WEB, WEB + "---\n" + YAML),
    "several documents": (WEB + "---\n" + WEB, WEB + "---\n" + WEB + "---\n" + YAML),
    "comments at the end": (WEB + "# the end\n", WEB + "# the end\n---\n" + YAML),
    "no final line end": (WEB.rstrip("\n"), WEB + "---\n" + YAML.rstrip("\n")),
    "CRLF": (WEB.replace("\n", "\r\n"), (WEB + "---\n" + YAML).replace("\n", "\r\n")),
    "a byte order mark": ("\ufeff" + WEB, "\ufeff" + WEB + "---\n" + YAML),
    "an open marker at the end": (WEB + "---\n", WEB + "---\n" + YAML),
    "an open marker and blank lines": (WEB + "---\n\n", WEB + "---\n\n" + YAML),
    "an end marker": (WEB + "...\n", WEB + "...\n---\n" + YAML),
    "a last document of comments": (WEB + "---\n# later\n", WEB + "---\n# later\n---\n" + YAML),
    "a List": (
        "apiVersion: v1\nkind: List\nitems:\n- " + WEB.replace("\n", "\n  ").rstrip() + "\n",
        "apiVersion: v1\nkind: List\nitems:\n- " + WEB.replace("\n", "\n  ").rstrip() + "\n---\n" + YAML,
    ),
    "flow style": (
        "{apiVersion: v1, kind: Service, metadata: {name: web}}\n",
        "{apiVersion: v1, kind: Service, metadata: {name: web}}\n---\n" + YAML,
    ),
    "four columns and single quotes": (
        "kind: 'Service'\nmetadata:\n    name: web\n",
        (
            "kind: 'Service'\nmetadata:\n    name: web\n---\n"
            "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n    name: web\n    labels:\n        a: '1'\n"
        ),
    ),
    "a literal block that keeps its line ends": ("a: |+\n  b\n\n", "a: |+\n  b\n\n---\n" + YAML),
}


@pytest.mark.parametrize(("before", "after"), CHANGED.values(), ids=CHANGED.keys())
def test_the_object_stands_at_the_end(before, after):
    made = append(read("a.yaml", before), [NEW])
    assert isinstance(made, Edited), made
    assert made.text == after
    assert made.text.startswith(before)
    assert made.manifest.documents[-1].value == NEW
    (edit,) = made.edits
    assert (edit.span.start, edit.span.end, before + edit.new_text) == (len(before), len(before), after)


def test_several_objects():
    made = append(read("a.yaml", WEB), [NEW, {"kind": "Pod"}])
    assert isinstance(made, Edited)
    assert made.text == WEB + "---\n" + YAML + "---\nkind: Pod\n"


REFUSED = {
    "JSON": ('{"apiVersion": "v1", "kind": "Service"}\n', "not-yaml", "JSON"),
    "a template": ("{{ if .Values.on }}\nkind: Service\n{{ end }}\n", "template", ""),
    "a literal block without its line end": ("a: |\n  b", "not-yaml", "would read otherwise"),
}


@pytest.mark.parametrize(("text", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_where_no_further_document_can_stand(text, code, words):
    made = append(read("a.yaml", text), [NEW])
    assert isinstance(made, Refusal), made
    assert made.code == code
    assert words in made.reason
