from __future__ import annotations

import io
import re

import pytest

from bot.adapters.workflow import Quiet, mask


class Runner:
    """Obeys commands of two streams as GitHub's runner does: after a stop, nothing but the word it was given."""

    def __init__(self) -> None:
        self.obeyed: list[str] = []
        self.stopped = ""

    def read(self, line: str) -> None:
        found = re.match(r"\s*::([^: ]+)[^:]*::(.*)", line)
        if found is None:
            return
        name, data = found.groups()
        if self.stopped:
            if name == self.stopped:
                self.stopped = ""
        elif name == "stop-commands":
            self.stopped = data
        else:
            self.obeyed.append(name)


class Stream(io.StringIO):
    """Hands every line to the runner at once."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self._runner = runner

    def write(self, text: str) -> int:
        for line in text.splitlines():
            self._runner.read(line)
        return super().write(text)


def test_runner_obeys_our_own_commands_alone() -> None:
    runner = Runner()
    out, errors = Stream(runner), Stream(runner)
    out.write("::before::\n")
    with Quiet(out, errors) as quiet:
        out.write("::error::from a file name\n")
        errors.write("  ::set-env name=PATH::/evil\n")
        with quiet.speaking():
            out.write("::notice file=web.yaml::ours\n")
        errors.write("::warning::from a value\n")
    out.write("::after::\n")
    # The end of the silence is told twice, and the second time is a word that the runner does not know.
    assert [each for each in runner.obeyed if not re.fullmatch("[0-9a-f]{32}", each)] == ["before", "notice", "after"]


def test_both_streams_are_told_with_one_word_that_is_new_each_time() -> None:
    out, errors = io.StringIO(), io.StringIO()
    with Quiet(out, errors) as quiet, quiet.speaking():
        pass
    assert out.getvalue() == errors.getvalue()
    words = re.findall(r"::stop-commands::([0-9a-f]{32})\n::([0-9a-f]{32})::\n", out.getvalue())
    assert [start == end for start, end in words] == [True, True]
    assert words[0] != words[1]


def test_silence_ends_when_something_goes_wrong() -> None:
    out, errors = io.StringIO(), io.StringIO()
    with pytest.raises(ValueError, match="odd"), Quiet(out, errors):
        raise ValueError("odd")
    assert re.search(r"::[0-9a-f]{32}::\n$", out.getvalue())


@pytest.mark.parametrize(
    ("value", "commands"),
    [
        ("secret", "::add-mask::secret\n"),
        ("100%\n\n  \nsecond", "::add-mask::100%25\n::add-mask::second\n"),
        ("", ""),
    ],
)
def test_mask(value: str, commands: str) -> None:
    assert mask(value) == commands
