"""How the client behaves on the wire, and that nobody sees the token."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from bot import __version__
from bot.adapters.github import connect
from bot.adapters.github.errors import Forbidden, RateLimited, Unreachable
from bot.adapters.github.patience import Patience
from bot.adapters.github.place import Place, locate
from bot.errors import BotError, InputError, UsageError
from tests.adapters.github.scripted import (
    HEAD,
    PULLS,
    TOKEN,
    Clock,
    Said,
    Script,
    pull,
    seven,
)


def test_headers(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", pull())
    seven(script, clock).pull()
    (asked,) = script.asked
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["user-agent"] == f"k8s-auto-fix/{__version__}"
    assert asked.headers["authorization"] == f"token {TOKEN}"


def test_enterprise_server_keeps_its_prefix(script: Script, clock: Clock) -> None:
    script.on("GET /api/v3/repos/octo/shop/pulls/7", pull())
    script.on("GET /api/v3/repos/octo/shop/pulls/7/comments", [])
    where = locate("octo/shop", {"GITHUB_API_URL": f"{script.url}/api/v3"})
    there = connect(where, 7, TOKEN, Patience(0, clock=clock.now, sleep=clock.sleep))
    there.pull()
    there.comments()
    assert script.lines[0] == "GET /api/v3/repos/octo/shop/pulls/7"
    assert script.lines[2] == "POST /api/graphql"


def test_pages_of_a_hundred_are_followed(script: Script, clock: Clock) -> None:
    path = f"{PULLS}/7/files"
    first = [{"filename": f"{number}.yaml", "patch": "@@ -1 +1 @@\n-a\n+b"} for number in range(100)]
    script.on(
        f"GET {path}",
        Said(body=first, headers={"Link": f'<URL{path}?per_page=100&page=2>; rel="next"'}),
        Said(body=[{"filename": "last.yaml", "patch": "@@ -1 +1 @@\n-a\n+b"}]),
    )
    assert len(seven(script, clock).patches(101)) == 101
    assert script.lines == [f"GET {path}?per_page=100", f"GET {path}?page=2&per_page=100"]


def test_get_is_repeated_after_server_errors_and_broken_connections(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", Said(502), Said(0), Said(503, headers={"Retry-After": "3600"}), pull())
    assert seven(script, clock).pull().head == HEAD
    assert len(script.asked) == 4
    assert sum(clock.slept) < 10


def test_get_gives_up_after_a_while(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", Said(502, b"<html>Bad gateway</html>"))
    with pytest.raises(Unreachable, match=r"could not read the pull request at octo/shop#7: 502 .*the next run"):
        seven(script, clock).pull()
    assert len(script.asked) == 4


def test_pages_go_on_after_a_rate_limit(script: Script, clock: Clock) -> None:
    path = f"{PULLS}/7/files"
    script.on(
        f"GET {path}",
        Said(body=[{"filename": "a.yaml"}], headers={"Link": f'<URL{path}?page=2>; rel="next"'}),
        Said(429),
        Said(body=[{"filename": "b.yaml"}]),
    )
    seven(script, clock).patches(2)
    assert script.lines == [f"GET {path}?per_page=100", f"GET {path}?page=2", f"GET {path}?page=2"]


@pytest.mark.parametrize(
    ("limit", "slept"),
    [
        (Said(403, {"message": "You have exceeded a secondary rate limit"}), [60, 120]),
        (Said(429), [60, 120]),
        (Said(429, headers={"Retry-After": "7"}), [7, 7]),
        (Said(403, {"message": "API rate limit exceeded"}, {"Retry-After": "90"}), [90, 90]),
        (Said(403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1000100"}), [101, 1]),
    ],
)
def test_rate_limits_are_waited_for(script: Script, clock: Clock, limit: Said, slept: list[float]) -> None:
    script.on(f"GET {PULLS}/7", limit, limit, pull())
    assert seven(script, clock).pull().head == HEAD
    assert clock.slept == slept


def test_budget_ends_the_waiting(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", Said(429, headers={"Retry-After": "200"}))
    with pytest.raises(RateLimited, match=r"it wants 200 s of waiting before this token may read the pull request"):
        seven(script, clock, budget=300).pull()
    assert clock.slept == [200]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Said(403, {"message": "Resource not accessible by integration"}), "403 Resource not accessible"),
        (Said(401, {"message": "Bad credentials"}), "401 Bad credentials: the token is wrong or no longer valid"),
        (Said(404, {"message": "Not Found"}), "octo/shop#7 is not there, or this token may not see it"),
    ],
)
def test_missing_rights_are_named(script: Script, clock: Clock, answer: Said, said: str) -> None:
    script.on(f"GET {PULLS}/7", answer)
    with pytest.raises(Forbidden) as refusal:
        seven(script, clock).pull()
    assert said in str(refusal.value)
    assert "\n  permissions:\n    contents: read\n    pull-requests: write" in str(refusal.value)


@pytest.mark.parametrize(
    "answer",
    [
        Said(200, b"<html>Please log in to the network</html>"),
        Said(200, b"{half"),
        Said(200, []),
        Said(200, {"number": 7}),
        Said(301, headers={"Location": "https://elsewhere.example.com/"}),
        Said(307, headers={"Location": "URL/moved"}),
        Said(400, ["odd"]),
    ],
)
def test_answers_that_are_not_githubs_get_one_line(script: Script, clock: Clock, answer: Said) -> None:
    script.on(f"GET {PULLS}/7", answer)
    with pytest.raises(BotError) as refusal:
        seven(script, clock).pull()
    assert "\n" not in str(refusal.value)


def test_nobody_listens(clock: Clock) -> None:
    there = connect(Place("octo/shop", "http://127.0.0.1:9"), 7, TOKEN, Patience(0, clock=clock.now, sleep=clock.sleep))
    with pytest.raises(Unreachable, match="pull request at octo/shop#7: no connection; the next run"):
        there.pull()


@pytest.mark.parametrize("token", ["", " \n"])
def test_no_token(token: str) -> None:
    with pytest.raises(UsageError, match="there is no token"):
        connect(Place("octo/shop"), 7, token, Patience(0))


@pytest.mark.parametrize("token", ["ghs_sec\nret", "ghs_sec ret", "ghs_secrét", "ghs_sec\x7fret"])
def test_token_that_would_end_up_in_an_exception(token: str) -> None:
    with pytest.raises(UsageError, match="characters that no token has") as refusal:
        connect(Place("octo/shop"), 7, token, Patience(0))
    assert "ghs_" not in str(refusal.value)


def test_line_end_behind_the_token_does_no_harm(script: Script, clock: Clock) -> None:
    script.on(f"GET {PULLS}/7", pull())
    seven(script, clock, token=TOKEN + "\n").pull()
    assert script.asked[0].headers["authorization"] == f"token {TOKEN}"


def test_token_is_nowhere(script: Script, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    there = seven(script, clock)
    seen = [repr(there), repr(vars(there)), str(there)]
    steps = [there.pull, there.reviews, there.comments, lambda: there.post(HEAD, "Summary.", [])]
    for answer in (Said(401), Said(403), Said(404), Said(422), Said(429), Said(500), Said(0), Said(200, b"{")):
        script.on(f"GET {PULLS}/7", answer)
        script.on(f"GET {PULLS}/7/reviews", answer)
        script.on(f"POST {PULLS}/7/reviews", answer)
        script.on("POST /graphql", answer)
        for step in steps:
            with pytest.raises(BotError) as refusal:
                step()
            seen += ["".join(traceback.format_exception(refusal.value)), repr(refusal.value)]
    seen += [record.getMessage() for record in caplog.records]
    assert len(caplog.records) > 50
    assert not [text for text in seen if TOKEN[4:] in text]


def test_no_proxy_leads_to_this_machine(script: Script, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "internal.example.com")
    monkeypatch.setenv("no_proxy", "")
    script.on(f"GET {PULLS}/7", pull())
    assert seven(script, clock).pull().head == HEAD
    assert os.environ["no_proxy"] == "internal.example.com,127.0.0.1"


def test_proxy_leads_elsewhere(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:hidden@127.0.0.1:9")
    monkeypatch.delenv("https_proxy", raising=False)
    there = connect(Place("octo/shop"), 7, TOKEN, Patience(0, clock=clock.now, sleep=clock.sleep))
    with pytest.raises(Unreachable, match="no way through the proxy that HTTPS_PROXY names") as refusal:
        there.pull()
    assert "hidden" not in str(refusal.value)


def test_certificate_file(tmp_path: Path) -> None:
    missing, wrong = tmp_path / "missing.pem", tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    for path, message in ((missing, "cannot be read: No such file"), (wrong, "holds no certificates in PEM")):
        with pytest.raises(InputError, match=re.escape(f"{path}: {message}")):
            connect(Place("octo/shop", certificate=str(path)), 7, TOKEN, Patience(0))


def test_library_is_imported_when_somebody_connects() -> None:
    program = "import sys, bot.adapters.github, bot.adapters.github.place; print('github' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
