"""What a review leaves in a workflow besides comments: outputs, report files, the summary of the step, annotations."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from bot import __version__
from bot.adapters.workflow import Notes, open_folder
from bot.errors import BotError
from bot.manifest import read
from bot.pull import payload
from bot.pull.post import Result
from bot.pull.review import applied, as_report
from bot.pull.text import worst
from bot.report import diff, github, sarif
from bot.report import json as report_json
from bot.review import summary
from bot.review.markdown import prose
from bot.review.model import Review
from bot.review.rows import About

FOLDER = "k8s-auto-fix-report"
FILES = ("findings.json", "results.sarif", "fixes.patch", "review.json", "summary.md")
"""Its files."""

PUBLISHED = "k8s-auto-fix-published"
"""The folder of a run that publishes; the other one has what the run before it left."""


@dataclass(frozen=True, slots=True)
class Left:
    """How a review is told besides its comments. `why` says that nothing was posted, and `error` what went wrong.

    `annotate`: findings become annotations. `code` is the least exit code. `url` is where the summary is.
    """

    why: str = ""
    annotate: bool = False
    dry_run: bool = False
    error: str = ""
    code: int = 0
    url: str = ""

    @property
    def unposted(self) -> bool:
        """Whether the pull request says nothing, so that the step has to say everything."""
        return bool(self.why or self.error or self.annotate)


def leave(
    result: Result, about: About, left: Left, *, notes: Notes, workspace: str, report: str | None
) -> tuple[str, str]:
    """Write it all; the workflow commands that are to be printed where the runner obeys them, and what went wrong.

    `report` is the folder for report files, below `workspace`; without a workspace there are none. When they cannot be
    written (a checkout may have put something in their place) all else is told.
    """
    review = result.review
    whole = _whole_patch(review) if left.unposted else ""
    page = summary.step(review, about, patch=whole)
    said = left.why or left.error.partition("\n")[0]
    notes.summary(f"> {prose(said)}\n\n{page}" if said else page)
    files = _files(review, about, page, whole or review.patch)
    paths, wrong = {}, ""
    try:
        paths = _write(files, Path(workspace), report or FOLDER) if workspace else {}
    except BotError as error:
        wrong = str(error)
    highest = worst(review)
    notes.outputs(
        {
            "findings": str(len(review.introduced)),
            "suggestions": "0" if left.unposted else str(len(review.suggestions)),
            "patched": str(len(review.offers if left.unposted else review.patched)),
            "older": str(len(review.older)),
            "highest": str(highest) if highest is not None else "",
            "report": paths.get("", ""),
            "sarif": paths.get("results.sarif", ""),
            "patch": paths.get("fixes.patch", ""),
            "payload": paths.get("review.json", ""),
            "review-url": left.url,
        }
    )
    commands = github.render(as_report(review)) if left.annotate else ""
    return commands + "".join(github.error_command(each) for each in (left.error, wrong) if each), wrong


def _whole_patch(review: Review) -> str:
    changed = tuple(applied(review.texts, review.offers))
    return diff.render(replace(as_report(review), changed=changed))


def _files(review: Review, about: About, page: str, patch: str) -> dict[str, str]:
    everything = as_report(review, everything=True)
    sources = {path: read(path, text) for path, text in review.texts.items()}
    contents = (
        report_json.render(everything, sources, show_fixes=True),
        sarif.render(everything, sources, about.policies.values(), version=__version__),
        patch,
        json.dumps(payload.first(review, about), indent=2, ensure_ascii=False) + "\n",
        page,
    )
    return dict(zip(FILES, contents, strict=True))


def _write(files: dict[str, str], workspace: Path, report: str) -> dict[str, str]:
    """The paths of the files by name, relative to the workspace; that of the folder by an empty name."""
    with open_folder(workspace, report) as folder:
        paths = {name: folder.write(name, text.encode("utf-8", "surrogateescape")) for name, text in files.items()}
        return {"": folder.path, **paths}
