"""Find the reports of krr and goldilocks in a repository, and read them."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping

from bot.detect.kustomize import Reader
from bot.detect.recommendations import goldilocks, krr
from bot.detect.recommendations.layout import LayoutError
from bot.detect.recommendations.model import Recommendation, Recommended, recommended
from bot.model import Json, Skip

USUAL = ("krr.json", "krr-report.json", "goldilocks.json", "goldilocks-summary.json")
"""Names at the root of a repository that are read without being asked for."""

_ALLOWED = 'krr writes {"scans": [...]}, goldilocks {"Namespaces": {...}}'


def gather(read: Reader, named: Mapping[str, str], *, root: str = "", shown: str = "") -> Recommended:
    """What the reports of a repository recommend: those `named` in its settings, and those of `USUAL` names.

    `named` says for each path where it is named, as `file:line`; paths start from `root`, which people call `shown`.
    """
    return recommended(_said(read, named, root, shown))


def _said(read: Reader, named: Mapping[str, str], root: str, shown: str) -> Iterator[Recommendation | Skip]:
    for name in dict.fromkeys((*named, *USUAL)):
        text = read(posixpath.join(root, name))
        if text is not None:
            yield from _report(posixpath.join(shown, name), text, asked=name in named)
        elif name in named:
            path, _, line = named[name].rpartition(":")
            reason = f"recommendations names {name}, which is not there or cannot be read"
            yield Skip("detect", "recommendations-absent", reason, path, line=int(line), error=True)


def _report(path: str, text: str, *, asked: bool) -> Iterator[Recommendation | Skip]:
    """What one report says: everything, or why nothing of it counts."""
    try:
        yield from list(_parsed(path, text))
    except json.JSONDecodeError as error:
        reason = f"no recommendation in it counts: it is no JSON: {error.msg}"
        yield Skip("detect", "recommendations-layout", reason, path, line=error.lineno, error=asked)
    except (LayoutError, RecursionError, ValueError) as error:  # ValueError: a number of thousands of digits
        words = str(error) if isinstance(error, LayoutError) else "it is nested too deeply, or has too long a number"
        yield Skip("detect", "recommendations-layout", f"no recommendation in it counts: {words}", path, error=asked)


def _parsed(path: str, text: str) -> Iterator[Recommendation]:
    body: Json = json.loads(text, parse_constant=_no_number)
    if isinstance(body, dict) and krr.MEMBER in body:
        return krr.parse(path, body)
    if isinstance(body, dict) and goldilocks.MEMBER in body:
        return goldilocks.parse(path, body)
    raise LayoutError(f"it is no report of a tool that is known here; {_ALLOWED}")


def _no_number(word: str) -> Json:
    raise LayoutError(f"{word} is no number")
