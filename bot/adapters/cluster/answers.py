"""One HTTP answer of an API server to one verdict.

A dry run answers in many shapes: a Status with causes, a Status with a sentence, plain text, a 500 that is no outage.

Invariant: a pure function of the answer; every answer has a verdict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.model import Json
from bot.verify.server import Cause, Stage, Status, Verdict

Document = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status code, the Warning headers' texts, the body, and seconds to wait when it says so."""

    code: int
    body: bytes = b""
    warnings: tuple[str, ...] = ()
    retry_after: float | None = None

    def document(self) -> Document:
        """The body as a JSON object; empty when it is none."""
        try:
            document = json.loads(self.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}


# Sentences of admission that speak of the environment, not of the object. The group is what it lacks.
_LACKS = (
    (r"error looking up service account (\S+?):", "service account {}"),
    (r"no PriorityClass with name (\S+) was found", "PriorityClass {}"),
    (r'RuntimeClass "([^"]+)" not found', "RuntimeClass {}"),
    (r"(exceeded quota: \S+?),", "quota ({})"),
    (r"(failed quota: \S+?):", "quota ({})"),
    (r"(does not support dry run)", "a webhook that can be asked ({})"),
    (r"namespace (\S+) because it is being terminated", "namespace {} (it is being deleted)"),
)
# The same, in the causes of a 422.
_LACKS_IN_CAUSE = (
    (r"this cluster is not configured for (dual-stack|\w+) services", "{} services"),
    (r"is not in the valid range\. The range of valid (?:IPs|ports) is (\S+)", "service addresses outside {}"),
)
_UNTYPED = "failed to create typed patch object"
_NOT_ALLOWED = re.compile(r'is forbidden: User "[^"]*" cannot ')


def is_outage(answer: Answer) -> bool:
    """Whether asking again may help: too many requests, or a failure that says nothing about the object."""
    return answer.code == 429 or (answer.code >= 500 and _UNTYPED.encode() not in answer.body)


def classify(answer: Answer) -> Verdict:
    """The verdict an answer to a dry run stands for."""
    document = answer.document()
    message = _message(answer, document)
    if answer.code in (200, 201):
        if not document:
            return Verdict(Status.UNKNOWN, "the server answered with something that is no object")
        metadata = document.get("metadata")
        if isinstance(metadata, dict):
            metadata.pop("managedFields", None)  # half of the answer, and about who asked
        return Verdict(Status.ACCEPTED, warnings=answer.warnings, object=document)
    verdict = _refusal(answer.code, document, message)
    return Verdict(verdict.status, verdict.reason, verdict.causes, verdict.lacks, answer.warnings)


def _refusal(code: int, document: Document, message: str) -> Verdict:
    if code == 400:
        return _decoding(message)
    if code == 401:
        return Verdict(Status.UNKNOWN, "the server does not accept the credentials (401)")
    if code == 403:
        return _forbidden(message)
    if code == 404:
        return _not_found(document, message)
    if code == 405:
        return Verdict(Status.NOT_SERVED, "the server serves the kind, and does not let it be created")
    if code == 409:
        return _rejected(message, Cause(Stage.VALIDATION, message, reason="Conflict"))
    if code == 413:
        return _rejected(message, Cause(Stage.DECODING, message, reason="RequestEntityTooLarge"))
    if code == 422:
        return _invalid(document, message)
    if code == 500 and _UNTYPED in message:
        return _untyped(message)
    return Verdict(Status.UNKNOWN, f"the server failed ({code}): {message}")


def _decoding(message: str) -> Verdict:
    if lacking := _lacking(message, _LACKS):
        return lacking
    _, strict, problems = message.partition("strict decoding error: ")
    if strict:
        causes = [
            Cause(Stage.DECODING, f"{word} field", field, word)
            for word, field in re.findall(r'(unknown|duplicate) field "((?:[^"\\]|\\.)*)"', problems)
        ]
        return _rejected("; ".join(map(str, causes)) or message, *causes or [Cause(Stage.DECODING, message)])
    _, cannot, problem = message.partition(" cannot be handled as a ")
    short = problem.partition(": ")[2] if cannot else message
    field = re.search(r"into Go struct field \w+\.(\S+) of type", short)
    return _rejected(short, Cause(Stage.DECODING, short, field[1] if field else "", "type"))


def _untyped(message: str) -> Verdict:
    """Server-side apply's 500 for what POST calls a 400."""
    problems = message.partition("): ")[2] or message
    causes = [
        Cause(Stage.DECODING, "unknown field", field, "unknown")
        if problem == "field not declared in schema"
        else Cause(Stage.DECODING, problem, field, "type")
        for field, problem in re.findall(r"(?:^|(?<= ))\.(\S+): (.*?)(?= \.\S+: |$)", problems)
    ]
    return _rejected("; ".join(map(str, causes)) or problems, *causes or [Cause(Stage.DECODING, problems)])


def _forbidden(message: str) -> Verdict:
    if _NOT_ALLOWED.search(message):
        return Verdict(Status.UNKNOWN, f"not allowed to ask: {message}")
    if lacking := _lacking(message, _LACKS):
        return lacking
    short = message.partition(" is forbidden: ")[2] or message
    return _rejected(short, Cause(Stage.ADMISSION, short, reason="Forbidden"))


def _not_found(document: Document, message: str) -> Verdict:
    details = document.get("details")
    if isinstance(details, Mapping) and details.get("kind") == "namespaces":
        lacks = f"namespace {details.get('name')}"
        return Verdict(Status.LACKING, f"the server has no {lacks}", lacks=lacks)
    if document.get("kind") == "Status" and details:
        return Verdict(Status.LACKING, message, lacks=message.removesuffix(" not found"))
    return Verdict(Status.NOT_SERVED, "the server does not serve the kind")


def _invalid(document: Document, message: str) -> Verdict:
    """422: validation's causes, or those of a policy, a webhook or a CRD's own rules."""
    details = document.get("details")
    stated = details.get("causes") if isinstance(details, Mapping) else None
    stage = Stage.ADMISSION if "denied the request" in message or "denied request" in message else Stage.VALIDATION
    causes = tuple(_cause(stage, item) for item in stated or () if isinstance(item, Mapping))
    # A custom resource with a wrong type adds this one, which tells nothing.
    told = tuple(cause for cause in causes if cause.field != "<nil>") or causes or (Cause(stage, message),)
    for cause in told:
        lacking = _lacking(cause.message, _LACKS_IN_CAUSE)
        if lacking and len(told) == 1:
            return lacking
    return _rejected("; ".join(map(str, told)), *told)


def _cause(stage: Stage, item: Mapping[str, Json]) -> Cause:
    field = str(item.get("field") or "")
    return Cause(stage, str(item.get("message") or ""), "" if field == "[]" else field, str(item.get("reason") or ""))


def _lacking(message: str, patterns: Sequence[tuple[str, str]]) -> Verdict | None:
    for pattern, what in patterns:
        if found := re.search(pattern, message):
            lacks = what.format(found[1])
            return Verdict(Status.LACKING, f"the server has no {lacks}", lacks=lacks)
    return None


def _rejected(reason: str, *causes: Cause) -> Verdict:
    return Verdict(Status.REJECTED, reason, causes)


def _message(answer: Answer, document: Document) -> str:
    """The server's sentence on one line; what it sent instead when it is no Status."""
    text = document.get("message")
    if not isinstance(text, str):
        text = answer.body[:300].decode("utf-8", "replace")
    return " ".join(text.split()) or "no message"
