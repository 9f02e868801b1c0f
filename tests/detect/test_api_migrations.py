"""The table of API migrations against the bundled schemas, and the rows against each other."""

from __future__ import annotations

import pytest

from bot import schema
from bot.detect.data.api_migrations import KUBERNETES, MIGRATIONS, Mode, find
from bot.detect.functions._migrations import _CONVERTERS

ROWS = [(row, kind) for row in MIGRATIONS for kind in row.kinds]
OURS = [(row, kind) for row, kind in ROWS if row.project == KUBERNETES]


def minor(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


@pytest.mark.parametrize(("row", "kind"), OURS, ids=lambda each: getattr(each, "source", each))
def test_what_the_schemas_serve(row, kind):
    for version in schema.versions():
        if minor(version) >= minor(row.removed):
            assert schema.served(row.source, kind, version) is False, version
        if row.to and minor(version) >= minor(row.since):
            assert schema.served(row.to, kind, version) is True, version


@pytest.mark.parametrize(("row", "kind"), ROWS, ids=lambda each: getattr(each, "source", each))
def test_rows_are_whole(row, kind):
    assert find(row.source, kind) is row, "no apiVersion and kind is in two rows"
    assert minor(row.deprecated) < minor(row.removed) or row.deprecated == row.removed
    assert bool(row.steps) is (row.mode is Mode.RESTRUCTURE)
    assert row.note or row.mode is Mode.RENAME
    assert row.to or row.mode is Mode.MANUAL
    assert find(row.to, kind) is None, "a replacement is not old itself"


def test_every_converter_is_used():
    assert {row.steps for row in MIGRATIONS if row.steps} == set(_CONVERTERS)
