"""Single review comments."""

from __future__ import annotations

from tests.fakes.github import anchors, answers, shapes
from tests.fakes.github.answers import BODY_LIMIT, Answer
from tests.fakes.github.calls import Call, handles, page
from tests.fakes.github.hub import Hub
from tests.fakes.github.records import Comment, Pull
from tests.fakes.github.routes.reviews import TOO_LONG, anchor_of


@handles("pulls/list-review-comments", "pull-requests", "read")
def listed(hub: Hub, call: Call) -> Answer:
    """Every review comment, the oldest first unless asked otherwise."""
    pull = call.pull(hub)
    _, comments = hub.visible(pull, call.account)
    order = call.query.get("sort", "created")
    found = sorted(comments, key=lambda each: (each.updated if order == "updated" else each.created, each.id))
    if call.query.get("sort") and call.query.get("direction", "desc") == "desc":
        found.reverse()
    found = [each for each in found if each.updated >= call.query.get("since", "")]
    return page(hub, call, found, lambda each: shapes.comment(hub, pull, each))


@handles("pulls/get-review-comment", "pull-requests", "read")
def get(hub: Hub, call: Call) -> Answer:
    """One comment."""
    pull, comment = _comment(hub, call)
    return Answer(200, shapes.comment(hub, pull, comment))


@handles("pulls/create-review-comment", "pull-requests", "write")
def create(hub: Hub, call: Call) -> Answer:
    """A comment on its own; its refusal is another than that of a review."""
    pull = call.pull(hub)
    body, commit = call.body["body"], call.body["commit_id"]
    if call.body.get("subject_type") == "file" or "in_reply_to" in call.body:
        hub.offend(call.operation.name, "file comments and in_reply_to are not what the fake offers")
    if len(body) > BODY_LIMIT:
        raise answers.validation_failed([_custom("body", TOO_LONG)])
    if not body.strip():
        raise answers.validation_failed(
            [{"resource": "PullRequestReviewComment", "code": "missing_field", "field": "body"}]
        )
    if commit not in hub.commits(pull):
        raise answers.validation_failed([_custom("commit_id", "is not part of the pull request")])
    anchor = anchor_of(hub, call, call.body)
    found = anchors.problems(anchor, hub.shown(pull, commit), frozenset(hub.withheld))
    if found:
        raise answers.validation_failed(anchors.objects(found))
    assert call.account is not None
    review = hub.add_review(pull, call.account, state="COMMENTED", body="", commit=commit)
    comment = hub.add_comment(pull, review, anchor, body)
    url = f"{shapes.api(hub)}/repos/{hub.full_name}/pulls/comments/{comment.id}"
    return Answer(201, shapes.comment(hub, pull, comment), {"location": url})


@handles("pulls/create-reply-for-review-comment", "pull-requests", "write")
def reply(hub: Hub, call: Call) -> Answer:
    """An answer in a thread."""
    pull, comment = _comment(hub, call)
    if comment not in pull.comments or pull is not call.pull(hub):
        raise answers.not_found()
    if len(call.body["body"]) > BODY_LIMIT:
        raise answers.validation_failed([_custom("body", TOO_LONG)])
    assert call.account is not None
    made = hub.add_reply(pull, comment, call.account, call.body["body"])
    return Answer(201, shapes.comment(hub, pull, made))


@handles("pulls/update-review-comment", "pull-requests", "write")
def update(hub: Hub, call: Call) -> Answer:
    """Another body; only of one's own comments."""
    pull, comment = _own(hub, call)
    if len(call.body["body"]) > BODY_LIMIT:
        raise answers.validation_failed([_custom("body", TOO_LONG)])
    hub.change_comment(comment, comment.author, call.body["body"])
    return Answer(200, shapes.comment(hub, pull, comment))


@handles("pulls/delete-review-comment", "pull-requests", "write")
def delete(hub: Hub, call: Call) -> Answer:
    """A comment of one's own goes."""
    hub.remove_comment(*_own(hub, call))
    return Answer(204)


def _comment(hub: Hub, call: Call) -> tuple[Pull, Comment]:
    found = hub.find_comment(call.number("comment_id"))
    if found is None:
        raise answers.not_found()
    return found


def _own(hub: Hub, call: Call) -> tuple[Pull, Comment]:
    pull, comment = _comment(hub, call)
    if comment.author != call.account:
        hub.offend(call.operation.name, f"comment {comment.id} is by {comment.author.login}")
        raise answers.not_accessible()
    return pull, comment


def _custom(field: str, text: str) -> dict[str, str]:
    return {"resource": "PullRequestReviewComment", "code": "custom", "field": field, "message": f"{field} {text}"}
