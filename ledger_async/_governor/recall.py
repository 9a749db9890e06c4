"""Requests that nobody wants any more are called back, as long as they have not been sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_recall: ContextVar[Recall | None] = ContextVar("_recall", default=None)


class Recall:
    """Cancels the tasks that wait before they send a request, or come to wait once it is made.

    A task belongs to the recall that was entered in its context. A request that was sent is left
    alone; if it fails and is to be sent again, that is one to be called back.
    """

    def __init__(self) -> None:
        self.is_made = False
        self._waiting: set[asyncio.Task[object]] = set()

    def enter(self) -> None:
        """Have the tasks that begin in the current context belong to this recall."""
        _recall.set(self)

    def make(self) -> None:
        """Call back whatever has not been sent."""
        self.is_made = True
        for task in self._waiting:
            task.cancel()

    @contextmanager
    def around(self, task: asyncio.Task[object]) -> Iterator[None]:
        """Have this task called back while it waits in the block."""
        if self.is_made:
            raise asyncio.CancelledError
        self._waiting.add(task)
        try:
            yield
        finally:
            self._waiting.discard(task)


@contextmanager
def before_sending() -> Iterator[None]:
    """Wait in this block for leave to send a request; raises `CancelledError` if called back."""
    recall, task = _recall.get(), asyncio.current_task()
    if recall is None or task is None:
        yield
        return
    with recall.around(task):
        yield
