"""Bad input: one clear line for each, and nothing lost: the other files go on, the exit code says so."""

from __future__ import annotations

import json
import os
import re
import resource
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.material import CLEAN, SAFE, SAFE_FIXED, Done, call, run

Put = Callable[[str, str | bytes], Path]

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {hostPID: true, containers: [{name: a, image: 'a:1'}]}\n"


def bomb(levels: int) -> str:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    return text + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, levels))


UNREADABLE = {
    "Latin-1": (POD.replace("web", "wéb").encode("latin-1"), "not-utf-8", 3),
    "UTF-16": (POD.encode("utf-16"), "not-utf-8", 1),
    "UTF-16 without a mark": (POD.encode("utf-16-le"), "nul-byte", 1),
    "UTF-32": (POD.encode("utf-32"), "not-utf-8", 1),
    "NUL": (POD.replace("name: a", "name: a\0"), "nul-byte", 4),
    "binary": (bytes(range(1, 256)), "not-utf-8", 2),
    "tab": ("apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n", "not-yaml", 4),
    "unclosed quote": (POD.replace("'a:1'", "'a:1"), "not-yaml", 4),
    "unclosed bracket": ("apiVersion: v1\nkind: Pod\nspec: {containers: [\n", "not-yaml", 4),
    "bad indentation": ("apiVersion: v1\n kind: Pod\n", "not-yaml", 2),
    "form feed": (POD.replace("spec", "\fspec"), "not-yaml", 4),
    "escape": (POD.replace("web", "\x1b[31mweb"), "not-yaml", 3),
    "alias bomb": (POD + "---\n" + bomb(9), "too-many-aliases", None),
    "alias of itself": ("apiVersion: v1\nkind: Pod\nspec: &a {b: *a}\n", "not-yaml", 3),
    "unknown alias": ("apiVersion: v1\nkind: Pod\nspec: *a\n", "not-yaml", 3),
    "deep flow": ("a: " + "[" * 10_000 + "]" * 10_000 + "\n", "not-yaml", 1),
    "deep JSON": ('{"a":' * 10_000 + "1" + "}" * 10_000, "too-deep", 1),
    "deep sequence": ("- " * 10_000 + "x\n", "too-deep", 1),
    "deep block": ("".join(" " * n + "a:\n" for n in range(3_000)), "too-deep", 201),
    "key that is a list": (POD.replace("hostPID", "[a]"), "unsupported-key", 4),
    "directive": ("%YAML 1.2\n---\n" + POD, "directive", 1),
    "text behind a marker": (POD + "--- x: y\n", "doc-separator", 5),
    "second document broken": (POD + "---\na: [\n---\n" + POD, "not-yaml", None),
    "not a number": (POD.replace("true", ".nan"), "not-yaml", 4),
    "truncated JSON": ('{"apiVersion": "v1", "kind": "Pod", "meta', "not-yaml", 1),
    "merge of a number": ("apiVersion: v1\nkind: Pod\n<<: 5\n", "not-yaml", 3),
    "too large": ("# " + "x" * 50_000_000 + "\n" + POD, "too-large", None),
}


