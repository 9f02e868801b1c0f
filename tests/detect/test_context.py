"""What surrounds a file, and what it changes."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from bot.detect.context import look_around
from bot.manifest import read
from tests.detect.made import NAMES, TODAY, around, finding

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
        - name: web
          image: %s
"""
CONTAINER = "/spec/template/spec/containers/0"


def silenced(files, path, text, policy, pointer, target=None):
    manifest = read(path, text)
    surroundings = around({**files, path: text}, path)
    (resource,) = manifest.resources
    return surroundings.silence(manifest, resource, finding(manifest, policy, pointer, target))


def image_silenced(files, image, policy="image-tag-latest-or-missing", path="base/web.yaml"):
    return silenced(files, path, WEB % image, policy, f"{CONTAINER}/image", CONTAINER)


@pytest.mark.parametrize(
    ("path", "charts", "chart"),
    [
        ("charts/web/templates/a.yaml", ["charts/web"], "web"),
        ("charts/web/templates/tests/a.yaml", ["charts/web"], "web"),
        ("charts/web/charts/db/templates/a.yaml", ["charts/web", "charts/web/charts/db"], "db"),
        ("templates/a.yaml", [""], "at the root"),
        ("charts/web/crds/a.yaml", ["charts/web"], None),
        ("charts/web/values.yaml", ["charts/web"], None),
        ("docs/templates/a.yaml", ["charts/web"], None),
    ],
)
def test_templates_of_charts(path, charts, chart):
    files = {f"{folder}/Chart.yaml".lstrip("/"): "name: x\n" for folder in charts}
    skip = around(files, path).skip(read(path, WEB % "web"))
    if chart is None:
        assert skip is None
    else:
        assert (skip.code, skip.path, skip.error) == ("template", path, False)
        assert skip.reason == f"a template of the Helm chart {chart}"


def test_a_template_that_is_no_yaml_is_named_too():
    path = "web/templates/a.yaml"
    skip = around({"web/Chart.yaml": ""}, path).skip(read(path, "a: {{ .Values.a }}\n{{ if b }}\n"))
    assert skip.code == "template"


def test_generated_files_are_skipped_once():
    skip = around({}, "a.yaml").skip(read("a.yaml", "# DO NOT EDIT\n" + WEB % "web" + "---\n" + WEB % "web"))
    assert (skip.code, skip.document) == ("generated", None)
    assert skip.reason == 'a generated file: its first lines say "DO NOT EDIT"'


@pytest.mark.parametrize(
    ("kustomization", "partial"),
    [
        ("patches: [{path: web.yaml}]", True),
        ("patchesStrategicMerge: [web.yaml]", True),
        ("resources: [web.yaml]", False),
        ("resources: [web.yaml]\npatches: [{path: web.yaml}]", False),
        ("resources: [other.yaml]", False),
    ],
)
def test_patches_of_kustomizations_are_partial(kustomization, partial):
    path = "overlay/web.yaml"
    surroundings = around({"overlay/kustomization.yaml": kustomization}, path)
    (resource,) = surroundings.resources(read(path, WEB % "web"))
    assert resource.partial is partial


def test_kustomizations_above_are_read_for_a_single_file():
    files = {"kustomization.yaml": "patches: [{path: a/b/web.yaml}]\n"}
    manifest = read("a/b/web.yaml", WEB % "web")
    surroundings = around(files, "a/b/web.yaml")
    assert surroundings.fragment(manifest, next(iter(manifest.resources))) == "a patch of kustomization.yaml"


def test_kustomizations_that_one_above_names_are_read():
    files = {
        "kustomization.yaml": "resources: [overlays/prod]\n",
        "overlays/prod/kustomization.yaml": "resources: [../../base]\nimages: [{name: web, newTag: v1}]\n",
        "base/kustomization.yaml": "resources: [web.yaml]\n",
    }
    assert image_silenced(files, "web:latest") == "overlays/prod/kustomization.yaml sets the image web"


