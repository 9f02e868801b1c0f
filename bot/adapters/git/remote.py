"""A server that git fetches from: what to ask for in which order, what to try again, what to tell a person."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.adapters.git.commands import Finished, Git, last_words
from bot.adapters.git.errors import GitError, NotGiven

_LIMIT = 600.0
_PAUSES = (1.0, 5.0)
"""Seconds before each further try of what may pass."""

_DEPTHS = (100, 1_000, 10_000)
"""How many commits of a branch are fetched, one after the other, where a commit cannot be asked for by its name."""

_REFS = "refs/k8s-auto-fix"
_PASSING = re.compile(
    r"returned error: (?:429|5\d\d)|Could not resolve|Couldn't connect|Failed to connect|Connection (?:reset|timed out)"
    r"|timed? ?out|early EOF|RPC failed|unexpected disconnect|Recv failure|Send failure|Empty reply"
    r"|hung up unexpectedly|Operation too slow|expected flush|transfer closed|not closed cleanly",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"unadvertised object|not our ref|upload-pack: not|no such remote ref|couldn't find remote ref", re.IGNORECASE
)
_DENIED = re.compile(
    r"returned error: 40[13]|Authentication failed|could not read Username|invalid credentials", re.IGNORECASE
)
_ABSENT = re.compile(r"returned error: 404|repository .* not found", re.IGNORECASE)
_ELSEWHERE = re.compile(r"returned error: 30\d|redirect", re.IGNORECASE)
_UNTRUSTED = re.compile(r"certificate|SSL peer|CAfile|CApath", re.IGNORECASE)

_FINAL = re.compile("|".join(each.pattern for each in (_DENIED, _ABSENT, _ELSEWHERE, _UNTRUSTED)), re.IGNORECASE)
"""What no further try mends."""

_RIGHTS = "the token needs\n  permissions:\n    contents: read"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to fetch: full names of the merge base and of the expected head, and the ref that leads to the head.

    `head_ref` is `refs/pull/N/head`; without one (a push) the head is asked for by its name.
    `base_ref` (`refs/heads/main`) is where the merge base is looked for when the server gives no commit by its name.
    """

    base: str
    head: str
    head_ref: str
    base_ref: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The head's ref points elsewhere, and the server gives out the expected head no more: nothing to look at."""

    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Remote:
    """The server, seen from our repository."""

    git: Git
    url: str
    secrets: tuple[str, ...]
    pause: Callable[[float], None]

    def get(self, wanted: Wanted) -> str | Moved:
        """Fetch all; where the head's ref points."""
        base, head = f"{_REFS}/base", f"{_REFS}/head"
        source = f"+{wanted.head_ref or wanted.head}:{head}"
        first = self._fetch("--depth=1", source, f"+{wanted.base}:{base}")
        if first.code:
            # One refusal is for all: ask one by one.
            self._must("--depth=1", source)
            self._base(wanted, base)
        found = self.git.output("rev-parse", "--verify", f"{head}^{{commit}}").decode("ascii").strip()
        if found != wanted.head and not self._has(wanted.head):
            self._fetch("--depth=1", f"+{wanted.head}:{_REFS}/expected")
            if not self._has(wanted.head):
                return Moved(wanted.head, found)
        return found

    def _base(self, wanted: Wanted, into: str) -> None:
        """The merge base by its name, or by its branch with more and more history."""
        asked = self._fetch("--depth=1", f"+{wanted.base}:{into}")
        if asked.code == 0:
            return
        for depth in _DEPTHS if wanted.base_ref else ():
            self._must(f"--depth={depth}", f"+{wanted.base_ref}:{_REFS}/branch")
            if self._has(wanted.base):
                return
        tried = (
            f", and it is not among the last {_DEPTHS[-1]:,} commits of {wanted.base_ref}" if wanted.base_ref else ""
        )
        raise NotGiven(
            f"{self.url} does not give out the merge base {wanted.base}{tried}; check the repository out with its "
            "history (actions/checkout: `fetch-depth: 0`) and review the checkout"
        )

    def _has(self, commit: str) -> bool:
        return self.git.run("cat-file", "-e", f"{commit}^{{tree}}").code == 0

    def _must(self, depth: str, refspec: str) -> None:
        finished = self._fetch(depth, refspec)
        if finished.code:
            raise GitError(self._why(finished.errors))

    def _fetch(self, depth: str, *refspecs: str) -> Finished:
        """A fetch, tried again when what stopped it may pass; only a refusal of what is asked for is returned."""
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
        pauses = iter(_PAUSES)
        while True:
            finished = self.git.run("fetch", *options, depth, "--", self.url, *refspecs, limit=_LIMIT)
            if finished.code == 0 or _REFUSED.search(finished.errors):
                return finished
            seconds = next(pauses, None)
            if seconds is None or not _PASSING.search(finished.errors) or _FINAL.search(finished.errors):
                raise GitError(self._why(finished.errors))
            self.pause(seconds)

    def _why(self, errors: str) -> str:
        """What went wrong and what to do, without secrets."""
        said = self._clean(last_words(errors))
        if _DENIED.search(errors):
            return f"{self.url} may not be read ({said}); {_RIGHTS}"
        if _ABSENT.search(errors):
            return f"{self.url} is not there, or the token does not open it ({said}); {_RIGHTS}"
        if _ELSEWHERE.search(errors):
            return f"{self.url} sends us elsewhere ({said}); give the address that the repository has now"
        if _UNTRUSTED.search(errors):
            return f"{self.url} is not trusted ({said}); `ca-certificate` names the PEM file that vouches for it"
        if _PASSING.search(errors):
            return f"{self.url} could not be fetched from, tried {len(_PAUSES) + 1} times ({said}); run the job again"
        return f"{self.url} could not be fetched from: {said}"

    def _clean(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text
