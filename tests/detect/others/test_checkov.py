"""`.checkov.yaml`."""

from __future__ import annotations

import pytest

from bot.detect.others.checkov import parse
from tests.detect.others.said import holds, said

PID = {"host-pid"}


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("quiet: true\n", []),
        ("skip-check:\n  - CKV_AWS_1\n  - CKV_K8S_17\n", [(3, PID, "skipped for Checkov (CKV_K8S_17)")]),
        ("skip-check: CKV_AWS_1,CKV_K8S_17\n", [(1, PID, "skipped for Checkov (CKV_AWS_1,CKV_K8S_17)")]),
        ("skip-check: [CKV_K8S_*]", [(1, PID, "skipped for Checkov (CKV_K8S_*)")]),
        ("skip-check: ['CKV_K8S_1?']", [(1, PID, "skipped for Checkov (CKV_K8S_1?)")]),
        ("skip-check: ['CKV_K8S_[2-9]*', LOW]", []),
        ("check: [CKV_K8S_1]", []),
        ("skip-path: [legacy]", [(1, PID, "skipped for Checkov (legacy)")]),
    ],
)
def test_what_it_accepts(text, accepted):
    assert said(parse, text) == (accepted, [])


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("skip-check: {a: b}", 1, "nothing in it holds: skip-check is a mapping; it is a list of texts"),
        ("skip-path:\n - a\n - '*/b'\n", 3, "does not hold: skip-path '*/b': invalid regular expression"),
        ("skip-path:\n - 1\n", 2, "does not hold: an item of skip-path is the number 1; it is a text"),
        ("a: [\n", 2, "nothing in it holds: "),
    ],
)
def test_what_does_not_hold(text, line, why):
    _, ((where, words),) = said(parse, text)
    assert where == line
    assert words.startswith(why)


@pytest.mark.parametrize(
    ("pattern", "path", "held"),
    [
        ("legacy", "apps/legacy/a.yaml", True),
        ("^legacy/", "apps/legacy/a.yaml", False),
        ("^legacy/", "legacy/a.yaml", True),
        (r"\.test\.yaml$", "a.test.yaml", True),
    ],
)
def test_skipped_paths(pattern, path, held):
    assert holds(parse, f"skip-path: ['{pattern}']", path=path) is held
