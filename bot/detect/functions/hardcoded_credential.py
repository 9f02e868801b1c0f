"""Texts that can only be credentials: tokens with the mark of who issues them, and private keys.

The value is never part of a message. What stands base64-encoded in the data of a Secret is looked at as well; text that
SOPS or a sealed secret has encrypted matches nothing. Documentation writes EXAMPLE into its keys.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import readable
from bot.manifest import pointers
from bot.model import Json

_ISSUED = {
    "an AWS access key": r"(?:AKIA|ASIA)[A-Z2-7]{16}",
    "a GitHub token": r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "a GitLab token": r"gl(?:pat|dt|rt|cbt)-[A-Za-z0-9_-]{20,}",
    "a Slack token": r"xox[abeoprs]-[0-9]{8,}-[A-Za-z0-9-]{16,}",
    "the address of a Slack webhook": r"https://hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}",
    "a Stripe key": r"[rs]k_live_[A-Za-z0-9]{20,}",
    "an npm token": r"npm_[A-Za-z0-9]{36}",
    "a PyPI token": r"pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
    "a Docker Hub token": r"dckr_pat_[A-Za-z0-9_-]{27}",
    "a Google API key": r"AIza[A-Za-z0-9_-]{35}",
    "a SendGrid key": r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "a Vault token": r"hv[sb]\.[A-Za-z0-9_-]{24,}",
    "a Terraform token": r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}",
    "a New Relic key": r"NRAK-[A-Z0-9]{27}",
    "a Hugging Face token": r"hf_[A-Za-z]{34}",
    "an Anthropic key": r"sk-ant-[a-z0-9]+-[A-Za-z0-9_-]{80,}",
    "an OpenAI key": r"sk-(?:proj-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
    "a JSON web token": r"eyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}",
}
_WHAT = tuple(_ISSUED)
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9+/_.-])(?:" + "|".join(f"({pattern})" for pattern in _ISSUED.values()) + r")(?![A-Za-z0-9+/])"
)
_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+(?:[A-Za-z-]+: [^\n]*\n\s*)*[A-Za-z0-9+/=]{40,}")
_MARK = re.compile(
    r"AKIA|ASIA|gh[pousr]_|github_pat_|gl(?:pat|dt|rt|cbt)-|xox|hooks\.slack|k_live_|npm_|pypi-|dckr_|AIza|SG\.|hv[sb]\."
    r"|atlasv1|NRAK-|hf_|sk-|eyJ|PRIVATE"
)
_DOCUMENTED = re.compile(r"EXAMPLE|example|(.)\1{7}")


def check(context: Context) -> Iterator[Hit]:
    """Each text of the object that holds a credential."""
    body = context.resource.body
    secret = context.resource.ref.kind == "Secret"
    if not secret and not _is_marked(context.manifest.text):
        return
    for pointer, text in _texts(body):
        what = _credential(_decoded(text) if secret and pointer.startswith("/data/") else text)
        if what is None:
            continue
        parent, _, last = pointer.rpartition("/")
        yield Hit(
            at=pointer,
            target=parent if last == "value" else pointer,
            message=f"{readable(body, pointer)} holds {what}",
        )


@lru_cache(maxsize=8)
def _is_marked(text: str) -> bool:
    """Whether a file has anything that a credential begins with; most have not, and need no closer look."""
    return _MARK.search(text) is not None


def _credential(text: str) -> str | None:
    for match in _TOKEN.finditer(text):
        if not _DOCUMENTED.search(match.group()):
            return _WHAT[(match.lastindex or 1) - 1]
    return "a private key" if "PRIVATE KEY-----" in text and _KEY.search(text) else None


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _texts(body: Json) -> Iterator[tuple[str, str]]:
    """Every text, with its pointer, in the order of the file."""
    pending: list[tuple[str, Json]] = [("", body)]
    while pending:
        pointer, value = pending.pop()
        if isinstance(value, str):
            if len(value) >= _SHORTEST:
                yield pointer, value
        elif isinstance(value, dict):
            pending += [(pointers.join(pointer, name), child) for name, child in reversed(value.items())]
        elif isinstance(value, list):
            pending += [(f"{pointer}/{index}", child) for index, child in reversed(list(enumerate(value)))]


_SHORTEST = 20
"""No credential that is known here is shorter."""
