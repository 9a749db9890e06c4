"""A mirror by a fleet that is cancelled at some moment, and what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from multiprocessing import active_children

import psycopg
from fleet_workspace import SIZES, Seen
from psycopg.rows import scalar_row

from ledger_async.fleet import Fleet
from ledger_async.sandbox import Sandbox

_SOON = 60.0  # seconds, on a machine that does much else


class Cancelled:
    """The moments of a mirror by a fleet, of which one may be waited for before it is cancelled."""

    def __init__(self, workspace: Sandbox, database: str, scheduler: str | None = None) -> None:
        self.seen = Seen(workspace)
        self.closing = asyncio.Event()
        self._database, self._scheduler = database, scheduler

    async def at(self, moment: Callable[[Cancelled], Awaitable[object]]) -> list[str]:
        """Cancel it at this moment, or let it end before: what was left, in words."""
        tasks, children, files = asyncio.all_tasks(), active_children(), _descriptors()
        task = asyncio.create_task(self._mirror())
        waiting = asyncio.ensure_future(moment(self))
        await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        left = await self._stopped(task)
        return left + await _left(
            {
                "tasks": lambda: asyncio.all_tasks() - tasks - {task, waiting},
                "processes": lambda: {*active_children()} - {*children},
                "descriptors": lambda: _descriptors() - files,
                "locks": lambda: _locks(self._database),
            }
        )

    async def _mirror(self) -> None:
        async with Fleet(self._scheduler) as fleet:
            await fleet.mirror("nfts", SIZES, store=self._database)
            self.closing.set()

    async def _stopped(self, task: asyncio.Task[None]) -> list[str]:
        began = time.monotonic()
        task.cancel()
        await asyncio.wait([task])
        took = time.monotonic() - began
        count = self.seen.count
        await asyncio.sleep(0.2)
        left = [f"it took {took:.1f} s to end"] if took > _SOON else []
        if not task.cancelled() and task.exception() is not None:
            left.append(f"it ended with {task.exception()!r}")
        return left if count == self.seen.count else [*left, "workers went on to read"]


def _descriptors() -> int:
    return len(os.listdir("/dev/fd"))  # noqa: PTH208 - the names are numbers


def _locks(database: str) -> int:
    """The number of locks of tables: a server notices a moment later that a session has ended."""
    with psycopg.connect(database, row_factory=scalar_row) as connection:
        found = connection.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        return int(found.fetchone() or 0)


async def _left(looks: dict[str, Callable[[], object]]) -> list[str]:
    """What is still there after a while, in words."""
    until = time.monotonic() + _SOON
    while time.monotonic() < until and any(  # noqa: ASYNC110 - nobody tells
        _there(look()) for look in looks.values()
    ):
        await asyncio.sleep(0.05)
    return [f"{what} left: {found}" for what, look in looks.items() if _there(found := look())]


def _there(found: object) -> bool:
    return found > 0 if isinstance(found, int) else bool(found)
