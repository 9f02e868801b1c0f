"""The life of a pull request: what people do to it, and what stands there after the next run."""

from __future__ import annotations

from tests.fakes import events
from tests.fakes.github import Fault
from tests.stories.shop import CLEAN, GAIN, PID, SECCOMP, deployment, shifted
from tests.stories.stage import Stage, names, suggestion

ALL = (PID, SECCOMP, GAIN)


def opened(stage: Stage, *risks: str, **more: object) -> None:
    """A pull request whose one file has these findings, and its first review."""
    stage.github.open_pull({"web.yaml": CLEAN}, {"web.yaml": deployment(*risks)}, **more)  # type: ignore[arg-type]
    stage.review()


def test_one_review_with_a_suggestion_for_each_finding(stage: Stage) -> None:
    opened(stage, *ALL)
    assert stage.suggested == sorted(ALL)
    (review,) = stage.github.newest.reviews
    assert review.body.startswith("### 3 suggestions\n")
    assert (review.state, review.commit) == ("COMMENTED", stage.github.newest.head)
    (run,) = stage.runs
    assert {name: run.outputs[name] for name in ("findings", "suggestions", "patched", "older", "highest")} == {
        "findings": "3",
        "suggestions": "3",
        "patched": "0",
        "older": "0",
        "highest": "high",
    }
    assert run.outputs["review-url"].endswith(f"/pull/{stage.github.newest.number}#pullrequestreview-{review.id}")


def test_nothing_found_nothing_posted(stage: Stage) -> None:
    opened(stage)
    assert stage.github.newest.reviews == []
    assert stage.runs[0].outputs["review-url"] == ""


def test_accepting_all_one_after_the_other(stage: Stage) -> None:
    """Whatever was accepted is not said again, and the rest stands as it stood, until nothing is left."""
    opened(stage, *ALL)
    for policy in ALL:
        standing = {each.id: each.body for each in stage.open}
        accepted = stage.one(policy)
        before = stage.github.newest.head
        stage.github.accept(accepted.id)
        stage.pushed(before)
        del standing[accepted.id]
        assert {each.id: each.body for each in stage.open} == standing
    assert stage.head_text() == CLEAN
    assert stage.summary.startswith("### Nothing to suggest\n")
    assert len(stage.github.newest.reviews) == 1
    assert len([each for each in stage.comments if each.thread.resolved_by]) == len(ALL)


def test_accepting_all_as_a_batch(stage: Stage) -> None:
    opened(stage, *ALL)
    before = stage.github.newest.head
    stage.github.accept_batch([each.id for each in stage.open])
    stage.pushed(before)
    assert stage.head_text() == CLEAN
    assert stage.open == []
    assert stage.summary.startswith("### Nothing to suggest\n")


def test_a_batch_that_flips_line_ends(stage: Stage) -> None:
    """The file has CRLF from then on: what is left is offered as a patch, and nothing stands twice."""
    opened(stage, *ALL)
    before = stage.github.newest.head
    stage.github.accept_batch([stage.one(PID).id, stage.one(GAIN).id], flip=True)
    stage.pushed(before)
    assert stage.head_text() == deployment(SECCOMP).replace("\n", "\r\n")
    assert stage.open == []
    assert "patch: CRLF line ends" in stage.summary
    stage.pushed(before)
    assert stage.open == []


def test_a_push_that_changes_nothing_here(stage: Stage) -> None:
    """The second run edits the summary, whose commit is another one, and leaves the comments alone."""
    opened(stage, *ALL)
    stage.operations()
    standing = {each.id: each.body for each in stage.open}
    before = stage.github.newest.head
    stage.github.push({"notes.txt": "Nothing.\n"})
    stage.pushed(before)
    assert {each.id: each.body for each in stage.open} == standing
    asked = stage.operations()
    assert [each for each in asked if each.startswith("pulls/update") or "create" in each] == ["pulls/update-review"]


def test_the_same_run_again_writes_nothing(stage: Stage) -> None:
    opened(stage, *ALL)
    stage.operations()
    stage.review()
    assert {each.partition("-")[0] for each in stage.operations()} <= {"repos/compare", "pulls/list", "graphql/viewer"}


def test_a_new_finding_in_a_push_gets_a_review_of_one_line(stage: Stage) -> None:
    opened(stage, PID)
    before = stage.github.newest.head
    stage.github.push({"web.yaml": deployment(PID, GAIN)})
    stage.pushed(before)
    assert stage.suggested == [GAIN, PID]
    first, second = stage.github.newest.reviews
    assert first.body.startswith("### 2 suggestions\n")
    assert second.body == "1 more suggestion. The summary above is up to date."


def test_mended_by_hand(stage: Stage) -> None:
    opened(stage, PID, GAIN)
    before = stage.github.newest.head
    stage.github.push({"web.yaml": deployment(GAIN)})
    stage.pushed(before)
    assert stage.suggested == [GAIN]
    assert len(stage.comments) == 1, "a comment without an answer goes"


def test_mended_by_hand_after_a_talk(stage: Stage) -> None:
    opened(stage, PID)
    comment = stage.one(PID)
    stage.github.reply(comment.id, "Why is that bad?")
    before = stage.github.newest.head
    stage.github.push({"web.yaml": CLEAN})
    stage.pushed(before)
    assert stage.open == []
    assert f"Fixed as of `{stage.github.newest.head[:7]}`." in comment.body
    assert "```suggestion" not in comment.body
    body = comment.body
    stage.review()
    assert comment.body == body, "said once"