def test_looking_up_ends_at_the_root():
    asked = []
    look_around(["/repo/a/b.yaml"], asked.append, NAMES, today=TODAY, root="/repo")
    assert {path.rpartition("/")[0] for path in asked} == {"/repo", "/repo/a"}


def test_nothing_outside_of_a_root_is_asked_for():
    asked = []
    look_around(["/tmp/x/b.yaml", "../c.yaml"], asked.append, NAMES, today=TODAY, root="/repo")
    assert {path.rpartition("/")[0] for path in asked} == {"/tmp/x", ".."}


@pytest.mark.parametrize("path", ["web.yaml", "./web.yaml", "../base/web.yaml", "/repo/base/web.yaml"])
def test_run_in_a_folder_below_the_root(path):
    files = {
        "/repo/kustomization.yaml": "resources: [overlay]\n",
        "/repo/overlay/kustomization.yaml": "resources: [../base/web.yaml]\nnamespace: web\n",
    }
    surroundings = look_around([path], files.get, NAMES, today=TODAY, root="/repo", here="/repo/base")
    manifest = read(path, WEB % "web")
    (resource,) = surroundings.resources(manifest)
    about = finding(manifest, "default-namespace-used", "/metadata/namespace")
    assert surroundings.silence(manifest, resource, about) == "/repo/overlay/kustomization.yaml sets the namespace"


@pytest.mark.parametrize(
    ("path", "skipped"),
    [
        ("tests/e2e/01-assert.yaml", True),
        ("tests/e2e/01-errors.yaml", True),
        ("tests/e2e/10-assert-ready.yml", True),
        ("tests/e2e/01-install.yaml", False),
        ("assert.yaml", False),
        ("web-01-assert.yaml", False),
    ],
)
def test_what_a_test_expects_is_not_applied(path, skipped):
    skip = around({}, path).skip(read(path, WEB % "web"))
    assert (skip.code if skip is not None else None) == ("expectation" if skipped else None)


@pytest.mark.parametrize(
    ("pointer", "quiet"),
    [
        ("/spec/ports/0/$patch", True),
        ("/spec/$setElementOrder~1ports", True),
        ("/spec/$deleteFromPrimitiveList~1finalizers", True),
        ("/spec/$other", False),
        ("/spec/patch", False),
        ("", False),
    ],
)
def test_directives_of_a_patch_are_no_fields(pointer, quiet):
    text = "apiVersion: v1\nkind: Service\nspec: {ports: [{$patch: delete}], $setElementOrder/ports: []}\n"
    assert (silenced({}, "a.yaml", text, "schema-invalid", pointer, "") is not None) is quiet


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n---\n" + WEB % "web", ["Deployment"]),
        ("apiVersion: skaffold/v3\nkind: Config\n", []),
        ("apiVersion: builtin\nkind: LabelTransformer\n", []),
        ("apiVersion: v1\nkind: Config\nclusters: []\n", []),
        ("apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n", ["Kustomization"]),
        ("apiVersion: v1\nkind: ConfigMap\n", ["ConfigMap"]),
    ],
)
def test_configuration_of_tools_is_no_object(text, kinds):
    assert [each.ref.kind for each in around({}, "a.yaml").resources(read("a.yaml", text))] == kinds


BASE = "base/kustomization.yaml"


@pytest.mark.parametrize(
    ("entry", "image", "policy", "quiet"),
    [
        ("{name: web, newTag: v1}", "web", "image-tag-latest-or-missing", True),
        ("{name: web, newTag: v1}", "web:latest", "image-tag-latest-or-missing", True),
        ("{name: 'registry:5000/web', newTag: v1}", "registry:5000/web", "image-tag-latest-or-missing", True),
        ("{name: web, digest: 'sha256:00'}", "web", "image-tag-latest-or-missing", True),
        ("{name: web, digest: 'sha256:00'}", "web", "image-digest-missing", True),
        ("{name: web, newTag: v1}", "web", "image-digest-missing", False),
        ("{name: web, newTag: latest}", "web", "image-tag-latest-or-missing", False),
        ("{name: web, newName: other}", "web", "image-tag-latest-or-missing", False),
        ("{name: web, newName: other}", "web", "image-registry-untrusted", True),
        ("{name: web, newTag: v1}", "web", "image-registry-untrusted", False),
        ("{name: webby, newTag: v1}", "web", "image-tag-latest-or-missing", False),
        ("{name: web, newTag: v1}", "registry/web", "image-tag-latest-or-missing", False),
    ],
)
def test_images_that_a_kustomization_sets(entry, image, policy, quiet):
    files = {BASE: f"resources: [web.yaml]\nimages: [{entry}]\n"}
    assert (image_silenced(files, image, policy) is not None) is quiet
    not_listed = {BASE: f"resources: [other.yaml]\nimages: [{entry}]\n"}
    assert image_silenced(not_listed, image, policy) is None


