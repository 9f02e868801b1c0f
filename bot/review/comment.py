"""The comment of a suggestion: what is wrong, why it matters, the lines that mend it, what to look at first.

Short on purpose. Each line is there only when it says something: a reader decides in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from bot.model import Applicability, Finding, Fix, GateStatus, Tier
from bot.policy.model import Policy
from bot.propose import restart
from bot.review import marker
from bot.review.markdown import clip, code, fenced, prose, sentences
from bot.review.model import Draft, Offer

TITLE = "**{title}** · {severity}{where}"
MAY_BREAK = "**May break:** {what}."
SAFE = "**Safe:** {what}."
ROLLS = "Applying it rolls the pods."
ALSO = "The same lines cure:"
VALUE = "Value from {source}."
REPORTED = "Also reported by {tools}."
BRINGS = "Brings along: {what} (`{id}`)."
NOTE = "Note: {what}."
MORE = "Same in {places}: in the patch of the summary."
ACCEPTED = "✓ {server} accepted it in a dry run at `{head}` · not tested: run-time behaviour"
SCHEMA = "✓ Valid by the schema of Kubernetes{version} at `{head}` · no dry run{why}"
UNVERIFIED = "Not verified{why}"
KEEP = "<sub>Keep as is: `# k8s-auto-fix: ignore[{ids}] reason`</sub>"
KEEP_JSON = "<sub>Keep as is: annotation {annotations}</sub>"

SUGGESTION = "suggestion"
"""What GitHub calls the language of a block that can be accepted."""

_LISTED = 8
"""Further findings that are listed; the others are counted."""

_ANNOTATION = "k8s-auto-fix.io/ignore."
_KEPT = re.compile(r"`# k8s-auto-fix: ignore\[([a-z0-9, -]+)\] reason`</sub>")
_KEPT_JSON = re.compile(r"`k8s-auto-fix\.io/ignore\.([a-z0-9-]+): reason`")
_NAMED = re.compile(r"(?:(?:init|sidecar) )?(?:container|volume|namespace) (\S+?),? ")
_BROUGHT = re.compile(r"(?P<id>[a-z0-9]+(?:-[a-z0-9]+)+): (?P<what>.+)", re.DOTALL)
_SHA = re.compile(r"(?<= at )`[0-9a-f]{7}`(?= · )")


def draft(
    offer: Offer,
    *,
    head: str,
    policies: Mapping[str, Policy],
    server: str = "",
    no_server: str = "",
    more: int = 0,
    area: str = "",
) -> Draft:
    """The comment for an offer that can be said as a suggestion.

    `head` is the commit that the offer was verified at; `policies`, by id, say why a finding matters. `server` names
    the API server of the run, `no_server` says why there was none. `more` is the number of further places with the
    same finding whose fix is in the summary's patch. `area` goes into the marker.
    """
    span = offer.span
    assert span is not None, "an offer without a range is for the summary"
    parts = [
        _title(offer.lead),
        _why(offer.lead, policies),
        fenced(span.new, SUGGESTION),
        _also(offer),
        "\n".join(_remarks(offer, head=head, server=server, no_server=no_server, more=more)),
        "\n".join((_keep(offer), marker.write(_fingerprints(offer), head=head, area=area))),
    ]
    start = span.start if span.start != span.end else None
    return Draft(offer.path, start, span.end, "\n\n".join(filter(None, parts)), _fingerprints(offer))


def essence(body: str) -> str:
    """What a body says besides when: without its marker, the commit that was verified, and differences of line ends."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = [line.rstrip() for line in lines if marker.read(line) is None]
    return _SHA.sub("", "\n".join(kept)).strip()


def policies_of(body: str) -> tuple[str, ...]:
    """The policies that the last line of a body of ours names, each once, in the order of its findings."""
    found = _KEPT.findall(body)
    return tuple(found[-1].split(", ")) if found else tuple(dict.fromkeys(_KEPT_JSON.findall(body)))


def suggested(body: str) -> str | None:
    """The lines between the fences of a body of ours, as GitHub would put them into the file; None without a block.

    Line ends are read as line feeds: bodies come back with others from the editor of the web page.
    """
    lines = body.replace("\r\n", "\n").split("\n")
    for place, line in enumerate(lines):
        opening = re.fullmatch(r"(`{3,})suggestion[ \t]*", line)
        if opening is not None:
            inside = []
            for each in lines[place + 1 :]:
                closing = re.fullmatch(r" {0,3}(`{3,})[ \t]*", each)
                if closing is not None and len(closing[1]) >= len(opening[1]):
                    break
                inside.append(each + "\n")
            return "".join(inside)
    return None


def closing(body: str, sentence: str, *, head: str) -> str:
    """What a comment with answers becomes when it has no suggestion any more: its title, and `sentence`."""
    title = body.replace("\r\n", "\n").partition("\n")[0]
    found = marker.read(body)
    names, area = (found.names, found.area) if found is not None else ((), "")
    return f"{title}\n\n{sentence}\n\n{marker.write(names, head=head, closed=True, area=area)}"


def name(finding: Finding, *, limit: int = 300) -> str:
    """What is wrong, with the names of the manifest as code: ``Container `web` runs privileged``."""
    ref = finding.resource
    words = " ".join(finding.message.split())
    named = _NAMED.match(words + " ")
    names = {each for each in (ref.name, ref.namespace, named[1] if named else None) if each}
    text = prose(words[:1].upper() + words[1:] if _starts_with_a_word(words) else words, names=names, limit=limit)
    return text.removesuffix(".")


