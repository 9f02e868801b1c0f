"""Names and paths in other tools' configuration: regular expressions and globs, in time linear to the text.

They come from strangers' repositories, so none is given to Python's engine, which an expression can keep busy for
hours. CEL's `matches` is RE2, the engine of the tools written in Go.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.policy import cel

_MATCHES = "string(key).matches(string(item))"


@lru_cache(maxsize=4096)
def found(pattern: str, text: str) -> bool:
    """Whether the regular expression `pattern` is found in `text`; a malformed one is found nowhere."""
    return cel.compiled(_MATCHES).holds(cel.activation({"key": text, "item": pattern})) is True


def problem(pattern: str) -> str | None:
    """What is wrong with a regular expression; None when it can be used."""
    held = cel.compiled(_MATCHES).holds(cel.activation({"key": "", "item": pattern}))
    return held.reason if isinstance(held, cel.EvaluationError) else None


def exactly(text: str) -> str:
    """The expression for a text as it stands."""
    return f"^{re.escape(text)}$"


def prefix(text: str) -> str:
    """The expression for what begins with a text."""
    return f"^{re.escape(text)}"


def whole(pattern: str) -> str:
    """The expression that has to match a text from its beginning to its end."""
    return f"^(?:{pattern})$"


_GLOB = re.compile(
    r"""(?P<deep>(?:\A|(?<=/))\*\*/)       # any folders, or none
      | (?P<rest>(?:\A|(?<=/))\*\*\Z)      # all that is below
      | (?P<star>\*+)
      | (?P<one>\?)
      | \[(?P<not>[!^]?)(?P<set>[^\]]+)\]
      | \{(?P<any>[^{}]*)\}
      | \\(?P<as_is>.)
      | (?P<text>.)""",
    re.DOTALL | re.VERBOSE,
)


def glob(pattern: str) -> str:
    """The expression for a path pattern as doublestar reads it: `*` within a folder, `**` any folders, `{a,b}`.

    Source: https://github.com/bmatcuk/doublestar, "Patterns".
    """
    return f"^{_glob(pattern)}$"


def _glob(pattern: str) -> str:
    written = ""
    for match in _GLOB.finditer(pattern):
        if match["deep"]:
            written += "(?:.*/)?"
        elif match["rest"]:
            written += ".*"
        elif match["star"]:
            written += "[^/]*"
        elif match["one"]:
            written += "[^/]"
        elif match["set"]:
            members = match["set"].replace("\\", "\\\\").replace("[", "\\[")
            written += f"[{'^' if match['not'] else ''}{members}]"
        elif match["any"] is not None:
            written += "(?:" + "|".join(map(_glob, match["any"].split(","))) + ")"
        else:
            written += re.escape(match["as_is"] or match["text"])
    return written
