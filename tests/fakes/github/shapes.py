"""Records as GitHub's JSON. What the fake has no opinion on comes from the examples of GitHub's own description."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

from tests.fakes.github.description import extract
from tests.fakes.github.diffs import Change
from tests.fakes.github.hub import Hub
from tests.fakes.github.records import Account, Comment, Pull, Review

Json = dict[str, Any]
REPOSITORY_ID = 1296269
_ADDRESSES = (
    "url",
    "html_url",
    "diff_url",
    "patch_url",
    "issue_url",
    "commits_url",
    "review_comments_url",
    "review_comment_url",
    "comments_url",
)
_EXAMPLE_API = "https://api.github.com"
_EXAMPLE_SERVER = "https://github.com"


def api(hub: Hub) -> str:
    """The base address of the REST interface."""
    return f"{hub.url}/api/v3" if hub.ghes else hub.url


@cache
def _example(api_url: str, server: str, owner: str, name: str) -> Json:
    """The example of a pull request, moved to this repository."""
    example = extract()["shapes"]["pull-request"]
    text = json.dumps({name: example[name] for name in ("user", "base", "_links", *_ADDRESSES)})
    text = text.replace(f"{_EXAMPLE_API}/repos/octocat/Hello-World", f"{api_url}/repos/{owner}/{name}")
    text = text.replace(f"{_EXAMPLE_SERVER}/octocat/Hello-World", f"{server}/{owner}/{name}")
    text = text.replace(_EXAMPLE_API, api_url).replace('"octocat/Hello-World"', f'"{owner}/{name}"')
    found: Json = json.loads(text)
    return found


def user(hub: Hub, account: Account) -> Json:
    """A simple user."""
    return dict(_user(api(hub), hub.url, hub.owner, hub.name, account))


@cache
def _user(api_url: str, server: str, owner: str, name: str, account: Account) -> Json:
    example = json.dumps(_example(api_url, server, owner, name)["user"]).replace("octocat", account.login)
    found: Json = json.loads(example)
    return found | {
        "id": account.id,
        "node_id": f"U_kgDO{account.id:x}",
        "html_url": f"{server}/{'apps/' + account.graphql_login if account.bot else account.login}",
        "type": "Bot" if account.bot else "User",
        "user_view_type": "public",
    }


def repository(hub: Hub, fork: Account | None = None) -> Json:
    """The repository, or a fork of it."""
    owner = fork or hub.account(hub.owner)
    found: Json = _example(api(hub), hub.url, owner.login, hub.name)["base"]["repo"]
    return found | {
        "id": REPOSITORY_ID + (owner.id if fork else 0),
        "name": hub.name,
        "full_name": f"{owner.login}/{hub.name}",
        "owner": user(hub, owner),
        "private": hub.private,
        "visibility": "private" if hub.private else "public",
        "fork": fork is not None,
        "default_branch": "main",
        "clone_url": f"{hub.url}/{owner.login}/{hub.name}.git",
    }


def full_repository(hub: Hub) -> Json:
    """The repository as `repos/get` gives it."""
    return repository(hub) | {"network_count": 0, "subscribers_count": 3}


def pull(hub: Hub, record: Pull, *, counts: bool) -> Json:
    """A pull request; `counts` adds what only a single one has (a list leaves it out)."""
    url = f"{api(hub)}/repos/{hub.full_name}"
    example = _example(api(hub), hub.url, hub.owner, hub.name)
    addresses = {name: example[name] for name in ("_links", *_ADDRESSES)}
    found: Json = json.loads(json.dumps(addresses).replace("1347", str(record.number))) | {
        "id": 5_000_000 + record.number,
        "node_id": record.node,
        "number": record.number,
        "state": "open" if record.open else "closed",
        "title": record.title,
        "user": user(hub, record.author),
        "body": None,
        "labels": [],
        "milestone": None,
        "active_lock_reason": None,
        "locked": False,
        "created_at": record.created,
        "updated_at": record.updated,
        "closed_at": None if record.open else record.updated,
        "merged_at": None,
        "merge_commit_sha": record.head,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": _end(hub, record.head_ref, record.head, record.fork or hub.account(hub.owner)),
        "base": _end(hub, record.base_ref, record.base, hub.account(hub.owner)),
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "draft": record.draft,
        "statuses_url": f"{url}/statuses/{record.head}",
    }
    found["head"]["repo"] = None if record.fork_gone else repository(hub, record.fork)
    found["base"]["repo"] = repository(hub)
    if not counts:
        return found
    shown = hub.shown(record).values()
    return found | {
        "merged": False,
        "mergeable": True,
        "rebaseable": True,
        "mergeable_state": "draft" if record.draft else "clean",
        "merged_by": None,
        "comments": 0,
        "review_comments": len(record.comments),
        "maintainer_can_modify": record.fork is not None,
        "commits": len(hub.commits(record)),
        "additions": sum(each.additions for each in shown),
        "deletions": sum(each.deletions for each in shown),
        "changed_files": len(shown),
    }


def _end(hub: Hub, ref: str, sha: str, owner: Account) -> Json:
    return {"label": f"{owner.login}:{ref}", "ref": ref, "sha": sha, "user": user(hub, owner)}


def file(hub: Hub, change: Change, head: str, *, with_patch: bool) -> Json:
    """A file of a diff. Without its patch it has no counts either, as in answers that grew too big."""
    path = change.path.encode(errors="surrogateescape").decode(errors="replace")
    url = f"{hub.url}/{hub.full_name}"
    found: Json = {
        "sha": change.blob,
        "filename": path,
        "status": change.status,
        "additions": change.additions if with_patch else 0,
        "deletions": change.deletions if with_patch else 0,
        "changes": change.additions + change.deletions if with_patch else 0,
        "blob_url": f"{url}/blob/{head}/{path}",
        "raw_url": f"{url}/raw/{head}/{path}",
        "contents_url": f"{api(hub)}/repos/{hub.full_name}/contents/{path}?ref={head}",
    }
    if change.old_path is not None:
        found["previous_filename"] = change.old_path
    if change.patch is not None and with_patch and change.path not in hub.withheld:
        found["patch"] = change.patch
    return found


def review(hub: Hub, record: Pull, each: Review) -> Json:
    """A review."""
    html = f"{hub.url}/{hub.full_name}/pull/{record.number}#pullrequestreview-{each.id}"
    url = f"{api(hub)}/repos/{hub.full_name}/pulls/{record.number}"
    found: Json = {
        "id": each.id,
        "node_id": each.node,
        "user": user(hub, each.author),
        "body": each.body,
        "state": each.state,
        "html_url": html,
        "pull_request_url": url,
        "author_association": _association(each.author),
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "commit_id": each.commit,
    }
    return found if each.submitted is None else found | {"submitted_at": each.submitted}


def comment(hub: Hub, record: Pull, each: Comment) -> Json:
    """A review comment; what its lines are now is null once it is outdated."""
    html = f"{hub.url}/{hub.full_name}/pull/{record.number}#discussion_r{each.id}"
    root = f"{api(hub)}/repos/{hub.full_name}/pulls"
    now, then = each.anchor, each.original
    found: Json = {
        "url": f"{root}/comments/{each.id}",
        "pull_request_review_id": each.review,
        "id": each.id,
        "node_id": each.node,
        "diff_hunk": each.diff_hunk,
        "path": then.path,
        "commit_id": each.commit,
        "original_commit_id": each.original_commit,
        "user": user(hub, each.author),
        "body": each.body,
        "created_at": each.created,
        "updated_at": each.updated,
        "html_url": html,
        "pull_request_url": f"{root}/{record.number}",
        "author_association": _association(each.author),
        "_links": {
            "self": {"href": f"{root}/comments/{each.id}"},
            "html": {"href": html},
            "pull_request": {"href": f"{root}/{record.number}"},
        },
        "reactions": _reactions(f"{root}/comments/{each.id}/reactions"),
        "start_line": now.start_line if now else None,
        "original_start_line": then.start_line,
        "start_side": then.start_side,
        "line": now.line if now else None,
        "original_line": then.line,
        "side": then.side,
        "original_position": each.original_position,
        "position": each.position,
        "subject_type": "line",
    }
    return found if each.reply_to is None else found | {"in_reply_to_id": each.reply_to}


def _association(account: Account) -> str:
    return "NONE" if account.bot else "MEMBER"


def _reactions(url: str) -> Json:
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": url, "total_count": 0, **dict.fromkeys(kinds, 0)}


def commit(hub: Hub, name: str) -> Json:
    """A commit, its author and message taken from the example."""
    example = copy.deepcopy(extract()["shapes"]["commit-comparison"]["base_commit"])
    text = json.dumps(example).replace(f"{_EXAMPLE_API}/repos/octocat/Hello-World", f"{api(hub)}/repos/{hub.full_name}")
    found: Json = json.loads(text.replace(example["sha"], name))
    parents = [
        {"sha": each, "url": f"{api(hub)}/repos/{hub.full_name}/commits/{each}"}
        for each in hub.repository.parents(name)
    ]
    return found | {"sha": name, "parents": parents}
