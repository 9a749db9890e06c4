"""The end of a fleet on a cluster that goes on, where the fleet's process is killed."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from distributed import Scheduler, SchedulerPlugin

# Seconds for a client to come back whose connection was cut: Dask tries for ten.
PATIENCE = 30.0


class Leaving(SchedulerPlugin):
    """Takes a fleet's plugin from the workers, and itself from the scheduler.

    Otherwise a fleet that was killed would keep a client open in each worker, and in all to come.
    """

    def __init__(self, client: str, fleet: str, *, patience: float = PATIENCE) -> None:
        self.name = fleet
        self._client = client
        self._patience = patience
        self._leaving: asyncio.Task[None] | None = None

    def remove_client(self, scheduler: Scheduler, client: str) -> None:
        """Begin to wait for this client, if it is the fleet's."""
        if client == self._client:
            self._leaving = asyncio.ensure_future(self._leave(scheduler))

    def add_client(self, scheduler: Scheduler, client: str) -> None:  # noqa: ARG002 - Dask names it
        """The client is back."""
        if client == self._client:
            self._stay()

    async def close(self) -> None:
        """The scheduler ends, and the workers with it."""
        self._stay()

    def _stay(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()

    async def _leave(self, scheduler: Scheduler) -> None:
        await asyncio.sleep(self._patience)
        scheduler.remove_plugin(self.name)
        with suppress(OSError, ValueError):  # a worker is gone, or the fleet took it in order
            await scheduler.unregister_worker_plugin(None, self.name)
