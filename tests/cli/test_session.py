"""Which files and policies a run is about: options, variables, the settings file; stdin."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.policy import load
from tests.cli.material import CLEAN, SAFE, SAFE_FIXED, UNSAFE, UNSAFE_FIXED, Done, run

Put = Callable[[str, str | bytes], Path]

MANY = UNSAFE.replace(
    "hostPID: true  # for the profiler", "hostPID: true\n      hostIPC: true\n      hostNetwork: true"
)


def found(done: Done) -> list[str]:
    """The policies of a JSON report."""
    return sorted(each["policy"] for each in json.loads(done.out)["findings"])


def scan(*arguments: str, env: dict[str, str] | None = None) -> list[str]:
    done = run("scan", "a.yaml", "--format", "json", *arguments, env=env or {})
    assert done.err == ""
    return found(done)


@pytest.mark.parametrize(
    ("options", "policies"),
    [
        ([], ["host-ipc", "host-network", "host-pid"]),
        (["--select", "", "--ignore", " , "], ["host-ipc", "host-network", "host-pid"]),
        (["--select", "default"], ["host-ipc", "host-network", "host-pid"]),
        (["--select", "host-pid"], ["host-pid"]),
        (["--select", "host-pid,host-ipc"], ["host-ipc", "host-pid"]),
        (["--select", "host-pid", "--select", " host-ipc ,"], ["host-ipc", "host-pid"]),
        (["--ignore", "host-pid"], ["host-ipc", "host-network"]),
        (["--ignore", "host-pid,host-network", "--ignore", "host-ipc"], []),
        (["--ignore", "pod-security"], []),
        (["--ignore", "baseline"], []),
        (["--ignore", "pod-security", "--select", "host-pid"], ["host-pid"]),
        (["--select", "secrets"], []),
        (["--severity", "high"], ["host-ipc", "host-network", "host-pid"]),
        (["--severity", "critical"], []),
        (["--select", "all", "--severity", "high"], ["host-ipc", "host-network", "host-pid"]),
        (["--exclude", "a.yaml"], []),
        (["--exclude", "*.yml,*.yaml"], []),
        (["--exclude", "b/"], ["host-ipc", "host-network", "host-pid"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_options(options: list[str], policies: list[str], put: Put) -> None:
    put("a.yaml", MANY)
    assert scan(*options) == policies


def test_select_all_is_every_policy(put: Put) -> None:
    put("a.yaml", MANY)
    assert {"cpu-limit-missing", "memory-limit-missing", "host-pid"} <= set(scan("--select", "all"))


LIMITED = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: web:2.1.0, resources: {limits: {cpu: 1}}}
    - {name: log, image: log:1.0.0}
"""
LEFT_OUT = "note: {} is left out: it contradicts {}; select one of the two\n"


