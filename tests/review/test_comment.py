"""What a comment says, and that GitHub reads from it exactly the lines that were proven."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Applicability, Evidence, GateResult, GateStatus, ResourceRef, Severity, Tier
from bot.policy import load
from bot.review import marker
from bot.review.comment import closing, draft, essence, name, suggested
from bot.review.model import Offer
from tests.review.material import HARD_LINES, HEAD, finding, fingerprint, fix, offer
from tests.review.reader import READER

POLICIES = {policy.id: policy for policy in load()}
SERVER = "Kubernetes 1.36.3 (kind)"

WHOLE = """\
**Container `web` does not rule out privilege escalation** · medium · `Deployment shop/web`

Unless `allowPrivilegeEscalation` is false, a process can gain more privileges than its parent has, through setuid \
binaries such as sudo or through file capabilities.

```suggestion
            allowPrivilegeEscalation: false
```

**May break:** sudo, setuid helpers and binaries with file capabilities stop working. Applying it rolls the pods.
✓ Kubernetes 1.36.3 (kind) accepted it in a dry run at `4f2c9e1` · not tested: run-time behaviour

<sub>Keep as is: `# k8s-auto-fix: ignore[allow-privilege-escalation] reason`</sub>
<!-- k8s-auto-fix v1 fp=0000000000000001 head=4f2c9e1 -->"""


def body(made: Offer, *, server: str = SERVER, no_server: str = "", more: int = 0) -> str:
    return draft(made, head=HEAD, policies=POLICIES, server=server, no_server=no_server, more=more).body


def blocks(text: str) -> list[str]:
    """What GitHub takes for suggestions: an independent reader's fenced blocks of that name, at column 0."""
    return [token.content for token in READER.parse(text) if token.type == "fence" and token.info == "suggestion"]


def test_all_of_it() -> None:
    assert (
        body(offer(why="sudo, setuid helpers and binaries with file capabilities stop working; rolls the pods"))
        == WHOLE
    )


def test_where_it_is_put() -> None:
    made = draft(offer(start=20, end=23), head=HEAD, policies=POLICIES)
    assert (made.path, made.start_line, made.line) == ("deploy/web.yaml", 20, 23)
    assert made.fingerprints == (fingerprint(1),)


def test_one_line_has_no_start() -> None:
    assert draft(offer(start=20, end=20), head=HEAD, policies=POLICIES).start_line is None


LINES = st.lists(
    st.one_of(
        st.sampled_from(HARD_LINES), st.text(st.characters(exclude_characters="\0\r\n", exclude_categories=["Cs"]))
    ),
    max_size=8,
)


@given(LINES)
def test_the_block_is_exactly_the_lines(lines: list[str]) -> None:
    new = "".join(line + "\n" for line in lines)
    text = body(offer(new=new))
    assert blocks(text) == [new]
    assert suggested(text) == new
    assert suggested(text.replace("\n", "\r\n")) == new
    assert marker.read(text) == marker.Mark((fingerprint(1),), "4f2c9e1")


@given(st.text(max_size=80), st.text(max_size=30), st.text(max_size=40))
def test_what_others_write_breaks_nothing(message: str, word: str, path: str) -> None:
    """The block stays the only one and the marker ours, whatever a message, a name or a path holds."""
    hostile = finding(message=message, resource=ResourceRef("v1", word, None, word), path=path)
    text = body(offer(hostile, why=message, notes=(message, f"a-b: {word}"), evidence=(Evidence(word),)), server=word)
    assert blocks(text) == ["            allowPrivilegeEscalation: false\n"]
    assert marker.read(text) == marker.Mark((fingerprint(1),), "4f2c9e1")
    assert text.count("<!--") == text.count("<!-- k8s-auto-fix v1 ") + text.count("`<!--")


def test_a_deletion_is_an_empty_block() -> None:
    assert "\n\n```suggestion\n```\n\n" in body(offer(new=""))


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (
            offer(applicability=Applicability.SAFE, why="the API server keeps both equal; rolls the pods"),
            "**Safe:** the API server keeps both equal. Applying it rolls the pods.",
        ),
        (
            offer(why="probes fail; must be re-created: a Job's template cannot be changed once applied"),
            "**May break:** probes fail. Must be re-created: a Job's template cannot be changed once applied.",
        ),
        (offer(why="rolls the pods"), "Applying it rolls the pods."),
        (
            offer(
                finding(1),
                finding(2),
                parts=(
                    fix(why="sudo stops; rolls the pods"),
                    fix(why="ping stops; rolls the pods"),
                    fix(why="sudo stops"),
                ),
            ),
            "**May break:** sudo stops; ping stops. Applying it rolls the pods.",
        ),
        (
            offer(notes=("run-as-low-uid: container web runs as user 100",)),
            "Brings along: container web runs as user 100 (`run-as-low-uid`).",
        ),
        (
            offer(notes=("the server rejected the original: spec.replicas: must be a number",)),
            "Note: the server rejected the original: `spec.replicas`: must be a number.",
        ),
        (offer(evidence=(Evidence("limits of deploy/api.yaml"),)), "Value from limits of `deploy/api.yaml`."),
    ],
    ids=["safe", "a Job", "nothing but a restart", "several", "brings along", "note", "value"],
)
def test_lines_below_the_block(made: Offer, line: str) -> None:
    assert line in body(made).split("```\n\n")[1].splitlines()