def test_namespace_and_replicas_that_a_kustomization_sets():
    files = {BASE: "resources: [web.yaml]\nnamespace: web\nreplicas: [{name: web, count: 2}]\n"}
    text = WEB % "web"
    assert (
        silenced(files, "base/web.yaml", text, "default-namespace-used", "/metadata/namespace")
        == f"{BASE} sets the namespace"
    )
    assert (
        silenced(files, "base/web.yaml", text, "insufficient-replicas", "/spec/replicas") == f"{BASE} sets the replicas"
    )
    other = text.replace("name: web}", "name: other}")
    assert silenced(files, "base/web.yaml", other, "insufficient-replicas", "/spec/replicas") is None
    assert silenced({}, "base/web.yaml", text, "default-namespace-used", "/metadata/namespace") is None
    assert silenced(files, "base/web.yaml", text, "host-pid", "/spec/template/spec/hostPID") is None


@pytest.mark.parametrize(
    ("image", "why"),
    [
        ("web", None),
        ("web:latest", None),
        ("${REGISTRY}/web", "${REGISTRY} is filled in later"),
        ("$(IMAGE)", "$(IMAGE) is filled in later"),
        ("ko://example.org/cmd/web", "ko://example.org/cmd/web is filled in later"),
        ("<image>", "<image> is filled in later"),
        ('web:latest # {"$imagepolicy": "flux-system:web"}', "Flux writes the image: $imagepolicy"),
    ],
)
def test_images_that_are_filled_in(image, why):
    assert image_silenced({}, image) == why


def test_images_that_a_tool_builds():
    skaffold = "apiVersion: skaffold/v3\nkind: Config\nbuild: {artifacts: [{image: web}]}\n"
    assert image_silenced({"skaffold.yaml": skaffold}, "web") == "skaffold.yaml builds web"
    assert image_silenced({"base/Tiltfile": "docker_build('web', '.')\n"}, "web:latest") == "base/Tiltfile builds web"
    assert image_silenced({"skaffold.yaml": skaffold}, "other") is None
    assert image_silenced({"elsewhere/skaffold.yaml": skaffold}, "web") is None


@pytest.mark.parametrize(
    ("policy", "pointer", "quiet"),
    [
        ("schema-invalid", "/spec/replicas", True),
        ("schema-invalid", "/metadata/labels/${KEY}", True),
        ("schema-invalid", "/spec/paused", False),
        ("schema-invalid", "/spec/absent", False),
        ("secret-in-env-literal", "/metadata/annotations/password", True),
        ("unreplaced-placeholder", "/spec/replicas", False),
        ("insufficient-replicas", "/spec/replicas", False),
        ("host-pid", "/spec/hostPID", False),
    ],
)
def test_places_that_are_filled_in(policy, pointer, quiet):
    text = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {"${KEY}": 1}, annotations: {password: "${PASSWORD}"}}
