"""The leaves of a policy file that hold templates: paths, messages, values."""

from __future__ import annotations

from bot.model import Json
from bot.policy import templates
from bot.policy.places import Place


def path_of(place: Place) -> tuple[templates.PathToken, ...]:
    """The tokens of a path."""
    try:
        return templates.parse_path(place.raw_text())
    except templates.TemplateError as error:
        place.refuse(f"{place.name}: {error}", "a JSON Pointer such as /spec/replicas, with ${CEL} and '*' in it")


def template_of(place: Place) -> str:
    """The text of a message, which can be taken apart."""
    text = place.text()
    try:
        templates.parse(text)
    except templates.TemplateError as error:
        place.refuse(f"{place.name}: {error}", "a text with ${CEL}; $${ is a literal ${")
    return text


def value_of(place: Place) -> Json:
    """The value of an operation or of `create`, with its templates and copies checked."""
    value = place.json()
    pending = [value]
    try:
        while pending:
            current = pending.pop()
            source = templates.copied_from(current)
            if source is not None:
                if templates.has_wildcard(source):
                    place.refuse(f"a copy from {source!r}", "one place: a path without '*'")
            elif isinstance(current, dict):
                pending += current.values()
            elif isinstance(current, list):
                pending += current
            elif isinstance(current, str):
                templates.parse(current)
    except templates.TemplateError as error:
        place.refuse(f"{place.name}: {error}", "a value with ${CEL} in its leaves; $${ is a literal ${")
    return value
