"""What a run found, as text, JSON, SARIF, annotations of a workflow, or a diff.

Everything here is a function from a `Report` (and the texts it speaks of) to a string. Nothing here prints, asks what a
terminal can do, or decides what is a finding.
"""
