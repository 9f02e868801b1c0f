"""One request, from its path to its answer: what it has to bring, and the order in which that is looked at.

First what a scripted fault says, then the hour's budget, the headers, the token, the repository, the permission, the
description, and at last the handler of the operation.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from email.message import Message
from typing import Any

from tests.fakes.github import answers, description, faults
from tests.fakes.github.answers import Answer, Refused
from tests.fakes.github.calls import HANDLERS, Call
from tests.fakes.github.description import Operation
from tests.fakes.github.faults import Fault
from tests.fakes.github.hub import SECRET, Hub, Request
from tests.fakes.github.records import Token
from tests.fakes.github.shapes import REPOSITORY_ID

VERSION = "2022-11-28"
"""The version of the interface that a client has to name."""

REST_DOCS = "https://docs.github.com/rest"


class HangUp(Exception):
    """The connection breaks instead of an answer."""


class Judge:
    """One request, from its path to its answer."""

    def __init__(
        self, hub: Hub, method: str, path: str, query: Mapping[str, str], headers: Message, body: bytes
    ) -> None:
        self.hub = hub
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.raw = body
        self.body: Any = None
        self.name = f"{method} {path}"
        self.docs = REST_DOCS
        self.began = time.monotonic()

    def answer(self) -> Answer:
        """The answer; every request is written down with it."""
        status = 0
        try:
            found = self._refusals_told()
            status = found.status
        finally:
            kept = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.name, self.method, self.path, self.query, self.body, status, kept, self.began)
            self.hub.requests.append(request)
        return found

    def _refusals_told(self) -> Answer:
        try:
            return self._judged()
        except Refused as refused:
            return refused.answer(self.docs)

    def _judged(self) -> Answer:
        self._read_body()
        path = self._below_base()
        if path is None:
            self.hub.offend(self.name, "GitHub Enterprise Server answers below /api/v3 and at /api/graphql")
            raise answers.not_found()
        if path == "/graphql":
            from tests.fakes.github import graph  # graphql-core takes a while to import

            self.name = graph.operation(self.body)
            return self._with_faults(self._graphql)
        found = description.find(self.method, path)
        if found is None or found[0].name not in HANDLERS:
            self.hub.offend(self.name, "the fake has no such operation")
            return Answer(500, {"message": f"The fake GitHub has no operation for {self.method} {path}"})
        operation, names = found
        self.name, self.docs = operation.name, operation.docs
        return self._with_faults(lambda: self._rest(operation, names, path))

    def _read_body(self) -> None:
        if not self.raw:
            return
        try:
            self.body = json.loads(self.raw)
        except ValueError:
            raise Refused(400, "Problems parsing JSON") from None
        if SECRET in self.raw.decode() or SECRET in str(self.query):
            self.hub.offend(self.name, "the token is in the request, outside of its header")

    def _below_base(self) -> str | None:
        """The path as the description knows it; links of GitHub's own name the repository by its number."""
        path = self.path
        if self.hub.ghes:
            if path == "/api/graphql":
                return "/graphql"
            if not path.startswith("/api/v3/"):
                return None
            path = path.removeprefix("/api/v3")
        numbered = f"/repositories/{REPOSITORY_ID}"
        return f"/repos/{self.hub.full_name}" + path.removeprefix(numbered) if path.startswith(numbered) else path

    def _with_faults(self, handle: Callable[[], Answer]) -> Answer:
        struck = self.hub.faults.meet(self.name)
        for fault in struck:
            self._before(fault)
        early = next((fault for fault in struck if not fault.kind.endswith("-after")), None)
        told = faults.instead(early) if early is not None else None
        if told is not None:
            return told
        with self.hub.lock:
            self._budget()
            known = {review.id for pull in self.hub.pulls.values() for review in pull.reviews}
            found = handle()
            for fault in struck:
                if fault.kind == "unseen":
                    self._hide(known, fault.reads)
        for fault in struck:
            if fault.kind == "call-after" and fault.call is not None:
                fault.call()
            if fault.kind == "hang-up-after":
                raise HangUp
            if fault.kind == "502-after":
                late = faults.instead(fault)
                assert late is not None
                return late
        return found

    def _before(self, fault: Fault) -> None:
        if fault.kind == "slow":
            time.sleep(fault.seconds)
        elif fault.kind == "hang-up":
            raise HangUp
        elif fault.kind == "exhausted":
            self.hub.spent = self.hub.limit
        elif fault.kind == "call" and fault.call is not None:
            fault.call()
        elif fault.kind in ("push", "force-push"):
            self.hub.pushed_meanwhile(fault)

    def _hide(self, known: set[int], reads: int) -> None:
        for pull in self.hub.pulls.values():
            for review in pull.reviews:
                if review.id not in known:
                    review.unseen = reads

    def _budget(self) -> None:
        if time.time() >= self.hub.reset:
            self.hub.spent, self.hub.reset = 0, int(time.time()) + 3600
        if self.name == "rate-limit/get":
            return
        if self.hub.spent >= self.hub.limit:
            message = "API rate limit exceeded for installation ID 1234567."
            raise Refused(403, message)
        self.hub.spent += 1

    def _made_too_fast(self, operation: Operation) -> None:
        """80 pieces of content a minute are enough: the secondary limit, which nothing announces."""
        if operation.method != "POST":
            return
        now = time.monotonic()
        self.hub.made = [*(each for each in self.hub.made if each > now - 60), now]
        if len(self.hub.made) > self.hub.made_limit:
            raise Refused(403, faults.SECONDARY, headers={"retry-after": "60"})

    def _token(self) -> Token | None:
        given = self.headers.get_all("authorization") or []
        if len(given) > 1:
            self.hub.offend(self.name, "more than one Authorization header")
            raise Refused(400, "Bad Request")
        if not given:
            return None
        scheme, _, secret = given[0].partition(" ")
        token = self.hub.token(secret)
        if scheme.lower() not in ("bearer", "token") or token is None:
            raise Refused(401, "Bad credentials")
        return token

    def _headers_kept(self) -> None:
        if not self.headers.get("user-agent"):
            self.hub.offend(self.name, "no User-Agent")
            raise Refused(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            )
        if self.name.startswith("graphql/"):
            return
        if self.headers.get("x-github-api-version") != VERSION:
            self.hub.offend(self.name, f"X-GitHub-Api-Version is not {VERSION}")
        if not any(each in self.headers.get("accept", "") for each in ("json", "*/*")):
            self.hub.offend(self.name, f"Accept: {self.headers.get('accept')}")

    def _rest(self, operation: Operation, names: dict[str, str], path: str) -> Answer:
        self._headers_kept()
        token = self._token()
        self._here(names)
        handler, (permission, level) = HANDLERS[operation.name]
        self._allowed(token, permission, level)
        for problem in operation.of_query(self.query):
            self.hub.offend(operation.name, problem)
        problems = operation.of_request(self.body)
        if problems:
            for problem in problems:
                self.hub.offend(operation.name, problem)
            raise answers.invalid_request(problems)
        self._made_too_fast(operation)
        body = {} if self.body is None and operation.request is not None else self.body
        found = handler(self.hub, Call(operation, names, self.query, body, token, path))
        for problem in operation.of_response(found.status, found.body):
            self.hub.offend(operation.name, f"the fake answered what GitHub would not: {problem}")
        return found

    def _here(self, names: Mapping[str, str]) -> None:
        if "owner" in names and f"{names['owner']}/{names['repo']}".lower() != self.hub.full_name.lower():
            raise answers.not_found()

    def _allowed(self, token: Token | None, permission: str, level: str) -> None:
        """Who may not read does not learn that there is something; who may read learns that writing is not allowed."""
        if token is None:
            if self.hub.private:
                raise answers.not_found()
            if level == "write":
                raise Refused(401, "Requires authentication")
            return
        reads = not self.hub.private or token.may(permission, "read")
        if not reads:
            raise answers.not_found()
        if level == "write" and not token.may(permission, "write"):
            raise answers.not_accessible(f"{permission.replace('-', '_')}={level}")

    def _graphql(self) -> Answer:
        self._headers_kept()
        from tests.fakes.github import graph

        token = self._token()
        if token is None:
            raise Refused(401, "This endpoint requires you to be authenticated.")
        return graph.answer(self.hub, token, self.body)
