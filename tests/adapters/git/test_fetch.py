"""Fetching the two commits of a pull request from a server that demands credentials."""

from __future__ import annotations

import base64
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.adapters.git import Fetched, GitError, Moved, Wanted, fetch
from tests.adapters.git.material import ENVIRON, Work, git
from tests.adapters.git.server import Server

TOKEN = "ghs_" + "S3cr3t" * 6
BASIC = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()


@dataclass
class Pull:
    """A repository with a pull request from a fork: its head is in no branch."""

    work: Work
    server: Server
    wanted: Wanted
    pauses: list[float]
    into: Path

    @property
    def url(self) -> str:
        return f"{self.server.address}/owner/name.git"

    def fetch(self, **changes: object) -> Fetched | Moved:
        options = {"into": self.into, "token": TOKEN, "environ": ENVIRON, "pause": self.pauses.append} | changes
        return fetch(options.pop("url", self.url), options.pop("wanted", self.wanted), **options)

    def push(self, name: str) -> str:
        """Another commit of the pull request."""
        head = self.work.commit({name: b"pushed\n"})
        git(self.work.root, "push", "-q", "-f", "origin", "HEAD:refs/pull/7/head")
        return head


@pytest.fixture
def pull(tmp_path: Path) -> Iterator[Pull]:
    work = Work(tmp_path / "work")
    work.commit({"old.yaml": b"old\n"})
    base = work.commit({"a.yaml": b"1\n2\n3\n"})
    work.commit({"later.yaml": b"main has moved on\n"})
    bare = tmp_path / "served/owner/name.git"
    git(tmp_path, "init", "-q", "--bare", str(bare))
    git(work.root, "remote", "add", "origin", str(bare))
    git(work.root, "push", "-q", "origin", "main")
    git(work.root, "checkout", "-q", "--detach", base)
    work.commit({"a.yaml": b"1\ntwo\n3\n"})
    with Server(tmp_path / "served", f"Basic {BASIC}") as server:
        pull = Pull(work, server, Wanted(base, base, "refs/pull/7/head"), [], tmp_path / "fetched")
        pull.wanted = replace(pull.wanted, head=pull.push("b.yaml"))
        yield pull


def opened(found: Fetched | Moved) -> Fetched:
    assert isinstance(found, Fetched)
    return found


def test_the_two_commits(pull: Pull) -> None:
    found = opened(pull.fetch())
    with found.repository as repository:
        assert not found.moved
        assert [each.path for each in repository.diff(pull.wanted.base, pull.wanted.head)] == ["a.yaml", "b.yaml"]
        assert repository.read(pull.wanted.head, "a.yaml") == b"1\ntwo\n3\n"
        assert repository.read(pull.wanted.base, "a.yaml") == b"1\n2\n3\n"
        assert repository.resolve(pull.wanted.head) == pull.wanted.head
        assert repository.root is None
        # Nothing but the two: no history, no branch, no tag.
        commits = git(pull.into, "rev-list", "--all").decode().split()
        assert sorted(commits) == sorted([pull.wanted.base, pull.wanted.head])
    assert pull.pauses == []


def test_one_conversation_in_protocol_2_with_one_header(pull: Pull) -> None:
    opened(pull.fetch()).repository.close()
    assert {protocol for _, _, protocol in pull.server.requests} == {"version=2"}
    assert {tuple(headers) for _, headers, _ in pull.server.requests} == {(f"Basic {BASIC}",)}
    assert len(pull.server.requests) <= 3


def test_the_token_is_nowhere(pull: Pull, tmp_path: Path) -> None:
    """Not in the arguments of any program, not in a file of ours, not in an error."""
    path = tmp_path / "bin"
    path.mkdir()
    real = subprocess.run(("which", "git"), capture_output=True, check=True).stdout.decode().strip()
    (path / "git").write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/arguments\nexec {real} "$@"\n')
    (path / "git").chmod(0o755)
    environ = {**ENVIRON, "PATH": f"{path}:{ENVIRON['PATH']}", "GIT_TRACE": "1", "GIT_TRACE_CURL": f"{tmp_path}/curl"}
    opened(pull.fetch(environ=environ)).repository.close()
    pull.server.credentials = "another"
    with pytest.raises(GitError) as refused:
        pull.fetch(environ=environ, into=tmp_path / "second")
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / "arguments" in written
    assert b"fetch" in (tmp_path / "arguments").read_bytes()
    for secret in (TOKEN, BASIC):
        assert [path for path in written if secret.encode() in path.read_bytes()] == []
        assert secret not in str(refused.value) + repr(refused.value.__cause__) + repr(refused.value.__context__)