def where(finding: Finding) -> str:
    """The object of a finding, as code: `Deployment shop/web`."""
    return code(str(finding.resource), limit=120)


def _starts_with_a_word(text: str) -> bool:
    return re.match(r"[a-z]+(?: |$)", text) is not None


def _fingerprints(offer: Offer) -> tuple[str, ...]:
    return tuple(dict.fromkeys(finding.fingerprint for finding in offer.findings))


def _title(finding: Finding) -> str:
    ref, said = finding.resource, name(finding)
    known = code(ref.name) in said and said.casefold().startswith(ref.kind.casefold())
    return TITLE.format(title=said, severity=finding.severity, where="" if known else f" · {where(finding)}")


def _why(finding: Finding, policies: Mapping[str, Policy]) -> str:
    """One sentence."""
    policy = policies.get(finding.policy_id)
    return prose(next(sentences(policy.description), "")) if policy is not None else ""


def _also(offer: Offer) -> str:
    others = [each for each in offer.findings[1:] if (each.policy_id, each.message) != _said(offer.lead)]
    if not others:
        return ""
    shown = [f"- {name(each)} · {each.severity}" for each in others[:_LISTED]]
    left = len(others) - len(shown)
    return "\n".join([ALSO, "", *shown, *([f"- and {left} more"] if left else [])])


def _reporters(offer: Offer) -> str:
    """The other tools that report what the suggestion cures, each once."""
    tools = dict.fromkeys(tool for finding in offer.findings for tool in finding.also)
    shown = [code(tool, limit=80) for tool in list(tools)[:_LISTED]]
    left = len(tools) - len(shown)
    return REPORTED.format(tools=", ".join(shown) + (f" and {left} more" if left else "")) if tools else ""


def _said(finding: Finding) -> tuple[str, str]:
    return finding.policy_id, finding.message


def _remarks(offer: Offer, *, head: str, server: str, no_server: str, more: int) -> Iterator[str]:
    """The lines below the block; in comments GitHub keeps lines as they are."""
    lines = [
        consequence(offer),
        *(VALUE.format(source=prose(source)) for source in sources(offer)),
        _reporters(offer),
        *map(_note, offer.verification.notes),
        MORE.format(places=f"{more} more places" if more > 1 else "1 more place") if more else "",
        evidence(offer, head=head, server=server, no_server=no_server),
    ]
    yield from filter(None, lines)


def _note(note: str) -> str:
    """What a gate has to say: a finding that the fix brings along, or a remark."""
    brought = _BROUGHT.fullmatch(note)
    what = prose(brought["what"] if brought else note).removesuffix(".")
    return BRINGS.format(what=what, id=brought["id"]) if brought else NOTE.format(what=what)


def _fixes(offer: Offer) -> tuple[Fix, ...]:
    return offer.parts or (offer.verification.fix,)


def sources(offer: Offer) -> Collection[str]:
    """Where the values that an offer writes come from, for people."""
    found = (*offer.verification.fix.evidence, *(each for fix in offer.parts for each in fix.evidence))
    return dict.fromkeys(
        f"{each.source} ({each.location.path}:{each.location.start_line})" if each.location else each.source
        for each in found
    )


def consequence(offer: Offer) -> str:
    """What may break, or why nothing does, and what happens to pods that run."""
    whys: list[str] = []
    remarks: list[str] = []
    for fix in _fixes(offer):
        why, said = restart.parted(fix.why)
        whys.append(why)
        remarks += said
    what = "; ".join(prose(why.removesuffix(".")) for why in dict.fromkeys(filter(None, whys)))
    form = SAFE if offer.verification.fix.applicability is Applicability.SAFE else MAY_BREAK
    return " ".join([*([form.format(what=what)] if what else []), *map(_effect, dict.fromkeys(remarks))])


def _effect(remark: str) -> str:
    return ROLLS if remark == restart.ROLLS else f"{remark[:1].upper()}{remark[1:]}."


def evidence(offer: Offer, *, head: str, server: str, no_server: str) -> str:
    """Who vouches for an offer, and what that does not show."""
    verification = offer.verification
    at = marker.short(head)
    if verification.tier is Tier.SERVER:
        return ACCEPTED.format(server=prose(server or "An API server"), head=at)
    skipped = [each.reason for each in verification.results if each.gate == "server" and each.reason]
    reason = next((each.reason for each in verification.results if each.status is GateStatus.FAILED), "")
    said = prose(clip(reason or next(iter(skipped), no_server), 200)).removesuffix(".")
    why = f": {said}" if said else ""
    if verification.tier is Tier.SCHEMA:
        version = f" {prose(verification.server)}" if verification.server else ""
        return SCHEMA.format(version=version, head=at, why=why)
    return UNVERIFIED.format(why=why)


def _keep(offer: Offer) -> str:
    ids = list(dict.fromkeys(finding.policy_id for finding in offer.findings))
    if offer.path.endswith(".json"):  # no comments there
        return KEEP_JSON.format(annotations=", ".join(f"`{_ANNOTATION}{each}: reason`" for each in ids))
    return KEEP.format(ids=", ".join(ids))
