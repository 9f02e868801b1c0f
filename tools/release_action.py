"""Makes the action of a release of the action of the repository: `release_action.py FILE IMAGE@sha256:DIGEST`.

In the repository `action.yml` says `image: Dockerfile`, so that it runs as it is; users get an image that is built
already. That line is all that differs.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BUILT_HERE = "  image: Dockerfile\n"
_REFERENCE = re.compile(r"[a-z0-9.-]+(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+@sha256:[0-9a-f]{64}")


def released(text: str, image: str) -> str:
    """The text of an action.yml with `image` in place of the Dockerfile. ValueError says what does not fit."""
    if not _REFERENCE.fullmatch(image):
        raise ValueError(f"{image!r}: an image is named as registry/name@sha256:digest, in small letters")
    if text.count(BUILT_HERE) != 1:
        raise ValueError(f"not one line {BUILT_HERE.strip()!r}, but {text.count(BUILT_HERE)}")
    return text.replace(BUILT_HERE, f"  image: docker://{image}\n")


def main(arguments: list[str]) -> int:
    """Rewrite the file in place; 2 when it cannot be done."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    path = Path(arguments[0])
    try:
        path.write_text(released(path.read_text("utf-8"), arguments[1]), "utf-8")
    except (OSError, ValueError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
