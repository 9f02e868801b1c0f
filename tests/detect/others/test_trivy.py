"""`.trivyignore` and `.trivyignore.yaml`; today is 2026-11-24."""

from __future__ import annotations

import pytest

from bot.detect.others.acceptance import Acceptance
from bot.detect.others.trivy import parse
from tests.detect.made import NAMES, TODAY
from tests.detect.others.said import holds, said

PID = {"host-pid"}
SKIPPED = "skipped for Trivy (KSV-0010)"


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("", []),
        ("CVE-2018-14618\n\n# no\nAVD-DS-0002\n", []),
        ("KSV-0010\n", [(1, PID, SKIPPED)]),
        ("\ufeffKSV010\r\n", [(1, PID, "skipped for Trivy (KSV010)")]),
        ("  AVD-KSV-0010  ", [(1, PID, "skipped for Trivy (AVD-KSV-0010)")]),
        ("# reads /proc\n# of the node\nKSV-0010\n", [(3, PID, "reads /proc of the node")]),
        ("# about something else\n\nKSV-0010\n", [(3, PID, SKIPPED)]),
        ("# about the first\nCVE-1\nKSV-0010\n", [(3, PID, SKIPPED)]),
        ("KSV-0010 exp:2026-11-25", [(1, PID, SKIPPED)]),
        ("KSV-0010 words that nobody reads", [(1, PID, SKIPPED)]),
    ],
)
def test_lines(text, accepted):
    assert said(parse, text, ".trivyignore") == (accepted, [])


@pytest.mark.parametrize(
    ("text", "void"),
    [
        ("CVE-1\nKSV-0010 exp:2026-11-24", [(2, "KSV-0010 does not hold: it expired on 2026-11-24")]),
        ("KSV-0010 exp:tomorrow", [(1, "KSV-0010 does not hold: 'tomorrow' is no date, write 2027-01-31")]),
        ("KSV-0010 exp:2026-13-01", [(1, "KSV-0010 does not hold: '2026-13-01' is no date, write 2027-01-31")]),
        ("CVE-1 exp:2020-01-01", []),  # about no policy of ours
    ],
)
def test_lines_that_do_not_hold(text, void):
    assert said(parse, text, ".trivyignore") == ([], void)


@pytest.mark.parametrize(
    ("text", "accepted", "void"),
    [
        ("vulnerabilities: [{id: CVE-1}]\n", [], []),
        ("misconfigurations:\n  - id: KSV-0010\n", [(2, PID, SKIPPED)], []),
        ("misconfigurations:\n  - id: KSV-0010\n    statement: reads /proc\n", [(2, PID, "reads /proc")], []),
        ("misconfigurations:\n  - {id: KSV-0010, expired_at: 2026-11-25}\n", [(2, PID, SKIPPED)], []),
        ("misconfigurations: [{id: AVD-DS-0001, expired_at: 2020-01-01}]\n", [], []),
        (
            "misconfigurations:\n  - {id: KSV-0010, expired_at: 2026-11-24}\n",
            [],
            [(2, "KSV-0010 does not hold: it expired on 2026-11-24")],
        ),
        (
            "misconfigurations:\n  - {id: KSV-0010, expired_at: 2026-11-23T00:00:00Z}\n",
            [],
            [(2, "KSV-0010 does not hold: it expired on 2026-11-23")],
        ),
        (
            "misconfigurations:\n  - {id: KSV-0010, expired_at: soon}\n",
            [],
            [(2, "KSV-0010 does not hold: 'soon' is no date, write 2027-01-31")],
        ),
        (
            "misconfigurations:\n  - paths: [a]\n  - id: KSV-0010\n",
            [(3, PID, SKIPPED)],
            [(2, "does not hold: an entry has no id")],
        ),
        ("misconfigurations: 7\n", [], [(1, "nothing in it holds: misconfigurations is the number 7; it is a list")]),
    ],
)
def test_yaml(text, accepted, void):
    assert said(parse, text, ".trivyignore.yaml") == (accepted, void)


@pytest.mark.parametrize(
    ("paths", "path", "held"),
    [
        ("[]", "a.yaml", True),
        ("[a.yaml]", "a.yaml", True),
        ("[a.yaml]", "apps/a.yaml", False),
        ("['apps/**', b.yaml]", "apps/x/a.yaml", True),
    ],
)
def test_paths(paths, path, held):
    text = f"misconfigurations: [{{id: KSV-0010, paths: {paths}}}]"
    assert holds(parse, text, ".trivyignore.yaml", path=path) is held


def test_the_end_is_told():
    (entry,) = parse(".trivyignore.yaml", "misconfigurations: [{id: KSV010, expired_at: 2027-01-31}]", NAMES, TODAY)
    assert isinstance(entry, Acceptance)
    assert entry.suppression.expires == "2027-01-31"