def test_the_workspace_and_the_user_have_no_say(pull: Pull, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """actions/checkout leaves a header of its own in the workspace: the server would get two."""
    workspace = Work(tmp_path / "workspace")
    home = tmp_path / "home"
    home.mkdir()
    for file in (workspace.root / ".git/config", home / ".gitconfig"):
        for key, value in {
            f"http.{pull.server.address}/.extraheader": "Authorization: Basic other",
            f"url.{pull.server.address}/evil/.insteadOf": f"{pull.server.address}/owner/",
            "credential.helper": f"!touch {tmp_path}/sprung",
            "core.hooksPath": str(home),
            "http.proxy": "http://127.0.0.1:9",
        }.items():
            git(tmp_path, "config", "--file", str(file), key, value)
    (home / ".netrc").write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.chdir(workspace.root)
    opened(
        pull.fetch(environ={**ENVIRON, "HOME": str(home), "GIT_DIR": str(workspace.root / ".git")})
    ).repository.close()
    assert {tuple(headers) for _, headers, _ in pull.server.requests} == {(f"Basic {BASIC}",)}
    assert not (tmp_path / "sprung").exists()


def test_again_into_the_same_folder(pull: Pull) -> None:
    opened(pull.fetch()).repository.close()
    head = pull.push("c.yaml")
    found = opened(pull.fetch(wanted=replace(pull.wanted, head=head)))
    with found.repository as repository:
        assert not found.moved
        assert repository.read(head, "c.yaml") == b"pushed\n"
        assert repository.read(pull.wanted.head, "b.yaml") == b"pushed\n"
    # Rewritten: the new head does not descend from the old one.
    git(pull.work.root, "checkout", "-q", "--detach", pull.wanted.base)
    rewritten = pull.push("d.yaml")
    with opened(pull.fetch(wanted=replace(pull.wanted, head=rewritten))).repository as repository:
        assert repository.read(rewritten, "d.yaml") == b"pushed\n"


def test_a_head_without_a_ref(pull: Pull) -> None:
    """A push, or a merge group: the commits are known, and nothing can move."""
    found = opened(pull.fetch(wanted=replace(pull.wanted, head_ref="")))
    with found.repository as repository:
        assert not found.moved
        assert repository.read(pull.wanted.head, "b.yaml") == b"pushed\n"


def test_the_head_moved(pull: Pull) -> None:
    expected = pull.wanted.head
    head = pull.push("c.yaml")
    found = opened(pull.fetch())
    with found.repository as repository:
        assert (found.moved, found.expected, found.found) == (True, expected, head)
        assert repository.read(expected, "b.yaml") == b"pushed\n"  # the server still gives it out


def test_the_head_moved_and_the_expected_one_is_gone(pull: Pull) -> None:
    expected = "1" * 40
    assert pull.fetch(wanted=replace(pull.wanted, head=expected)) == Moved(expected, pull.wanted.head)


def test_a_server_that_gives_no_commit_by_name(pull: Pull) -> None:
    pull.server.newest = 0
    wanted = replace(pull.wanted, base_ref="refs/heads/main")
    with opened(pull.fetch(wanted=wanted)).repository as repository:
        assert [each.path for each in repository.diff(wanted.base, wanted.head)] == ["a.yaml", "b.yaml"]
    with pytest.raises(GitError, match=rf"does not give out the merge base {wanted.base}; .*fetch-depth: 0"):
        pull.fetch(into=pull.into.with_name("other"))


def test_a_merge_base_that_is_nowhere(pull: Pull) -> None:
    wanted = replace(pull.wanted, base="2" * 40, base_ref="refs/heads/main")
    with pytest.raises(GitError, match=r"not among the last 10,000 commits of refs/heads/main"):
        pull.fetch(wanted=wanted)


def test_a_pull_request_that_is_nowhere(pull: Pull) -> None:
    with pytest.raises(GitError, match="couldn't find remote ref refs/pull/8/head"):
        pull.fetch(wanted=replace(pull.wanted, head_ref="refs/pull/8/head"))


@pytest.mark.parametrize("faults", [[503], [0], [502, 500], [429, 504]])
def test_what_may_pass_is_tried_again(pull: Pull, faults: list[int]) -> None:
    pull.server.faults = list(faults)
    opened(pull.fetch()).repository.close()
    assert pull.pauses == [1.0, 5.0][: len(faults)]


def test_what_does_not_pass(pull: Pull) -> None:
    pull.server.faults = [503] * 9
    with pytest.raises(GitError, match=r"tried 3 times .*503.*; run the job again"):
        pull.fetch()
    assert pull.pauses == [1.0, 5.0]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (401, r"may not be read .*permissions:\n    contents: read"),
        (403, r"may not be read .*permissions:\n    contents: read"),
        (404, r"is not there, or the token does not open it .*permissions:\n    contents: read"),
        (301, r"sends us elsewhere"),
        (400, r"could not be fetched from: .*400"),
    ],
)
def test_what_no_further_try_mends(pull: Pull, fault: int, said: str) -> None:
    pull.server.faults = [fault] * 9
    with pytest.raises(GitError, match=f"(?s){said}"):
        pull.fetch()
    assert pull.pauses == []