@pytest.mark.parametrize(("data", "code", "line"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_named_once_and_the_others_go_on(
    data: str | bytes, code: str, line: int | None, put: Put
) -> None:
    path = put("b.yaml", data)
    good = put("a.yaml", SAFE)
    put("c.yaml", SAFE)
    before = path.read_bytes()
    report = json.loads(told(run("scan", ".", "--format", "json")).out)
    (skip,) = report["skips"]
    assert (skip["path"], skip["code"], skip["error"]) == ("b.yaml", code, True)
    assert skip["line"] == line if line is not None else skip["line"] is None or skip["line"] > 4
    assert skip["reason"]
    assert "\n" not in skip["reason"]
    assert [finding["path"] for finding in report["findings"]] == ["a.yaml", "c.yaml"]
    told(run("fix", "--unsafe", "."))
    assert path.read_bytes() == before
    assert good.read_text(encoding="utf-8") == SAFE_FIXED
    told(run("diff", "b.yaml"))


def told(done: Done, code: int = 2) -> Done:
    """The run ended with that code, in words."""
    assert "Traceback" not in done.err
    assert "internal error" not in done.err
    assert done.code == code, done.err
    return done


LEFT_ALONE = {
    "empty": "",
    "blank": "\n \n",
    "comment": "# nothing\n",
    "markers": "---\n---\n...\n---\n",
    "byte order mark": "\ufeff",
    "scalar": "just text\n",
    "number": "5\n",
    "null": "null\n",
    "list": "- apiVersion: v1\n- kind: Pod\n",
    "no Kubernetes": "a: b\n",
    "apiVersion only": "apiVersion: v1\n",
    "kind only": "kind: Pod\n",
    "empty apiVersion": "apiVersion: ''\nkind: Pod\nspec: {hostPID: true}\n",
    "apiVersion a number": "apiVersion: 1\nkind: Pod\nspec: {hostPID: true}\n",
    "kind a number": "apiVersion: v1\nkind: 5\n",
    "kind null": "apiVersion: v1\nkind:\n",
    "kind a list": "apiVersion: v1\nkind: [Pod]\n",
    "unknown kind": "apiVersion: example.org/v1\nkind: Pod\nspec: []\n",
}


EMPTY_LISTS = {
    "List of nothing": "apiVersion: v1\nkind: List\nitems: []\n",
    "List of other things": "apiVersion: v1\nkind: List\nitems: [5, null, text, [], {}, {apiVersion: v1}]\n",
    "List without items": "apiVersion: v1\nkind: List\n",
    "List of text": "apiVersion: v1\nkind: List\nitems: text\n",
}


@pytest.mark.parametrize("text", EMPTY_LISTS.values(), ids=EMPTY_LISTS)
def test_a_list_of_nothing_is_named_and_left_alone(text: str, put: Put) -> None:
    path = put("a.yaml", text)
    report = json.loads(told(run("scan", "--select", "all", ".", "--format", "json"), 1).out)
    assert [finding["policy"] for finding in report["findings"]] == ["list-kind-empty-or-unsupported"]
    assert told(run("fix", "--unsafe", "--select", "all", "."), 1)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_is_no_object_is_left_alone(text: str, put: Put) -> None:
    path = put("a.yaml", text)
    report = json.loads(told(run("scan", "--select", "all", ".", "--format", "json"), 0).out)
    assert report["findings"] == report["skips"] == []
    assert report["summary"]["files"] == 1
    assert told(run("fix", "--unsafe", "--select", "all", "."), 0)
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n",
        "{{- if .Values.x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n",
        "apiVersion: v1\n{% if x %}\nkind: Pod\n{% endif %}\n",
        "apiVersion: v1\nkind: Pod\n<% if x %>\nspec: [\n",
    ],
)
def test_templates_are_left_alone_by_name(text: str, put: Put) -> None:
    path = put("a.yaml", text)
    (skip,) = json.loads(told(run("scan", ".", "--format", "json"), 0).out)["skips"]
    assert (skip["code"], skip["path"], skip["error"]) == ("template", "a.yaml", False)
    assert skip["line"]
    assert "1 template" in run("scan", ".").out
    told(run("fix", "--unsafe", "."), 0)
    assert path.read_text(encoding="utf-8") == text


VERSIONS = {
    "Pod": "v1",
    "Deployment": "apps/v1",
    "CronJob": "batch/v1",
    "Service": "v1",
    "ConfigMap": "v1",
    "Secret": "v1",
    "Ingress": "networking.k8s.io/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "ClusterRole": "rbac.authorization.k8s.io/v1",
    "RoleBinding": "rbac.authorization.k8s.io/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1",
    "CustomResourceDefinition": "apiextensions.k8s.io/v1",
    "PersistentVolumeClaim": "v1",
    "ServiceAccount": "v1",
}
WRONG = {
    "spec a list": {"spec": []},
    "spec text": {"spec": "text"},
    "spec null": {"spec": None},
    "metadata text": {"metadata": "text"},
    "metadata a list": {"metadata": [1]},
    "name a number": {"metadata": {"name": 5}},
    "name a list": {"metadata": {"name": ["a"]}},
    "no name": {"metadata": {}},
    "namespace a number": {"metadata": {"name": "a", "namespace": 5}},
    "labels a list": {"metadata": {"name": "a", "labels": [], "annotations": 5}},
    "labels of other types": {"metadata": {"name": "a", "labels": {"a": 5, "b": None, "c": ["x"], "": {}}}},
    "data a list": {"data": [1, "a"], "stringData": "x", "rules": "text", "subjects": {"a": 1}, "roleRef": []},
    "items of other types": {"rules": ["x", None, 5, {"verbs": "get"}], "subjects": [None, 7, {"kind": 5}]},
}
WRONG_PODS = {
    "containers a mapping": {"containers": {"a": {}}},
    "containers text": {"containers": "text", "initContainers": 5, "volumes": "x"},
    "containers of other types": {"containers": ["text", None, 5, [], {}], "volumes": [None, 5, "x", {}]},
    "container members": {
        "containers": [
            {"name": 5, "image": 5, "env": "text", "ports": {}, "resources": [], "securityContext": "x"},
            {"name": ["a"], "image": {}, "env": [1, None, {}], "ports": [5], "args": 5, "volumeMounts": "x"},
            {
                "name": {},
                "env": [{"name": {}}, {"name": [1], "value": 5}],
                "resources": {"limits": "x", "requests": [1]},
            },
            {"name": None, "image": None, "livenessProbe": [], "readinessProbe": "x", "lifecycle": 5},
        ]
    },
    "resources": {
        "containers": [{"name": "a", "resources": {"limits": {"cpu": [], "memory": "x", "y": {}, "z": -1e300}}}]
    },
    "contexts": {"securityContext": ["x"], "hostPID": "yes", "tolerations": 5, "affinity": [], "nodeSelector": "x"},
    "numbers": {"hostPID": 10**30, "terminationGracePeriodSeconds": -(10**40), "priority": 1.5e308},
}


