"""The summary as people read it, its limits, and what it must not say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.model import Finding, Report, ResourceRef, Severity, Skip, Suppression, Tier
from bot.policy import load
from bot.report import diff
from bot.review import marker, summary
from bot.review.markdown import size
from bot.review.model import Held, Review
from bot.review.rows import About
from tests.review.material import HEAD, SWEEP, finding, fingerprint, offer
from tests.review.reader import READER, texts

POLICIES = {policy.id: policy for policy in load()}
ABOUT = About(128, "main", POLICIES)
SERVER = "Kubernetes 1.36.3 (kind)"

BEFORE = "containers:\n  - name: sweep\n    image: sweep:1\n"
AFTER = BEFORE + "    resources: {requests: {memory: 64Mi}}\n"
PATCH = diff.render(Report(changed=(("deploy/sweep.yaml", BEFORE, AFTER),)))


def memory(number: int, path: str = "deploy/sweep.yaml") -> Finding:
    message = "container sweep requests no memory"
    return finding(number, message, policy="memory-request-missing", resource=SWEEP, path=path, line=2)


REVIEW = Review(
    "b" * 40,
    HEAD,
    suggestions=(offer(finding(1)), offer(finding(2, "the pod sees the processes of its node", policy="host-pid"))),
    patched=(offer(memory(3), new=None, reason="outside the diff"),),
    older=(finding(8, policy="host-pid"), finding(9, policy="host-pid"), finding(10, policy="host-ipc")),
    patch=PATCH,
    server=SERVER,
    checked=3,
    texts={"deploy/sweep.yaml": BEFORE},
)

WHOLE = f"""\
### 2 suggestions, 1 more fix in the patch

✓ All accepted in a dry run by Kubernetes 1.36.3 (kind) at `4f2c9e1`

| # | Where | Finding | Fix |
|--:|---|---|---|
| 1 | `Deployment shop/web`<br>`deploy/web.yaml:19` | Container `web` does not rule out privilege escalation · medium \
| suggested |
| 2 | `Deployment shop/web`<br>`deploy/web.yaml:19` | The pod sees the processes of its node · medium | suggested |
| 3 | `CronJob shop/sweep`<br>`deploy/sweep.yaml:2` | Container `sweep` requests no memory · medium \
| patch: outside the diff |

<details><summary>Patch</summary>

Save it as `fixes.patch` at the root of the repository, then `git apply fixes.patch`.

```diff
{PATCH}```

</details>

<details><summary>Apply all</summary>

```sh
gh pr checkout 128 && k8s-auto-fix fix --base origin/main
```

</details>

<details><summary>3 older findings in these files, not from this pull request</summary>

```sh
k8s-auto-fix scan deploy/web.yaml
```

- Pod sees the processes of its node: 2
- {POLICIES["host-ipc"].title}: 1

</details>