def test_no_token(pull: Pull, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="may not be read"):
        pull.fetch(token="")
    pull.server.credentials = None
    pull.server.requests.clear()
    opened(pull.fetch(token="", into=tmp_path / "public")).repository.close()
    assert {tuple(headers) for _, headers, _ in pull.server.requests} == {()}


def test_no_proxy_for_this_machine(pull: Pull) -> None:
    proxies = dict.fromkeys(
        ("http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"), "http://127.0.0.1:9"
    )
    opened(pull.fetch(environ={**ENVIRON, **proxies})).repository.close()


def test_a_proxy_for_other_machines(pull: Pull) -> None:
    with Server(pull.into.parent) as proxy:
        proxy.faults = [403]
        environ = {**ENVIRON, "http_proxy": proxy.address}
        with pytest.raises(GitError, match="403"):
            pull.fetch(url="http://git.example/owner/name.git", environ=environ)
        assert proxy.requests[0][0].startswith("http://git.example/owner/name.git/info/refs")


def test_a_certificate_of_ones_own(pull: Pull, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "ca.pem"
    make = (
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    )
    names = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    subprocess.run((*make, "-keyout", key, "-out", certificate, *names), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Server(tmp_path / "served", f"Basic {BASIC}", context=context) as server:
        url = f"{server.address}/owner/name.git"
        with pytest.raises(GitError, match=r"is not trusted .*`ca-certificate` names the PEM file"):
            pull.fetch(url=url)
        opened(pull.fetch(url=url, ca_certificate=certificate)).repository.close()
    with pytest.raises(GitError, match=r"ca-certificate .*absent.pem: no such file"):
        pull.fetch(ca_certificate=tmp_path / "absent.pem")


WANTED = Wanted("1" * 40, "2" * 40, "refs/pull/7/head")
NO_ADDRESSES = [
    "",
    "name",
    "file:///etc",
    "ssh://host/x",
    "ext::sh -c true",
    "-u",
    "https://",
    "https://a b/c",
    "http://h/\n",
]


@pytest.mark.parametrize("url", [*NO_ADDRESSES, "git@host:x"])
def test_no_address(url: str, tmp_path: Path) -> None:
    with pytest.raises(GitError, match="is no address to fetch from"):
        fetch(url, WANTED, into=tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_credentials_in_the_address(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="has credentials in it") as refused:
        fetch(f"https://me:{TOKEN}@host/x", WANTED, into=tmp_path / "x")
    assert TOKEN not in str(refused.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"base": "main"},
        {"head": "-x"},
        {"head": "2" * 39},
        {"head_ref": "--upload-pack=touch x"},
        {"head_ref": "refs/pull/7/head:refs/heads/main"},
        {"base_ref": "refs/heads/*"},
    ],
)
def test_nothing_to_fetch(tmp_path: Path, changes: dict[str, str]) -> None:
    with pytest.raises(GitError, match=r"is no full object name|is no ref to fetch"):
        fetch("https://host/x", replace(WANTED, **changes), into=tmp_path / "x")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_ours(pull: Pull, tmp_path: Path) -> None:
    """Its configuration would be obeyed."""
    with pytest.raises(GitError, match="not fetched by us"):
        pull.fetch(into=pull.work.root / ".git")
    opened(pull.fetch()).repository.close()
    git(pull.into, "config", "core.sshCommand", "evil")
    with pytest.raises(GitError, match="not fetched by us"):
        pull.fetch()
    (tmp_path / "file").write_text("")
    with pytest.raises(GitError, match="cannot hold a repository"):
        pull.fetch(into=tmp_path / "file")


def test_readable_for_nobody_else(pull: Pull) -> None:
    opened(pull.fetch()).repository.close()
    assert pull.into.stat().st_mode & 0o077 == 0
