"""Tell a cancellation that was asked of this task from one that only passes through it."""

from __future__ import annotations

import asyncio


def is_asked_for() -> bool:
    """True if someone asked the current task to stop.

    If nobody did, a `CancelledError` comes from something that the task awaited, and must not leave
    it as one. If somebody did, and no `CancelledError` comes, it was swallowed.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
