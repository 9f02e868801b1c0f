"""What the stories' repository holds: a Deployment without a finding, and what people do to it."""

from __future__ import annotations

CLEAN = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels:
    app.kubernetes.io/name: web
spec:
  replicas: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: web
  template:
    metadata:
      labels:
        app.kubernetes.io/name: web
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: web
          image: registry.example.org/web:1.2.3
          args: [serve]
          ports:
            - name: http
              containerPort: 8080
          resources:
            requests: {cpu: 100m, memory: 128Mi}
            limits: {memory: 128Mi}
          readinessProbe:
            httpGet: {path: /ready, port: http}
          livenessProbe:
            httpGet: {path: /live, port: http}
          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
"""
"""No policy that is on by default has a word to say about it."""

PID, SECCOMP, GAIN = "host-pid", "seccomp-unconfined", "allow-privilege-escalation"

_RISKS = {
    PID: ("    spec:\n      automount", "    spec:\n      hostPID: true\n      automount"),
    SECCOMP: ("RuntimeDefault", "Unconfined"),
    GAIN: ("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true"),
}
"""Policy to a change that brings its finding; no two are in neighbouring lines."""


def deployment(*risks: str, name: str = "web") -> str:
    """A Deployment with a finding of each of these policies; without any it is `CLEAN` but for its name."""
    text = CLEAN.replace("name: web\n", f"name: {name}\n")
    for risk in risks:
        old, new = _RISKS[risk]
        assert old in text
        text = text.replace(old, new)
    return text


def shifted(text: str, lines: int) -> str:
    """The text, that many comment lines further down."""
    return "".join(f"# line {number} of a long licence\n" for number in range(lines)) + text
