"""A run on a pull request: what it brings, what is offered, and what has to be posted, edited or deleted.

Functions of texts, diffs and Protocols; commands hand in a repository (`bot.adapters.git`), an API server and GitHub.
"""

from bot.pull.brought import Brought, Changed, bring
from bot.pull.github import GitHub
from bot.pull.review import applied, assemble
from bot.pull.vouched import vouch

__all__ = ["Brought", "Changed", "GitHub", "applied", "assemble", "bring", "vouch"]
