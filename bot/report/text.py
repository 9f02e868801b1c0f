"""A report for people: each finding with its lines and its fix, then what it adds up to.

Colours and width are told, never found out here. Whatever comes from a manifest is made safe to print
(`bot.report.terminal`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from bot.manifest import Manifest, read
from bot.model import (
    Applicability,
    Change,
    Finding,
    Json,
    Location,
    Origin,
    Report,
    Skip,
    Span,
    Tier,
    Verification,
)
from bot.report.conceal import concealed
from bot.report.excerpt import Frame, changes, excerpt, where
from bot.report.lines import hunks, split
from bot.report.source import Sources, absent, edits_of, line_count, source_of
from bot.report.summary import summary
from bot.report.tally import Offers, doubt, failure, in_order, reporters, tally
from bot.report.terminal import Paint, fold, painter, prose, width_of

_CONTEXT = 1
"""Equal lines around a change of a fix."""

_RISK = {Applicability.SAFE: "Safe:", Applicability.UNSAFE: "May break:", Applicability.DISPLAY_ONLY: "May break:"}


def render(
    report: Report,
    sources: Sources,
    *,
    color: bool = False,
    width: int | None = None,
    show_fixes: bool = False,
) -> str:
    """The whole report. `width` is that of the terminal (None: lines are not folded or cut)."""
    totals = tally(report)
    paint = painter(color)
    page = _Page(sources, totals.offers, paint, width, show_fixes)
    blocks = [*page.findings(totals.open), *page.errors(totals.errors)]
    blocks.append(summary(totals, paint, width))
    return "\n\n".join("\n".join(lines) for lines in blocks if lines) + "\n"


def concise(report: Report, *, color: bool = False) -> str:
    """One line a finding, `path:line:column: policy-id [severity] message`, and one an input that could not be read."""
    totals = tally(report)
    paint = painter(color)
    lines = [
        f"{where(each.location.path, each.location.start_line, each.location.column)}: "
        f"{paint(prose(each.policy_id), str(each.severity))} [{each.severity}] {prose(each.message)}"
        for each in in_order(totals.open)
    ]
    lines += [
        f"{where(each.path, each.line)}: {paint(prose(each.code), 'error')} [error] {prose(each.reason)}"
        for each in totals.errors
    ]
    return "".join(line + "\n" for line in lines)


@dataclass(slots=True)
class _Page:
    """Lays out blocks one after the other, and remembers what need not be said again."""

    sources: Sources
    offers: Offers
    paint: Paint
    width: int | None
    show_fixes: bool
    explained: set[str] = field(default_factory=set)

    def findings(self, findings: Iterable[Finding]) -> Iterator[list[str]]:
        """A block for each finding."""
        ordered = in_order(findings)
        path, source, frame = None, None, self._frame(1)
        shown: tuple[str, Span] | None = None
        for each in ordered:
            if each.location.path != path:
                path = each.location.path
                source = source_of(self.sources, path)
                source = concealed(source) if source is not None else None
                frame = self._frame(self._last_line(path, ordered, source))
            place = (path, each.location.span)
            yield list(self._finding(each, source, frame, again=place == shown))
            shown = place

    def _frame(self, last: int) -> Frame:
        return Frame(len(str(last)), self.width, self.paint)

    def _last_line(self, path: str, findings: Sequence[Finding], source: Manifest | None) -> int:
        """The highest number in the gutter of a file, so that all its blocks stand in line."""
        end = max(each.location.end_line for each in findings if each.location.path == path)
        if source is None:
            return end
        return line_count(source) if self.show_fixes else min(end + 1, max(end, line_count(source)))

    def _finding(self, finding: Finding, source: Manifest | None, frame: Frame, *, again: bool) -> Iterator[str]:
        style = str(finding.severity)
        yield from self._heading(finding.policy_id, str(finding.severity), finding.message, style)
        yield from self._arrow(finding.location, str(finding.resource), frame, again=again)
        if source is not None and not again:
            note = _missing(absent(source, finding.location))
            rows = excerpt(source, finding.location, frame, note=note, style=style)
            yield from [*rows, frame.line("")] if rows else []
        yield from self._offer(finding, frame)
        if finding.also:
            label = "reported by:" if finding.origin is Origin.ENGINE else "also reported by:"
            yield from self._entry(frame, label, reporters(finding.also), "dim")
        if finding.policy_id not in self.explained and ":" not in finding.policy_id:
            self.explained.add(finding.policy_id)
            yield from self._entry(frame, "help:", f"k8s-auto-fix explain {finding.policy_id}", "cyan")

    def _heading(self, name: str, kind: str, message: str, style: str) -> Iterator[str]:
        head = f"{prose(name)}[{kind}]:"
        first, *rest = fold([head, *prose(message).split(" ")], self.width, 0, 2)
        yield self.paint(head, style) + self.paint(first.removeprefix(head), "bold")
        yield from ("  " + self.paint(line, "bold") for line in rest)

    def _arrow(self, place: Location, resource: str, frame: Frame, *, again: bool) -> Iterator[str]:
        arrow = " " * frame.digits + "--> "
        at = where(place.path, place.start_line, place.column)
        aside = prose(resource) + (", as above" if again else "")
        line = " " * frame.digits + self.paint("--> ", "gutter") + at
        if self.width is None or width_of(arrow + at) + 2 + width_of(aside) <= self.width:
            yield f"{line}  {self.paint(aside, 'dim')}"
        else:
            yield line
            yield " " * len(arrow) + self.paint(aside, "dim")

    def _entry(self, frame: Frame, label: str, text: str, style: str) -> Iterator[str]:
        """`= label: text`, folded under itself."""
        first, *rest = fold([f"= {label}", *prose(text).split()], self.width, frame.digits + 1, frame.digits + 3)
        sign = " " * (frame.digits + 1) + self.paint("=", "gutter") + " "
        yield sign + self.paint(label, style) + first.removeprefix(f"= {label}")
        yield from (" " * (frame.digits + 3) + line for line in rest)

    def _under(self, frame: Frame, text: str) -> Iterator[str]:
        indent = frame.digits + 3
        yield from (" " * indent + line for line in fold(prose(text).split(" "), self.width, indent, indent))

    def _offer(self, finding: Finding, frame: Frame) -> Iterator[str]:
        """The fix, or why there is none."""
        offered = self.offers.fix(finding)
        if offered is not None:
            yield from self._fix(offered, finding, frame)
            return
        rejected = self.offers.rejected(finding)
        skip = self.offers.skip(finding)
        if rejected is not None:
            gate = failure(rejected)
            reason = f"'{rejected.fix.title}' did not pass the gate {gate.gate}: {gate.reason}"
            yield from self._entry(frame, "no fix:", reason, "dim")
        elif skip is not None:
            yield from self._entry(frame, "no fix:", skip.reason, "dim")

    def _fix(self, offered: Verification, finding: Finding, frame: Frame) -> Iterator[str]:
        fix = offered.fix
        style = "green" if fix.applicability is Applicability.SAFE else "yellow"
        yield from self._entry(frame, f"fix ({fix.applicability}):", fix.title, style)
        if fix.why:
            yield from self._under(frame, f"{_RISK[fix.applicability]} {fix.why}")
        for each in fix.evidence:
            yield from self._under(frame, f"Value from {each.source}")
        if self.show_fixes:
            for change in fix.changes:
                yield from self._change(change, finding.location.path, frame)
            yield from self._verdict(offered, frame)

    def _change(self, change: Change, path: str, frame: Frame) -> Iterator[str]:
        rows = list(self._diff(change, frame))
        if not rows:
            return
        if change.path != path:
            yield " " * frame.digits + self.paint("--> ", "gutter") + where(change.path)
        yield from [frame.line(""), *rows, frame.line("")]

    def _diff(self, change: Change, frame: Frame) -> Iterator[str]:
        from bot.manifest.edits import apply

        source = source_of(self.sources, change.path)
        edits = edits_of(source, change) if source is not None else ()
        if source is not None and edits:
            before, after = concealed(source), apply(source.text, edits)
            if before is not source:
                after = concealed(read(source.path, after)).text
            found = hunks(split(before.text), split(after), _CONTEXT)
            yield from changes(found, frame)
        elif change.document is None:
            text = _written(change.operations[0].value)
            yield from changes(hunks([], split(text), 0), frame)

    def _verdict(self, offered: Verification, frame: Frame) -> Iterator[str]:
        if not offered.results:
            return
        if offered.tier is Tier.NONE:
            yield from self._entry(
                frame, "not verified:", doubt(offered) or "no schema and no server was asked", "yellow"
            )
        else:
            if offered.tier is Tier.SERVER and offered.server:
                vouched = offered.server  # a label of its own: server v1.36.3 (kind)
            else:
                vouched = " ".join(word for word in (str(offered.tier), offered.server) if word)
            yield from self._entry(frame, "✓", vouched, "green")
            unasked = [each.reason for each in offered.results if each.gate == "server" and each.reason]
            if offered.tier is not Tier.SERVER and unasked:
                yield from self._entry(frame, "not verified by a server:", unasked[0], "yellow")
        for note in offered.notes:
            yield from self._entry(frame, "note:", note, "yellow")

    def errors(self, errors: Iterable[Skip]) -> Iterator[list[str]]:
        """A block for each input that could not be read."""
        for each in errors:
            yield list(self._error(each))

    def _error(self, skip: Skip) -> Iterator[str]:
        frame = self._frame(skip.line or 1)
        yield from self._heading(skip.code, "error", skip.reason, "error")
        yield " " * frame.digits + self.paint("--> ", "gutter") + where(skip.path, skip.line)


def _missing(tokens: Sequence[str]) -> str:
    """What is not there, as people write it: `securityContext.runAsNonRoot`, `ports[0]`, `annotations["a/b"]`."""
    path = ""
    for token in tokens:
        if token.isascii() and token.replace("_", "").isalnum() and not token.isdigit():
            path += f".{token}" if path else token
        elif token == "-":
            path += "[]"
        else:
            path += f"[{token}]" if token.isdigit() else f'["{token}"]'
    return f"missing here: {prose(path)}" if path else ""


def _written(value: Json) -> str:
    """A new object as YAML."""
    from bot.manifest.render import Layout, block

    return "".join(line + "\n" for line in block(value, 0, Layout()))
