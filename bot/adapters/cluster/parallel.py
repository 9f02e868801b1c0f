"""The same question about many things, several at once, within a time that holds whatever a thread hangs in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def spread(ask: Callable[[T], R], items: Sequence[T], *, at_once: int, seconds: float, late: R) -> list[R]:
    """The answers in order; `late` for those not there in time. The threads do not keep the process from ending."""
    answers = [late] * len(items)
    errors: list[BaseException] = []
    waiting = iter(range(len(items)))
    turn = threading.Lock()

    def work() -> None:
        while not errors:
            with turn:
                index = next(waiting, None)
            if index is None:
                return
            try:
                answers[index] = ask(items[index])
            except BaseException as error:  # noqa: BLE001 - raised again below, by the one who asked
                errors.append(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(at_once, len(items)))]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    if errors:
        raise errors[0]
    return list(answers)