def test_resolved_by_a_person(stage: Stage) -> None:
    opened(stage, PID, GAIN)
    comment = stage.one(PID)
    stage.github.resolve(comment.id)
    for lines in (3, 40):
        before = stage.github.newest.head
        stage.github.force_push({"web.yaml": shifted(deployment(PID, GAIN), lines)})
        stage.pushed(before)
        assert stage.suggested == [GAIN]
    assert "set aside in the review" in stage.summary


def test_deleted_by_a_person(stage: Stage) -> None:
    """Deleted means no, also when the finding comes back."""
    opened(stage, PID, GAIN)
    stage.github.delete_comment(stage.one(PID).id)
    for text in (shifted(deployment(PID, GAIN), 2), deployment(GAIN), deployment(PID, GAIN)):
        before = stage.github.newest.head
        stage.github.push({"web.yaml": text})
        stage.pushed(before)
        assert stage.suggested == [GAIN]


def test_answered_and_lines_moved(stage: Stage) -> None:
    """The talk goes on where it is; the finding is not raised a second time."""
    opened(stage, PID)
    comment = stage.one(PID)
    stage.github.reply(comment.id, "Wanted.")
    before = stage.github.newest.head
    stage.github.push({"web.yaml": shifted(deployment(PID), 10)})
    stage.pushed(before)
    assert [each.id for each in stage.comments if each.reply_to is None] == [comment.id]


def test_rebase(stage: Stage) -> None:
    opened(stage, *ALL)
    standing = {names(each): each.id for each in stage.open}
    stage.github.advance_base({"other.yaml": deployment(name="other")})
    before = stage.github.newest.head
    stage.github.rebase()
    stage.pushed(before)
    assert {names(each): each.id for each in stage.open} == standing


def test_the_base_is_merged_in(stage: Stage) -> None:
    """What the base branch brought is not the pull request's, though its commits hold it now."""
    opened(stage, PID)
    stage.github.advance_base({"other.yaml": deployment(GAIN, name="other")})
    before = stage.github.newest.head
    stage.github.merge_base_in()
    run = stage.pushed(before)
    assert stage.suggested == [PID]
    assert (run.outputs["findings"], run.outputs["older"]) == ("1", "0")


def test_force_push_of_something_else(stage: Stage) -> None:
    opened(stage, PID)
    before = stage.github.newest.head
    stage.github.force_push({"web.yaml": CLEAN, "api.yaml": deployment(GAIN, name="api")})
    stage.pushed(before)
    assert [(each.original.path, suggestion(each)) for each in stage.comments] == [
        ("api.yaml", "            allowPrivilegeEscalation: false\n")
    ]


def test_reopened(stage: Stage) -> None:
    opened(stage, PID)
    stage.github.close()
    run = stage.review(events.closed(stage.github))
    assert "nothing to do: the pull request is closed" in run.stderr
    stage.github.reopen()
    stage.review(events.reopened(stage.github))
    assert stage.suggested == [PID]
    assert len(stage.github.newest.reviews) == 1


def test_another_base(stage: Stage) -> None:
    """Against the branch that it was built on, what that one brings is older, and its comment goes."""
    opened(stage, PID)
    old = stage.github.newest.base
    before = stage.github.newest.head
    stage.github.repository.point("refs/heads/first-half", before)
    stage.github.push({"web.yaml": deployment(PID, GAIN)})
    stage.pushed(before)
    assert stage.suggested == [GAIN, PID]
    stage.github.edit_base("first-half")
    run = stage.review(events.edited_base(stage.github, "main", old))
    assert stage.suggested == [GAIN]
    assert run.outputs["older"] == "1"
    assert "--base origin/first-half" in stage.summary


def test_only_the_title(stage: Stage) -> None:
    opened(stage, PID)
    stage.operations()
    stage.review(events.edited_title(stage.github))
    assert stage.operations() == []


def test_a_draft_until_it_is_ready(stage: Stage) -> None:
    opened(stage, PID, draft=True)
    (run,) = stage.runs
    assert stage.github.newest.reviews == []
    assert "a draft" in run.summary
    assert run.outputs["suggestions"] == "0"
    assert (run.folder / run.outputs["payload"]).is_file()
    stage.github.ready()
    stage.review(events.ready_for_review(stage.github))
    assert stage.suggested == [PID]


def test_the_head_moves_while_nothing_is_to_be_posted(stage: Stage) -> None:
    """What a run would clear away belongs to the run for the new head."""
    opened(stage, PID)
    summary = stage.summary
    before = stage.github.newest.head
    stage.github.push({"web.yaml": CLEAN})
    event = events.synchronize(stage.github, before)
    stage.github.faults.append(Fault("pulls/list-files", "push", files={"web.yaml": deployment(PID)}))
    run = stage.review(event)
    assert "has a newer head than" in run.stderr
    assert stage.suggested == [PID]
    assert stage.summary == summary


def test_nothing_is_left_and_the_summary_is_nowhere(stage: Stage) -> None:
    """A maintainer took the marker away; that all is well is no reason for a new review."""
    opened(stage, PID)
    stage.github.edit_review(stage.summaries[0].id, "Thanks.")
    before = stage.github.newest.head
    stage.github.push({"web.yaml": CLEAN})
    stage.pushed(before)
    assert stage.comments == []
    assert [each.body for each in stage.github.newest.reviews] == ["Thanks."]


def test_words_of_others_are_left_alone(stage: Stage) -> None:
    """Also those that look like ours; `Stage.review` compares them after each run."""
    opened(stage, PID)
    body = stage.one(PID).body
    stage.github.comment("web.yaml", 18, body)
    stage.github.comment("web.yaml", 18, "Hm.")
    before = stage.github.newest.head
    stage.github.push({"web.yaml": CLEAN})
    stage.pushed(before)
    assert stage.comments == []
    assert len(stage.github.newest.comments) == 2
