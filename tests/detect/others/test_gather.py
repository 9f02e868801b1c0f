"""What the files at the root accept, and how it counts beside what stands in a manifest."""

from __future__ import annotations

from bot.detect.context import look_around
from bot.detect.others.gather import gather
from bot.manifest import read
from tests.detect.made import NAMES, TODAY, finding

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec:\n  hostPID: true\n"


def reasons(files, path="web.yaml", **said):
    """The reason that accepts hostPID of the pod, and what does not hold."""
    files = {path: POD} | files
    around = look_around([path], files.get, NAMES, today=TODAY, **said)
    manifest = read(path, files[path])
    found, skips = around.suppress(manifest, [finding(manifest, "host-pid", "/spec/hostPID")])
    (suppression,) = found
    return suppression and suppression.reason, [each.reason for each in (*skips, *around.accepted.skips)]


def test_nothing_there_accepts_nothing():
    assert reasons({}) == (None, [])


def test_each_tool_is_heard():
    for files in (
        {".kube-linter.yaml": "checks: {exclude: [host-pid]}"},
        {".kube-linter.yml": "checks: {exclude: [host-pid]}"},
        {".checkov.yml": "skip-check: [CKV_K8S_17]"},
        {".trivyignore": "KSV-0010"},
        {".trivyignore.yaml": "misconfigurations: [{id: KSV-0010}]"},
        {"polaris.yaml": "exemptions: [{controllerNames: [web]}]"},
        {
            "exceptions.json": '[{"name": "a", "policyType": "postureExceptionPolicy", "actions": ["alertOnly"],'
            ' "resources": [{"attributes": {"app": "web"}}], "posturePolicies": [{"controlID": "C-0038"}]}]'
        },
    ):
        reason, void = reasons(files)
        assert reason is not None, files
        assert void == []


def test_of_two_spellings_kube_linter_and_checkov_read_the_first():
    files = {".kube-linter.yaml": "checks: {}", ".kube-linter.yml": "checks: {exclude: [host-pid]}"}
    assert reasons(files) == (None, [])


def test_what_stands_beside_the_finding_comes_first():
    text = POD.replace("hostPID: true", "hostPID: true  # k8s-auto-fix: ignore[host-pid] ours")
    assert reasons({"web.yaml": text, ".trivyignore": "# theirs\nKSV-0010"}) == ("ours", [])
    assert reasons({".trivyignore": "# theirs\nKSV-0010"}) == ("theirs", [])


def test_paths_count_from_the_root():
    files = {"/r/.kube-linter.yaml": "checks: {ignorePaths: ['apps/**']}", "/r/apps/web.yaml": POD}
    manifest = read("web.yaml", POD)
    around = look_around(["web.yaml"], files.get, NAMES, today=TODAY, root="/r", here="/r/apps")
    (found,) = around.suppress(manifest, [finding(manifest, "host-pid", "/spec/hostPID")]).suppressions
    assert found is not None
    assert found.location.path == "../.kube-linter.yaml"


def test_files_below_the_root_are_not_the_repositorys():
    assert reasons({"apps/.trivyignore": "KSV-0010"}, "apps/web.yaml") == (None, [])


def test_another_tree_may_say_what_is_accepted():
    base = gather({".trivyignore": "# of the base\nKSV-0010"}.get, NAMES, today=TODAY)
    assert reasons({".trivyignore": "# of the head\nKSV-0010"}, accepted=base) == ("of the base", [])
    assert reasons({".trivyignore": "KSV-0010"}, accepted=gather({}.get, NAMES, today=TODAY)) == (None, [])


def test_what_does_not_hold_is_told_with_its_place():
    said = gather({"x/.trivyignore": "\nKSV-0010 exp:2020-01-01"}.get, NAMES, today=TODAY, root="x", shown="../x")
    assert [(each.path, each.line) for each in said.skips] == [("../x/.trivyignore", 2)]


def test_the_container_and_the_labels_of_a_finding():
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
        "      containers: [{name: web}, {name: proxy}]\n"
    )
    files = {"web.yaml": text, "polaris.yaml": "exemptions: [{containerNames: [proxy]}]"}
    around = look_around(["web.yaml"], files.get, NAMES, today=TODAY)
    manifest = read("web.yaml", text)
    containers = "/spec/template/spec/containers"
    findings = [finding(manifest, "host-pid", f"{containers}/{each}/name") for each in (0, 1)]
    assert [each is not None for each in around.suppress(manifest, findings).suppressions] == [False, True]


def test_files_outside_of_the_root_are_not_the_repositorys():
    files = {"/r/.trivyignore": "KSV-0010", "/r/a.yaml": POD, "/tmp/b.yaml": POD}
    around = look_around(["/r/a.yaml", "/tmp/b.yaml"], files.get, NAMES, today=TODAY, root="/r", here="/r")
    held = []
    for path in ("/r/a.yaml", "/tmp/b.yaml"):
        manifest = read(path, POD)
        held += around.suppress(manifest, [finding(manifest, "host-pid", "/spec/hostPID")]).suppressions
    assert [each is not None for each in held] == [True, False]