spec: {replicas: "${REPLICAS}", paused: 3, hostPID: "${PID}"}
"""
    assert (silenced({}, "a.yaml", text, policy, pointer) is not None) is quiet


def test_pointers_count_from_the_object_in_a_list():
    item = "- apiVersion: v1\n  kind: Pod\n  spec: {containers: [{name: a, image: %s}]}\n"
    text = "apiVersion: v1\nkind: List\nitems:\n" + item % "a" + item % "'${IMAGE}'"
    manifest = read("a.yaml", text)
    surroundings = around({"a.yaml": text})
    answers = []
    for place, resource in enumerate(manifest.resources):
        container = f"/items/{place}/spec/containers/0"
        about = finding(manifest, "image-tag-latest-or-missing", f"{container}/image", container)
        answers.append(surroundings.silence(manifest, resource, about))
    assert answers == [None, "${IMAGE} is filled in later"]


def test_suppressions_are_asked_for_with_the_policies_and_the_day_of_the_run():
    text = WEB % "web" + "      hostPID: true # k8s-auto-fix: ignore[host-pid] until=2026-11-24 reads /proc\n"
    manifest = read("a.yaml", text)
    (found,), skips = around({"a.yaml": text}).suppress(
        manifest, [finding(manifest, "host-pid", "/spec/template/spec/hostPID")]
    )
    assert (found.reason, skips) == ("reads /proc", ())


@pytest.mark.corpus
def test_no_real_manifest_is_skipped_by_mistake(corpus):
    """The plain files of the corpus: those left alone or taken as fragments were read by a person, one by one."""
    with (corpus / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        paths = [row["path"] for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)]
    surroundings = look_around(paths, _reader(corpus), NAMES, today=TODAY)
    skipped, partial = Counter(), Counter()
    for path in paths:
        manifest = read(path, _reader(corpus)(path) or "")
        skip = surroundings.skip(manifest)
        if skip is not None:
            skipped[skip.code] += 1
            continue
        for resource in surroundings.resources(manifest):
            partial[resource.partial] += 1
    assert skipped == {"generated": 8, "expectation": 7}
    assert partial[True] == 19
    assert partial[False] > 1000


@pytest.mark.corpus
def test_kustomize_trees_and_charts(corpus):
    read_text = _reader(corpus)
    for folder, skipped, partial in (("kustomize", {}, 9), ("helm", {"template": 38}, 0)):
        paths = [str(path.relative_to(corpus)) for path in sorted((corpus / folder).rglob("*")) if path.is_file()]
        surroundings = look_around(paths, read_text, NAMES, today=TODAY)
        manifests = [read(path, read_text(path)) for path in paths if path.endswith((".yaml", ".yml"))]
        skips = [surroundings.skip(manifest) for manifest in manifests]
        assert Counter(skip.code for skip in skips if skip is not None) == skipped
        found = [each for manifest in manifests for each in surroundings.resources(manifest)]
        assert sum(each.partial for each in found) == partial


def _reader(corpus):
    def read_text(path):
        try:
            return (corpus / path).read_bytes().decode()
        except (OSError, UnicodeDecodeError):
            return None

    return read_text


SET = [
    ("{name: nginx, newTag: '1.27.3'}", "nginx:1.27.3"),
    ("{name: server, newName: nginx, newTag: '1.27.3'}", "nginx:1.27.3"),
    ("{name: 'nginx:old', newTag: '1.27.3'}", "nginx:1.27.3"),
    ("{name: nginx, digest: 'sha256:" + "0" * 64 + "'}", "nginx@sha256:" + "0" * 64),
    ("{name: nginx, newTag: 1.10}", None),  # kustomize refuses a number
    ("{name: nginx, newTag: latest}", None),
    ("{name: server, newName: nginx}", None),
    ("{name: nginx, newTag: '${TAG}'}", None),
]


@pytest.mark.parametrize(("entry", "expected"), SET, ids=[entry[:50] for entry, _ in SET])
def test_images_that_a_kustomization_sets_are_pinned(entry, expected):
    files = {"apps/kustomization.yaml": f"resources: [db.yaml]\nimages: [{entry}]\n", "apps/web.yaml": WEB % "nginx"}
    surroundings = around(files, "apps/web.yaml")
    pins = surroundings.inventory(read("apps/web.yaml", files["apps/web.yaml"])).pins
    found = [(str(pin), pin.path) for each in pins.values() for pin in each]
    assert found == ([(expected, "apps/kustomization.yaml")] if expected else [])
