"""Options and fixtures that every test may use."""

from __future__ import annotations

import csv
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.fakes.fixtures import github
from tests.material import folder

__all__ = ["github"]


# A change is not blamed for what chance finds in something else: where it is judged, examples are the same every time.
settings.register_profile("judged", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("judged")


def pytest_configure() -> None:
    """Ctrl-C is tested for real: a runner that starts us in the background has it ignored, for our children as well."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-goldens` rewrites expected files; the diff is then read by a person."""
    parser.addoption("--update-goldens", action="store_true", help="rewrite the expected files instead of comparing")


@pytest.fixture(scope="session")
def update_goldens(pytestconfig: pytest.Config) -> bool:
    """Whether expected files are rewritten in this run."""
    return bool(pytestconfig.getoption("--update-goldens"))


@pytest.fixture(scope="session")
def golden(update_goldens: bool) -> Callable[[Path, str], None]:
    """`golden(path, text)`: the file holds exactly this text, or gets it with --update-goldens."""

    def compare(path: Path, text: str) -> None:
        if update_goldens:
            path.write_bytes(text.encode())
        assert path.is_file(), f"{path} is missing: make golden writes it"
        assert text == path.read_bytes().decode(), f"{path} differs: make golden rewrites it"

    return compare


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real manifests; its INDEX.tsv lists the plain ones."""
    return folder("the corpus of real manifests", "K8S_AUTO_FIX_CORPUS", "../shared/corpus")


@pytest.fixture(scope="session")
def corpus_plain(corpus: Path) -> list[Path]:
    """Every file of the corpus that is a manifest as it stands: no template, no fragment."""
    with (corpus / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        return [corpus / row["path"] for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)]


@pytest.fixture(scope="session")
def cases() -> Path:
    """The folder of reference tables (edit cases, scalars, policy matrix)."""
    return folder("the reference tables", "K8S_AUTO_FIX_REFERENCE", "../shared/reference")
