"""What may be shown of a patch: never a line with the value of a secret or of a variable."""

from __future__ import annotations

import pytest

from bot.model import Report
from bot.report import diff
from bot.review.patch import Shown, shown

POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostPID: true
  restartPolicy: Always
  serviceAccountName: shop
  containers:
    - name: web
      image: web:1
      env:
        - name: PIN
          value: "1234"
"""
SECRET = """\
apiVersion: v1
kind: Secret
metadata:
  name: s
type: Opaque
immutable: false
stringData:
  pin: "1234"
"""


def patch(*files: tuple[str, str, str]) -> str:
    return diff.render(Report(changed=files))


FAR = ("far.yaml", POD, POD.replace("  hostPID: true\n", ""))
NEAR = ("near.yaml", POD, POD.replace("image: web:1", "image: web:2"))
DATA = ("data.yaml", SECRET, SECRET.replace("immutable: false", "immutable: true"))
NAME = ("name.yaml", SECRET, SECRET.replace("name: s", "name: t"))
LINE_ENDS = ("crlf.yaml", FAR[1].replace("\n", "\r\n"), FAR[2].replace("\n", "\r\n"))
HIDDEN = ("hidden.yaml", "a: \u202eb\nc: 1\n", "a: \u202eb\nc: 2\n")
CUT = ("cut.yaml", "a: 1", "a: 2")


@pytest.mark.parametrize(
    ("files", "seen"),
    [
        ([FAR], [FAR]),
        ([NEAR], []),
        ([DATA], []),
        ([NAME], [NAME]),
        ([LINE_ENDS], []),
        ([HIDDEN], []),
        ([CUT], [CUT]),
        ([DATA, FAR, NEAR, NAME], [FAR, NAME]),
    ],
    ids=["far", "env literal near", "secret near", "secret far", "line ends", "bidi", "no last line feed", "several"],
)
def test_parts_of_a_patch(files: list[tuple[str, str, str]], seen: list[tuple[str, str, str]]) -> None:
    paths = [path for path, _, _ in files]
    texts = {path: before for path, before, _ in files}
    expected = Shown(patch(*seen), tuple(each[0] for each in files if each not in seen))
    assert shown(patch(*files), paths, texts) == expected


def test_what_is_not_understood_is_not_shown() -> None:
    assert shown(patch(FAR, NAME), ["far.yaml"], {"far.yaml": POD}) == Shown("", ("far.yaml",))
    assert shown(patch(FAR), ["far.yaml"], {}) == Shown("", ("far.yaml",))
    assert shown("", [], {}) == Shown("")
