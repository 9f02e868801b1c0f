"""`feeds update|status`: what is known of vulnerabilities, for the order of fixes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict

import click

from bot.cli.streams import tell, write_output

NAMES = ("epss", "kev")
_TITLES = {"epss": "EPSS scores", "kev": "KEV catalogue"}


@click.group()
def command() -> None:
    """Fetch what is known of vulnerabilities of images, for the order of fixes.

    \b
    k8s-auto-fix feeds update     fetch the EPSS scores and the KEV catalogue into the cache
    k8s-auto-fix feeds status     show what is there, and how old it is

    Nothing else fetches them. `scheduler:` in the settings can name files of your own, which win.
    """  # noqa: D301


@command.command("update")
@click.argument("names", nargs=-1, type=click.Choice(NAMES), metavar="[epss|kev]...")
@click.option("--epss-url", metavar="URL", default="", show_default="FIRST's", help="Where the EPSS scores are.")
@click.option("--kev-url", metavar="URL", default="", show_default="CISA's", help="Where the KEV catalogue is.")
def update(names: tuple[str, ...], epss_url: str, kev_url: str) -> int:
    """Fetch the EPSS scores of FIRST and the KEV catalogue of CISA.

    Both, or those named. A feed of another layout than published is not kept, and the old one stays. Exits with 2 when
    one cannot be fetched.
    """
    from bot.adapters import feeds

    folder = feeds.cache_folder()
    urls = {"epss": epss_url, "kev": kev_url}
    failed = 0
    for name in names or NAMES:
        try:
            found = feeds.update(name, folder, urls[name])
        except feeds.FeedError as error:
            tell(f"error: {error}")
            failed = error.exit_code
        else:
            write_output(_line(name, found, _today()) + "\n")
    return failed


@command.command("status")
@click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to write."
)
def status(form: str) -> int:
    """Show the feeds in the cache, and how old they are.

    Exits with 1 when one is missing.
    """
    from bot.adapters import feeds

    folder = feeds.cache_folder()
    there = feeds.kept(folder)
    today = _today()
    if form == "json":
        said = {
            name: asdict(there[name]) | {"days": feeds.age(there[name].date, today)} if name in there else None
            for name in NAMES
        }
        write_output(json.dumps({"folder": str(folder), "feeds": said}, indent=2) + "\n")
    else:
        missing = "not there: k8s-auto-fix feeds update"
        lines = [_line(name, there[name], today) if name in there else f"{_TITLES[name]}: {missing}" for name in NAMES]
        write_output("".join(f"{line}\n" for line in lines))
    return int(len(there) < len(NAMES))


def _line(name: str, found: object, today: dt.date) -> str:
    from bot.adapters.feeds import Kept, age

    assert isinstance(found, Kept)
    days = age(found.date, today)
    old = "" if days is None else f", {days} day{'s' * (days != 1)} old"
    return f"{_TITLES[name]} of {found.date[:10]}{old}: {found.count:,} CVEs, sha256 {found.sha256[:16]}"


def _today() -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date()
