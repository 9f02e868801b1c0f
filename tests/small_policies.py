"""Policies of a few lines, and what a detector or a run makes of them, for tests that need their own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from bot import schema
from bot.detect.detect import Detection, Detector, Environment, detect_all
from bot.manifest import Manifest, read
from bot.model import Fix, Json, Skip
from bot.policy import Policy
from bot.policy.files import check, parse
from bot.propose.template import proposals


def policy(policy_id: str, expression: str = "", *, at: str = "", fixes: Iterable[Json] = (), **more: Json) -> Policy:
    """A policy; `more` are members of its file (`kinds`, `target`, `each`, `os` of its match, `message` of its check).

    A fix is a list of operations, or a mapping as in the file.
    """
    match: dict[str, Any] = {"kinds": more.pop("kinds", ["*"]), "target": more.pop("target", "object")}
    match |= {member: more.pop(member) for member in ("each", "os") if member in more}
    fixes = [fix if isinstance(fix, dict) else {"patch": fix} for fix in fixes]
    text = {
        "id": policy_id,
        "title": f"The title of {policy_id}",
        "severity": "medium",
        "category": "custom",
        "description": "For a test.",
        "match": match,
        "check": {"expression": expression, "message": more.pop("message", policy_id), "at": at},
        "fixes": [{"title": f"Fix {number}", "why": "for a test", **fix} for number, fix in enumerate(fixes)],
        **more,
    }
    if not fixes:
        del text["fixes"]
    source = json.dumps(text, indent=1)
    made = parse(f"{policy_id}.yaml", source)
    check(made, source)
    return made


def detector(policies: Iterable[Policy], values: Mapping[str, Json] | None = None, **more: Any) -> Detector:
    """A detector with the bundled schemas."""
    version = more.pop("version", None)
    oldest, newest = (version, version) if version else (schema.OLDEST_SUPPORTED, schema.NEWEST)
    return Detector(tuple(policies), Environment(values or {}, oldest, newest, schema, **more))


def detected(policies: Iterable[Policy], text: str, **more: Any) -> tuple[Manifest, list[Detection], list[Skip]]:
    """A manifest with all that policies find in it."""
    manifest = read("a.yaml", text)
    assert manifest.problem is None, manifest.problem
    return manifest, *detect_all(detector(policies, **more), manifest, manifest.resources)


def fixes_of(detections: Iterable[Detection]) -> list[Fix]:
    """The first fix of each finding that has one."""
    offers = ([offer for offer in proposals(each) if isinstance(offer, Fix)] for each in detections)
    return [found[0] for found in offers if found]
