#!/usr/bin/env python3
"""Draws a review as GitHub shows it, for README: from the tool's own output, in a browser.

    k8s-auto-fix review --base main --dry-run --cluster embedded --format payload > review.json
    git diff main...HEAD > changes.diff
    python tools/picture.py review.json changes.diff docs/review.png

README's is that of examples/pull-request, in the repository that `make demo` builds.

The Markdown is rendered by markdown-it-py, the lines around a comment come from the diff, and the suggestion is shown
as the lines that it replaces. Needs Chromium (`CHROMIUM` names another program) and Pillow, which makes a palette of
the colours: `.venv/bin/pip install --group picture`.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

try:
    from PIL import Image
except ImportError:
    sys.exit("needs Pillow: .venv/bin/pip install --group picture")

WIDTH = 860
COLOURS = 256
CONTEXT = 3
"""Lines above the commented ones; GitHub shows about as many."""

STYLE = """
* { box-sizing: border-box; }
body { margin: 0; padding: 20px; background: #fff; color: #1f2328; font: 14px/1.5 -apple-system, "Segoe UI",
  "Noto Sans", "DejaVu Sans", Helvetica, Arial, sans-serif; }
.box { border: 1px solid #d1d9e0; border-radius: 6px; margin: 0 0 16px 48px; overflow: hidden; position: relative; }
.who { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 7px 16px; color: #59636e; }
.who b { color: #1f2328; }
.bot { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 6px; font-size: 12px; margin-left: 3px; }
.face { position: absolute; left: 20px; width: 34px; height: 34px; border-radius: 50%; background: #0969da; color: #fff;
  font: 600 15px/34px sans-serif; text-align: center; }
.face.small { position: static; display: inline-block; width: 22px; height: 22px; font: 600 11px/22px sans-serif;
  margin-right: 6px; }
.text { padding: 12px 16px 14px; }
.text > :first-child { margin-top: 0; } .text > :last-child { margin-bottom: 0; }
h3 { font-size: 17.5px; font-weight: 600; margin: 0 0 12px; }
p, ul, details { margin: 0 0 12px; } ul { padding-left: 24px; }
a { color: #0969da; text-decoration: none; } sub { font-size: 11px; color: #59636e; vertical-align: baseline; }
code, pre, td.code { font: 12px/20px ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", Consolas, monospace; }
:not(pre) > code { background: #818b981f; border-radius: 6px; padding: 2px 5px; font-size: 85%; }
a code { color: inherit; }
pre { background: #f6f8fa; border-radius: 6px; padding: 12px; margin: 0 0 12px; white-space: pre-wrap; }
.text table { border-collapse: collapse; margin: 0 0 12px; }
.text th, .text td { border: 1px solid #d1d9e0; padding: 6px 13px; text-align: left; vertical-align: top; }
.text tr:nth-child(2n) td { background: #f6f8fa; } .text th { font-weight: 600; }
.file { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 7px 16px; font: 12px/20px ui-monospace, Menlo,
  "DejaVu Sans Mono", monospace; }
.box table.lines { border-collapse: collapse; width: 100%; margin: 0; }
.box .lines td { border: 0; background: none; padding: 0 10px; white-space: pre;
  font: 12px/20px ui-monospace, Menlo, "DejaVu Sans Mono", monospace; }
.box .lines td.n { width: 44px; text-align: right; color: #59636e; }
.box .lines tr.hunk td { background: #ddf4ff; color: #59636e; } .box .lines tr.add td { background: #dafbe1; }
.box .lines tr.add td.n { background: #aceebb; } .box .lines tr.del td { background: #ffebe9; }
.box .lines tr.del td.n { background: #ffcecb; }
.thread { border-top: 1px solid #d1d9e0; }
.thread .name { padding: 12px 16px 0; } .thread .name .time, .thread .name .bot { color: #59636e; }
.change { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; margin: 0 0 12px; }
.change .head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 4px 12px; font-size: 12px;
  color: #59636e; }
.change .foot { border-top: 1px solid #d1d9e0; padding: 6px 12px; text-align: right; }
.button { border: 1px solid #d1d9e0; border-radius: 6px; background: #f6f8fa; font-size: 12px; font-weight: 600;
  padding: 3px 10px; }
"""

_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@.*")


@dataclass(frozen=True)
class Line:
    """A line of a diff; `number` is that of the head, None for a deleted one."""

    sign: str
    text: str
    old: int | None
    number: int | None


def lines_of(diff: str, path: str) -> tuple[list[tuple[str, list[Line]]], dict[int, str]]:
    """The hunks of a file, each with its header, and the text of each line of the head."""
    hunks: list[tuple[str, list[Line]]] = []
    inside, old, new = False, 0, 0
    for each in diff.split("\n"):
        if each.startswith("diff --git "):
            inside = False
        elif each == f"+++ b/{path}":
            inside = True
        elif inside and (header := _HUNK.match(each)):
            old, new = int(header[1]), int(header[2])
            hunks.append((each, []))
        elif inside and hunks and each[:1] in ("+", "-", " "):
            sign = each[0]
            place = (None if sign == "+" else old, None if sign == "-" else new)
            hunks[-1][1].append(Line(sign, each[1:], *place))
            old += sign != "+"
            new += sign != "-"
    texts = {line.number: line.text for _, lines in hunks for line in lines if line.number is not None}
    return hunks, texts


def rendered(markdown: str, lines: list[tuple[int, str]]) -> str:
    """Markdown as HTML; a suggestion replaces `lines`, (number, text)."""
    reader = MarkdownIt("commonmark", {"html": True, "breaks": True}).enable("table")

    def fence(tokens: Any, index: int, *_: object) -> str:
        token = tokens[index]
        if token.info.strip() != "suggestion":
            return f"<pre>{html.escape(token.content)}</pre>"
        return suggestion(lines, token.content.splitlines())

    reader.renderer.rules["fence"] = fence  # type: ignore[assignment]
    return str(reader.render(markdown))


def suggestion(lines: list[tuple[int, str]], new: list[str]) -> str:
    """The box that GitHub makes of a suggestion; lines that stay are shown once."""
    first = lines[0][0] if lines else 1
    rows = [row("del", "-", number, text) for number, text in lines]
    rows += [row("add", "+", first + place, text) for place, text in enumerate(new)]
    return (
        f'<div class="change"><div class="head">Suggested change</div><table class="lines">{"".join(rows)}</table>'
        '<div class="foot"><span class="button">Commit suggestion</span> '
        '<span class="button">Add suggestion to batch</span></div></div>'
    )


def row(kind: str, sign: str, number: int | None, text: str) -> str:
    """A line of code."""
    return f'<tr class="{kind}"><td class="n">{number or ""}</td><td>{sign} {html.escape(text)}</td></tr>'


def thread(comment: dict[str, Any], diff: str) -> str:
    """One comment below the lines that it is about."""
    hunks, texts = lines_of(diff, comment["path"])
    last = comment["line"]
    first = comment.get("start_line", last)
    rows: list[str] = []
    for header, lines in hunks:
        if any(line.number == last for line in lines):
            stop = next(place for place, line in enumerate(lines) if line.number == last)
            start = next(place for place, line in enumerate(lines) if line.number == first)
            begin = max(0, start - CONTEXT)
            rows.append(f'<tr class="hunk"><td class="n"></td><td>{html.escape(header)}</td></tr>')
            kinds = {"+": "add", "-": "del", " ": ""}
            rows += [
                row(kinds[line.sign], line.sign, line.number or line.old, line.text) for line in lines[begin : stop + 1]
            ]
    replaced = [(number, texts[number]) for number in range(first, last + 1) if number in texts]
    return (
        f'<div class="box"><div class="file">{html.escape(comment["path"])}</div><table class="lines">{"".join(rows)}'
        f'</table><div class="thread"><div class="name"><span class="face small">k</span><b>github-actions</b>'
        f'<span class="bot">bot</span> <span class="time">now</span></div>'
        f'<div class="text">{rendered(comment["body"], replaced)}</div></div></div>'
    )


def page(payload: dict[str, Any], diff: str, comments: int) -> str:
    """The conversation: the summary, then the first comments, top to bottom."""
    shown = sorted(payload["comments"], key=lambda each: (each["path"], each["line"]))[-comments:] if comments else []
    threads = "".join(thread(each, diff) for each in shown)
    return (
        f"<!doctype html><html><head><meta charset=utf-8><style>{STYLE}</style></head><body>"
        '<div class="face">k</div><div class="box"><div class="who"><b>github-actions</b><span class="bot">bot</span> '
        f'reviewed now</div><div class="text">{rendered(payload["body"], [])}</div></div>{threads}</body></html>'
    )


def drawn(content: str, target: Path, scale: float) -> None:
    """`content` in a browser, as high as it is, to a PNG file."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "page.html")
        script = "<script>document.title=document.documentElement.scrollHeight</script>"
        source.write_text(content.replace("</body>", f"{script}</body>"), encoding="utf-8")
        common = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            f"--user-data-dir={folder}/profile",
        ]
        # The height is that of the content when the window has hardly any.
        dom = browser([*common, f"--window-size={WIDTH},100", "--dump-dom", source.as_uri()])
        height = int(re.findall(r"<title>(\d+)</title>", dom)[0])
        options = [f"--window-size={WIDTH},{height}", f"--force-device-scale-factor={scale}"]
        browser([*common, *options, f"--screenshot={target.absolute()}", source.as_uri()])
    with Image.open(target) as image:
        image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(target, optimize=True)


def browser(options: list[str]) -> str:
    """What Chromium prints."""
    program = os.environ.get("CHROMIUM", "chromium")
    done = subprocess.run([program, *options], capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        sys.exit(f"{program} failed: {done.stderr.strip()[-500:]}")
    return done.stdout


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("payload", type=Path, help="body of the review, as `--format payload` prints it")
    parser.add_argument("diff", type=Path, help="unified diff of the pull request")
    parser.add_argument("target", type=Path, help="file to write: .png, or .html for looking into it")
    parser.add_argument("--comments", type=int, default=2, help="how many comments to show (default: 2)")
    parser.add_argument("--scale", type=float, default=1.5, help="pixels per point (default: 1.5)")
    return parser.parse_args(arguments)


def main() -> None:
    """Draw one picture."""
    asked = parsed()
    payload = json.loads(asked.payload.read_text(encoding="utf-8"))
    content = page(payload, asked.diff.read_text(encoding="utf-8"), asked.comments)
    if asked.target.suffix == ".html":
        asked.target.write_text(content, encoding="utf-8")
    else:
        drawn(content, asked.target, asked.scale)
    print(f"{asked.target}: {asked.target.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
