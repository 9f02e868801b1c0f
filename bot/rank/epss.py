"""The Exploit Prediction Scoring System of FIRST: for each CVE the probability that it is exploited within 30 days.

Layout of the daily file: a comment with the version of the model and the date, a line with the names of the columns,
and one line for each CVE. https://www.first.org/epss/data_stats
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.errors import InputError

_MADE_BY = "give epss_scores-current.csv of first.org, which `k8s-auto-fix feeds update` fetches"
_COMMENT = re.compile(r"#model_version:(?P<model>[^,]+),score_date:(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}[^,]*)")
_COLUMNS = "cve,epss,percentile"
_ROW = re.compile(r"(CVE-[0-9]{4}-[0-9]{4,}),(0(?:\.[0-9]+)?|1(?:\.0+)?|[0-9](?:\.[0-9]+)?[eE]-[0-9]+),[-+.0-9eE]+")


@dataclass(frozen=True, slots=True)
class Scores:
    """The probabilities by CVE, and the date (ISO form) and version of the model that gave them."""

    by_cve: Mapping[str, float]
    date: str
    model: str


def parse(file: str, text: str, wanted: Collection[str] | None = None) -> Scores:
    """The scores of the `wanted` CVEs, None: of all; every line is checked in either case.

    `file` is what errors call it: InputError for another layout, with the line.
    """
    lines = text.removeprefix("\ufeff").splitlines()
    comment = _COMMENT.fullmatch(lines[0].strip()) if lines else None
    if comment is None:
        raise InputError(f"{file}:1: no comment `#model_version:...,score_date:...`; {_MADE_BY}")
    if len(lines) < 2 or lines[1].strip() != _COLUMNS:
        raise InputError(f"{file}:2: the columns are not {_COLUMNS}; {_MADE_BY}")
    found: dict[str, float] = {}
    for number, line in enumerate(lines[2:], 3):
        row = _ROW.fullmatch(line)
        if row is None:
            raise InputError(f"{file}:{number}: {line[:60]!r} is no CVE with its probability; {_MADE_BY}")
        if wanted is None or row[1] in wanted:
            found[row[1]] = float(row[2])
    return Scores(found, comment["date"], comment["model"])
