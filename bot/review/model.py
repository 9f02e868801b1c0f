"""What a run on a pull request has to say, and what stands there already.

Lines are 1-based and inclusive, as GitHub counts them, and those of the head.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from bot.model import Finding, Fix, Skip, Verification


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines `start` to `end` of the head, and what takes their place; both texts with their line ends.

    `new` may be empty: the lines go. `old` is empty when lines only come in above `start`; `end` is then `start - 1`.
    """

    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A verified fix, or several that go together, of one file.

    `verification.fix.findings` are cured by it, the worst first. `blocks` are the lines that change, in their order;
    they touch those of no other offer of the review, so that any set of offers can be taken in any order. `span` is the
    one block that says the same as a suggestion, or None; then `reason` says why (for people: "outside the diff").
    `parts` are the single fixes that the offer is made of, the worst first: one, or those that share lines. `note` says
    why it has its place in the order (`score 21 · exposed by an Ingress`), empty where nothing but severity counts.
    """

    path: str
    blocks: tuple[Block, ...]
    verification: Verification
    span: Block | None = None
    reason: str = ""
    parts: tuple[Fix, ...] = ()
    note: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the offer cures, the worst first."""
        return self.verification.fix.findings

    @property
    def lead(self) -> Finding:
        """The finding that the offer is named after."""
        return self.findings[0]

    @property
    def document(self) -> int:
        """The index of the document that changes."""
        return self.verification.fix.changes[0].document or 0

    @property
    def replaced(self) -> tuple[Block, ...]:
        """The lines as they are taken: those of the suggestion, where it is one."""
        return self.blocks if self.span is None else (self.span,)

    @property
    def lines(self) -> int:
        """How many lines change: the longer of what goes and what comes."""
        return sum(max(block.old.count("\n"), block.new.count("\n"), 1) for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Held:
    """A finding without an offer, and why: another offer needs its lines, no evidence, display-only, no fix."""

    finding: Finding
    reason: str
    verification: Verification | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that a run on a pull request has to say.

    `base` is the merge base and `head` the head, as full object names. `suggestions` are posted beside their lines, in
    the order of their rank; `patched` are the other offers, in the same order, whose unified diff against the head is
    `patch` (`git apply` takes it). `held` are findings of this pull request without an offer, `older` findings of the
    same files that it did not bring, `accepted` those with a suppression that it adds. `unheeded` are lines for people
    about what the pull request changes in configuration and policies, which counts from the merge base only.
    `server` names who vouches for the offers (`Kubernetes 1.36.3 (embedded)`), empty without one: then `no_server` says
    why. `checked` is the number of files looked at, `area` what tells runs over some paths apart.
    """

    base: str
    head: str
    suggestions: tuple[Offer, ...] = ()
    patched: tuple[Offer, ...] = ()
    held: tuple[Held, ...] = ()
    older: tuple[Finding, ...] = ()
    accepted: tuple[Finding, ...] = ()
    unheeded: tuple[str, ...] = ()
    skips: tuple[Skip, ...] = ()
    notices: tuple[str, ...] = ()
    patch: str = ""
    server: str = ""
    no_server: str = ""
    checked: int = 0
    area: str = ""
    texts: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """All offers in the order in which the summary numbers them, from 1."""
        return (*self.suggestions, *self.patched)

    @property
    def introduced(self) -> tuple[Finding, ...]:
        """Every finding that the pull request brings and that nothing accepts."""
        offered = [finding for offer in self.offers for finding in offer.findings]
        return (*offered, *(each.finding for each in self.held))

    @property
    def silent(self) -> bool:
        """Whether there is nothing that a person should read."""
        return not (self.offers or self.held or self.accepted or self.unheeded)


@dataclass(frozen=True, slots=True)
class Draft:
    """A comment to post: `path` and lines on the right side, `body` in Markdown, marker included.

    `start_line` is None for a single line: GitHub refuses a range whose ends are equal.
    """

    path: str
    start_line: int | None
    line: int
    body: str
    fingerprints: tuple[str, ...]

    def payload(self) -> dict[str, str | int]:
        """The member of `comments` in the request that creates a review."""
        found: dict[str, str | int] = {"path": self.path, "body": self.body, "line": self.line, "side": "RIGHT"}
        if self.start_line is not None:
            found |= {"start_line": self.start_line, "start_side": "RIGHT"}
        return found


class Author(StrEnum):
    """Whose comment it is."""

    OWN = "own"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Posted:
    """A review comment that stands at the pull request.

    `line` is None when the comment is outdated. `replies` counts the answers of anyone; `resolved` says that a person
    resolved its thread (False when threads cannot be read). `edited` says that somebody else changed the body.
    `commit` is the head that the comment was written for.
    """

    id: int
    node_id: str
    author: Author
    path: str
    start_line: int | None
    line: int | None
    body: str
    commit: str
    replies: int = 0
    resolved: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class PostedReview:
    """A submitted review: its body may be our summary."""

    id: int
    author: Author
    body: str
    commit: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of posting. `moved`: the pull request has another head by now, and nothing was posted."""

    review: int | None = None
    url: str = ""
    posted: tuple[Draft, ...] = ()
    refused: tuple[tuple[Draft, str], ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class PullState:
    """A pull request as it is now: full object names of its head and of its base branch."""

    number: int
    head: str
    base: str
    draft: bool
    open: bool
