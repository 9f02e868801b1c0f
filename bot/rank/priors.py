"""What is assumed before anything is measured: every number of the scheduler that is not a weight.

They are judgements, written down in docs/scheduler.md with their reasons; a test holds the two together. A repository's
own history and measured times take their place as they come in.
"""

from __future__ import annotations

from bot.model import Applicability, Severity

SEVERITY = {Severity.CRITICAL: 100.0, Severity.HIGH: 75.0, Severity.MEDIUM: 45.0, Severity.LOW: 20.0}
"""Points of a finding whose object is as exposed as can be, with images that will be exploited."""

BASE, EXPOSED, IMAGE = 0.60, 0.25, 0.15
"""Parts of those points: what counts in any case, for exposure, and for vulnerabilities of the images."""

PEOPLE = {Applicability.SAFE: 0.9, Applicability.UNSAFE: 0.65, Applicability.DISPLAY_ONLY: 0.3}
"""How often people take a fix, before this repository has told."""

STRENGTH = 4.0
"""Outcomes that outweigh the prior of a policy: after four of the repository's own, both count the same."""

REVIEW, LINE = 0.5, 0.2
"""Minutes of a person: to understand one fix, and for each line that changes."""

EXPECTED = 2.0
"""Minutes that verifying and reviewing a fix takes, before anything is known of it; counts like one measurement."""

GATES_MS, GATE_STRENGTH = 500.0, 3.0
"""Milliseconds that gates take with an API server, and how many measured fixes outweigh that."""

EPSS = {"CRITICAL": 0.1, "HIGH": 0.04, "MEDIUM": 0.01, "LOW": 0.003, "UNKNOWN": 0.01}
"""Probability that a vulnerability is exploited within 30 days when the EPSS has no number for it."""

IMPACT = {"CRITICAL": 1.0, "HIGH": 0.8, "MEDIUM": 0.5, "LOW": 0.2, "UNKNOWN": 0.5}
"""How much of an exploited vulnerability reaches the object, by its severity."""
