"""Where values come from: what is taken, in which order, and when sources are none."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot import schema
from bot.detect.detect import Detector, Environment, detect_all
from bot.detect.inventory import alone
from bot.detect.pins import by_name, canonical, parsed, written
from bot.detect.recommendations.model import Recommendation, Recommended, recommended
from bot.manifest import read
from bot.model import Fix, Json, Skip
from bot.policy import load
from bot.propose.evidence import keys_of, wanted
from bot.propose.template import proposals
from bot.settings.values import VALUES

POLICIES = {policy.id: policy for policy in load()}
DIGEST = "sha256:" + "0" * 64
OTHER = "sha256:" + "1" * 64

CONFIGURED = "values: in .k8s-auto-fix.yaml"


def offers(
    policy_id: str, text: str, values: Mapping[str, Json] | None = None, reports: Recommended | None = None
) -> list[Fix | Skip]:
    """What is offered for the first finding of a policy."""
    environment = Environment(values or {}, schema.OLDEST_SUPPORTED, schema.NEWEST, schema.with_crds(()))
    manifest = read("web.yaml", text)
    assert manifest.problem is None
    inventory = alone(manifest.resources)
    inventory.recommended = reports or Recommended()
    found, _ = detect_all(Detector([POLICIES[policy_id]], environment), manifest, manifest.resources, inventory)
    return list(proposals(found[0]))


def told(
    policy_id: str, text: str, values: Mapping[str, Json] | None = None, reports: Recommended | None = None
) -> tuple[Json, str] | str:
    """(the value that the first fix writes, where it comes from), or why there is no fix."""
    found = offers(policy_id, text, values, reports)
    for each in found:
        if isinstance(each, Fix):
            return each.changes[0].operations[-1].value, "; ".join(one.source for one in each.evidence)
    skip = found[0]
    assert isinstance(skip, Skip)
    return skip.reason


def deployment(*containers: str, name: str = "web", more: str = "") -> str:
    listed = "".join(f"        - {each}\n" for each in containers)
    return (
        f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}{more}}}\n"
        f"spec:\n  template:\n    spec:\n      containers:\n{listed}"
    )


def limit_range(memory: str, namespace: str = "", kind: str = "Container") -> str:
    where = f", namespace: {namespace}" if namespace else ""
    return (
        f"---\napiVersion: v1\nkind: LimitRange\nmetadata: {{name: defaults{where}}}\n"
        f"spec: {{limits: [{{type: {kind}, default: {{memory: {memory}}}, defaultRequest: {{memory: 64Mi}}}}]}}\n"
    )


def autoscaler(memory: str = "300Mi", container: str = "app", target: str = "web") -> str:
    return (
        "---\napiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler\nmetadata: {name: sizes}\n"
        f"spec: {{targetRef: {{apiVersion: apps/v1, kind: Deployment, name: {target}}}}}\n"
        "status:\n  recommendation:\n    containerRecommendations:\n"
        f"      - {{containerName: {container}, target: {{memory: {memory}, cpu: 25m}}, upperBound: {{memory: 1Gi}}}}\n"
    )


APP = "{name: app, image: app:1}"
SIBLING = "{name: log, image: log:1, resources: {limits: {memory: 128Mi}}}"
CONFIGURATION = {"memory-limit": "512Mi"}

LIMITS: list[tuple[str, str, tuple[str, str]]] = [
    ("a recommendation comes first", deployment(APP, SIBLING) + autoscaler() + limit_range("256Mi"),
     ("1Gi", "the upper bound of VerticalPodAutoscaler sizes (web.yaml)")),
    ("that of another container is none", deployment(APP, SIBLING) + autoscaler(container="log"),
     ("128Mi", "container log of the same pod")),
    ("that of another workload is none", deployment(APP, SIBLING) + autoscaler(target="api"),
     ("128Mi", "container log of the same pod")),
    ("containers that agree", deployment(APP, SIBLING, SIBLING.replace("log", "two").replace("128Mi", "134217728")),
     ("128Mi", "container log of the same pod")),
    ("containers that differ", deployment(APP, SIBLING, SIBLING.replace("log", "two").replace("128Mi", "1Gi")),
     ("512Mi", CONFIGURED)),
    ("one in milli-bytes is none", deployment(APP, SIBLING.replace("128Mi", "512m")), ("512Mi", CONFIGURED)),
    ("one that is no quantity is none", deployment(APP, SIBLING.replace("128Mi", "[1]")), ("512Mi", CONFIGURED)),
    ("a zero is none", deployment(APP, SIBLING.replace("128Mi", "0")), ("512Mi", CONFIGURED)),
    ("a LimitRange", deployment(APP) + limit_range("256Mi"), ("256Mi", "LimitRange defaults (web.yaml)")),
    ("one of pods is none", deployment(APP) + limit_range("256Mi", kind="Pod"), ("512Mi", CONFIGURED)),
    ("one of another namespace is none", deployment(APP, more=", namespace: shop") + limit_range("256Mi", "other"),
     ("512Mi", CONFIGURED)),
    ("two that differ are none", deployment(APP) + limit_range("256Mi") + limit_range("1Gi"), ("512Mi", CONFIGURED)),
    ("the configuration", deployment(APP), ("512Mi", CONFIGURED)),
]  # fmt: skip


@pytest.mark.parametrize(("_what", "text", "expected"), LIMITS, ids=[what for what, _, _ in LIMITS])
def test_limits(_what: str, text: str, expected: tuple[str, str]) -> None:
    value, source = told("memory-limit-missing", text, CONFIGURATION)
    assert (value, source) == ({"memory": expected[0]} if isinstance(value, dict) else expected[0], expected[1])


def report(*amounts: tuple[str, str], part: str = "limits", container: str = "app") -> Recommended:
    """A report with an amount of memory for the Deployment web in each of some namespaces."""
    about = ("Deployment", "web", container, part, "memory")
    return recommended(Recommendation(each, *about, amount, f"a report on {each}") for each, amount in amounts)


REPORTS: list[tuple[str, str, Recommended, tuple[str, str]]] = [
    ("before other containers", deployment(APP, SIBLING), report(("shop", "300Mi")), ("300Mi", "a report on shop")),
    ("after the object in the cluster", deployment(APP) + autoscaler(), report(("shop", "300Mi")),
     ("1Gi", "the upper bound of VerticalPodAutoscaler sizes (web.yaml)")),
    ("of the same namespace", deployment(APP, more=", namespace: b"), report(("a", "300Mi"), ("b", "400Mi")),
     ("400Mi", "a report on b")),
    ("of another namespace", deployment(APP, more=", namespace: c"), report(("a", "300Mi")), ("512Mi", CONFIGURED)),
    ("of two that agree", deployment(APP), report(("a", "1Gi"), ("b", "1024Mi")), ("1Gi", "a report on a")),
    ("of two that differ", deployment(APP), report(("a", "300Mi"), ("b", "400Mi")), ("512Mi", CONFIGURED)),
    ("of another container", deployment(APP), report(("a", "1Gi"), container="log"), ("512Mi", CONFIGURED)),
    ("of requests", deployment(APP), report(("a", "1Gi"), part="requests"), ("512Mi", CONFIGURED)),
]  # fmt: skip


@pytest.mark.parametrize(("_what", "text", "reports", "expected"), REPORTS, ids=[each[0] for each in REPORTS])
def test_a_report(_what: str, text: str, reports: Recommended, expected: tuple[str, str]) -> None:
    value, source = told("memory-limit-missing", text, CONFIGURATION, reports)
    assert (value, source) == ({"memory": expected[0]} if isinstance(value, dict) else expected[0], expected[1])


def test_a_request_takes_the_target() -> None:
    assert told("cpu-request-missing", deployment(APP) + autoscaler()) == (
        "25m",
        "the target of VerticalPodAutoscaler sizes (web.yaml)",
    )


def test_an_init_container_tells_nothing_and_is_told_nothing() -> None:
    text = deployment(APP) + "      initContainers:\n        - " + SIBLING + "\n"
    assert "needs a value" in told("memory-limit-missing", text)


IMAGES: list[tuple[str, str, list[str], str | None]] = [
    ("a version elsewhere", "nginx", ["nginx:1.27.3"], "nginx:1.27.3"),
    ("by another name", "docker.io/library/nginx:latest", ["nginx:1.27.3"], "docker.io/library/nginx:1.27.3"),
    ("twice the same", "nginx:latest", ["nginx:1.27.3", "library/nginx:1.27.3"], "nginx:1.27.3"),
    ("two versions", "nginx:latest", ["nginx:1.27.3", "nginx:1.26.0"], None),
    ("another registry", "nginx", ["registry.example.com/nginx:1.27.3"], None),
    ("another repository", "nginx", ["shop/nginx:1.27.3"], None),
    ("a registry with a port", "localhost:5000/app", ["localhost:5000/app:2"], "localhost:5000/app:2"),
    ("latest elsewhere too", "nginx", ["nginx:latest"], None),
    ("a digest of the same tag", "nginx:latest", [f"nginx:latest@{DIGEST}"], f"nginx@{DIGEST}"),
    ("a digest of no tag", "nginx", [f"nginx@{DIGEST}"], f"nginx@{DIGEST}"),
    ("a digest of another tag gives the tag only", "nginx", [f"nginx:1.27.3@{DIGEST}"], "nginx:1.27.3"),
    ("two digests", "nginx", [f"nginx@{DIGEST}", f"nginx@{OTHER}"], None),
    ("a digest and a version", "nginx", [f"nginx@{DIGEST}", "nginx:1.27.3"], None),
    ("a placeholder", "nginx", ["nginx:${TAG}"], None),
]


@pytest.mark.parametrize(("_what", "image", "elsewhere", "expected"), IMAGES, ids=[each[0] for each in IMAGES])
def test_an_image_without_version(_what: str, image: str, elsewhere: list[str], expected: str | None) -> None:
    text = deployment(f"{{name: app, image: {image!r}}}")
    text += "".join(
        "---\n" + deployment(f'{{name: app, image: "{other}"}}', name=f"other-{place}")
        for place, other in enumerate(elsewhere)
    )
    found = told("image-tag-latest-or-missing", text)
    if expected is None:
        assert isinstance(found, str)
    else:
        assert found == (expected, f"{elsewhere[0]} in web.yaml")


def test_a_digest_is_that_of_the_same_tag() -> None:
    plain = deployment("{name: app, image: nginx:1.27.3}") + "---\n"
    same = plain + deployment(f"{{name: app, image: nginx:1.27.3@{DIGEST}}}")
    other = plain + deployment(f"{{name: app, image: nginx:1.26.0@{DIGEST}}}")
    assert told("image-digest-missing", same) == (f"nginx:1.27.3@{DIGEST}", f"nginx:1.27.3@{DIGEST} in web.yaml")
    assert isinstance(told("image-digest-missing", other), str)


def test_the_configuration_names_the_version_of_an_image_before_others_do() -> None:
    text = deployment("{name: app, image: nginx}") + "---\n" + deployment("{name: app, image: nginx:1.26.0}")
    assert told("image-tag-latest-or-missing", text, {"images": {"nginx": "1.27.3"}}) == ("nginx:1.27.3", CONFIGURED)


def test_the_only_class() -> None:
    ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {}\n"
    one = "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: NAME}\n"
    assert told("ingress-class-unset", ingress + one.replace("NAME", "inner")) == (
        "inner",
        "IngressClass inner (web.yaml), the only one",
    )
    assert isinstance(told("ingress-class-unset", ingress + one.replace("NAME", "a") + one.replace("NAME", "b")), str)


def test_users_of_other_containers() -> None:
    def sibling(user: Json) -> str:
        return f"{{name: log, image: log:1, securityContext: {{runAsUser: {user}}}}}"

    assert told("run-as-low-uid", deployment(APP, sibling(10001)))[0] in (10001, {"runAsUser": 10001})
    assert isinstance(told("run-as-low-uid", deployment(APP, sibling("true"))), str)


def test_root_becomes_the_user_of_another_container_of_the_same_image() -> None:
    root = "{name: app, image: app:1, securityContext: {runAsUser: 0}}"
    twin = "{name: twin, image: app:1, securityContext: {runAsUser: 10001}}"
    assert told("run-as-root-uid", deployment(root, twin)) == (10001, "container twin, of the same image")
    assert told("run-as-root-uid", deployment(root), {"run-as-user": 10002}) == (10002, CONFIGURED)
    other = twin.replace("app:1", "log:1")
    assert told("run-as-root-uid", deployment(root, other)) == (
        "needs a value, from another container of the same image in the pod; or values.run-as-user in "
        ".k8s-auto-fix.yaml"
    )


NONE: list[tuple[str, str, str, dict[str, Json], str]] = [
    ("nothing is known", "memory-limit-missing", deployment(APP), {},
     ("needs a value, from a VerticalPodAutoscaler with a recommendation, a report of krr or goldilocks, another "
     "container of the pod or a LimitRange beside it; or values.memory-limit in .k8s-auto-fix.yaml")),
    ("what is known does not fit", "memory-limit-missing",
     deployment("{name: app, image: app:1, resources: {requests: {memory: 1Gi}}}"), {"memory-limit": "512Mi"},
     "needs a value that fits, and this one does not: memory-limit 512Mi (values: in .k8s-auto-fix.yaml)"),
    ("sources differ", "image-tag-latest-or-missing",
     deployment("{name: a, image: nginx}", "{name: b, image: nginx:1}", "{name: c, image: nginx:2}"), {},
     "needs a value, and its sources differ: nginx:1 in web.yaml and nginx:2 in web.yaml"),
    ("no version", "image-tag-latest-or-missing", deployment("{name: a, image: nginx}"), {},
     ("needs a value, from the same image with a version elsewhere in the repository; or values.images in "
     ".k8s-auto-fix.yaml")),
]  # fmt: skip


@pytest.mark.parametrize(("_what", "policy_id", "text", "values", "reason"), NONE, ids=[each[0] for each in NONE])
def test_without_a_value_there_is_no_fix(
    _what: str, policy_id: str, text: str, values: dict[str, Json], reason: str
) -> None:
    assert told(policy_id, text, values) == reason


def test_every_key_that_a_fix_reads_can_be_asked_for() -> None:
    keys = {key for policy in POLICIES.values() for fix in policy.fixes for key in keys_of(fix)}
    assert keys <= set(VALUES)
    assert {"memory-limit", "images", "ingress-class", "run-as-user"} <= keys
    assert all(wanted([key]).endswith(f"values.{key} in .k8s-auto-fix.yaml") for key in keys)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nginx", "docker.io/library/nginx"),
        ("library/nginx", "docker.io/library/nginx"),
        ("docker.io/nginx", "docker.io/library/nginx"),
        ("index.docker.io/library/nginx", "docker.io/library/nginx"),
        ("shop/web", "docker.io/shop/web"),
        ("ghcr.io/nginx", "ghcr.io/nginx"),
        ("localhost/nginx", "localhost/nginx"),
        ("registry:5000/nginx", "registry:5000/nginx"),
    ],
)
def test_canonical_names(name: str, expected: str) -> None:
    assert canonical(name) == expected


def test_pins_of_a_text() -> None:
    text = (
        "spec:\n  containers:\n    - image: nginx:1.27.3\n    # image: nginx:1\n    - {name: a, image: 'redis:7'}\n"
        f'    - name: b\n      "image": shop/web@{DIGEST} # fixed\n    - image: app:latest\n    - image: app\n'
        "    - image: ${IMAGE}:1\n    - image: api:{{ tag }}\n  note: the image: x:1\n"
    )
    found = [(str(pin), pin.line) for pin in written("a.yaml", text)]
    assert found == [("nginx:1.27.3", 3), ("redis:7", 5), (f"shop/web@{DIGEST}", 7)]
    assert list(by_name(written("a.yaml", text))) == [
        "docker.io/library/nginx",
        "docker.io/library/redis",
        "docker.io/shop/web",
    ]


@pytest.mark.parametrize("reference", ["", "UPPER", "a b", "nginx:", "nginx@sha256:1", "<image>", ":1"])
def test_what_is_no_reference(reference: str) -> None:
    assert parsed(reference) is None
