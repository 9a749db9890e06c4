"""The work of mirrors, as workers get it."""

from __future__ import annotations

import math
import time
from typing import Literal, NamedTuple

import msgspec

from ledger_async.mirror import (
    MirrorOutcome,
    MirrorProgress,
    Mode,
    Store,
    listing_named,
    mirror,
    store_at,
)
from ledger_async.mirror.mirroring import Copied, copy, let_go
from ledger_async.mirror.table import table_of

from .passwords import Blanked
from .worker import FleetWorker

# Seconds from one message about the progress of a chunk to the next.
_PERIOD = 0.5


class Told(msgspec.Struct, frozen=True):
    """The progress of a chunk; `waited` is that of its worker, since the job began there."""

    key: str
    worker: str
    progress: MirrorProgress


class Mirrored(NamedTuple):
    """The end of a chunk, and the seconds that it took."""

    copied: Copied
    told: Told
    seconds: float


class Job(msgspec.Struct, frozen=True):
    """The facts that all chunks of a mirror share; messages about it have a `topic`."""

    topic: str
    listing: str
    store: Blanked
    schema: str | None
    on_error: Literal["raise", "skip"]
    on_invalid: Literal["raise", "skip"]
    forget: bool

    async def opened(self, worker: FleetWorker) -> Store:
        """The store, in this worker."""
        return await worker.store(self.store, lambda url: store_at(url, schema=self.schema))


class MirrorChunk(msgspec.Struct, frozen=True):
    """Some accounts of a run, which another process holds."""

    job: Job
    run_id: str
    account_ids: list[int]

    async def do(self, worker: FleetWorker, key: str) -> Mirrored:
        """Read the accounts into the store, but for those that were finished meanwhile."""
        job, teller = self.job, Teller(worker, self.job.topic, key)
        began = time.monotonic()
        listing = listing_named(worker.client, job.listing)
        store = await job.opened(worker)
        run = await store.begin(table_of(listing.listing), join=self.run_id)
        try:
            copied = await copy(
                run,
                listing,
                self.account_ids,
                on_error=job.on_error,
                on_invalid=job.on_invalid,
                forget=job.forget,
                progress=teller.tell,
            )
        finally:
            await let_go(run)
        return Mirrored(copied, teller.told, time.monotonic() - began)


class MirrorAll(msgspec.Struct, frozen=True):
    """A listing of the workspace, which cannot be split: one worker mirrors it."""

    job: Job
    mode: Mode
    resume: bool

    async def do(self, worker: FleetWorker, key: str) -> MirrorOutcome:
        """Mirror it as a process does that is alone."""
        job = self.job
        return await mirror(
            listing_named(worker.client, job.listing),
            store=await job.opened(worker),
            mode=self.mode,
            on_error=job.on_error,
            on_invalid=job.on_invalid,
            resume=self.resume,
            progress=Teller(worker, job.topic, key).tell,
        )


class Teller:
    """Tells the process that has the fleet how far a chunk has come, but not all the time."""

    def __init__(self, worker: FleetWorker, topic: str, key: str) -> None:
        self._worker, self._topic = worker, topic
        self._next = -math.inf
        self._waited = worker.waited(topic)
        self.told = Told(key, worker.address, MirrorProgress(0, 0, 0, 0, 0, 0, self._waited()))

    def tell(self, progress: MirrorProgress) -> None:
        """Take note of the progress, and send it if it is time to."""
        progress = msgspec.structs.replace(progress, waited=self._waited())
        self.told = msgspec.structs.replace(self.told, progress=progress)
        if (now := time.monotonic()) >= self._next:
            self._next = now + _PERIOD
            self._worker.tell(self._topic, msgspec.to_builtins(self.told))