def template(kind: str, spec: object) -> dict[str, object]:
    if kind == "Pod":
        return {"spec": spec}
    if kind == "CronJob":
        return {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}
    return {"spec": {"template": {"spec": spec}}}


CASES = [(f"{kind}, {name}", kind, body) for kind in VERSIONS for name, body in WRONG.items()]
CASES += [
    (f"{kind}, {name}", kind, template(kind, spec))
    for kind in ("Pod", "Deployment", "CronJob")
    for name, spec in WRONG_PODS.items()
]


@pytest.mark.parametrize("form", ["yaml", "list"])
def test_wrong_shapes_are_findings_not_errors(form: str, put: Put) -> None:
    bodies = [
        {"apiVersion": VERSIONS[kind], "kind": kind, "metadata": {"name": "a"}, **body} for _, kind, body in CASES
    ]
    if form == "list":
        put("all.json", json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies}))
    for (name, _, _), body in zip(CASES, bodies, strict=True):
        if form == "yaml":
            put(f"{name}.yaml", json.dumps(body, indent=1))
    put("good.yaml", SAFE)
    done = told(run("scan", "--select", "all", "--show-fixes", "--format", "json", "."), 1)
    report = json.loads(done.out)
    assert report["summary"]["resources"] == len(CASES) + 1
    named = {each["path"] for each in report["findings"]}
    assert len(named) > (len(CASES) * 0.8 if form == "yaml" else 1)
    assert {skip["code"] for skip in report["skips"]} <= {"undecided", "no-fix", "needs-value", "guarded"}
    told(run("scan", "--select", "all", "--show-fixes", "."), 1)
    told(run("fix", "--select", "all", "--unsafe", "."), 1)
    after = {path: path.read_bytes() for path in Path().glob("*.[jy]*")}
    told(run("fix", "--select", "all", "--unsafe", "."), 1)
    assert {path: path.read_bytes() for path in Path().glob("*.[jy]*")} == after


def test_keys_that_stand_twice_are_named(put: Put) -> None:
    put("a.yaml", CLEAN + "kind: ConfigMap\n")
    report = json.loads(told(run("scan", ".", "--format", "json"), 0).out)
    (skip,) = report["skips"]
    assert (skip["code"], skip["line"], skip["error"]) == ("duplicate-key", 7, False)
    assert "a.yaml:7" in run("scan", ".").out


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (POD.replace("\n", "\r\n"), 4),
        (POD.replace("\n", "\r"), 1),
        (POD.replace("web", "w\u2028e\x85b"), 4),
        ("\ufeff" + POD, 4),
        (POD.replace("}]}", "}]}  # " + "x" * 3_000_000), 4),
        (POD.replace("name: web", f"name: web, annotations: {{a: '{'x' * 3_000_000}'}}"), 4),
    ],
    ids=["CRLF", "lone CR", "other line breaks", "byte order mark", "long comment", "long value"],
)
def test_odd_texts_are_read_and_fixed(text: str, line: int, put: Put) -> None:
    path = put("a.yaml", text)
    chosen = ("--select", "host-pid")
    report = json.loads(told(run("scan", *chosen, ".", "--format", "json"), 1).out)
    assert [finding["line"] for finding in report["findings"]] == [line]
    shown = told(run("scan", *chosen, "--show-fixes", ".", env={"COLUMNS": "80"}), 1)
    assert max(map(len, shown.out.split("\n"))) < 200
    told(run("fix", *chosen, "--unsafe", "."), 1)
    assert path.read_bytes().decode() == text.replace("hostPID: true, ", "")


