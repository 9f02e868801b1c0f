"""Feeds in their published layouts; another layout is refused with the file and the record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.errors import InputError
from bot.rank import epss, kev, trivy
from bot.rank.feeds import Feeds, Vulnerability, keys
from bot.rank.risk import harm

LOG4J = "CVE-2021-44228"


def report(**changed: Any) -> str:
    """What `trivy image --format json` writes, shortened to what is read, and some of what is not."""
    found = {
        "SchemaVersion": 2,
        "CreatedAt": "2026-01-01T00:00:00Z",
        "ArtifactName": "ghcr.io/shop/web:1.2",
        "ArtifactType": "container_image",
        "Metadata": {"RepoTags": ["ghcr.io/shop/web:1.2"], "RepoDigests": [f"ghcr.io/shop/web@sha256:{'a' * 64}"]},
        "Results": [
            {"Target": "ghcr.io/shop/web:1.2 (debian 12)", "Class": "os-pkgs"},
            {
                "Target": "app.jar",
                "Class": "lang-pkgs",
                "Vulnerabilities": [
                    {"VulnerabilityID": LOG4J, "PkgName": "log4j", "Severity": "CRITICAL", "Status": "fixed"},
                    {"VulnerabilityID": LOG4J, "PkgName": "log4j-core", "Severity": "CRITICAL"},
                    {"VulnerabilityID": "CVE-2020-1", "Severity": "LOW", "Status": "not_affected"},
                ],
            },
        ],
    }
    return json.dumps(found | changed)


SCORES = "#model_version:v2025.03.14,score_date:2026-05-18T00:00:00+0000\ncve,epss,percentile\n"
ROWS = f"CVE-1999-0001,0.0046,0.7385\n{LOG4J},0.94358,0.99958\n"
CATALOGUE = {
    "title": "CISA Catalog of Known Exploited Vulnerabilities",
    "catalogVersion": "2026.05.18",
    "dateReleased": "2026-05-18T12:00:00.0Z",
    "count": 1,
    "vulnerabilities": [{"cveID": LOG4J, "vendorProject": "Apache", "dueDate": "2021-12-24"}],
}


def test_trivy_lists_every_vulnerability_once_under_every_name_of_the_image() -> None:
    found = trivy.parse("r.json", report())
    assert set(found) == {"ghcr.io/shop/web:1.2", f"ghcr.io/shop/web@sha256:{'a' * 64}"}
    assert set(found.values()) == {(Vulnerability(LOG4J, "CRITICAL"),)}


@pytest.mark.parametrize(
    ("image", "known"),
    [
        ("ghcr.io/shop/web:1.2", True),
        (f"ghcr.io/shop/web@sha256:{'a' * 64}", True),
        (f"ghcr.io/shop/web:9@sha256:{'a' * 64}", True),
        ("ghcr.io/shop/web:1.3", False),
        ("ghcr.io/shop/web", False),
        ("shop/web:1.2", False),
        ("${IMAGE}", False),
        ("", False),
    ],
)
def test_images_are_found_by_digest_or_tag(image: str, known: bool) -> None:
    assert (Feeds(images=trivy.parse("r.json", report())).of(image) is not None) is known


@pytest.mark.parametrize("name", ["nginx", "nginx:latest", "library/nginx", "docker.io/nginx:latest"])
def test_an_image_has_one_name(name: str) -> None:
    assert keys(name) == ("docker.io/library/nginx:latest",)


def test_epss_reads_the_published_layout() -> None:
    found = epss.parse("e.csv", SCORES + ROWS)
    assert found.by_cve == {"CVE-1999-0001": 0.0046, LOG4J: 0.94358}
    assert (found.date, found.model) == ("2026-05-18T00:00:00+0000", "v2025.03.14")
    assert epss.parse("e.csv", SCORES + ROWS, {LOG4J}).by_cve == {LOG4J: 0.94358}
    assert epss.parse("e.csv", (SCORES + ROWS).replace("\n", "\r\n")).by_cve == found.by_cve
    assert epss.parse("e.csv", f"{SCORES}{LOG4J},1e-05,0.1\n").by_cve == {LOG4J: 1e-05}


def test_kev_reads_the_published_layout() -> None:
    found = kev.parse("k.json", json.dumps(CATALOGUE))
    assert found == kev.Catalogue(frozenset({LOG4J}), "2026-05-18T12:00:00.0Z")


def entry(**changed: Any) -> str:
    return json.dumps(CATALOGUE | changed)


REFUSED = [
    (trivy, "", "f:1: no JSON"),
    (trivy, report()[:-30], "f:1: no JSON"),
    (trivy, "[" * 100_000, "f: nested too deeply"),
    (trivy, "[]", "f: a list, as Trivy before 0.20 wrote it"),
    (trivy, "7", "f: a number where an object is expected"),
    (trivy, '{"ClusterName": "x"}', "f: a report on a cluster"),
    (trivy, "{}", "f: no SchemaVersion"),
    (trivy, report(SchemaVersion=3), "f: SchemaVersion is 3; 2 is known"),
    (trivy, report(ArtifactName=None), "f: no ArtifactName"),
    (trivy, report(ArtifactName="./folder", Metadata={}), "f: ArtifactName is './folder', and no name of an image"),
    (trivy, report(Metadata={"RepoTags": [7]}), "f: Metadata.RepoTags[0]: a number where a text is expected"),
    (trivy, report(Results={}), "f: Results: an object where a list is expected"),
    (
        trivy,
        report(Results=[{"Vulnerabilities": [{"Severity": "LOW"}]}]),
        "f: Results[0].Vulnerabilities[0]: no VulnerabilityID",
    ),
    (
        trivy,
        report(Results=[{"Vulnerabilities": [{"VulnerabilityID": LOG4J, "Severity": "BAD"}]}]),
        "f: Results[0].Vulnerabilities[0]: Severity is 'BAD'; known are CRITICAL, HIGH, MEDIUM, LOW, UNKNOWN",
    ),
    (epss, "", "f:1: no comment `#model_version:...,score_date:...`"),
    (epss, ROWS, "f:1: no comment"),
    (epss, SCORES.partition("\n")[0], "f:2: the columns are not cve,epss,percentile"),
    (epss, SCORES.replace(",percentile", "") + ROWS, "f:2: the columns are not cve,epss,percentile"),
    (epss, SCORES + ROWS + "CVE-2021-1,2.5,0.1\n", "f:5: 'CVE-2021-1,2.5,0.1' is no CVE with its probability"),
    (epss, SCORES + f"{LOG4J},1.5,0.1\n", f"f:3: '{LOG4J},1.5,0.1' is no CVE"),
    (epss, SCORES + ROWS + LOG4J, f"f:5: '{LOG4J}' is no CVE"),
    (kev, "null", "f: null where an object is expected"),
    (kev, "{}", "f: no dateReleased"),
    (kev, entry(count=2), "f: count is 2, and 1 vulnerabilities are there"),
    (kev, entry(vulnerabilities=[{}]), "f: vulnerabilities[0]: no cveID"),
    (kev, entry(vulnerabilities=[{"cveID": "log4j"}]), "f: vulnerabilities[0]: cveID is 'log4j'"),
    (kev, entry(vulnerabilities=["x"]), "f: vulnerabilities[0]: a text where an object is expected"),
]


@pytest.mark.parametrize(("reader", "text", "said"), REFUSED)
def test_another_layout_is_refused_with_its_record(reader: Any, text: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        reader.parse("f", text)
    assert str(error.value).startswith(said)
    assert "; give " in str(error.value), "what to do about it"
    assert "\n" not in str(error.value)


def test_harm_grows_with_each_vulnerability_and_stays_below_one() -> None:
    many = [Vulnerability(f"CVE-2020-{1000 + each}", "CRITICAL") for each in range(50)]
    found = [harm(many[:count], {}) for count in range(51)]
    assert found == sorted(found)
    assert found[1] == pytest.approx(0.1)
    assert found[50] < 1.0


def test_the_epss_takes_the_place_of_the_severity() -> None:
    one = [Vulnerability(LOG4J, "HIGH")]
    assert harm(one, {}) == pytest.approx(0.04 * 0.8)
    assert harm(one, {LOG4J: 0.9}) == pytest.approx(0.9 * 0.8)
