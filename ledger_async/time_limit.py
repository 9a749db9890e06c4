"""How long one attempt may take, watched by one timer for all that are under way."""

from __future__ import annotations

import asyncio
from types import TracebackType


class TimeLimit:
    """Gives blocks of code so many seconds each, as `asyncio.timeout` does.

    All have the same time, so that they end in the order in which they began: the event loop
    keeps one timer for them, and not one for each request.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: dict[_Block, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def block(self) -> _Block:
        """A context manager that raises `TimeoutError` when its time is over."""
        return _Block(self)

    def enter(self, block: _Block) -> None:
        """Watch a block from now on."""
        loop = asyncio.get_running_loop()
        block.ends = loop.time() + self._seconds
        self._running[block] = None
        if self._timer is None:
            self._timer = loop.call_at(block.ends, self._look)

    def leave(self, block: _Block) -> None:
        """Watch a block no more."""
        self._running.pop(block, None)
        if not self._running and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        now = loop.time()
        for block in [*self._running]:
            if block.ends > now:
                self._timer = loop.call_at(block.ends, self._look)
                break
            del self._running[block]
            block.end()


class _Block:
    __slots__ = ("_cancellations", "_is_over", "_limit", "_task", "ends")

    def __init__(self, limit: TimeLimit) -> None:
        self._limit = limit
        self._is_over = False
        self.ends = 0.0

    def end(self) -> None:
        self._is_over = True
        self._task.cancel()

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only a task has a time limit")
        self._task = task
        self._cancellations = task.cancelling()
        self._limit.enter(self)

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._limit.leave(self)
        if not self._is_over:
            return
        # Whoever cancels the task beside us wants it to be cancelled, not to have timed out.
        ours_alone = self._task.uncancel() <= self._cancellations
        if ours_alone and exc_type is asyncio.CancelledError:
            raise TimeoutError from exc
