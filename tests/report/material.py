"""Reports to render: findings placed in real manifests, with fixes computed as the bot computes them."""

from __future__ import annotations

from bot.manifest import Manifest, read
from bot.manifest.edits import edit
from bot.manifest.spans import locate
from bot.model import (
    Applicability,
    Change,
    Finding,
    Fix,
    GateResult,
    GateStatus,
    Operation,
    Report,
    Severity,
    Skip,
    Suppression,
    Tier,
    Verification,
)

SHOP = """\
# The shop itself.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop
  namespace: storefront
spec:
  replicas: "3"        # one per zone
  template:
    spec:
      hostPID: true
      containers:
      - name: web
        image: registry.example.com/shop:4.2.1
        securityContext:
          privileged: true  # legacy
        ports:
        - containerPort: 8080
          hostPort: 8080
          name: http
          protocol: TCP
        - containerPort: 9090
"""
WEB = "/spec/template/spec/containers/0"


def finding(
    manifest: Manifest,
    policy: str,
    pointer: str,
    message: str,
    *,
    severity: Severity = Severity.HIGH,
    document: int = 0,
    fingerprint: str = "",
    suppression: Suppression | None = None,
) -> Finding:
    """A finding of `policy` at `pointer`, which counts from the document's root."""
    resource = manifest.documents[document].resources[0].ref
    place = locate(manifest, document, pointer)
    return Finding(
        policy,
        severity,
        message,
        resource,
        pointer,
        place,
        fingerprint=fingerprint or f"{policy}:{pointer}",
        suppression=suppression,
    )


def replace(path: str, value: object) -> Operation:
    """A `replace` operation."""
    return Operation("replace", path, value)


def add(path: str, value: object) -> Operation:
    """An `add` operation."""
    return Operation("add", path, value)


def fixed(
    manifest: Manifest,
    found: Finding,
    title: str,
    *operations: Operation,
    applicability: Applicability = Applicability.UNSAFE,
    why: str = "",
    results: tuple[GateResult, ...] = (GateResult("schema", GateStatus.PASSED),),
    tier: Tier = Tier.SCHEMA,
    server: str | None = "1.36",
    notes: tuple[str, ...] = (),
) -> Verification:
    """The verification of a fix of one finding, by default passed by the schema."""
    edits = edit(manifest, found.location.document, operations)
    assert isinstance(edits, tuple), edits
    change = Change(manifest.path, found.location.document, operations, edits)
    fix = Fix((found,), (change,), title, why, applicability)
    return Verification(fix, results, tier, server, notes)


def shop(path: str = "deploy/shop.yaml", text: str = SHOP) -> tuple[Report, dict[str, Manifest]]:
    """A report with one of everything, and its sources."""
    manifest = read(path, text)
    replicas = finding(
        manifest, "schema-invalid", "/spec/replicas", "replicas is a string, not an integer", severity=Severity.MEDIUM
    )
    host = finding(manifest, "host-pid", "/spec/template/spec/hostPID", "the pod shares the process ids of its node")
    privileged = finding(
        manifest,
        "privileged-container",
        f"{WEB}/securityContext/privileged",
        "container web runs privileged",
        severity=Severity.CRITICAL,
    )
    root = finding(
        manifest,
        "run-as-non-root-missing",
        f"{WEB}/securityContext/runAsNonRoot",
        "container web may run as root",
    )
    memory = finding(
        manifest,
        "memory-limit-missing",
        f"{WEB}/resources/limits/memory",
        "container web has no memory limit",
        severity=Severity.LOW,
    )
    cpu = finding(
        manifest,
        "cpu-request-missing",
        f"{WEB}/resources/requests/cpu",
        "container web requests no CPU",
        severity=Severity.MEDIUM,
    )
    port = finding(
        manifest, "host-port", f"{WEB}/ports/0", "container web binds port 8080 of its node", severity=Severity.MEDIUM
    )
    accepted = finding(
        manifest,
        "image-digest-missing",
        f"{WEB}/image",
        "container web has no digest",
        suppression=Suppression("comment", "pinned by the registry"),
    )
    return Report(
        findings=(replicas, host, privileged, root, memory, cpu, port, accepted),
        verifications=(
            fixed(
                manifest,
                replicas,
                "Write the number without quotes",
                replace("/spec/replicas", 3),
                applicability=Applicability.SAFE,
            ),
            fixed(
                manifest,
                privileged,
                "Set privileged to false",
                replace(f"{WEB}/securityContext/privileged", False),
                why="the workload may rely on host devices",
                notes=("rolls the pods of Deployment storefront/shop",),
            ),
            fixed(
                manifest,
                root,
                "Set runAsNonRoot to true",
                add(f"{WEB}/securityContext/runAsNonRoot", True),
                why="the image may start as root; the container then does not start",
                results=(GateResult("schema", GateStatus.SKIPPED, "not validated: no schema for apps/v1 Deployment"),),
                tier=Tier.NONE,
                server=None,
            ),
            fixed(
                manifest,
                host,
                "Remove hostPID",
                Operation("remove", "/spec/template/spec/hostPID"),
                why="the workload may look at other processes",
                results=(GateResult("nothing-new", GateStatus.FAILED, "the fix brings shared-process-namespace"),),
                tier=Tier.NONE,
                server=None,
            ),
        ),
        skips=(
            Skip(
                "propose",
                "needs-value",
                "no memory-limit in values of .k8s-auto-fix.yaml",
                path,
                0,
                memory.location.start_line,
                memory,
            ),
            Skip("read", "template", "a template, not YAML", "charts/shop/templates/deployment.yaml", None, 12),
            Skip("read", "template", "a template, not YAML", "charts/shop/templates/service.yaml", None, 3),
            Skip("read", "template", "a template, not YAML", "charts/shop/templates/ingress.yaml", None, 7),
            Skip("read", "template", "a template, not YAML", "charts/shop/templates/job.yaml", None, 1),
            Skip("detect", "undecided", "host-ipc: no such key: spec", "deploy/odd.yaml", 2, 40),
            Skip("detect", "undecided", "host-pid: found no matching overload", "deploy/odd.yaml", 2, 41),
            Skip(
                "read",
                "not-yaml",
                "indented with a tab; YAML allows spaces only",
                "deploy/broken.yaml",
                None,
                12,
                error=True,
            ),
        ),
        notices=("charts/shop is rendered by Helm; scan what `helm template` prints",),
        counts={"files": 9, "documents": 11, "resources": 4},
    ), {path: manifest}