<!-- k8s-auto-fix summary v1 head=4f2c9e1 posted=0000000000000001 dismissed=0000000000000007 -->"""


def test_all_of_it() -> None:
    written = summary.body(REVIEW, ABOUT, posted=(fingerprint(1),), dismissed=(fingerprint(7),))
    assert written.replace("\u00a0", " ") == WHOLE


@pytest.mark.parametrize(
    ("review", "title"),
    [
        (REVIEW, "2 suggestions, 1 more fix in the patch"),
        (replace(REVIEW, patched=()), "2 suggestions"),
        (
            replace(REVIEW, suggestions=REVIEW.suggestions[:1], patched=REVIEW.patched * 2),
            "1 suggestion, 2 more fixes in the patch",
        ),
        (replace(REVIEW, suggestions=()), "1 fix in the patch"),
        (
            replace(REVIEW, suggestions=(), patched=(), held=(Held(finding(), "no fix"),) * 1200),
            "1,200 findings without a fix",
        ),
        (replace(REVIEW, patched=(), held=(Held(finding(), "no fix"),)), "2 suggestions, 1 finding without a fix"),
        (Review("b", HEAD), "Nothing to suggest"),
    ],
)
def test_a_title_that_counts(review: Review, title: str) -> None:
    assert summary.body(review, ABOUT).splitlines()[0] == f"### {title}"


@pytest.mark.parametrize(
    ("tiers", "server", "no_server", "line"),
    [
        ([Tier.SERVER], SERVER, "", "✓ Accepted in a dry run by Kubernetes 1.36.3 (kind) at `4f2c9e1`"),
        (
            [Tier.SERVER, Tier.SCHEMA, Tier.SERVER],
            SERVER,
            "",
            "✓ 2 accepted in a dry run by Kubernetes 1.36.3 (kind), 1 valid by the schema only, at `4f2c9e1`",
        ),
        (
            [Tier.SCHEMA],
            "",
            "no container engine answers.",
            "✓ Valid by the schema of Kubernetes at `4f2c9e1` · no dry run: no container engine answers",
        ),
    ],
)
def test_who_vouches(tiers: list[Tier], server: str, no_server: str, line: str) -> None:
    offers = tuple(offer(finding(number), tier=tier) for number, tier in enumerate(tiers))
    review = Review("b", HEAD, offers, server=server, no_server=no_server)
    assert summary.body(review, ABOUT).splitlines()[2] == line


def test_what_a_reviewer_should_see() -> None:
    accepted = replace(finding(), suppression=Suppression("comment", "the agent reads /proc", "2027-01-31"))
    review = replace(
        REVIEW,
        accepted=(accepted,),
        unheeded=(".k8s-auto-fix.yaml: ignore: host-pid",),
        skips=(
            Skip("read", "not-yaml", "mapping values are not allowed here", "x.yaml", line=3, error=True),
            Skip("detect", "generated", 'its first lines say "DO NOT EDIT"', "crds.yaml"),
            Skip("detect", "generated", 'its first lines say "DO NOT EDIT"', "rbac.yaml"),
            Skip("propose", "no-fix", "said in its row", "web.yaml", finding=finding()),
        ),
        notices=("the server has no CRDs of example.com",),
    )
    lines = summary.body(review, ABOUT).splitlines()
    for line in (
        "- `allow-privilege-escalation` in `Deployment shop/web`, `deploy/web.yaml:19`: the agent reads `/proc` \
(until 2027-01-31)",
        "- `.k8s-auto-fix.yaml`: ignore: host-pid",
        "- `x.yaml:3`: mapping values are not allowed here",
        "<details><summary>Left alone in 2 files</summary>",
        '- generated: its first lines say "DO NOT EDIT": `crds.yaml`, `rbac.yaml`',
        "<sub>the server has no CRDs of `example.com`</sub>",
    ):
        assert line in lines
    assert not any("said in its row" in line for line in lines)


def test_nothing_left() -> None:
    written = summary.nothing(REVIEW, ABOUT, posted=(), dismissed=(fingerprint(7),))
    assert written.startswith("### Nothing to suggest\n\n3 changed manifests looked at, at `4f2c9e1`.\n\n<details>")
    assert "| # |" not in written
    assert "Apply all" not in written
    assert marker.read_summary(written) == marker.SummaryMark(dismissed=frozenset({fingerprint(7)}), head="4f2c9e1")


def test_later_reviews_are_one_line() -> None:
    assert summary.later(1) == "1 more suggestion. The summary above is up to date."
    assert summary.later(3) == "3 more suggestions. The summary above is up to date."


def test_on_a_checkout_nothing_is_checked_out() -> None:
    assert "\nk8s-auto-fix fix --base v1.2\n" in summary.body(REVIEW, About(None, "v1.2"))


def test_a_branch_is_one_word_of_the_command() -> None:
    assert " && k8s-auto-fix fix --base 'origin/a b;c'\n" in summary.body(REVIEW, About(1, "a b;c"))


def test_a_long_patch_is_named() -> None:
    long = replace(REVIEW, patch=PATCH.replace("64Mi", "64Mi" + "0" * 9_000))
    written = summary.body(long, ABOUT)
    assert "What is not suggested beside its line is in `fixes.patch` of this run's report" in written
    assert "```diff" not in written


# A name that GitHub counts as 2 characters a sign, cut from many.
FACES = "\U0001f469\u200d\U0001f680" * 20
MANY = replace(
    REVIEW,
    patched=(),
    patch="",
    held=tuple(
        Held(
            finding(
                number,
                f"container {FACES} lacks thing {number}",
                policy=f"policy-{number}",
                resource=ResourceRef("v1", "Pod", FACES, f"web-{number}"),
                path=f"deploy/{FACES}/{number}.yaml",
            ),
            f"no fix {FACES} {number}",
        )
        for number in range(400)
    ),
    accepted=tuple(finding(number) for number in range(300)),
    unheeded=tuple(f"line {number}" for number in range(300)),
    older=tuple(finding(number, policy=f"policy-{number}", path=f"{number}.yaml") for number in range(3500)),
    skips=tuple(Skip("detect", f"code-{number}", "reason " * 20, f"{number}.yaml") for number in range(3500)),
)


@pytest.mark.parametrize("blob", ["", "https://github.com/o/r/blob/" + HEAD])
def test_much_is_cut_between_rows_and_counted(blob: str) -> None:
    about = replace(ABOUT, blob=blob)
    written = summary.body(MANY, about, posted=[fingerprint(number) for number in range(100)])
    assert size(written) <= 65_536
    assert size(written) > 40_000
    written.encode("utf-8")
    assert written.startswith("### 2 suggestions, 400 findings without a fix\n")
    assert marker.read_summary(written) is not None
    tables = [line for line in written.splitlines() if line.startswith("| ") and not line.startswith("| # |")]
    assert all(line.count(" | ") == 3 and line.endswith(" |") for line in tables)
    left = [line.split()[2] for line in written.splitlines() if "more rows: the summary of the workflow's step" in line]
    assert sum(map(int, left)) == 402 - len(tables)
    assert "3,500 older findings in these files" in written
    assert "k8s-auto-fix scan .\n" in written
    assert written.count("<details>") == written.count("</details>")


def test_a_step_has_every_row() -> None:
    written = summary.step(MANY, ABOUT)
    assert len([line for line in written.splitlines() if line.startswith("| ")]) == 403
    assert len(written.encode()) <= 2**20
    assert "<!--" not in written


def test_a_step_is_never_too_long() -> None:
    many = replace(MANY, held=MANY.held * 20)
    written = summary.step(many, ABOUT)
    assert 400_000 < len(written.encode()) <= 2**20


def test_a_step_where_nothing_could_be_posted() -> None:
    """A token that may only read: the patch of all fixes takes the place of the suggestions."""
    both = diff.render(Report(changed=(("deploy/sweep.yaml", BEFORE, AFTER), ("deploy/web.yaml", BEFORE, AFTER))))
    written = summary.step(
        replace(REVIEW, texts={"deploy/sweep.yaml": BEFORE, "deploy/web.yaml": BEFORE}), ABOUT, patch=both
    )
    assert "suggested |" not in written
    assert f"```diff\n{both}```" in written


def test_secrets_are_not_shown() -> None:
    before = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ntype: Opaque\nstringData:\n  pin: hunter2\n"
    after = before.replace("type: Opaque\n", "type: Opaque\nimmutable: true\n")
    patch = diff.render(Report(changed=(("s.yaml", before, after), ("deploy/sweep.yaml", BEFORE, AFTER))))
    assert "hunter2" in patch
    secret = finding(20, "the Secret may be changed", resource=ResourceRef("v1", "Secret", None, "s"), path="s.yaml")
    review = replace(
        REVIEW,
        patched=(*REVIEW.patched, offer(secret, new=None, reason="outside the diff")),
        patch=diff.render(Report(changed=(("deploy/sweep.yaml", BEFORE, AFTER), ("s.yaml", before, after)))),
        texts={**REVIEW.texts, "s.yaml": before},
    )
    for written in (summary.body(review, ABOUT), summary.step(review, ABOUT)):
        assert "hunter2" not in written
        assert "Not shown, for the values beside it: `s.yaml`;" in written
        assert "memory: 64Mi" in written


def test_hostile_text_changes_nothing() -> None:
    hostile = (
        "</details>\n\n# @all | #1 ![](https://x.example) <!-- k8s-auto-fix summary v1 posted=ffffffffffffffff -->"
    )
    found = finding(1, hostile, policy=hostile, resource=ResourceRef("v1", hostile, hostile, hostile), path=hostile)
    accepted = replace(found, suppression=Suppression("comment", hostile, hostile))
    review = Review(
        "b",
        HEAD,
        (offer(found),),
        (offer(found, new=None, reason=hostile),),
        (Held(found, hostile),),
        (found,),
        (accepted,),
        (hostile,),
        (Skip("read", hostile, hostile, hostile), Skip("read", "x", hostile, hostile, error=True)),
        (hostile,),
        server=hostile,
        no_server=hostile,
    )
    written = summary.body(review, About(1, hostile), posted=(fingerprint(1),))
    assert marker.read_summary(written) == marker.SummaryMark(frozenset({fingerprint(1)}), head="4f2c9e1")
    plain = texts(written)
    assert "@" not in plain
    assert "![" not in plain
    blocks = [token.content for token in READER.parse(written) if token.type == "html_block"]
    assert "".join(blocks).count("</details>") == "".join(blocks).count("<details>")
    headings = [token for token in READER.parse(written) if token.type == "heading_open"]
    assert len(headings) == 1


def test_severities_are_those_of_the_worst() -> None:
    worse = replace(finding(5), severity=Severity.CRITICAL)
    review = Review("b", HEAD, held=tuple(Held(each, "no fix") for each in (*[finding(n) for n in range(4)], worse)))
    assert "Container may gain privileges ·\u00a0critical | no fix |" in summary.body(review, ABOUT)
