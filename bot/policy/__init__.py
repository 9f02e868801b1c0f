"""Policies: their format, their files, the expressions in them and the patches they describe.

No manifest is scanned here and no fix is judged. Only `files` touches the outside: it reads the folder of policies.
"""

from bot.policy.files import load
from bot.policy.model import Check, Example, FixTemplate, Match, OperationTemplate, Policy, Target

__all__ = ["Check", "Example", "FixTemplate", "Match", "OperationTemplate", "Policy", "Target", "load"]
