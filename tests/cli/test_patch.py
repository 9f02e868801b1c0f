"""`patch`: a JSON Patch by hand, byte for byte, or a refusal that says why."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.material import call, run

Put = Callable[[str, str | bytes], Path]

WEB = """\
# The shop.
kind: Deployment
apiVersion: apps/v1
metadata: {name: 'web', labels: {app: web}}
spec:
  replicas: 2   # enough
---
a: &x {b: 1}
c: *x
"""


def patch(*steps: object) -> str:
    return json.dumps(steps)


REPLICAS = patch({"op": "replace", "path": "/spec/replicas", "value": 3})
RESULT = WEB.replace("replicas: 2", "replicas: 3")


@pytest.mark.parametrize(
    ("steps", "options", "result"),
    [
        (REPLICAS, [], RESULT),
        ("[]", [], WEB),
        (patch({"op": "replace", "path": "/spec/replicas", "value": 2}), [], WEB),
        (patch({"op": "test", "path": "/spec/replicas", "value": 2}), [], WEB),
        (patch({"op": "remove", "path": "/metadata/labels"}), [], WEB.replace(", labels: {app: web}", "")),
        (
            patch({"op": "move", "from": "/spec/replicas", "path": "/spec/paused"}),
            [],
            WEB.replace("replicas: 2", "paused: 2"),
        ),
        (
            patch({"op": "copy", "from": "/metadata/name", "path": "/spec/x"}),
            [],
            WEB.replace("# enough\n", "# enough\n  x: web\n"),
        ),
        (patch({"op": "add", "path": "/d", "value": "yes"}), ["--document", "1"], WEB + 'd: "yes"\n'),
    ],
)
def test_the_result_goes_to_stdout(steps: str, options: list[str], result: str, put: Put) -> None:
    path = put("web.yaml", WEB)
    done = run("patch", "-f", "web.yaml", "-p", steps, *options)
    assert (done.code, done.out, done.err) == (0, result, "")
    assert path.read_text(encoding="utf-8") == WEB


def test_in_place_writes_the_file(put: Put) -> None:
    path = put("web.yaml", WEB)
    path.chmod(0o640)
    done = run("patch", "--file", "web.yaml", "--patch", REPLICAS, "--in-place")
    assert (done.code, done.stdout, done.err) == (0, b"", "")
    assert path.read_text(encoding="utf-8") == RESULT
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_in_place_without_a_change_writes_nothing(put: Put) -> None:
    path = put("web.yaml", WEB)
    os.utime(path, ns=(1, 1))
    assert run("patch", "-f", "web.yaml", "-p", "[]", "--in-place").code == 0
    assert path.stat().st_mtime_ns == 1


@pytest.mark.parametrize("form", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_every_other_byte_is_kept(form: str, mark: str, put: Put) -> None:
    put("web.yaml", (mark + WEB.rstrip("\n")).replace("\n", form))
    done = run("patch", "-f", "web.yaml", "-p", REPLICAS)
    assert done.stdout == (mark + RESULT.rstrip("\n")).replace("\n", form).encode()


def test_stdin(put: Put) -> None:
    done = run("patch", "-f", "-", "-p", REPLICAS, stdin=WEB)
    assert (done.code, done.out, done.err) == (0, RESULT, "")


@pytest.mark.parametrize(
    "text", [REPLICAS, REPLICAS + "\n", "\ufeff" + REPLICAS, json.dumps(json.loads(REPLICAS), indent=1)]
)
def test_the_patch_may_stand_in_a_file(text: str, put: Put) -> None:
    put("web.yaml", WEB)
    put("p.json", text)
    done = run("patch", "-f", "web.yaml", "-p", "@p.json")
    assert (done.code, done.out) == (0, RESULT)


@pytest.mark.parametrize(
    ("text", "steps", "options", "refusal"),
    [
        (WEB, patch({"op": "remove", "path": "/nope"}), [], "patch-error: "),
        (WEB, patch({"op": "test", "path": "/kind", "value": "Pod"}), [], "patch-error: "),
        (WEB, patch({"op": "remove", "path": "/a"}), ["--document", "2"], "patch-error: there is no document 2"),
        (WEB, patch({"op": "add", "path": "/c/b", "value": 2}), ["--document", "1"], "alias-on-path: "),
        (WEB, patch({"op": "add", "path": "/a/b", "value": 2}), ["--document", "1"], "anchor-shared: "),
        ("a: 1\na: 2\n", patch({"op": "replace", "path": "/a", "value": 3}), [], "duplicate-key: "),
        ("a: {{ .x }}\n", "[]", [], "template: "),
        ("a: [\n", "[]", [], "not-yaml: "),
        ("%YAML 1.1\n---\na: 1\n", "[]", [], "directive: "),
        ("a: !x 1\n", patch({"op": "replace", "path": "/a", "value": 3}), [], "custom-tag: "),
        ("? [a]\n: 1\n", "[]", [], "unsupported-key: "),
        ("", patch({"op": "remove", "path": ""}), [], "patch-error: "),
    ],
)
@pytest.mark.parametrize("in_place", [False, True])
def test_refusals(text: str, steps: str, options: list[str], refusal: str, in_place: bool, put: Put) -> None:
    path = put("web.yaml", text)
    done = run("patch", "-f", "web.yaml", "-p", steps, *options, *(["--in-place"] if in_place else []))
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"refused: {refusal}")
    assert done.err.count("\n") == 1
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ("", "the patch is not JSON: line 1 column 1"),
        ("[{]", "the patch is not JSON: line 1 column 3"),
        ("[" * 100_000, "the patch is not JSON: nested too deeply"),
        ('[{"op":"add","path":"/b","value":' + "[" * 300 + "]" * 300 + "}]", "nested deeper than a manifest may be"),
        ("{}", "the patch is no list; a JSON Patch is a list of operations"),
        ("null", "the patch is no list"),
        ('"x"', "the patch is no list"),
        ("[5]", "the patch, operation 0 is no object"),
        ("[{}]", "the patch, operation 0: op is None; it is one of add, remove, replace, move, copy, test"),
        (patch({"op": "set"}), "op is 'set'; it is one of"),
        (patch({"op": ["add"]}), "op is ['add']; it is one of"),
        (patch({"op": "remove"}), "path is None; it is a JSON Pointer such as /spec/replicas"),
        (patch({"op": "remove", "path": "spec"}), "path is 'spec'; it is a JSON Pointer"),
        (patch({"op": "remove", "path": "/a~2b"}), "'/a~2b'; '~' is written ~0"),
        (patch({"op": "remove", "path": 5}), "path is 5; it is a JSON Pointer"),
        (patch({"op": "add", "path": "/a"}), "add needs a value"),
        (patch({"op": "test", "path": "/a"}), "test needs a value"),
        (patch({"op": "remove", "path": "/a"}, {"op": "move", "path": "/a"}), "operation 1: from is None"),
        (
            patch({"op": "add", "path": "/a", "value": 1})[:-1] + ',{"op":"add","path":"/b","value":NaN}]',
            "NaN is no JSON",
        ),
        ('[{"op":"add","path":"/b","value":1e999}]', "1e999 is no number that fits"),
        ('[{"op":"add","path":"/b","value":"\\ud800"}]', "half a character"),
        ('[{"op":"add","path":"/b","value":' + "1" * 5000 + "}]", "the patch is not JSON: "),
        ("@nope.json", "nope.json: cannot be read: No such file or directory"),
        ("@latin.json", "latin.json: cannot be read: not UTF-8"),
        ("@.", ".: cannot be read: Is a directory"),
        ("@wrong.json", "wrong.json is not JSON: line 1 column 1"),
    ],
    ids=lambda value: value[:40],
)
def test_a_wrong_patch_is_wrong_use(steps: str, words: str, put: Put) -> None:
    put("web.yaml", WEB)
    put("latin.json", b"[\xe9]")
    put("wrong.json", "spec")
    done = run("patch", "-f", "web.yaml", "-p", steps)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error: ")
    assert words in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("path", "stdin", "options", "words"),
    [
        ("nope.yaml", b"", [], "nope.yaml: cannot be read: No such file or directory"),
        (".", b"", [], ".: a folder, not a regular file"),
        ("pipe", b"", [], "pipe: a named pipe, not a regular file; `-` reads standard input"),
        ("latin.yaml", b"", [], "latin.yaml:2: not UTF-8"),
        ("-", b"\0", [], "stdin.yaml:1: a NUL byte"),
        ("-", b"a: 1", ["--in-place"], "--in-place needs a file; stdin cannot be written"),
    ],
)
def test_a_file_that_cannot_be_read(path: str, stdin: bytes, options: list[str], words: str, put: Put) -> None:
    os.mkfifo("pipe")
    put("latin.yaml", b"a: 1\nb: \xe9\n")
    done = run("patch", "-f", path, "-p", "[]", *options, stdin=stdin)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {words}")


@pytest.mark.parametrize("number", ["-1", "x", "1.5"])
def test_a_wrong_document_number(number: str, put: Put) -> None:
    put("web.yaml", WEB)
    assert run("patch", "-f", "web.yaml", "-p", "[]", "--document", number).code == 2


def test_a_pipe_between_processes(put: Put) -> None:
    done = call("patch", "-f", "-", "-p", REPLICAS, input=WEB.encode())
    assert (done.code, done.out, done.err) == (0, RESULT, "")
