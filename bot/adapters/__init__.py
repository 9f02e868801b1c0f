"""The outside world, one module or folder each: files, git, an API server, GitHub, a workflow's runner.

Adapters satisfy the Protocols of their callers structurally; they decide nothing about findings or fixes.
"""
