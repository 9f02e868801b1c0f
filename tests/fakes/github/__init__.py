"""A strict fake GitHub: a real HTTP server over a real git repository, for tests.

What a client may ask for, and in which words, is taken from GitHub's own descriptions (`data/`); every request is
checked against them, and so is every answer of the fake. Beyond them it keeps the rules that GitHub has and does not
write down: which lines take a comment, who may do what, what a push does to comments, how a suggestion is committed.

`fake.offences` lists what no client of ours should do. The fixture `github` of `tests/fakes/fixtures.py` fails a test
that leaves any behind.
"""

from tests.fakes.github.fake import FakeGitHub
from tests.fakes.github.faults import Fault
from tests.fakes.github.hub import SECRET, Offence, Request
from tests.fakes.github.people import CannotApply
from tests.fakes.github.repository import File

__all__ = ["SECRET", "CannotApply", "FakeGitHub", "Fault", "File", "Offence", "Request"]
