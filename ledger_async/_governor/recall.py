"""Requests that nobody wants any more are called back, as long as they have not been sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_recall: ContextVar[Recall | None] = ContextVar("_recall", default=None)


class Recall:
    """Cancels those of its tasks that wait before they send a request, or come to it later.

    A request that was sent is left alone; if it fails and is to be sent again, that is one to be
    called back. Tasks that one of its tasks begins, as callbacks may, are none of its own.
    """

    def __init__(self) -> None:
        self.is_made = False
        self._tasks: set[asyncio.Task[object] | None] = set()
        self._waiting: set[asyncio.Task[object]] = set()

    @contextmanager
    def for_this_task(self) -> Iterator[None]:
        """Let the current task be one of its own in this block."""
        task = asyncio.current_task()
        self._tasks.add(task)
        token = _recall.set(self)
        try:
            yield
        finally:
            _recall.reset(token)
            self._tasks.discard(task)

    def make(self) -> None:
        """Call back whatever has not been sent."""
        self.is_made = True
        for task in self._waiting:
            task.cancel()

    def has(self, task: asyncio.Task[object] | None) -> bool:
        """True for a task of its own."""
        return task in self._tasks

    @contextmanager
    def around(self, task: asyncio.Task[object]) -> Iterator[None]:
        """Have this task called back while it waits in the block."""
        self._waiting.add(task)
        try:
            yield
        finally:
            self._waiting.discard(task)


def check() -> None:
    """Raise `CancelledError` if what the current task is about to send was called back."""
    recall = _recall.get()
    if recall is not None and recall.is_made and recall.has(asyncio.current_task()):
        raise asyncio.CancelledError


@contextmanager
def before_sending() -> Iterator[None]:
    """Wait in this block for leave to send a request; raises `CancelledError` if called back."""
    check()
    recall, task = _recall.get(), asyncio.current_task()
    if recall is None or task is None or not recall.has(task):
        yield
        return
    with recall.around(task):
        yield
