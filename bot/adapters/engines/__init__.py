"""Other tools that look at manifests: kube-linter and Kyverno are run, reports in SARIF are read.

Each module turns what one tool writes into `bot.detect.reported.Reported`; `run` does it for all that are wanted. What
a tool says is material from outside: its output is bounded in size and time, and read strictly, record by record.

Invariant: a tool that is missing or fails is one line; it never stops the rest. None gets a token, or writes where
people keep files.
"""
