"""Random patches on real files: the edited text reads as `jsonpatch` has it, or there is a refusal with a code.

`kubectl patch --local` is a second witness where it is on the PATH.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import jsonpatch
import pytest

from bot.manifest import pointers, read
from bot.manifest.edits import CODES, Refusal, apply, edit
from bot.manifest.values import clone, same
from bot.model import Json, Operation

PATCHES_A_DOCUMENT = 5
VALUES: list[Json] = [
    *(
        1,
        -3,
        0.5,
        True,
        False,
        None,
        "x",
        "yes",
        "a: b",
        "12:30",
        "it's",
        "",
        "#x",
        "- a",
        "0777",
        "{{ x }}",
        "é🙂\u2028",
    ),
    *("two\nlines\n", "a\n\n  b\nc", " lead", "tab\there", "word " * 40),
    *({}, [], {"a": 1}, {"a": {"b": ["c", {"d": "on"}]}}, ["x", "y"], [{"name": "n", "value": "1"}], [[1, 2], ["a"]]),
]
NEW_KEYS = ["added", "on", "a/b~c", "x y", "*.example.com", "8080"]


def places(value: Json, pointer: str = "") -> Iterator[tuple[str, Json]]:
    yield pointer, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in members:
        yield from places(child, pointers.join(pointer, name))


def random_patch(rng: random.Random, value: Json) -> list[Operation]:
    everywhere = list(places(value))
    inner = everywhere[1:]
    containers = [(pointer, child) for pointer, child in everywhere if isinstance(child, (dict, list))]
    patch = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        pointer, current = rng.choice(inner)
        kind = rng.choice(["add", "replace", "replace-part", "remove", "move", "copy", "test", "append", "append"])
        if kind in ("add", "replace"):
            patch.append(Operation(kind, pointer, rng.choice(VALUES)))
        elif kind == "replace-part" and isinstance(current, list) and current:
            kept = rng.sample(current, rng.randint(0, len(current)))
            patch.append(Operation("replace", pointer, [*kept, rng.choice(VALUES)]))
        elif kind == "replace-part" and isinstance(current, str):
            patch.append(Operation("replace", pointer, current + "x" + "\n" * rng.randint(0, 2)))
        elif kind == "remove":
            patch.append(Operation("remove", pointer))
        elif kind == "test":
            patch.append(Operation("test", pointer, current))
        elif kind in ("move", "copy"):
            target = rng.choice(inner)[0]
            if rng.random() < 0.5:
                target = pointers.join(pointers.parent(pointer), rng.choice(NEW_KEYS))
            if not target.startswith(pointer + "/"):
                patch.append(Operation(kind, target, source=pointer))
        else:
            pointer, current = rng.choice(containers)
            name = rng.choice(NEW_KEYS) if isinstance(current, dict) else rng.choice(["-", "0", str(len(current) // 2)])
            patch.append(Operation("add", pointers.join(pointer, name), rng.choice(VALUES)))
    return patch


def expected(value: Json, patch: list[Operation]) -> tuple[bool, Json]:
    try:
        return True, jsonpatch.apply_patch(clone(value), [operation.as_json() for operation in patch])
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, TypeError):
        return False, None


def outside_is_the_same(before: str, after: str, edits: tuple) -> bool:
    """Lines without an edit are there in the same order, byte for byte."""
    spans = [(each.span.start, each.span.end) for each in edits]
    position, kept = 0, []
    for line in before.split("\n"):
        end = position + len(line) + 1
        if not any(start < end and stop >= position for start, stop in spans):
            kept.append(line)
        position = end
    rest = iter(after.split("\n"))
    return all(any(line == other for other in rest) for line in kept)


def test_random_patches_on_every_plain_file(corpus_plain: list[Path]) -> None:
    rng = random.Random(20261124)
    counts: Counter[str] = Counter()
    wrong = []
    for path in corpus_plain:
        text = path.read_bytes().decode()
        manifest = read(path.name, text)
        for document in manifest.documents:
            if len(list(places(document.value))) < 2:
                continue
            for _ in range(PATCHES_A_DOCUMENT):
                patch = random_patch(rng, document.value)
                applies, wanted = expected(document.value, patch)
                result = edit(manifest, document.index, patch)
                if isinstance(result, Refusal):
                    counts[result.code] += 1
                    assert result.code in CODES
                    if not applies and result.code != "patch-error" and result.code in ("not-yaml", "template"):
                        wrong.append((path, patch, result))
                    continue
                counts["edited"] += 1
                after = apply(text, result)
                found = read(path.name, after)
                if not applies or not same(found.documents[document.index].value, wanted):
                    wrong.append((path, patch, "reads otherwise"))
                elif not outside_is_the_same(text, after, result):
                    wrong.append((path, patch, "touches other lines"))
    assert wrong == []
    assert counts["edited"] > 3000
    # A patch that could be edited and is refused for its looks alone is a weakness; there are next to none.
    assert counts["not-yaml"] < counts["edited"] / 500, counts


def test_kubectl_is_of_the_same_opinion(corpus_plain: list[Path]) -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl on the PATH: the second witness is not asked")
    rng = random.Random(7)
    asked = 0
    kinds = {"v1": {"Service", "ConfigMap", "Pod"}, "apps/v1": {"Deployment", "StatefulSet", "DaemonSet"}}
    for path in rng.sample(corpus_plain, 200):
        text = path.read_bytes().decode()
        manifest = read(path.name, text)
        if len(manifest.documents) != 1 or asked >= 25:
            continue
        value = manifest.documents[0].value
        if not isinstance(value, dict) or value.get("kind") not in kinds.get(value.get("apiVersion"), ()):
            continue
        # Changes that the typed patch of kubectl cannot drop: annotations and labels.
        patch = [
            Operation("add", "/metadata/annotations", {"a/b": rng.choice(["yes", "12:30", "x: y", "plain"])}),
            Operation("copy", "/metadata/labels", source="/metadata/annotations"),
        ]
        result = edit(manifest, 0, patch)
        assert not isinstance(result, Refusal), (path, result)
        ours = kubectl(apply(text, result), [])
        theirs = kubectl(text, [operation.as_json() for operation in patch])
        assert ours == theirs, path
        asked += 1
    assert asked == 25


def kubectl(text: str, patch: list[dict]) -> Json:
    command = ["kubectl", "patch", "--local", "--type=json", "-f", "-", "-p", json.dumps(patch), "-o", "json"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
