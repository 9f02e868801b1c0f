"""k8s-auto-fix: find misconfigurations in Kubernetes manifests and fix them without touching another byte.

The folders are the way of the data: a manifest is read, a policy looks at it, a fix is proposed, verified and reported.
A module imports only from the lines below its own (the contract stands in pyproject.toml, import-linter checks it).
"""

__version__ = "1.0.0"
