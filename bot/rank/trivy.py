"""Trivy's report on an image, as `trivy image --format json` writes it (SchemaVersion 2, Trivy 0.20 and newer).

Layout: https://trivy.dev/latest/docs/configuration/reporting/#json
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.rank.feeds import Vulnerability, keys
from bot.rank.priors import IMPACT
from bot.rank.reading import Node, load

_MADE_BY = "give what `trivy image --format json IMAGE` writes"
_SCHEMA = 2
_NOT_AFFECTED = "not_affected"
"""The status of what is listed and does not apply: https://trivy.dev/latest/docs/configuration/filtering/#by-status"""


def parse(file: str, text: str) -> dict[str, tuple[Vulnerability, ...]]:
    """The vulnerabilities of the image, under every name that it has (`bot.rank.feeds.keys`).

    `file` is what errors call the report: InputError for another layout, with the record.
    """
    root = load(file, text, _MADE_BY)
    if isinstance(root.value, list):
        root.refuse("a list, as Trivy before 0.20 wrote it")
    if root.member("ClusterName") is not None:
        root.refuse("a report on a cluster")
    version = root.needed("SchemaVersion").value
    if version != _SCHEMA:
        root.refuse(f"SchemaVersion is {version!r}; {_SCHEMA} is known")
    name = root.needed("ArtifactName").text()
    names = [name, *_others(root)]
    found = tuple(dict.fromkeys(_vulnerabilities(root)))
    every = dict.fromkeys(key for each in names for key in keys(each))
    if not every:
        root.refuse(f"ArtifactName is {name[:80]!r}, and no name of an image is there")
    return dict.fromkeys(every, found)


def _others(root: Node) -> Iterator[str]:
    metadata = root.member("Metadata")
    if metadata is not None:
        for member in ("RepoTags", "RepoDigests"):
            yield from (each.text() for each in metadata.each(member))


def _vulnerabilities(root: Node) -> Iterator[Vulnerability]:
    for result in root.each("Results"):
        for each in result.each("Vulnerabilities"):
            status = each.member("Status")
            severity = each.needed("Severity").text()
            if severity not in IMPACT:
                each.refuse(f"Severity is {severity[:40]!r}; known are {', '.join(IMPACT)}")
            if status is None or status.text() != _NOT_AFFECTED:
                yield Vulnerability(each.needed("VulnerabilityID").text(), severity)
