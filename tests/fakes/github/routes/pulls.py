"""Pull requests, their files and commits."""

from __future__ import annotations

from tests.fakes.github import shapes
from tests.fakes.github.answers import Answer
from tests.fakes.github.calls import Call, handles, page, page_size
from tests.fakes.github.hub import Hub

MOST_FILES = 3_000


@handles("pulls/get", "pull-requests", "read")
def get(hub: Hub, call: Call) -> Answer:
    """One pull request."""
    return Answer(200, shapes.pull(hub, call.pull(hub), counts=True))


@handles("pulls/list", "pull-requests", "read")
def listed(hub: Hub, call: Call) -> Answer:
    """Pull requests, the newest first: `state` (open unless asked otherwise), `head` as `owner:branch`, `base`."""
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    found = [
        pull
        for _, pull in sorted(hub.pulls.items(), reverse=True)
        if state in ("all", "open" if pull.open else "closed")
        and head in (None, f"{pull.fork.login if pull.fork else hub.owner}:{pull.head_ref}")
        and base in (None, pull.base_ref)
    ]
    return page(hub, call, found, lambda pull: shapes.pull(hub, pull, counts=False))


@handles("repos/list-pull-requests-associated-with-commit", "pull-requests", "read")
def of_commit(hub: Hub, call: Call) -> Answer:
    """The pull requests that a commit belongs to."""
    found = [pull for pull in hub.pulls.values() if call.names["commit_sha"] in hub.commits(pull)]
    return page(hub, call, found, lambda pull: shapes.pull(hub, pull, counts=False))


@handles("pulls/list-commits", "pull-requests", "read")
def commits(hub: Hub, call: Call) -> Answer:
    """The commits of a pull request, the oldest first, 250 at most."""
    return page(hub, call, hub.commits(call.pull(hub)), lambda name: shapes.commit(hub, name), cap=250)


@handles("pulls/list-files", "pull-requests", "read")
def files(hub: Hub, call: Call) -> Answer:
    """The files, 3,000 at most.

    Past `hub.patch_lines` lines of patches in one answer the rest comes without patch and with zero lines, unmarked;
    `hub.zeroed` files do always.
    """
    pull = call.pull(hub)
    shown = list(hub.shown(pull).values())[:MOST_FILES]
    size, at = page_size(call), int(call.query.get("page", "1"))
    lines, full = 0, set()
    for change in shown[(at - 1) * size : at * size]:
        lines += (change.patch or "").count("\n") + 1
        if lines <= hub.patch_lines and change.path not in hub.zeroed:
            full.add(change.path)
    return page(hub, call, shown, lambda each: shapes.file(hub, each, pull.head, with_patch=each.path in full))
