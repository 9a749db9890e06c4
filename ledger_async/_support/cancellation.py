"""Whose cancellation it is: asked of this task, or only passing through it."""

from __future__ import annotations

import asyncio


def is_asked_for() -> bool:
    """Whether someone asked the current task to stop.

    If not, a `CancelledError` comes from something that it awaited, and must not leave as one.
    If so, and there is no `CancelledError`, somebody swallowed it.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
