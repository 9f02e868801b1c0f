"""git: the two commits of a pull request, what differs between them, and the files in them.

`Repository` reads: a checkout's repository, or the bare one of our own that `fetch` fills. Nothing here writes to a
repository that is not ours, or looks at a working tree except to compare it.

Invariant: what a repository brings (configuration, attributes, hooks, links) starts no program and changes no answer;
`bot.adapters.git.commands` says how.
"""

from bot.adapters.git.ages import ages
from bot.adapters.git.errors import GitError
from bot.adapters.git.fetch import Fetched, fetch
from bot.adapters.git.objects import Entry
from bot.adapters.git.remote import Moved, Wanted
from bot.adapters.git.repository import Repository

__all__ = ["Entry", "Fetched", "GitError", "Moved", "Repository", "Wanted", "ages", "fetch"]
