"""Objects of the REST API to what the review knows. Functions of JSON; an InputError says what an answer lacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from bot.adapters.github.identity import Identity
from bot.adapters.github.threads import Threads
from bot.model import Json
from bot.review.fields import Field
from bot.review.hunks import Hunk, parse
from bot.review.model import Posted, PostedReview, PullState

_SOURCE = "GitHub's answer cannot be used"


def fields(value: Json) -> Field:
    """An answer, to be looked into."""
    return Field("", value, _SOURCE)


def state(pull: Json) -> PullState:
    """A pull request."""
    found = fields(pull)
    return PullState(
        number=found["number"].natural(),
        head=found["head"]["sha"].text(),
        base=found["base"]["sha"].text(),
        draft=found["draft"].flag(),
        open=found["state"].text() == "open",
    )


def patches(files: Iterable[Json]) -> Mapping[str, tuple[Hunk, ...]]:
    """The hunks of each file that has a `patch`; one without it is not necessarily binary."""
    found = {}
    for file in map(fields, files):
        patch = file["patch"]
        if not patch.absent:
            found[file["filename"].text()] = parse(patch.text().split("\n"))
    return found


def reviews(items: Iterable[Json], me: Identity) -> tuple[PostedReview, ...]:
    """The submitted reviews: one that is pending is seen by its author alone."""
    return tuple(
        PostedReview(
            id=item["id"].natural(),
            author=me.author(item["user"].value),
            body=_text(item["body"]),
            commit=_text(item["commit_id"]),
        )
        for item in map(fields, items)
        if item["state"].value != "PENDING"
    )


def comments(items: Iterable[Json], me: Identity, threads: Threads) -> tuple[Posted, ...]:
    """All review comments, with what the threads tell about them; answers have their thread's state."""
    every = [fields(item) for item in items]
    answers = Counter(root for item in every if (root := _number(item["in_reply_to_id"])) is not None)
    return tuple(_comment(item, answers, me, threads) for item in every)


def _comment(item: Field, answers: Mapping[int, int], me: Identity, threads: Threads) -> Posted:
    number = item["id"].natural()
    root = _number(item["in_reply_to_id"]) or number
    thread = threads.by_comment.get(root)
    outdated = thread is not None and thread.outdated
    return Posted(
        id=number,
        node_id=_text(item["node_id"]),
        author=me.author(item["user"].value),
        path=item["path"].text(),
        start_line=None if outdated else _number(item["start_line"]),
        line=None if outdated else _number(item["line"]),
        body=_text(item["body"]),
        # Of the two the other one follows the head.
        commit=_text(item["original_commit_id"]),
        replies=answers.get(number, 0),
        resolved=thread is not None and thread.resolved,
        edited=thread is not None and thread.comment == number and thread.edited and not me.is_actor(thread.editor),
    )


def _text(field: Field) -> str:
    return field.value if isinstance(field.value, str) else ""


def _number(field: Field) -> int | None:
    return None if field.absent else field.natural()
