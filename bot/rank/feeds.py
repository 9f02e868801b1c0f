"""What is known from outside: vulnerabilities of images, how likely each is exploited, which ones are.

`bot.rank.trivy`, `epss` and `kev` read the files; None stands for a feed that nobody gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.detect.pins import LATEST, canonical, parsed


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """A vulnerability of an image: `CVE-2021-44228`, and Trivy's word for its severity."""

    id: str
    severity: str


@dataclass(frozen=True, slots=True)
class Feeds:
    """The feeds of a run.

    `images` has the vulnerabilities by `keys` of the image, `epss` the probability by CVE, `kev` the CVEs that are
    known to be exploited.
    """

    images: Mapping[str, tuple[Vulnerability, ...]] | None = None
    epss: Mapping[str, float] | None = None
    kev: frozenset[str] | None = None

    def of(self, image: str) -> tuple[Vulnerability, ...] | None:
        """The vulnerabilities of an image by its reference; None when no report is about it."""
        if self.images is None:
            return None
        return next((self.images[key] for key in keys(image) if key in self.images), None)


def keys(reference: str) -> tuple[str, ...]:
    """The names under which an image is looked up, the closest first; none for what is no reference.

    `nginx` is `docker.io/library/nginx:latest`; a digest beats the tag beside it.
    """
    pin = parsed(reference)
    if pin is None:
        return ()
    name = canonical(pin.name)
    by_digest = (f"{name}@{pin.digest}",) if pin.digest else ()
    by_tag = (f"{name}:{pin.tag or LATEST}",) if pin.tag or not pin.digest else ()
    return (*by_digest, *by_tag)