@pytest.mark.parametrize(
    ("made", "no_server", "line"),
    [
        (offer(tier=Tier.SCHEMA), "", "✓ Valid by the schema of Kubernetes 1.37 at `4f2c9e1` · no dry run"),
        (
            offer(tier=Tier.SCHEMA),
            "no container engine answers",
            "✓ Valid by the schema of Kubernetes 1.37 at `4f2c9e1` · no dry run: no container engine answers",
        ),
        (
            offer(tier=Tier.SCHEMA, gate=GateResult("server", GateStatus.SKIPPED, "example.com/v1 is not served")),
            "",
            "✓ Valid by the schema of Kubernetes 1.37 at `4f2c9e1` · no dry run: `example.com/v1` is not served",
        ),
        (
            offer(tier=Tier.NONE, gate=GateResult("schema", GateStatus.FAILED, "no schema for Widget")),
            "",
            "Not verified: no schema for Widget",
        ),
    ],
    ids=["schema", "schema, no server", "schema, not served", "nobody"],
)
def test_who_vouches(made: Offer, no_server: str, line: str) -> None:
    assert line in body(made, no_server=no_server).splitlines()


def test_several_findings_of_one_suggestion() -> None:
    made = offer(
        finding(1),
        finding(2, "container web runs as root", policy="run-as-root", severity=Severity.MEDIUM),
        finding(3, "container web keeps the capability NET_RAW", policy="net-raw-not-dropped", severity=Severity.LOW),
    )
    text = body(made)
    listed = (
        "The same lines cure:\n\n- Container `web` runs as root · medium\n"
        "- Container `web` keeps the capability `NET_RAW` · low\n\n"
    )
    assert listed in text
    assert "ignore[allow-privilege-escalation, run-as-root, net-raw-not-dropped] reason" in text
    assert marker.read(text) == marker.Mark(made_fingerprints(3), "4f2c9e1")


def made_fingerprints(number: int) -> tuple[str, ...]:
    return tuple(fingerprint(each) for each in range(1, number + 1))


def test_many_findings_are_counted() -> None:
    made = offer(*(finding(number, f"container web has flaw {number}") for number in range(1, 13)))
    text = body(made)
    assert "- Container `web` has flaw 9 · medium\n- and 3 more\n" in text
    assert "flaw 10" not in text


@pytest.mark.parametrize(("more", "said"), [(1, "Same in 1 more place: "), (4, "Same in 4 more places: ")])
def test_the_same_elsewhere(more: int, said: str) -> None:
    assert said in body(offer(), more=more)


def test_json_has_no_comments() -> None:
    text = body(offer(finding(path="web.json")))
    assert "<sub>Keep as is: annotation `k8s-auto-fix.io/ignore.allow-privilege-escalation: reason`</sub>" in text


@pytest.mark.parametrize(
    ("message", "kind", "expected"),
    [
        ("container web runs privileged", "Deployment", "Container `web` runs privileged"),
        ("container web, of all, is", "Pod", "Container `web`, of all, is"),
        ("Ingress web has no tls section", "Ingress", "Ingress `web` has no tls section"),
        ("hostPID is set.", "Pod", "`hostPID` is set"),
        ("two\nlines", "Pod", "Two lines"),
        ("", "Pod", ""),
    ],
)
def test_names(message: str, kind: str, expected: str) -> None:
    assert name(finding(message=message, resource=ResourceRef("v1", kind, None, "web"))) == expected


def test_an_object_that_the_title_names_is_named_once() -> None:
    found = finding(message="Ingress web has no tls section", resource=ResourceRef("v1", "Ingress", None, "web"))
    assert body(offer(found)).startswith("**Ingress `web` has no tls section** · medium\n")


def test_the_first_sentence_of_an_unknown_policy_is_left_out() -> None:
    found = finding(policy="of-another-tool")
    assert "medium · `Deployment shop/web`\n\n```suggestion\n" in body(offer(found))


def test_essence_leaves_out_when() -> None:
    """A later run at another head, or a body that came back from the web editor, says the same."""
    first = draft(offer(), head=HEAD, policies=POLICIES, server=SERVER).body
    later = draft(offer(), head="a" * 40, policies=POLICIES, server=SERVER).body
    assert first != later
    assert essence(first) == essence(later) == essence(later.replace("\n", "\r\n") + "\r\n")
    assert essence(first) != essence(body(offer(why="something else")))
    assert essence(first) != essence(body(offer(new="            allowPrivilegeEscalation: no\n")))


@pytest.mark.parametrize("text", ["", "words", "```yaml\na\n```", "  ```suggestion\na\n  ```"])
def test_no_suggestion(text: str) -> None:
    assert suggested(text) is None


def test_what_stays_when_the_finding_is_gone() -> None:
    text = closing(WHOLE.replace("\n", "\r\n"), "Fixed in `a1b2c3d`.", head="a1b2c3d0")
    assert text == (
        "**Container `web` does not rule out privilege escalation** · medium · `Deployment shop/web`\n\n"
        "Fixed in `a1b2c3d`.\n\n"
        "<!-- k8s-auto-fix v1 fp=0000000000000001 head=a1b2c3d closed -->"
    )
    assert suggested(text) is None
