"""Checkov as an independent witness: what it says of the same manifests, and why we say something else.

`make compare` asks Checkov (once installed, half a minute), keeps its answers in `answers.json.gz`, and writes
docs/compare-checkov.md. Nothing here runs for users.
"""
