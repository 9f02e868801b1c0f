"""Where secrets and literals stand; `tests/report/test_conceal.py` has the shapes of Secrets."""

from __future__ import annotations

from bot.manifest import read
from bot.manifest.secrets import hidden_lines, literals

TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      initContainers:
        - name: init
          env: [{name: A, value: "first"}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}]
      containers:
        - name: web
          env:
            - name: LONG
              value: |
                line one
                line two
            - name: EMPTY
              value: ""
            - name: NONE
---
apiVersion: v1
kind: Secret
metadata: {name: s}
data:
  pin: MTIzNA==
"""


def test_variables() -> None:
    manifest = read("a.yaml", TEXT)
    assert [manifest.text[each.start : each.end].split() for each in literals(manifest)] == [
        ['"first"'],
        ["|", "line", "one", "line", "two"],
    ]


def test_lines() -> None:
    assert hidden_lines(read("a.yaml", TEXT)) == {9, 14, 15, 16, 25}


def test_nothing_hidden() -> None:
    assert hidden_lines(read("a.yaml", "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: env}]}\n")) == frozenset()
    assert hidden_lines(read("a.yaml", "kind: Secret\n{{ template }}\n")) == frozenset()
