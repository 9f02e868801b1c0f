"""What happens to comments from run to run: nothing twice, nothing that people set aside, nothing of others.

The stories come first; then sequences of everything that can happen, by chance.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.policy import load
from bot.review import comment, marker
from bot.review.marker import write_summary
from bot.review.model import Author, Draft, Posted, PostedReview
from bot.review.reconcile import of_area, plan, set_aside
from tests.review.material import HEAD, finding, fingerprint, offer
from tests.review.pull import Pull

POLICIES = {policy.id: policy for policy in load()}
ONE, TWO = fingerprint(1), fingerprint(2)
LATER = "b" * 40


def draft(*numbers: int, line: int = 20, new: str = "x: 1\n", path: str = "deploy/web.yaml", head: str = HEAD) -> Draft:
    """A wanted comment about the findings of these numbers, at a line."""
    made = offer(*(finding(number, path=path) for number in numbers), start=line, end=line, new=new)
    return comment.draft(made, head=head, policies=POLICIES, server="Kubernetes 1.36.3 (kind)")


def posted(made: Draft, *, number: int = 1, author: Author = Author.OWN, **more: object) -> Posted:
    stands = Posted(number, f"n{number}", author, made.path, made.start_line, made.line, made.body, HEAD)
    return replace(stands, **more)


def summary(*fingerprints: str, dismissed: tuple[str, ...] = (), author: Author = Author.OWN) -> PostedReview:
    return PostedReview(9, author, "### 1 suggestion\n\n" + write_summary(fingerprints, dismissed, head=HEAD), HEAD)


def test_the_first_run() -> None:
    made = plan([draft(1), draft(2, line=30)], [], [], head=HEAD)
    assert made.post == (draft(1), draft(2, line=30))
    assert (made.keep, made.edit, made.delete, made.summary) == ((), (), (), None)
    assert made.posted == {ONE, TWO}


@pytest.mark.parametrize(
    "stands",
    [
        posted(draft(1)),
        posted(draft(1), body=draft(1).body.replace("\n", "\r\n") + "\r\n"),
        posted(draft(1), commit=LATER, replies=2),
        posted(draft(1, head=LATER)),
    ],
    ids=["same", "line ends of the web editor", "answered", "verified at another head"],
)
def test_what_stands_there_is_kept(stands: Posted) -> None:
    made = plan([draft(1)], [stands], [summary(ONE)], head=LATER)
    assert made.keep == (stands,)
    assert not made.changes_comments
    assert made.posted == {ONE}


def test_a_comment_that_moved_is_posted_anew_and_the_old_one_goes() -> None:
    for line in (19, None):
        stands = posted(draft(1), line=line)
        made = plan([draft(1)], [stands], [summary(ONE)], head=LATER)
        assert (made.post, made.delete) == ((draft(1),), (stands,))
        assert made.posted == {ONE}


def test_a_renamed_file() -> None:
    stands = posted(draft(1, path="old.yaml"), line=None)
    made = plan([draft(1, path="new.yaml")], [stands], [summary(ONE)], head=LATER)
    assert (made.post, made.delete) == ((draft(1, path="new.yaml"),), (stands,))


def test_other_lines_for_the_same_place_are_written_into_the_comment() -> None:
    stands = posted(draft(1))
    wanted = draft(1, new="y: 2\n")
    made = plan([wanted], [stands], [summary(ONE)], head=LATER)
    assert made.edit == ((stands, wanted.body),)
    assert (made.post, made.delete) == ((), ())


@pytest.mark.parametrize(
    ("what", "reviews"),
    [
        ({"resolved": True}, [summary(ONE)]),
        ({"replies": 1, "line": 18}, [summary(ONE)]),
        ({"replies": 1, "line": None}, [summary(ONE)]),
        ({"edited": True, "line": None}, [summary(ONE)]),
        (None, [summary(ONE)]),
        (None, [summary(dismissed=(ONE,))]),
    ],
    ids=["resolved", "answered", "answered and outdated", "edited", "deleted", "resolved once, threads are unreadable"],
)
def test_what_people_set_aside_is_not_posted(what: dict[str, object] | None, reviews: list[PostedReview]) -> None:
    stands = [posted(draft(1), **what)] if what is not None else []
    made = plan([draft(1), draft(2, line=30)], stands, reviews, head=LATER, found=(ONE, TWO))
    assert made.post == (draft(2, line=30),)
    assert made.withheld == (draft(1),)
    assert made.delete == ()
    assert ONE in made.posted | made.dismissed
    assert set_aside((ONE, TWO), stands, reviews) == {ONE}


def test_a_part_of_it_is_enough() -> None:
    """Two findings joined to one suggestion, one of them set aside: it would come back with the other."""
    made = plan([draft(1, 2)], [posted(draft(1), resolved=True)], [summary(ONE)], head=LATER)
    assert (made.post, made.withheld) == ((), (draft(1, 2),))
    stands = posted(draft(2))
    made = plan([draft(1, 2)], [stands], [summary(ONE, TWO)], head=LATER)
    assert (made.post, made.edit, made.withheld, made.delete) == ((), (), (draft(1, 2),), (stands,))


def test_findings_that_are_joined_or_parted_later() -> None:
    stands = posted(draft(1))
    made = plan([draft(1, 2)], [stands], [summary(ONE)], head=LATER)
    assert made.edit == ((stands, draft(1, 2).body),)
    assert made.posted == {ONE}  # the summary is written before: killed in between, TWO must not seem to be deleted
    after = plan([draft(1, 2)], [replace(stands, body=draft(1, 2).body)], [summary(ONE)], head=LATER)
    assert (after.keep, after.posted) == ((replace(stands, body=draft(1, 2).body),), {ONE, TWO})
    stands = posted(draft(1, 2))
    made = plan([draft(1), draft(2, line=30)], [stands], [summary(ONE, TWO)], head=LATER)
    assert made.edit == ((stands, draft(1).body),)
    assert made.post == (draft(2, line=30),)


def test_a_finding_that_is_gone() -> None:
    stands = posted(draft(1))
    made = plan([], [stands], [summary(ONE)], head=LATER)
    assert made.delete == (stands,)
    assert made.posted == frozenset()  # else the next run would take it for deleted by a person


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ((), "Fixed as of `bbbbbbb`."),
        ((ONE,), "No longer suggested here, as of `bbbbbbb`: the summary says what there is."),
    ],
)
def test_with_answers_it_stays_and_says_so(found: tuple[str, ...], sentence: str) -> None:
    stands = posted(draft(1), replies=1)
    made = plan([], [stands], [summary(ONE)], head=LATER, found=found)
    assert made.delete == ()
    [(edited, body)] = made.edit
    assert edited is stands
    assert body.splitlines()[2] == sentence
    assert comment.suggested(body) is None
    again = plan([], [replace(stands, body=body)], [summary(*made.posted)], head="c" * 40, found=found)
    assert again.keep == (replace(stands, body=body),)
    assert not again.changes_comments


def test_with_answers_it_is_a_suggestion_again_when_the_finding_is_back() -> None:
    stands = posted(draft(1), replies=1)
    closed = replace(stands, body=comment.closing(stands.body, "Fixed.", head=LATER))
    made = plan([draft(1)], [closed], [summary(ONE)], head=LATER)
    assert (made.edit, made.post) == (((closed, draft(1).body),), ())


@pytest.mark.parametrize("what", [{"edited": True}, {"edited": True, "replies": 1}, {"resolved": True}])
def test_the_words_of_people_are_left(what: dict[str, object]) -> None:
    stands = posted(draft(1), **what)
    for wanted in ([], [draft(1)], [draft(1, new="y: 2\n")]):
        made = plan(wanted, [stands], [summary(ONE)], head=LATER)
        assert (made.keep, made.edit, made.delete, made.post) == ((stands,), (), (), ())


def test_a_file_that_could_not_be_read_says_nothing_about_its_comments() -> None:
    stands = posted(draft(1))
    made = plan([], [stands], [summary(ONE)], head=LATER, unread=("deploy/web.yaml",))
    assert made.keep == (stands,)
    assert made.posted == {ONE}
    moved = draft(1, path="new.yaml")
    made = plan([moved], [stands], [summary(ONE)], head=LATER, unread=("deploy/web.yaml",))
    assert (made.post, made.delete) == ((moved,), (stands,))


def test_comments_of_others_do_not_count() -> None:
    """Whoever pastes our markers neither hides a finding nor has something deleted."""
    foreign = posted(draft(1), author=Author.OTHER)
    pasted = summary(ONE, dismissed=(TWO,), author=Author.OTHER)
    made = plan([draft(1), draft(2, line=30)], [foreign], [pasted], head=HEAD)
    assert made.post == (draft(1), draft(2, line=30))
    assert (made.edit, made.delete, made.summary) == ((), (), None)
    assert not plan([], [foreign], [pasted], head=HEAD).changes_comments


def test_our_other_comments_do_not_count() -> None:
    """Another workflow of the same account, without our marker."""
    other = Posted(1, "n", Author.OWN, "deploy/web.yaml", None, 20, "Coverage fell.", HEAD)
    made = plan([], [other], [PostedReview(2, Author.OWN, "Coverage fell.", HEAD)], head=HEAD)
    assert (made.delete, made.edit, made.summary) == ((), (), None)


def test_two_of_the_same_after_a_retry() -> None:
    first, second = posted(draft(1), number=1), posted(draft(1), number=2)
    made = plan([draft(1)], [first, second], [summary(ONE)], head=HEAD)
    assert (made.keep, made.delete) == ((first,), (second,))
    answered = replace(second, replies=1)
    made = plan([draft(1)], [first, answered], [summary(ONE)], head=HEAD)
    assert (made.keep, made.delete) == ((answered,), (first,))


def test_many_findings_in_one_comment() -> None:
    """Their marker has the first digits only, and is still known."""
    numbers = [0x1000 * each + 7 << 44 for each in range(1, 41)]
    wanted = draft(*numbers)
    stands = posted(wanted)
    assert set_aside(wanted.fingerprints, [replace(stands, resolved=True)], []) >= set(wanted.fingerprints[:30])
    first = plan([wanted], [], [], head=HEAD)
    made = plan([wanted], [stands], [summary(*first.posted)], head=LATER)
    assert made.keep == (stands,)
    assert made.posted == first.posted


def test_the_oldest_summary_is_ours() -> None:
    first, second = summary(ONE), replace(summary(TWO), id=10)
    made = plan([draft(1), draft(2, line=30)], [], [first, second], head=HEAD)
    assert made.summary is first
    assert made.withheld == (draft(1), draft(2, line=30))


# What may happen by chance: numbers of findings, lines, what people do, where a run is killed.

PLACES = ("a.yaml", "b.yaml")
NUMBERS = range(1, 7)


@dataclass(frozen=True)
class Act:
    """One thing that happens. `which` picks a comment of ours, or says which findings are there."""

    kind: str
    which: int = 0
    groups: tuple[tuple[int, ...], ...] = ()
    lines: tuple[int, ...] = ()
    steps: int | None = None


@st.composite
def runs(pick: st.DrawFn) -> Act:
    """A run that wants some of the findings, joined at random, each group at a line of its own."""
    numbers = pick(st.lists(st.sampled_from(NUMBERS), unique=True, max_size=6))
    groups: list[list[int]] = []
    for number in numbers:
        if groups and pick(st.integers(0, 3)) == 0:
            groups[-1].append(number)
        else:
            groups.append([number])
    lines = pick(st.lists(st.integers(1, 8), unique=True, min_size=len(groups), max_size=len(groups)))
    return Act("run", 0, tuple(map(tuple, groups)), tuple(lines), pick(st.sampled_from((None, None, None, 1, 2, 3))))


ACTS = st.lists(
    st.one_of(
        runs(),
        st.builds(
            Act,
            st.sampled_from(("reply", "resolve", "delete", "edit", "paste", "outdate", "shift", "push", "again")),
            st.integers(0, 20),
        ),
    ),
    min_size=2,
    max_size=14,
)


class Story:
    """Plays acts and remembers what people set aside."""

    def __init__(self) -> None:
        self.pull = Pull()
        self.gone: set[str] = set()
        self.wanted: list[Draft] = []
        self.foreign: list[Posted] = []

    def play(self, act: Act) -> None:
        pull = self.pull
        if act.kind == "run":
            self.wanted = [
                draft(*group, line=line, new=f"x: {line % 3}\n", path=PLACES[min(group) % 2], head=pull.head)
                for group, line in zip(act.groups, act.lines, strict=True)
            ]
            self.run(act.steps)
        elif act.kind == "again":
            self.run(None)
        elif act.kind == "push":
            pull.at += 1
        elif act.kind == "paste" and self.wanted:
            made = self.wanted[act.which % len(self.wanted)]
            self.foreign.append(pull.comment(made, Author.OTHER))
            pull.reviews.append(summary(*made.fingerprints, author=Author.OTHER))
        elif pull.own:
            self.touch(act.kind, pull.own[act.which % len(pull.own)])

    def touch(self, kind: str, target: Posted) -> None:
        pull = self.pull
        if kind == "outdate":
            pull.change(target, line=None, start_line=None)
        elif kind == "shift" and target.line is not None:
            pull.change(target, line=target.line + 1)
        elif kind in ("reply", "resolve", "edit"):
            what = {"reply": {"replies": target.replies + 1}, "resolve": {"resolved": True}, "edit": {"edited": True}}
            pull.change(target, **what[kind])
        elif kind == "delete":
            # Of what a killed run did not write down nobody can tell that it was posted.
            others = [each for each in pull.own if each.id != target.id]
            left = frozenset[str]().union(*map(pull.named, others))
            self.gone |= (pull.named(target) & pull.recorded) - left
            # Neither of an answer that went with its comment before a run wrote it down.
            answered = (each for each in others if each.replies or each.resolved or each.edited)
            told = (pull.recorded - left).union(pull.dismissed, *map(pull.named, answered))
            self.gone -= pull.named(target) - told
            pull.remove(target)

    def run(self, steps: int | None) -> None:
        pull = self.pull
        for each in pull.own:
            if each.replies or each.resolved or each.edited:
                self.gone |= pull.named(each)
        found = {each for made in self.wanted for each in made.fingerprints}
        made = pull.plan(self.wanted, found)
        posting = {each for draft in made.post for each in draft.fingerprints}
        assert not posting & self.gone, "people set it aside"
        own = {each.id for each in pull.own}
        assert {each.id for each in (*made.delete, *(each for each, _ in made.edit))} <= own, "not ours"
        assert not any(each.replies or each.edited or each.resolved for each in made.delete), "people's words go"
        pull.run(self.wanted, found, steps)
        if steps is None:
            self.settled(found)

    def settled(self, found: set[str]) -> None:
        """After a run that was not killed: each draft stands once or people set it aside, and a second run is idle."""
        pull = self.pull
        open_ones = [
            each
            for each in pull.own
            if not each.resolved and not each.edited and (mark := marker.read(each.body)) and not mark.closed
        ]
        live = [name for each in open_ones for name in pull.named(each)]
        assert len(live) == len(set(live)), "twice"
        standing = {(each.path, each.line, comment.suggested(each.body)) for each in open_ones}
        for made in self.wanted:
            here = (made.path, made.line, comment.suggested(made.body)) in standing
            assert here or set(made.fingerprints) & self.gone, "neither there nor set aside"
        again = pull.run(self.wanted, found)
        assert not again.changes_comments
        assert pull.plan(self.wanted, found) == replace(again, summary=pull.summary)
        assert self.foreign == [each for each in pull.comments if each.author is Author.OTHER]


KILLED_BEFORE_AN_ANSWER_WAS_WRITTEN_DOWN = [
    Act("run", 0, ((1, 2, 3), (4, 5, 6)), (1, 2)),
    Act("run", 0, ((1,),), (2,), 2),
    Act("reply", 0),
    Act("run", 0, ((1, 2, 3, 4), (5,)), (1, 2), 1),
    Act("delete", 0),
]


@settings(max_examples=500, deadline=None)
@example(KILLED_BEFORE_AN_ANSWER_WAS_WRITTEN_DOWN)
@given(ACTS)
def test_whatever_happens(acts: list[Act]) -> None:
    story = Story()
    for act in acts:
        story.play(act)
    story.run(None)


def test_what_runs_over_other_paths_posted_is_not_looked_at() -> None:
    mine, other = marker.area_of(["shop"]), marker.area_of(["bank"])
    comments = [
        Posted(
            number, str(number), author, "a.yaml", None, 1, marker.write([ONE], head="4f2c9e1", area=area), "4f2c9e1"
        )
        for number, (author, area) in enumerate(
            [(Author.OWN, mine), (Author.OWN, other), (Author.OWN, ""), (Author.OTHER, other)]
        )
    ]
    reviews = [
        PostedReview(number, Author.OWN, marker.write_summary([ONE], [], head="4f2c9e1", area=area), "4f2c9e1")
        for number, area in enumerate([mine, other])
    ]
    kept, summaries = of_area(mine, comments, reviews)
    assert [each.id for each in kept] == [0, 3]
    assert [each.id for each in summaries] == [0]
