"""What kustomizations say about files."""

from __future__ import annotations

import pytest

from bot.detect.kustomize import gather, join, parse, trace


def build(files, *folders):
    return trace(gather(folders or ("",), files.get))


@pytest.mark.parametrize(
    ("folder", "entry", "path"),
    [
        ("", "a.yaml", "a.yaml"),
        ("overlays/dev", "../../base", "base"),
        ("overlays/dev", "./a.yaml", "overlays/dev/a.yaml"),
        ("base", "..", ""),
        ("", "..", ".."),
        ("/repo/base", "../a.yaml", "/repo/a.yaml"),
    ],
)
def test_join(folder, entry, path):
    assert join(folder, entry) == path


@pytest.mark.parametrize(
    ("text", "patches"),
    [
        ("patches: [{path: a.yaml}, {path: b.yaml, target: {kind: Pod}}]", {"k/a.yaml", "k/b.yaml"}),
        ("patches: [{patch: 'kind: Pod'}]", set()),
        ("patches: [a.yaml]", {"k/a.yaml"}),
        ("patchesStrategicMerge: [a.yaml, ../b.yaml]", {"k/a.yaml", "b.yaml"}),
        ("patchesStrategicMerge:\n  - a.yaml\n  - |\n    kind: Pod\n    spec: {}\n", {"k/a.yaml"}),
        ("patchesJson6902: [{path: a.yaml, target: {kind: Pod}}, {patch: '- op: add'}]", {"k/a.yaml"}),
        ("kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches: [{path: a.yaml}]", {"k/a.yaml"}),
        ("patches: {path: a.yaml}\npatchesStrategicMerge: a.yaml\npatchesJson6902: [3, null]", set()),
    ],
)
def test_patches(text, patches):
    kustomization = parse("k/kustomization.yaml", text)
    assert set(kustomization.patches) == patches


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "a: [",
        "resources: {{ .Values.a }}",
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nspec: {patches: [{path: a.yaml}]}",
    ],
)
def test_what_is_no_kustomization(text):
    assert parse("kustomization.yaml", text) is None


def test_resources_of_bases_and_remote_ones():
    remote = "https://example.org/x.yaml, github.com/a/b?ref=v1, 'git@github.com:a/b'"
    text = f"resources: [a.yaml, ../base, {remote}]\nbases: [../old]"
    assert parse("overlays/kustomization.yaml", text).resources == ("overlays/a.yaml", "base", "old")


TREE = {
    "overlays/dev/kustomization.yaml": """\
resources: [../../base]
components: [../../components/proxy]
namespace: dev
images: [{name: web, newTag: "1.2"}]
patches: [{path: patch.yaml}]
""",
    "overlays/prod/kustomization.yml": "resources: [../../base, extra.yaml]\nreplicas: [{name: web, count: 3}]\n",
    "base/Kustomization": "resources: [web.yaml, db]\n",
    "base/db/kustomization.yaml": "resources: [db.yaml]\n",
    "components/proxy/kustomization.yaml": """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources: [proxy.yaml]
images: [{name: db, digest: 'sha256:00'}]
patches: [{path: inject.yaml}]
""",
    "elsewhere/kustomization.yaml": "resources: [other.yaml]\nnamespace: elsewhere\n",
}


def test_settings_reach_what_a_kustomization_lists():
    builds = build(TREE, "overlays/dev", "overlays/prod", "elsewhere")
    by = {
        path: {each.path for each in builds.settings(path)} for path in ("base/web.yaml", "base/db/db.yaml", "x.yaml")
    }
    both = {
        "overlays/dev/kustomization.yaml",
        "overlays/prod/kustomization.yml",
        "components/proxy/kustomization.yaml",
        "base/Kustomization",
    }
    assert by == {"base/web.yaml": both, "base/db/db.yaml": both | {"base/db/kustomization.yaml"}, "x.yaml": set()}


def test_patches_of_overlays_and_components():
    assert build(TREE, "overlays/dev").patches == {
        "overlays/dev/patch.yaml": "overlays/dev/kustomization.yaml",
        "components/proxy/inject.yaml": "components/proxy/kustomization.yaml",
    }


def test_a_file_that_is_a_resource_somewhere_is_whole():
    tree = {
        "a/kustomization.yaml": "resources: [web.yaml]\n",
        "b/kustomization.yaml": "patches: [{path: ../a/web.yaml}]\n",
    }
    assert build(tree, "a", "b").patches == {}


def test_what_is_built_together():
    builds = build(TREE, "overlays/prod", "elsewhere")
    assert builds.together("base/web.yaml") == {"base/web.yaml", "base/db/db.yaml", "overlays/prod/extra.yaml"}
    assert builds.together("elsewhere/other.yaml") == {"elsewhere/other.yaml"}
    assert builds.together("x.yaml") == frozenset()


def test_kustomizations_that_name_each_other_end():
    tree = {"a/kustomization.yaml": "resources: [../b, a.yaml]\n", "b/kustomization.yaml": "components: [../a]\n"}
    builds = build(tree, "a")
    assert builds.files == {"a": frozenset({"a/a.yaml"}), "b": frozenset({"a/a.yaml"})}


def test_images_read_what_they_set():
    text = """\
images:
  - {name: web, newName: registry/web, newTag: 1.5}
  - {name: "registry:5000/api", digest: "sha256:00"}
  - {newTag: x}
  - text
imageTags: [{name: old, newTag: v1}]
"""
    images = parse("kustomization.yaml", text).images
    assert [(each.name, each.renamed, each.tag, each.digest) for each in images] == [
        ("web", True, "1.5", False),
        ("registry:5000/api", False, None, True),
        ("old", False, "v1", False),
    ]


@pytest.mark.parametrize("wrong", ["5", "text", "[]", "{}", "[5, null, [a], {name: [a]}, {name: {a: b}}]"])
def test_members_of_another_type_say_nothing(wrong):
    names = ("resources", "bases", "components", "patches", "images", "imageTags", "replicas", "namespace")
    text = "".join(f"{name}: {wrong}\n" for name in names)
    found = parse("kustomization.yaml", text)
    named = (found.resources, found.components, found.patches, found.images, found.replicas)
    assert not any(named)
