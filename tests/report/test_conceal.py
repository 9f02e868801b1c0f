"""Secrets are not shown in excerpts, and places stay where they are."""

from __future__ import annotations

import pytest

from bot.manifest import read
from bot.report.conceal import concealed

WHOLE = """\
apiVersion: v1
kind: Secret
metadata:
  name: s
stringData:
  pin: 123456  # of the safe
  empty:
  long: |
    first line

    second line
  quoted: "a\\tb"
  both: &x shared
data:
  again: *x
  'a/b': aGVsbG8=
"""

HIDDEN = """\
apiVersion: v1
kind: Secret
metadata:
  name: s
stringData:
  pin: ••••••  # of the safe
  empty:
  long: •
    ••••• ••••

    •••••• ••••
  quoted: ••••••
  both: &x ••••••
data:
  again: *x
  'a/b': ••••••••
"""

LIST = "apiVersion: v1\nkind: List\nitems:\n"
COPY = """\
apiVersion: v1
kind: Secret
metadata:
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: """


def test_values_are_bullets_and_all_else_stays() -> None:
    assert concealed(read("s.yaml", WHOLE)).text == HIDDEN


@pytest.mark.parametrize("form", [WHOLE, WHOLE.replace("\n", "\r\n"), "\ufeff" + WHOLE, "a: 1\n---\n" + WHOLE])
def test_lines_and_lengths_stay(form: str) -> None:
    hidden = concealed(read("s.yaml", form)).text
    assert len(hidden) == len(form)
    assert [len(line) for line in hidden.split("\n")] == [len(line) for line in form.split("\n")]
    for secret in ("123456", "first", "second", "shared", "aGVs"):
        assert secret in form
        assert secret not in hidden


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (
            LIST + "- {apiVersion: v1, kind: Secret, data: {a: b3Bl}}\n- {kind: x, data: {a: b}}\n",
            LIST + "- {apiVersion: v1, kind: Secret, data: {a: ••••}}\n- {kind: x, data: {a: b}}\n",
        ),
        (
            '{"apiVersion": "v1", "kind": "Secret", "data": ["b3Bl"]}',
            '{"apiVersion": "v1", "kind": "Secret", "data": ••••••••}',
        ),
        ("apiVersion: v1\nkind: Secret\nstringData: text\n", "apiVersion: v1\nkind: Secret\nstringData: ••••\n"),
        (
            COPY + "'{b3Bl}'\n",
            COPY + "••••••••\n",
        ),
    ],
    ids=["list", "no mapping", "text", "last applied"],
)
def test_wherever_they_stand(text: str, hidden: str) -> None:
    assert concealed(read("s.yaml", text)).text == hidden


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: Secret}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n",
        "Secret: [\n",
    ],
    ids=["another kind", "empty", "not YAML"],
)
def test_what_holds_none_is_the_same(text: str) -> None:
    manifest = read("s.yaml", text)
    assert concealed(manifest) is manifest
