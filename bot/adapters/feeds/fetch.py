"""A feed over the network, as it is published."""

from __future__ import annotations

from bot.adapters.feeds import files
from bot.errors import BotError

URLS = {
    "epss": "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
    "kev": "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
}
"""Where FIRST and CISA publish them; neither publishes a checksum."""

_SILENCE = 30.0


class FeedError(BotError):
    """A feed that cannot be fetched."""


def fetched(url: str) -> bytes:
    """What stands at an address, within the limit of `files`; FeedError says why it cannot be had."""
    import httpx

    pieces: list[bytes] = []
    size = 0
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=_SILENCE) as response:
            response.raise_for_status()
            if response.url.scheme != httpx.URL(url).scheme:
                raise FeedError(f"{url} sends elsewhere, to {response.url}: nothing was kept")
            for piece in response.iter_bytes(1 << 18):
                pieces.append(piece)
                size += len(piece)
                if size > files.LARGEST:
                    raise FeedError(f"{url} is larger than {files.LARGEST:,} bytes: nothing was kept")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        why = str(error).partition("\n")[0] or type(error).__name__
        raise FeedError(f"cannot fetch {url}: {why}; `scheduler:` in the settings can name a file instead") from None
    return b"".join(pieces)
