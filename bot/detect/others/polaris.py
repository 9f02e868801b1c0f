"""The exemptions in the configuration of Polaris.

    exemptions:
      - namespace: kube-system
        controllerNames: [dns-controller]
        containerNames: [proxy]
        rules: [hostNetworkSet]

Names are prefixes; without `rules` an exemption is for every check. Polaris is told where its configuration is
(`--config`); it is found here under the names that people give it. Source: https://polaris.docs.fairwinds.com,
"Exemptions".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.detect.marks import Known
from bot.detect.others.acceptance import Acceptance, Objects
from bot.detect.others.patterns import exactly, prefix
from bot.detect.others.reading import NotUnderstoodError, document, each, malformed, members, suppression, texts
from bot.manifest.configuration import Field
from bot.model import Skip

_TOOL = "polaris"


def parse(path: str, text: str, names: Known, _today: date) -> Iterator[Acceptance | Skip]:
    """What the file accepts; nothing when it is another file of that name, such as a manifest."""
    if "exemptions" not in text:
        return
    root = document(path, text, "the configuration of Polaris")
    if not isinstance(root, Field):
        yield from [] if root is None else [root]
        return
    try:
        said = members(root)
        listed = said.get("exemptions") if "kind" not in said else None
        off = any(key in said and said[key].flag() for key in ("disallowExemptions", "disallowConfigExemptions"))
        items = listed.items() if listed is not None and not off else []
    except NotUnderstoodError as error:
        yield malformed(path, error)
        return

    def exemption(item: Field) -> Iterator[Acceptance]:
        entry = members(item)
        rules = texts(entry.get("rules"))
        controllers, containers = texts(entry.get("controllerNames")), texts(entry.get("containerNames"))
        namespace = exactly(entry["namespace"].text()) if "namespace" in entry else None
        if not controllers and not containers and namespace is None:
            item.refuse("an exemption names no controller, container or namespace")
        objects = tuple(
            Objects(name=name, namespace=namespace, container=container)
            for name in map(prefix, controllers or [""])
            for container in (map(prefix, containers) if containers else [None])
        )
        said_rules = frozenset().union(*(names.twin(_TOOL, rule) for rule in rules))
        policies = said_rules if rules else names.all_of(_TOOL)
        yield Acceptance(policies, suppression(item, f"Polaris ({', '.join(rules) or 'every check'})"), objects=objects)

    yield from each(items, exemption)
