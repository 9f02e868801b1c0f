"""Feeds: fetched whole or not at all, kept with a checksum, read before an order; files of the settings win."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.adapters import feeds
from bot.adapters.feeds import files
from bot.adapters.feeds.fetch import FeedError
from bot.cli.group import cli
from bot.errors import InputError
from bot.rank.feeds import Feeds, Vulnerability
from bot.settings import SchedulerSettings

LOG4J = "CVE-2021-44228"
TODAY = dt.date(2026, 5, 20)
SCORES = f"#model_version:v2025.03.14,score_date:2026-05-18T00:00:00+0000\ncve,epss,percentile\n{LOG4J},0.94358,0.9\n"
CATALOGUE = json.dumps({"dateReleased": "2026-05-19T12:00:00Z", "count": 1, "vulnerabilities": [{"cveID": LOG4J}]})
REPORT = json.dumps(
    {
        "SchemaVersion": 2,
        "ArtifactName": "web:1",
        "Results": [{"Vulnerabilities": [{"VulnerabilityID": LOG4J, "Severity": "CRITICAL"}]}],
    }
)


class Server(ThreadingHTTPServer):
    """Answers by path: bytes, or a number for a status."""

    answers: dict[str, bytes | int | str]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        found = self.server.answers.get(self.path, 404)
        if isinstance(found, str):
            self.send_response(302)
            self.send_header("Location", found)
        else:
            self.send_response(200 if isinstance(found, bytes) else found)
        body = found if isinstance(found, bytes) else b""
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as found:
        found.answers = {"/e.csv.gz": gzip.compress(SCORES.encode()), "/k.json": CATALOGUE.encode()}
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*")} if folder.exists() else {}


def loaded(root: Path, folder: Path, **settings: object) -> feeds.Loaded:
    return feeds.load(SchedulerSettings(**settings), root=root, folder=folder, today=TODAY)  # type: ignore[arg-type]


def test_update_keeps_what_is_fetched_unpacked_and_says_what_it_is(server: Server, folder: Path) -> None:
    scores = feeds.update("epss", folder, f"{server.url}/e.csv.gz")
    catalogue = feeds.update("kev", folder, f"{server.url}/k.json")
    assert (scores.date[:10], scores.count, catalogue.date[:10], catalogue.count) == ("2026-05-18", 1, "2026-05-19", 1)
    assert feeds.kept(folder) == {"epss": scores, "kev": catalogue}
    assert (folder / scores.file).read_text() == SCORES


def test_a_newer_feed_takes_the_place_of_the_old_one(server: Server, folder: Path) -> None:
    old = feeds.update("epss", folder, f"{server.url}/e.csv.gz")
    server.answers["/e.csv.gz"] = SCORES.replace("05-18", "05-19").encode()
    new = feeds.update("epss", folder, f"{server.url}/e.csv.gz")
    assert (old.date[:10], new.date[:10]) == ("2026-05-18", "2026-05-19")
    assert set(content(folder)) == {new.file, "feeds.json", ".lock"}


BAD = {
    "another layout": (b"cve,epss\n", "another layout than published; nothing was kept"),
    "half of it": (gzip.compress(SCORES.encode())[:-9], "cut off; what is packed does not end"),
    "no gzip after all": (b"\x1f\x8bxxxxxxxxxxxxxxxx", "cannot be unpacked"),
    "no text": (b"\xff\xfe", "not UTF-8; nothing was kept"),
    "an error": (503, "cannot fetch .*503"),
    "another scheme": ("ftp://127.0.0.1/x", "cannot fetch"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_used_is_not_kept(case: str, server: Server, folder: Path) -> None:
    feeds.update("epss", folder, f"{server.url}/e.csv.gz")
    before = content(folder)
    answer, said = BAD[case]
    server.answers["/e.csv.gz"] = answer
    with pytest.raises(FeedError, match=said) as error:
        feeds.update("epss", folder, f"{server.url}/e.csv.gz")
    assert "\n" not in str(error.value)
    assert content(folder) == before


def test_too_much_is_not_kept(server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 100)
    for data in (SCORES.encode() * 2, gzip.compress(SCORES.encode() * 50)):
        server.answers["/e.csv.gz"] = data
        with pytest.raises(FeedError, match="100 bytes"):
            feeds.update("epss", folder, f"{server.url}/e.csv.gz")
    assert content(folder) == {}


def test_nobody_answers(folder: Path) -> None:
    with pytest.raises(FeedError, match=r"cannot fetch .*; `scheduler:` in the settings can name a file instead"):
        feeds.update("kev", folder, "http://127.0.0.1:1/k.json")


def test_nothing_is_read_without_a_report_on_images(tmp_path: Path, folder: Path) -> None:
    assert loaded(tmp_path, folder, epss="not there", kev="not there") == feeds.Loaded(Feeds())


def test_a_report_with_the_feeds_of_the_cache(server: Server, tmp_path: Path, folder: Path) -> None:
    feeds.update("epss", folder, f"{server.url}/e.csv.gz")
    feeds.update("kev", folder, f"{server.url}/k.json")
    (tmp_path / "r.json").write_text(REPORT)
    found = loaded(tmp_path, folder, trivy=("r.json",))
    assert found.feeds.of("web:1") == (Vulnerability(LOG4J, "CRITICAL"),)
    assert (found.feeds.epss, found.feeds.kev) == ({LOG4J: 0.94358}, frozenset({LOG4J}))
    assert found.notes == ("EPSS of 2026-05-18, 2 days old", "KEV catalogue of 2026-05-19, 1 day old")


def test_offline_works_and_nothing_is_known(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "r.json").write_text(REPORT)
    found = loaded(tmp_path, folder, trivy=("r.json",))
    assert (found.feeds.epss, found.feeds.kev, found.notes) == (None, None, ())


def test_a_file_of_the_settings_wins_packed_or_not(server: Server, tmp_path: Path, folder: Path) -> None:
    feeds.update("epss", folder, f"{server.url}/e.csv.gz")
    (tmp_path / "r.json").write_text(REPORT)
    own = SCORES.replace("0.94358", "0.5").replace("05-18", "01-01")
    for data in (own.encode(), gzip.compress(own.encode())):
        (tmp_path / "own.csv").write_bytes(data)
        found = loaded(tmp_path, folder, trivy=("r.json",), epss="own.csv")
        assert found.feeds.epss == {LOG4J: 0.5}
        assert found.notes == ("EPSS of 2026-01-01, 139 days old; k8s-auto-fix feeds update fetches the newest",)


def test_two_reports_on_one_image_are_put_together(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "a.json").write_text(REPORT)
    (tmp_path / "b.json").write_text(REPORT.replace(LOG4J, "CVE-2020-1000"))
    found = loaded(tmp_path, folder, trivy=("a.json", "b.json")).feeds.of("web:1")
    assert [each.id for each in found or ()] == [LOG4J, "CVE-2020-1000"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("none.json", "none.json: cannot be read: No such file"), (".", "no regular file"), ("a\0b", "no path")],
)
def test_a_report_that_cannot_be_read(name: str, said: str, tmp_path: Path, folder: Path) -> None:
    with pytest.raises(InputError, match=said):
        loaded(tmp_path, folder, trivy=(name,))


def test_a_kept_file_that_changed_is_refused(server: Server, tmp_path: Path, folder: Path) -> None:
    there = feeds.update("kev", folder, f"{server.url}/k.json")
    (tmp_path / "r.json").write_text(REPORT)
    (folder / there.file).write_text(CATALOGUE.replace("44228", "44229"))
    with pytest.raises(InputError, match="not what was fetched, its checksum differs; k8s-auto-fix feeds update"):
        loaded(tmp_path, folder, trivy=("r.json",))


@pytest.mark.parametrize(
    "index",
    [
        "",
        "{",
        "7",
        '{"kev": {}}',
        '{"kev": 7}',
        '{"kev": {"file": "../x", "sha256": "", "url": "", "date": "", "count": 1}}',
    ],
)
def test_a_damaged_index_is_said_and_mended_by_an_update(index: str, server: Server, folder: Path) -> None:
    folder.mkdir()
    (folder / "feeds.json").write_text(index)
    with pytest.raises(InputError, match=r"damaged .* k8s-auto-fix feeds update"):
        feeds.kept(folder)
    there = feeds.update("kev", folder, f"{server.url}/k.json")
    assert feeds.kept(folder) == {"kev": there}


def test_the_command(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    run = CliRunner().invoke
    missing = run(cli, ["feeds", "status"], standalone_mode=False)
    assert missing.return_value == 1
    assert missing.output == (
        "EPSS scores: not there: k8s-auto-fix feeds update\nKEV catalogue: not there: k8s-auto-fix feeds update\n"
    )
    urls = ["--epss-url", f"{server.url}/e.csv.gz", "--kev-url", f"{server.url}/none"]
    half = run(cli, ["feeds", "update", *urls], standalone_mode=False)
    assert half.return_value == 2
    assert "error: cannot fetch" in half.output
    assert "EPSS scores of 2026-05-18, " in half.output
    done = run(cli, ["feeds", "update", "kev", "--kev-url", f"{server.url}/k.json"], standalone_mode=False)
    assert done.return_value == 0
    assert done.output.startswith("KEV catalogue of 2026-05-19, ")
    there = run(cli, ["feeds", "status", "--format", "json"], standalone_mode=False)
    assert there.return_value == 0
    assert {name: found["count"] for name, found in json.loads(there.output)["feeds"].items()} == {"epss": 1, "kev": 1}
