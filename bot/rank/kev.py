"""CISA's catalogue of vulnerabilities that are known to be exploited, as JSON.

Layout: https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities_schema.json
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.rank.reading import load

_MADE_BY = "give known_exploited_vulnerabilities.json of cisa.gov, which `k8s-auto-fix feeds update` fetches"
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The CVEs of the catalogue, and when it was released (as it says, in ISO form)."""

    cves: frozenset[str]
    released: str


def parse(file: str, text: str) -> Catalogue:
    """The catalogue; `file` is what errors call it: InputError for another layout, with the record."""
    root = load(file, text, _MADE_BY)
    released = root.needed("dateReleased").text()
    count = root.needed("count").value
    cves = []
    for entry in root.needed("vulnerabilities").items():
        cve = entry.needed("cveID").text()
        if not _CVE.fullmatch(cve):
            entry.refuse(f"cveID is {cve[:40]!r}")
        cves.append(cve)
    if count != len(cves):
        root.refuse(f"count is {count!r}, and {len(cves):,} vulnerabilities are there")
    return Catalogue(frozenset(cves), released)
