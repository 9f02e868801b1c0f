"""A policy as text, whole and in order, for tests to spoil."""

POLICY = """\
id: privileged-container
title: Container runs privileged
severity: critical
category: container-hardening
default: true
profiles: [baseline, restricted]
description: >
  A privileged container has every capability
  and all host devices.
remediation: Set securityContext.privileged to false.
references: [https://kubernetes.io/docs/concepts/security/pod-security-standards/]
supersedes: [allow-privilege-escalation]
twins:
  checkov: [CKV_K8S_16]
  trivy: [KSV-0017]
match:
  kinds: [workload]
  target: container
  os: linux
check:
  expression: container.?securityContext.?privileged.orValue(false) == false
  message: container ${container.name} runs privileged
  at: /securityContext/privileged
fixes:
  - title: Set privileged to false
    applicability: unsafe
    why: the workload may rely on host devices
    when: containerType != "ephemeral"
    patch:
      - {op: replace, path: /securityContext/privileged, value: false}
examples:
  - name: explicit true
    bad: |
      apiVersion: v1
      kind: Pod
    fixed: |
      apiVersion: v1
      kind: Pod  # mended
  - name: no securityContext
    good: |
      apiVersion: v1
      kind: Pod
"""


def spoiled(old: str, new: str) -> str:
    """The policy with one place changed."""
    assert POLICY.count(old) == 1, old
    return POLICY.replace(old, new)
