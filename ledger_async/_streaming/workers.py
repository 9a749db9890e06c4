"""The tasks behind a stream: a supervisor, and workers that are called when there may be work."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar, copy_context
from typing import Any

from ledger_async._governor.recall import Recall
from ledger_async._support.cancellation import until_done
from ledger_async.errors import StreamClosedError

Work = Callable[[], Awaitable[None]]

# The marks of those `Workers` that wait for the end of the current task, or of one that began it.
_within: ContextVar[frozenset[object]] = ContextVar("_within", default=frozenset())


class Workers:
    """Runs `work` in as many tasks as are called, up to `size`, and `pump` beside them.

    Once the last task has returned, `is_over` is true and `over` is called. `error` is the first
    exception that was raised, if one stopped the work early: as it was raised, not in a group.
    """

    def __init__(self, work: Work, pump: Work, *, size: int, over: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self.is_stopping = self.is_over = False
        self._work, self._pump, self._tell_over = work, pump, over
        self._size = size
        self._called = 0
        self._parked: deque[asyncio.Future[None]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._pumping: asyncio.Task[None] | None = None
        self._recall = Recall()
        self._mark = object()  # contexts, and idle connections with them, would keep `self` alive

    def start(self) -> None:
        """Begin with `pump` and one worker."""
        context = copy_context()
        context.run(_within.set, _within.get() | {self._mark})
        self._supervisor = asyncio.create_task(
            self._supervise(), name="ledger_async stream", context=context
        )
        # Not a `finally`: a task that is cancelled before its first step never enters one.
        self._supervisor.add_done_callback(self._over)

    def call(self) -> None:
        """Have one more worker look for work: one that is parked, else a new one."""
        while self._parked:
            call = self._parked.popleft()
            if not call.done():
                call.set_result(None)
                return
        if self._called < self._size and not self.is_stopping:
            self._called += 1
            # Not at once: where tasks start eagerly, each worker would start inside the one before.
            asyncio.get_running_loop().call_soon(self._start_worker)

    def dismiss(self) -> None:
        """Start no more workers, and have one that is parked find that there is no more work."""
        self._called = self._size
        self.call()

    async def park(self) -> None:
        """Wait, as a worker, until it is called."""
        call = asyncio.get_running_loop().create_future()
        self._parked.append(call)
        await call

    def recall(self) -> None:
        """Cancel `pump`, and the workers whose request was not sent yet; to be called once."""
        self._recall.make()
        if self._pumping is not None:
            self._pumping.cancel()

    def stop(self, error: Exception | asyncio.CancelledError) -> None:
        """Cancel every task because of `error`; a cancellation that nobody asked for is one too."""
        if isinstance(error, asyncio.CancelledError):
            error = StreamClosedError("the stream was cancelled")
        self.error = self.error or error
        if not self.is_stopping:
            self.is_stopping = True
            self._cancel_tasks()

    def cancel(self) -> None:
        """Cancel the supervisor, and with it all; `reap` waits until nothing is left."""
        # Once only: a task that is closing already may await while it closes.
        if not self.is_stopping:
            self.is_stopping = True
            if self._recall.is_made:
                self._cancel_tasks()
            elif self._supervisor is not None:
                self._supervisor.cancel()

    def _cancel_tasks(self) -> None:
        # Not a `pump` that was called back: it is closing, and may await while it does.
        closing = self._pumping if self._recall.is_made else None
        for task in self._tasks - {closing}:
            task.cancel()

    async def reap(self) -> None:
        """Cancel everything and return when it is over, however often we are cancelled."""
        supervisor = self._supervisor
        if supervisor is None:
            self.cancel()
            return
        loop = supervisor.get_loop()
        if loop is not asyncio.get_running_loop():
            with suppress(RuntimeError):  # which says that the loop is closed
                loop.call_soon_threadsafe(self.cancel)
            return  # nobody would wake who waited here
        self.cancel()
        if self._mark in _within.get():
            return  # a generator of ids that closes its own stream cannot wait for itself
        await until_done(supervisor)

    async def _supervise(self) -> None:
        # asyncio's own group, because it cancels once: a caller's generator of ids, and whatever
        # else is cut off, may still await while it closes.
        async with asyncio.TaskGroup() as group:
            self._group = group
            if not self._recall.is_made:
                self._pumping = self._start(self._pump)
            self._called = 1
            self._start(self._work_on_recall)

    def _start(self, work: Work) -> asyncio.Task[None] | None:
        if self._group is None:
            return None
        task = self._group.create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._left)
        return task

    async def _run(self, work: Work) -> None:
        try:
            await work()
        except Exception as exc:  # noqa: BLE001 - it reaches the consumer as it is, not as a group
            self.stop(exc)

    async def _work_on_recall(self) -> None:
        with self._recall.for_this_task():
            await self._work()

    def _start_worker(self) -> None:
        # The supervisor's group takes no more when no task is left, or while it is leaving. Tasks
        # that started eagerly may be done before anybody is told.
        leaving = self.is_stopping or all(task.done() for task in self._tasks)
        if not leaving and self._supervisor is not None and not self._supervisor.cancelling():
            self._start(self._work_on_recall)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() and not (self.is_stopping or self._recall.is_made):
            # Cancelled by somebody else: its page is missing, and the group does not tell.
            self.stop(asyncio.CancelledError())

    def _over(self, supervisor: asyncio.Task[None]) -> None:
        if supervisor.cancelled():
            self.stop(asyncio.CancelledError())
        elif (bug := supervisor.exception()) is not None:
            self.error = bug
        self.is_over = self.is_stopping = True
        self._tell_over()
        # Drop the feed's bound methods: they close a cycle that only the garbage collector would
        # free.
        self._work = self._pump = _nothing
        self._tell_over = _nothing


def _nothing() -> Any:
    return None