@pytest.mark.parametrize(
    ("options", "on", "note"),
    [
        (["--select", "all"], "cpu-limit-missing", ""),
        (["--select", "resources"], "cpu-limit-missing", LEFT_OUT.format("cpu-limit-present", "cpu-limit-missing")),
        (["--select", "cpu-limit-present"], "cpu-limit-present", ""),
        (["--select", "all,cpu-limit-present"], "cpu-limit-present", ""),
        (
            ["--select", "resources,cpu-limit-present"],
            "cpu-limit-present",
            LEFT_OUT.format("cpu-limit-missing", "cpu-limit-present"),
        ),
        (["--select", "all", "--ignore", "cpu-limit-missing"], "cpu-limit-present", ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_of_two_policies_that_contradict_one_is_on(options: list[str], on: str, note: str, put: Put) -> None:
    put("a.yaml", LIMITED)
    done = run("scan", "a.yaml", "--format", "json", *options)
    assert [policy for policy in found(done) if policy.startswith("cpu-limit")] == [on]
    assert done.err == note


@pytest.mark.parametrize(
    ("file", "env", "options", "policies"),
    [
        ("select: [host-pid]", {}, [], ["host-pid"]),
        ("ignore: [host-pid]", {}, [], ["host-ipc", "host-network"]),
        ("policies: {host-pid: {enabled: false}}", {}, [], ["host-ipc", "host-network"]),
        ("rules: {enabled: false}", {}, [], []),
        ("exclude: [a.yaml]", {}, [], []),
        ("select: [host-pid]", {"SELECT": "host-ipc"}, [], ["host-ipc"]),
        ("select: [host-pid]", {"SELECT": ""}, [], ["host-pid"]),
        ("select: [host-pid]", {"SELECT": "host-ipc"}, ["--select", "host-network"], ["host-network"]),
        ("ignore: [host-pid]", {"IGNORE": "host-ipc"}, [], ["host-network", "host-pid"]),
        ("ignore: [host-pid]", {"IGNORE": "host-ipc"}, ["--ignore", "host-network"], ["host-ipc", "host-pid"]),
        ("exclude: [a.yaml]", {"EXCLUDE": "b.yaml"}, ["--select", "host-pid"], ["host-pid"]),
        ("", {"CONFIG": "other.yaml"}, [], ["host-network"]),
        ("select: [host-pid]", {"CONFIG": "nope.yaml"}, ["--config", "other.yaml"], ["host-network"]),
    ],
)
def test_options_beat_variables_beat_the_file(
    file: str, env: dict[str, str], options: list[str], policies: list[str], put: Put
) -> None:
    put("a.yaml", MANY)
    put(".k8s-auto-fix.yaml", file)
    put("other.yaml", "select: [host-network]")
    variables = {f"K8S_AUTO_FIX_{name}": text for name, text in env.items()}
    assert scan(*options, env=variables) == policies


def test_severity_of_the_file(put: Put) -> None:
    put("a.yaml", UNSAFE)
    put(".k8s-auto-fix.yaml", "policies: {host-pid: {severity: critical}}")
    report = json.loads(run("scan", "a.yaml", "--format", "json", "--severity", "critical").out)
    assert [each["severity"] for each in report["findings"]] == ["critical"]


def test_values_of_the_file_make_fixes(put: Put) -> None:
    path = put("a.yaml", UNSAFE_FIXED)
    put(".k8s-auto-fix.yaml", "select: [memory-request-missing]\nvalues: {memory-request: 64Mi}\n")
    assert run("fix", "--unsafe", ".").code == 1
    assert "memory: 64Mi" in path.read_text(encoding="utf-8")
    assert run("fix", "--unsafe", ".").code == 0


@pytest.mark.parametrize(
    ("version", "code"), [("1.24", 0), ("1.25", 1), ("1.36", 1), ("1.20-1.24", 0), ("1.24-1.25", 1)]
)
@pytest.mark.parametrize("how", ["option", "variable", "file"])
def test_kubernetes_version(version: str, code: int, how: str, put: Put) -> None:
    put("a.yaml", SAFE)
    options = ["--kubernetes-version", version] if how == "option" else []
    env = {"K8S_AUTO_FIX_KUBERNETES_VERSION": version} if how == "variable" else {}
    if how == "file":
        oldest, _, newest = version.partition("-")
        put(".k8s-auto-fix.yaml", f'kubernetes-version: {{oldest: "{oldest}", newest: "{newest or oldest}"}}')
    assert run("scan", "--select", "removed-api-version", "a.yaml", *options, env=env).code == code


@pytest.mark.parametrize(
    ("options", "env", "file", "words"),
    [
        (["--select", "host-pdi"], {}, "", "--select: no policy is called 'host-pdi', did you mean 'host-pid'?"),
        (["--ignore", "zzz"], {}, "", "--ignore: no policy is called 'zzz'; `k8s-auto-fix policies` lists them"),
        (
            ["--ignore", "CKV_K8S_171"],
            {},
            "",
            "--ignore: no policy is called 'CKV_K8S_171', did you mean 'CKV_K8S_17'?",
        ),
        (
            ["--ignore", "runAsUser"],
            {},
            "",
            "--ignore: 'runAsUser' means different things to different tools, name one: ",
        ),
        (["--select", "a b"], {}, "", "--select: 'a b' is no name of a policy"),
        (["--kubernetes-version", "v1.3"], {}, "", "--kubernetes-version: 'v1.3'; it is a minor version such as"),
        (["--config", "nope.yaml"], {}, "", "nope.yaml:1: cannot be read: No such file or directory"),
        ([], {"SELECT": "host-pdi"}, "", "K8S_AUTO_FIX_SELECT: no policy is called 'host-pdi'"),
        ([], {"SEED": "x"}, "", "K8S_AUTO_FIX_SEED: 'x'; it is a whole number"),
        ([], {}, "a: 1\nselct: []", ".k8s-auto-fix.yaml:1: unknown key 'a'"),
        ([], {}, "seed: 1\nselct: []", ".k8s-auto-fix.yaml:2: unknown key 'selct'"),
        ([], {}, "select:\n- host-pid\n- host-pdi", ".k8s-auto-fix.yaml:3: no policy is called 'host-pdi'"),
        ([], {}, "policies: {nope: {enabled: true}}", ".k8s-auto-fix.yaml:1: unknown policy 'nope'"),
        ([], {}, "select: [", ".k8s-auto-fix.yaml:"),
    ],
)
@pytest.mark.parametrize("command", ["scan", "diff", "fix"])
def test_wrong_settings_are_refused_before_anything_is_done(
    command: str, options: list[str], env: dict[str, str], file: str, words: str, put: Put
) -> None:
    path = put("a.yaml", SAFE)
    if file:
        put(".k8s-auto-fix.yaml", file)
    variables = {f"K8S_AUTO_FIX_{name}": text for name, text in env.items()}
    done = run(command, "a.yaml", *options, env=variables)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {words}")
    assert done.err.count("\n") == 1
    assert path.read_text(encoding="utf-8") == SAFE


def test_files_and_folders_are_looked_at_once(put: Put) -> None:
    put("a.yaml", SAFE)
    put("b/c.yml", UNSAFE)
    put("b/d.json", json.dumps({"apiVersion": "v1", "kind": "Pod", "spec": {"hostPID": True, "containers": []}}))
    put("b/package.json", "{}")
    put("b/notes.txt", SAFE)
    put(".gitignore", "ignored/\n")
    put("ignored/x.yaml", SAFE)
    report = json.loads(
        run("scan", "--select", "host-pid,removed-api-version", "--format", "json", ".", "b", "a.yaml").out
    )
    assert [each["path"] for each in report["findings"]] == ["a.yaml", "b/c.yml", "b/d.json"]
    assert report["summary"]["files"] == 3


@pytest.mark.parametrize("path", ["nope.yaml", "a.yaml/b"])
@pytest.mark.parametrize("command", ["scan", "diff", "fix"])
def test_a_path_that_is_not_there_is_2_and_the_others_go_on(command: str, path: str, put: Put) -> None:
    put("a.yaml", SAFE)
    done = run(command, path, "a.yaml")
    assert done.code == 2
    assert f"{path}: " in done.out + done.err or f"--> {path}\n" in done.out
    assert "batch/v1" in done.out


@pytest.mark.parametrize(
    ("arguments", "text", "code", "out"),
    [
        (["fix"], SAFE, 1, SAFE_FIXED),
        (["fix"], CLEAN, 0, CLEAN),
        (["fix"], UNSAFE, 1, UNSAFE),
        (["fix", "--fix-only"], UNSAFE, 0, UNSAFE),
        (["fix", "--unsafe", "-q"], UNSAFE, 1, UNSAFE_FIXED),
        (["fix"], "", 0, ""),
        (["fix"], "a: [", 2, "a: ["),
        (["diff"], CLEAN, 0, ""),
        (["diff"], "a: [", 2, ""),
        (["scan", "--format", "concise"], CLEAN, 0, ""),
        (["scan", "--format", "concise"], "", 0, ""),
    ],
)
def test_stdin(arguments: list[str], text: str, code: int, out: str) -> None:
    done = run(*arguments, "-", stdin=text)
    assert (done.code, done.out) == (code, out)
    assert bool(done.err) is (code == 2)


def test_stdin_has_a_name_in_reports() -> None:
    assert run("scan", "--format", "concise", "-", stdin=SAFE).out.startswith("stdin.yaml:3:1: removed-api-version ")
    assert "--- a/stdin.yaml\n" in run("diff", "-", stdin=SAFE).out
    assert json.loads(run("scan", "--format", "json", "-", stdin=SAFE).out)["findings"][0]["path"] == "stdin.yaml"


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_stdin_keeps_every_byte(ends: str) -> None:
    text = ("\ufeff" + SAFE.rstrip("\n")).replace("\n", ends).encode()
    assert run("fix", "-", stdin=text).stdout == text.replace(b"v1beta1", b"v1")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfea\0", "stdin.yaml:1: UTF-16, says its byte order mark"),
        (b"a: 1\nb: \xe9\n", "stdin.yaml:2: not UTF-8"),
        (b"a: 1\n\n\0", "stdin.yaml:3: a NUL byte"),
        (b"a" * 10_000_001, "stdin.yaml: more than 10,000,000 bytes"),
    ],
    ids=["UTF-16", "Latin-1", "NUL", "large"],
)
@pytest.mark.parametrize("command", ["fix", "diff"])
def test_stdin_that_is_no_text(command: str, data: bytes, words: str) -> None:
    done = run(command, "-", stdin=data)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {words}")
    assert words.partition(": ")[2] in run("scan", "-", stdin=data).out


@pytest.mark.parametrize("command", ["scan", "fix", "diff"])
def test_stdin_goes_with_no_other_path(command: str, put: Put) -> None:
    put("a.yaml", SAFE)
    done = run(command, "-", "a.yaml", stdin=SAFE)
    assert (done.code, done.err) == (2, "error: '-' reads from stdin and goes with no other path\n")


def test_everything_switched_off_finds_nothing(put: Put) -> None:
    put("a.yaml", MANY)
    put(".k8s-auto-fix.yaml", "rules: {enabled: false}")
    assert run("scan", "--select", "all", "a.yaml").code == 0


def test_a_severity_is_not_a_policy() -> None:
    assert not {"low", "medium", "high", "critical"} & {policy.id for policy in load()}


@pytest.mark.parametrize(
    ("options", "file", "found"),
    [
        ([], "", True),
        (["--ignore", "CKV_K8S_17"], "", False),
        (["--ignore", "kube-linter:host-pid"], "", False),
        ([], "ignore: [C-0038]", False),
        (["--select", "ksv010"], "ignore: [host-pid]", True),
        (["--select", "CKV_K8S_18"], "", False),
        (["--profile", "baseline"], "", True),
        (["--profile", "reliability"], "", False),
        (["--profile", "reliability", "--select", "host-pid"], "", True),
        ([], "profile: reliability", False),
        (["--profile", "default"], "profile: reliability", True),
    ],
)
def test_other_tools_ids_and_profiles(options: list[str], file: str, found: bool, put: Put) -> None:
    put("a.yaml", UNSAFE)
    put(".k8s-auto-fix.yaml", file)
    done = run("scan", "a.yaml", "--format", "concise", *options)
    assert (" host-pid " in done.out) is found, done.out + done.err


@pytest.mark.parametrize("name", ["default", "baseline", "restricted", "cis", "nsa", "reliability"])
def test_no_profile_contradicts_itself(name: str, put: Put) -> None:
    put("a.yaml", UNSAFE)
    assert run("scan", "a.yaml", "--profile", name).err == ""