@pytest.mark.parametrize(
    "named",
    ['"' + "a" * 300 + '"', "a/" * 3000 + "b", '"\\0"', '"\\x01"', "5", "[a]", "/proc/self/mem", "../" * 50, "''"],
)
def test_what_a_kustomization_names_does_no_harm(named: str, put: Put) -> None:
    put("a.yaml", SAFE)
    put("kustomization.yaml", f"resources: [{named}, a.yaml]\npatches: [{{path: {named}}}]\n")
    assert "batch/v1" in told(run("scan", "."), 1).out


LINKS = {
    "loop1.yaml": "loop2.yaml",
    "loop2.yaml": "loop1.yaml",
    "broken.yaml": "nowhere.yaml",
    "endless.yaml": "/dev/zero",
    "deep/up": "..",
}


@pytest.mark.parametrize("command", ["scan", "fix", "diff"])
def test_what_is_no_file_does_not_block(command: str, put: Put, here: Path) -> None:
    put("good.yaml", SAFE)
    os.mkfifo("pipe.yaml")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
        for name, target in LINKS.items():
            (here / name).parent.mkdir(exist_ok=True)
            (here / name).symlink_to(target)
        (here / "folder.yaml").mkdir()
        done = told(run(command, ".", "pipe.yaml", "/dev/null"))
    said = done.out + done.err
    for name in ("pipe.yaml", "socket.yaml", "loop1.yaml", "loop2.yaml", "broken.yaml", "/dev/null"):
        assert name in said
    assert "batch/v1" in said


@pytest.mark.parametrize("kind", ["ConfigMap", "Pod"])
def test_a_list_of_very_many_objects_is_named_in_little_time_and_memory(kind: str, put: Put) -> None:
    put("list.json", list_of(f'{{"apiVersion":"v1","kind":"{kind}","metadata":{{"name":"%d"}}}}', 100_000))
    put("good.yaml", SAFE)
    done = limited("fix", ".")
    assert done.code == 2
    assert "error list.json:1: 100,000 objects in one file; files of more than 5,000 are not looked at" in done.out
    assert "Fixed 1 finding in 1 file." in done.out


def test_a_list_of_many_objects_is_fixed_as_a_whole(put: Put) -> None:
    pod = (
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"%d"},"spec":{"hostPID":true,"containers":[{"image":"a"}]}}'
    )
    path = put("list.json", list_of(pod, 2_000))
    before = path.read_text(encoding="utf-8")
    done = limited("fix", "--unsafe", "--select", "host-pid", ".")
    assert done.code == 1
    assert "Fixed 2,000 findings in 1 file." in done.out
    assert path.read_text(encoding="utf-8") == before.replace('"hostPID":true,', "")


def list_of(item: str, number: int) -> str:
    items = ",\n".join(item % place for place in range(number))
    return f'{{"apiVersion":"v1","kind":"List","items":[{items}]}}'


def limited(*arguments: str) -> Done:
    """A run that may take one gigabyte of memory."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    done = call(*arguments, preexec_fn=limit)
    return told(done, done.code)


@pytest.mark.parametrize(
    "name", [b"\xff.yaml", "ü.yaml".encode("latin-1"), b"a\nb.yaml", b" .yaml", b"-.yaml", b"\x01.yaml"]
)
def test_odd_names(name: bytes, put: Put) -> None:
    Path(os.fsdecode(name)).write_text(SAFE, encoding="utf-8")
    is_text = name.isascii()
    done = told(call("scan", "."), 1 if is_text else 2)
    assert "\x01" not in done.out
    assert done.out.count("\n") > 2
    named = told(call("fix", "--", os.fsdecode(name)), 1 if is_text else 2)
    assert ("Fixed 1 finding" in named.out) is is_text
    assert re.search(r"not UTF-8; rename it", done.out) is not None or is_text
