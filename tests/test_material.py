"""Missing material is skipped on a user's machine and a failure in continuous integration."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.material import folder

NOWHERE = "../no such folder"


def test_named_folder_wins(tmp_path: Path) -> None:
    assert folder("it", "IT", NOWHERE, {"IT": str(tmp_path), "CI": "true"}) == tmp_path


def test_default_is_relative_to_the_repository() -> None:
    assert folder("it", "IT", "tests", {}) == Path(__file__).parent


@pytest.mark.parametrize("environ", [{}, {"CI": ""}, {"IT": "none"}, {"IT": "none", "CI": "true"}])
def test_missing_is_skipped_with_what_to_set(environ: dict[str, str]) -> None:
    with pytest.raises(pytest.skip.Exception, match="it not found: set IT to its folder"):
        folder("it", "IT", NOWHERE, environ)


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"IT": "/no/such/folder", "CI": "true"}])
def test_missing_fails_in_continuous_integration(environ: dict[str, str]) -> None:
    with pytest.raises(pytest.fail.Exception, match="it not found: set IT to its folder"):
        folder("it", "IT", NOWHERE, environ)


def test_corpus_lists_its_plain_files(corpus_plain: list[Path]) -> None:
    assert len(corpus_plain) > 500
    assert all(path.is_file() for path in corpus_plain)


def test_reference_tables_are_there(cases: Path) -> None:
    assert (cases / "yaml-edit-cases.yaml").is_file()
