"""The time limit of an attempt: one timer watches all attempts that are under way."""

from __future__ import annotations

import asyncio
from types import TracebackType


class TimeLimit:
    """Gives blocks of code so many seconds each, as `asyncio.timeout` does.

    All blocks have the same time, so their time is up in the order in which they began: the event
    loop keeps one timer for all, instead of one for each request.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._running: dict[Block, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, block: Block, loop: asyncio.AbstractEventLoop) -> None:
        """Watch a block from now on."""
        block.ends = loop.time() + self.seconds
        self._running[block] = None
        if self._timer is None:
            self._timer = loop.call_at(block.ends, self._look, loop)

    def end(self, block: Block) -> None:
        """Stop watching a block."""
        self._running.pop(block, None)
        if not self._running and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        for block in [*self._running]:
            if block.ends > loop.time():
                self._timer = loop.call_at(block.ends, self._look, loop)
                break
            del self._running[block]
            block.cut_off()


class Block:
    """A context manager that raises `TimeoutError` once the time of its limit is up."""

    __slots__ = ("_cancellations", "_is_over", "_limit", "_task", "ends")

    def __init__(self, limit: TimeLimit) -> None:
        self.ends = 0.0
        self._limit = limit
        self._is_over = False

    def cut_off(self) -> None:
        """Cancel the task, because the time of the block is up."""
        self._is_over = True
        self._task.cancel()

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task has a time limit")
        self._task = task
        self._cancellations = task.cancelling()
        self._limit.begin(self, task.get_loop())

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._limit.end(self)
        if not self._is_over:
            return
        # Somebody else may have cancelled the task too, and then expects a cancellation.
        ours_alone = self._task.uncancel() <= self._cancellations
        if ours_alone and exc_type is asyncio.CancelledError:
            raise TimeoutError from exc
