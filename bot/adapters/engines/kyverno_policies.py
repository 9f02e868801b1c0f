"""Kyverno's policies: which objects of a folder are some, and the witness that tells whether Kyverno took them.

With one policy that it cannot read, Kyverno takes none of a call, prints nothing and ends well. So every call has a
policy of ours with it that something of ours must fail; without that in the report nothing was looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.manifest import read
from bot.model import Json

_POLICIES = frozenset(
    {
        ("kyverno.io", "ClusterPolicy"),
        ("kyverno.io", "Policy"),
        ("policies.kyverno.io", "ValidatingPolicy"),
        ("policies.kyverno.io", "NamespacedValidatingPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicy"),
        ("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"),
    }
)
"""Groups and kinds that say what must hold; those that change or delete something are no policies of a scan."""

_EXCEPTIONS = frozenset({("kyverno.io", "PolicyException"), ("policies.kyverno.io", "PolicyException")})

WITNESS = "k8s-auto-fix-witness"
WITNESS_POLICY: dict[str, Json] = {
    "apiVersion": "kyverno.io/v1",
    "kind": "ClusterPolicy",
    "metadata": {"name": WITNESS},
    "spec": {
        "rules": [
            {
                "name": WITNESS,
                "match": {"any": [{"resources": {"kinds": ["ConfigMap"], "names": [WITNESS]}}]},
                "validate": {
                    "failureAction": "Audit",
                    "message": "seen",
                    "pattern": {"metadata": {"labels": {WITNESS: "absent"}}},
                },
            }
        ]
    },
}
WITNESS_OBJECT: dict[str, Json] = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": WITNESS, "namespace": "default", "uid": WITNESS},
}


@dataclass(frozen=True, slots=True)
class Policies:
    """What a folder of policies holds. `policies` and `exceptions` are (file, body); `problems` files nobody reads."""

    policies: tuple[tuple[str, dict[str, Json]], ...] = ()
    exceptions: tuple[tuple[str, dict[str, Json]], ...] = ()
    problems: tuple[str, ...] = ()


def read_policies(files: Iterable[tuple[str, str]]) -> Policies:
    """The policies in some (path, text); objects that are none are left alone."""
    policies: list[tuple[str, dict[str, Json]]] = []
    exceptions: list[tuple[str, dict[str, Json]]] = []
    problems: list[str] = []
    for path, text in files:
        manifest = read(path, text)
        if manifest.problem is not None:
            problems.append(f"{path}:{manifest.problem.line or 1}: {manifest.problem.reason}")
            continue
        for each in manifest.resources:
            kind = (each.ref.group, each.ref.kind)
            if kind in _POLICIES:
                policies.append((path, each.body))
            elif kind in _EXCEPTIONS:
                exceptions.append((path, each.body))
    return Policies(tuple(policies), tuple(exceptions), tuple(problems))
