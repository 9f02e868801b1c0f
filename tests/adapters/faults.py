"""Real faults for tests: another user, a limit, a signal. Each happens in a child process of its own."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")
NOBODY = 65534


def in_child(function: Callable[[], R]) -> R:
    """What `function` returns in a forked process; what it raises is raised here."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            answer = (True, function())
        except BaseException as error:  # noqa: BLE001 - the parent raises it
            answer = (False, error)
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        data = pipe.read()
    assert os.waitpid(child, 0)[1] == 0, "the child died"
    returned, value = pickle.loads(data)
    if not returned:
        raise value
    return value


def as_nobody(function: Callable[[], R]) -> R:
    """What `function` returns for a user without rights; who is no superuser is one already."""
    if os.geteuid():
        return function()

    def drop_and_call() -> R:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        return function()

    return in_child(drop_and_call)
