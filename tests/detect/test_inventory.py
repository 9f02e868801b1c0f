"""Which other objects are in scope, when they are read, and what CEL sees of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.detect.detect import TOO_LARGE, detect_all
from bot.detect.inventory import MAX_FILES, alone, mentioned
from bot.errors import PolicyError
from bot.manifest import read
from bot.model import Applicability
from bot.pipeline import Bot, look, repair
from bot.verify.verify import Verifier
from tests.detect.made import around
from tests.small_policies import detector, fixes_of, policy


def services(*names, namespace=None):
    where = f", namespace: {namespace}" if namespace else ""
    return "---\n".join(f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}{where}}}\n" for name in names)


TREE = {
    "overlays/dev/kustomization.yaml": "resources: [../../base, extra.yaml]\n",
    "overlays/dev/extra.yaml": services("extra", namespace="dev"),
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": services("web"),
    "base/unused.yaml": services("unused"),
    "plain/a.yaml": services("a", namespace="one"),
    "plain/b.yaml": services("b", "c"),
    "plain/deeper/d.yaml": services("d"),
    "00-assert.yaml": services("expected"),
    "root.yaml": services("root"),
}


def inventory_of(path, tree=None):
    tree = tree or TREE
    return around(tree).inventory(read(path, tree[path]))


def names(path, entry="Service", tree=None):
    return [each.ref.name for each in inventory_of(path, tree).of_kind(entry)]


def test_scopes():
    assert names("base/web.yaml") == ["web", "extra"]
    assert names("overlays/dev/extra.yaml") == ["extra", "web"]
    assert names("base/unused.yaml") == ["unused", "web"]
    assert names("plain/a.yaml") == ["a", "b", "c"]
    assert names("plain/deeper/d.yaml") == ["d"]
    assert names("root.yaml") == ["root"]


def test_scopes_have_a_name_for_people():
    where = {path: inventory_of(path).scope.where for path in TREE}
    assert where["base/web.yaml"] == "what overlays/dev/kustomization.yaml builds"
    assert where["plain/a.yaml"] == "this folder"
    assert where["root.yaml"] == "this folder"
    assert alone(()).scope.where == "this file"


@pytest.mark.parametrize(
    ("kustomization", "whole", "one_namespace", "made"),
    [
        ("resources: [web.yaml]", True, False, []),
        ("resources: [web.yaml]\nnamespace: shop", True, True, []),
        ("kind: Component\nresources: [web.yaml]", False, False, []),
        ("resources: [web.yaml, missing.yaml]", False, False, []),
        ("resources: [web.yaml, 'https://example.com/more.yaml']", False, False, []),
        ("resources: [web.yaml]\nhelmCharts: [{name: db}]", False, False, []),
        (
            "resources: [web.yaml]\nsecretGenerator: [{name: key}]\nconfigMapGenerator: [{name: conf}]",
            True,
            False,
            [("ConfigMap", "conf"), ("Secret", "key")],
        ),
    ],
)
def test_what_a_kustomization_says_about_the_scope(kustomization, whole, one_namespace, made):
    scope = inventory_of("a/web.yaml", {"a/kustomization.yaml": kustomization, "a/web.yaml": services("web")}).scope
    assert (scope.whole, scope.one_namespace, sorted(scope.made)) == (whole, one_namespace, made)


def test_a_base_is_whole_where_an_overlay_builds_it():
    assert not inventory_of("base/unused.yaml").scope.whole
    alone_ = {path: text for path, text in TREE.items() if path.startswith("base/")}
    assert not inventory_of("base/web.yaml", alone_).scope.whole
    assert inventory_of("base/web.yaml").scope.whole


def test_a_folder_is_never_whole():
    assert not inventory_of("plain/a.yaml").scope.whole


def test_namespaces():
    inventory = inventory_of("plain/a.yaml", {"plain/a.yaml": services("a", namespace="x") + "---\n" + services("b")})
    a, b = inventory.of_kind("Service")
    other = read("x.yaml", services("c", namespace="y")).documents[0].resources[0]
    assert [each.ref.name for each in inventory.beside(a, "Service")] == ["b"]
    assert [each.ref.name for each in inventory.beside(other, "Service")] == ["b"]
    assert [each.ref.name for each in inventory.beside(b, "Service")] == ["a"]


def test_one_namespace_for_all_of_a_kustomization():
    tree = {
        "kustomization.yaml": "resources: [a.yaml, b.yaml]\nnamespace: shop",
        "a.yaml": services("a", namespace="x"),
        "b.yaml": services("b", namespace="y"),
    }
    inventory = inventory_of("a.yaml", tree)
    assert [each.ref.name for each in inventory.beside(inventory.of_kind("Service")[0], "Service")] == ["b"]


def always(path, entry, tree):
    inventory = inventory_of(path, tree)
    return [each.ref.name for each in inventory.always(inventory.of_kind("Service")[0], entry)]


BASE = {
    "base/kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
    "base/a.yaml": services("a"),
    "base/b.yaml": services("b"),
    "dev/kustomization.yaml": "resources: [../base]\n",
    "prod/kustomization.yaml": "resources: [../base, c.yaml]\n",
    "prod/c.yaml": services("c"),
}


def test_what_an_overlay_adds_is_not_always_there():
    assert names("base/a.yaml", tree=BASE) == ["a", "b", "c"]
    assert always("base/a.yaml", "Service", BASE) == ["b"]
    assert always("prod/c.yaml", "Service", BASE) == ["a", "b"]


def test_the_files_of_a_folder_of_variants_are_not_always_there():
    folder = {"x/a.yaml": services("a", "b"), "x/c.yaml": services("c")}
    assert always("x/a.yaml", "Service", folder) == ["b", "c"]
    variants = {"x/dev.yaml": services("a", "b"), "x/prod.yaml": services("a", "b", "c")}
    assert always("x/dev.yaml", "Service", variants) == ["b"]


def test_the_objects_of_the_file_are_those_it_has_now():
    surroundings = around(TREE)
    changed = read("plain/b.yaml", services("new"))
    assert [each.ref.name for each in surroundings.inventory(changed).of_kind("Service")] == ["new", "a"]


def test_files_are_read_when_a_kind_in_them_is_asked_for():
    tree = {"x/a.yaml": services("a"), "x/b.yaml": services("b"), "x/c.yaml": "kind: Secret\napiVersion: v1\n"}
    asked = []

    def listing(folder):
        asked.append(folder)
        return [path for path in tree if path.startswith(folder + "/")]

    surroundings = replace(around(tree), listing=listing)
    first, second = (surroundings.inventory(read(path, tree[path])) for path in ("x/a.yaml", "x/b.yaml"))
    assert asked == []
    assert len(first.of_kind("Service")) == 2
    assert len(second.of_kind("Service")) == 2
    assert asked == ["x"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("kind: Service", {"Service"}),
        ('{"kind" : "Service"}', {"Service"}),
        ("kind: !!str 'Service'\nspec:\n  - kind: &k Pod", {"Service", "Pod"}),
        ("kind: RoleList", {"RoleList", "Role"}),
        ("a: &k Service\nkind: *k", {"*"}),
        ("mankind: Service\nkindly: Pod", set()),
    ],
)
def test_kinds_that_a_text_mentions(text, kinds):
    assert mentioned(text) == kinds


def test_objects_that_lists_and_aliases_hide_are_found():
    tree = {
        "x/a.yaml": services("a"),
        "x/list.yaml": "apiVersion: v1\nkind: ServiceList\nitems: [{metadata: {name: typed}}]\n",
        "x/alias.yaml": "metadata: {name: &k Service}\napiVersion: v1\nkind: *k\n",
    }
    assert names("x/a.yaml", tree=tree) == ["a", "Service", "typed"]


TWICE = policy(
    "twice",
    'inventory.Service.exists(each, each.metadata.name == "b")',
    kinds=["Service"],
    message="${inventory.where}",
)


def test_cel_sees_the_other_objects():
    found = look(Bot(detector([TWICE]), around(TREE)), "plain/a.yaml", TREE["plain/a.yaml"]).findings
    assert found == []
    (finding,) = look(Bot(detector([TWICE]), around(TREE)), "root.yaml", TREE["root.yaml"]).findings
    assert finding.message == "this folder"


def test_cel_does_not_see_the_object_itself():
    text = services("b")
    (finding,) = look(Bot(detector([TWICE]), around({"b.yaml": text})), "b.yaml", text).findings
    assert finding.message == "this folder"


@pytest.mark.parametrize(
    "expression", ["inventory.service.size() == 0", "inventory[?'a b'].hasValue()", "inventory == 1"]
)
def test_what_the_inventory_does_not_have_is_refused(expression):
    with pytest.raises(PolicyError, match="inventory has where, whole, always and kinds"):
        policy("wrong", expression)


def test_a_scope_that_is_too_large_is_a_skip_said_once():
    tree = {f"x/{number}.yaml": services("b") for number in range(MAX_FILES + 1)}
    text = services("a", "c")
    manifest = read("x/0.yaml", text)
    found, skips = detect_all(detector([TWICE]), manifest, manifest.resources, around(tree).inventory(manifest))
    assert found == []
    assert [(each.code, each.reason) for each in skips] == [
        (TOO_LARGE, "the folder x holds 1,001 files: policies about several objects look at 1,000 at most")
    ]


RENAME = policy(
    "rename",
    'object.metadata.name != "old"',
    kinds=["Service"],
    fixes=[[{"op": "replace", "path": "/metadata/name", "value": "new"}]],
)
NEEDS_PORT = policy(
    "needs-port", "inventory.ConfigMap.exists(each, has(each.data.port))", kinds=["Service"], at="/metadata/name"
)
NO_PORT = policy(
    "no-port", "!has(object.data.port)", kinds=["ConfigMap"], fixes=[[{"op": "remove", "path": "/data/port"}]]
)
PAIR = services("web") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {port: '80', a: b}\n"


def test_a_fix_that_harms_another_object_is_refused():
    manifest = read("a.yaml", PAIR)
    both = detector([NEEDS_PORT, NO_PORT])
    found, _ = detect_all(both, manifest, manifest.resources)
    assert [each.policy.id for each in found] == ["no-port"]
    (verification,) = Verifier(both, lambda each: each.resources).verify(manifest, fixes_of(found), found).verifications
    assert [each.reason for each in verification.results if each.status == "failed"] == [
        "the fix would bring a new finding: needs-port"
    ]


def test_a_fix_that_cures_another_object_counts_for_it():
    port = {"op": "add", "path": "/data/port", "value": "80"}
    has_port = policy("has-port", "has(object.data.port)", kinds=["ConfigMap"], fixes=[[port]])
    text = PAIR.replace("port: '80', ", "")
    bot = Bot(detector([NEEDS_PORT, has_port]), around({"a.yaml": text}))
    assert sorted(each.policy_id for each in look(bot, "a.yaml", text).findings) == ["has-port", "needs-port"]
    result = repair(bot, "a.yaml", text, least=Applicability.UNSAFE)
    assert result.findings == []
    assert result.after == text.replace("a: b", 'a: b, port: "80"')


def test_a_fix_may_look_at_the_others_where_the_check_does_not():
    named = policy(
        "named",
        "has(object.data.service)",
        kinds=["ConfigMap"],
        fixes=[
            {
                "when": "inventory.Service.size() == 1",
                "patch": [{"op": "add", "path": "/data/service", "value": "${inventory.Service[0].metadata.name}"}],
            }
        ],
    )
    assert not named.relates
    text = services("web") + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata:\n  a: b\n"
    result = repair(Bot(detector([named]), around({"a.yaml": text})), "a.yaml", text, least=Applicability.UNSAFE)
    assert result.after == text + "  service: web\n"
