"""What people do at a pull request: push, accept a suggestion, answer, resolve, delete. No permission is asked."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.github import suggestions
from tests.fakes.github.faults import Fault
from tests.fakes.github.hub import Hub
from tests.fakes.github.records import Account, Anchor, Comment, Pull, Thread
from tests.fakes.github.repository import File, Files
from tests.fakes.github.suggestions import CannotApply, Taken

__all__ = ["CannotApply", "People"]


class People(Hub):
    """The hub, with everything that people can do. A method that leaves `pull` out means the newest one."""

    author = "rosa"
    """Who opens pull requests."""
    reviewer = "karl"
    """Who reads and accepts."""

    def base_commit(self, files: Files, *, branch: str = "main", message: str = "Start") -> str:
        """Make a base branch with exactly these files, from nothing."""
        return self.repository.commit(f"refs/heads/{branch}", files, message=message, author=self.author, fresh=True)

    def open_pull(
        self,
        base_files: Files,
        head_files: Files,
        *,
        fork: str | None = None,
        draft: bool = False,
        base: str = "main",
        branch: str = "",
        title: str = "A change",
    ) -> Pull:
        """A base branch with `base_files` (made unless it is there), and a pull request that changes `head_files`.

        `head_files` are the changes: a name that is missing stays, None deletes. `fork` is the login of the person
        whose fork the head is on.
        """
        with self.lock:
            try:
                tip = self.repository.resolve(f"refs/heads/{base}")
            except AssertionError:
                tip = self.base_commit(base_files, branch=base)
            else:
                if base_files:
                    tip = self.repository.commit(
                        f"refs/heads/{base}",
                        base_files,
                        message="Before",
                        author=self.author,
                        parents=[tip],
                        fresh=True,
                    )
            number = self.next_number()
            now = self.now()
            pull = Pull(
                number=number,
                title=title,
                author=self.account(fork or self.author),
                base_ref=base,
                base=tip,
                head_ref=branch or f"change-{number}",
                head=tip,
                draft=draft,
                fork=self.account(fork) if fork else None,
                created=now,
                updated=now,
            )
            pull.head = self._commit(pull, head_files, title)
            self.repository.point(f"refs/pull/{number}/head", pull.head)
            self.pulls[number] = pull
            return pull

    def push(self, files: Files, *, pull: Pull | None = None, message: str = "More") -> str:
        """A commit on top of the head; says its name."""
        with self.lock:
            pull = pull or self.newest
            head = self._commit(pull, files, message)
            self.move_head(pull, head)
            return head

    def force_push(self, files: Files, *, pull: Pull | None = None, message: str = "Anew") -> str:
        """Another commit in place of all of the pull request's: `files` are its changes against the merge base."""
        with self.lock:
            pull = pull or self.newest
            root = self.merge_base(self.tip(pull), pull.head)
            head = self.repository.commit(
                pull.head_git_ref, files, message=message, author=pull.author.login, parents=[root]
            )
            self.move_head(pull, head)
            return head

    def advance_base(self, files: Files, *, branch: str = "main") -> str:
        """A commit on the base branch, which the pull request does not have."""
        with self.lock:
            ref = f"refs/heads/{branch}"
            parents = [self.repository.resolve(ref)]
            return self.repository.commit(ref, files, message="Meanwhile", author=self.reviewer, parents=parents)

    def rebase(self, *, pull: Pull | None = None) -> str:
        """The pull request's changes as one commit on top of the base branch; they must not conflict."""
        with self.lock:
            pull = pull or self.newest
            tip = self.tip(pull)
            head = self.repository.commit_tree(
                self._merged_tree(pull), [tip], message=pull.title, author=pull.author.login
            )
            self.move_head(pull, head)
            return head

    def merge_base_in(self, *, pull: Pull | None = None) -> str:
        """The button "Update branch": the base branch is merged into the head."""
        with self.lock:
            pull = pull or self.newest
            parents = [pull.head, self.tip(pull)]
            head = self.repository.commit_tree(
                self._merged_tree(pull), parents, message="Merge", author=pull.author.login
            )
            self.move_head(pull, head)
            return head

    def merge_commit(self, pull: Pull) -> str:
        """What `refs/pull/N/merge` leads to, and what a checkout step takes: the head merged into the base branch."""
        with self.lock:
            parents = [self.tip(pull), pull.head]
            head = self.repository.commit_tree(
                self._merged_tree(pull), parents, message=f"Merge {pull.head}", author=pull.author.login
            )
            self.repository.point(f"refs/pull/{pull.number}/merge", head)
            return head

    def _merged_tree(self, pull: Pull) -> str:
        arguments = ("merge-tree", "--write-tree", "--no-messages", self.tip(pull), pull.head)
        return self.repository.git(*arguments).decode().strip()

    def edit_base(self, branch: str, *, pull: Pull | None = None) -> None:
        """Put the pull request against another branch."""
        with self.lock:
            self.move_base(pull or self.newest, branch)

    def close(self, *, pull: Pull | None = None) -> None:
        """Close it without merging."""
        (pull or self.newest).open = False

    def reopen(self, *, pull: Pull | None = None) -> None:
        """Open it again."""
        (pull or self.newest).open = True

    def ready(self, *, pull: Pull | None = None) -> None:
        """A draft no more."""
        (pull or self.newest).draft = False

    def delete_fork(self, *, pull: Pull | None = None) -> None:
        """The fork goes; the pull request stays, and `head.repo` is null."""
        (pull or self.newest).fork_gone = True

    def comment(self, path: str, line: int, body: str, *, by: str = "", pull: Pull | None = None) -> Comment:
        """A person's own comment at a line of the head."""
        with self.lock:
            pull = pull or self.newest
            who = self.account(by or self.reviewer)
            review = self.add_review(pull, who, state="COMMENTED", body="", commit=pull.head)
            return self.add_comment(pull, review, Anchor(path, line), body)

    def reply(self, comment: int, body: str, *, by: str = "") -> Comment:
        """Answer a comment."""
        with self.lock:
            pull, found = self.known(comment)
            return self.add_reply(pull, found, self.account(by or self.reviewer), body)

    def resolve(self, comment: int, *, by: str = "") -> Thread:
        """Resolve the thread that a comment is in."""
        with self.lock:
            _, found = self.known(comment)
            found.thread.resolved_by = self.account(by or self.reviewer)
            return found.thread

    def unresolve(self, comment: int) -> None:
        """Open it again."""
        with self.lock:
            self.known(comment)[1].thread.resolved_by = None

    def delete_comment(self, comment: int) -> None:
        """A maintainer deletes a comment, whoever wrote it."""
        with self.lock:
            self.remove_comment(*self.known(comment))

    def edit_comment(self, comment: int, body: str, *, by: str = "", crlf: bool = True) -> None:
        """A maintainer edits a comment in the browser, whose forms send CRLF."""
        with self.lock:
            _, found = self.known(comment)
            text = body.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else body
            self.change_comment(found, self.account(by or self.reviewer), text)

    def edit_review(self, review: int, body: str) -> None:
        """A maintainer edits the body of a review in the browser."""
        with self.lock:
            for pull in self.pulls.values():
                for each in pull.reviews:
                    if each.id == review:
                        each.body = body.replace("\n", "\r\n")

    def accept(self, comment: int, *, by: str = "", block: int = 0) -> str:
        """The button "Commit suggestion": commit it, resolve the thread, and say the new head.

        `block` says which suggestion of a comment with several. Raises `CannotApply` when GitHub's button would be
        grey, with its words.
        """
        return self.accept_batch([comment], by=by, block=block)

    def accept_batch(self, comments: list[int], *, by: str = "", block: int = 0, flip: bool = False) -> str:
        """ "Commit suggestions": several in one commit.

        `flip`: the files come out with CRLF line ends, as was seen with batches that were committed in the browser.
        """
        with self.lock:
            found = [self.known(each) for each in comments]
            pull = found[0][0]
            taken = [self._taken(pull, comment, block) for _, comment in found]
            files = suggestions.applied(lambda path: self.repository.read(pull.head, path), taken, flip=flip)
            who = self.account(by or self.reviewer)
            message = "Apply suggestions from code review" if len(taken) > 1 else f"Update {Path(taken[0].path).name}"
            modes = self.repository.tree(pull.head)
            changed = {path: File(content, modes[path][0]) for path, content in files.items()}
            head = self._commit(pull, changed, message, who)
            self.move_head(pull, head)
            for _, comment in found:
                comment.thread.resolved_by = who
            return head

    def _taken(self, pull: Pull, comment: Comment, block: int) -> Taken:
        if comment.reply_to is not None:
            raise CannotApply("Suggestions cannot be applied from answers.")
        review = next((each for each in pull.reviews if each.id == comment.review), None)
        if not pull.open:
            raise CannotApply("Suggestions cannot be applied while the pull request is closed.")
        if pull.queued:
            raise CannotApply("Suggestions cannot be applied while the pull request is queued to merge.")
        if review is not None and review.state == "PENDING":
            raise CannotApply("Suggestions cannot be applied from pending reviews.")
        if comment.thread.resolved_by is not None:
            raise CannotApply("This suggestion has been applied or marked resolved.")
        return suggestions.taken(comment, self.shown(pull), block)

    def pushed_meanwhile(self, fault: Fault) -> None:
        """A fault that moves the head."""
        (self.push if fault.kind == "push" else self.force_push)(fault.files)

    @property
    def newest(self) -> Pull:
        """The pull request that was opened last."""
        return self.pulls[max(self.pulls)]

    def known(self, comment: int) -> tuple[Pull, Comment]:
        """A comment that has to be there."""
        found = self.find_comment(comment)
        assert found is not None, f"no comment {comment}"
        return found

    @property
    def bot_comments(self) -> list[Comment]:
        """The comments of the workflow at the newest pull request, the oldest first."""
        return [each for each in self.newest.comments if each.author.bot]

    def _commit(self, pull: Pull, files: Files, message: str, by: Account | None = None) -> str:
        author = (by or pull.author).login
        return self.repository.commit(pull.head_git_ref, files, message=message, author=author, parents=[pull.head])
