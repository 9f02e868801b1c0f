"""Images that are no image references, or missing: the pod never starts.

The grammar is that of the container runtimes: [host[:port]/]path[:tag][@digest], the path in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.detect.functions import Context, Hit
from bot.detect.functions._text import is_placeholder

_HOST = r"(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[0-9]+)?"
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_TAG = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_DIGEST = r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}"
_REFERENCE = re.compile(rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*(?::{_TAG})?(?:@{_DIGEST})?\Z")


def check(context: Context) -> Iterator[Hit]:
    """One hit for an image that is missing or cannot be read."""
    assert context.container is not None, "the policy looks at containers"
    body, place = context.container.body, f"{context.container.pointer}/image"
    image, name = body.get("image"), body.get("name", "")
    if image is None or image == "":
        yield Hit(at=place, target=place, message=f"container {name} names no image")
    elif isinstance(image, str) and not is_placeholder(image) and not _REFERENCE.match(image):
        yield Hit(at=place, target=place, message=f"container {name}: {image!r} is no image reference")
