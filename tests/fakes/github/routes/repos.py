"""The repository itself: commits, comparisons, refs; who asks, and how often they still may."""

from __future__ import annotations

import copy

from tests.fakes.github import answers, shapes
from tests.fakes.github.answers import Answer
from tests.fakes.github.calls import Call, handles, page
from tests.fakes.github.description import extract
from tests.fakes.github.hub import Hub

MOST_COMPARED = 300


@handles("repos/get", "metadata", "read")
def get(hub: Hub, call: Call) -> Answer:
    """The repository."""
    return Answer(200, shapes.full_repository(hub))


@handles("repos/get-commit", "contents", "read")
def commit(hub: Hub, call: Call) -> Answer:
    """A commit by its name or by a ref."""
    name = _commit(hub, call.names["ref"])
    if name is None:
        raise answers.Refused(422, f"No commit found for SHA: {call.names['ref']}")
    return Answer(200, shapes.commit(hub, name))


@handles("git/get-ref", "contents", "read")
def ref(hub: Hub, call: Call) -> Answer:
    """A ref: `heads/main`."""
    name = call.names["ref"]
    found = _commit(hub, f"refs/{name}")
    if found is None:
        raise answers.not_found()
    url = f"{shapes.api(hub)}/repos/{hub.full_name}/git"
    what = {"type": "commit", "sha": found, "url": f"{url}/commits/{found}"}
    body = {"ref": f"refs/{name}", "node_id": f"REF_{name}", "url": f"{url}/refs/{name}", "object": what}
    return Answer(200, body)


@handles("repos/compare-commits-with-basehead", "contents", "read")
def compare(hub: Hub, call: Call) -> Answer:
    """Two commits compared: merge base, commits (in pages), and up to 300 files on the first page."""
    base, dots, head = call.names["basehead"].partition("...")
    one, other = _commit(hub, base.rpartition(":")[2]), _commit(hub, head.rpartition(":")[2])
    if not dots or one is None or other is None:
        raise answers.not_found()
    merge_base = hub.merge_base(one, other)
    ahead, behind = hub.repository.between(one, other), hub.repository.between(other, one)
    commits = page(hub, call, ahead, lambda name: shapes.commit(hub, name))
    url = f"{shapes.api(hub)}/repos/{hub.full_name}/compare/{base}...{head}"
    html = f"{hub.url}/{hub.full_name}/compare"
    body = {
        "url": url,
        "html_url": f"{html}/{base}...{head}",
        "permalink_url": f"{html}/{hub.owner}:{one[:7]}...{hub.owner}:{other[:7]}",
        "diff_url": f"{html}/{base}...{head}.diff",
        "patch_url": f"{html}/{base}...{head}.patch",
        "base_commit": shapes.commit(hub, one),
        "merge_base_commit": shapes.commit(hub, merge_base),
        "status": {(0, 0): "identical", (1, 0): "ahead", (0, 1): "behind", (1, 1): "diverged"}[
            min(len(ahead), 1), min(len(behind), 1)
        ],
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": commits.body,
    }
    if call.query.get("page", "1") == "1":
        shown = list(hub.changes(merge_base, other).values())[:MOST_COMPARED]
        body["files"] = [shapes.file(hub, change, other, with_patch=change.path not in hub.zeroed) for change in shown]
    return Answer(200, body, commits.headers)


@handles("users/get-authenticated", "metadata", "read")
def user(hub: Hub, call: Call) -> Answer:
    """Who asks: a person. A workflow's token is nobody."""
    if call.token is None:
        raise answers.Refused(401, "Requires authentication")
    if call.token.account.bot:
        raise answers.not_accessible()
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    unknown = dict.fromkeys(("company", "blog", "location", "email", "hireable", "bio", "twitter_username"))
    times = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
    who = shapes.user(hub, call.token.account) | {"name": call.token.account.login}
    return Answer(200, who | unknown | counts | times | {"blog": ""})


@handles("rate-limit/get", "metadata", "read")
def rate_limit(hub: Hub, call: Call) -> Answer:
    """The budget; asking costs nothing."""
    body = copy.deepcopy(extract()["shapes"]["rate-limit-overview"])
    core = {"limit": hub.limit, "used": hub.spent, "remaining": max(0, hub.limit - hub.spent), "reset": hub.reset}
    body["resources"]["core"] = body["rate"] = core
    return Answer(200, body)


def _commit(hub: Hub, name: str) -> str | None:
    for candidate in (name, f"refs/heads/{name}"):
        try:
            return hub.repository.resolve(candidate)
        except AssertionError:
            continue
    return None
