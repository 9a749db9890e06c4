"""One run of a mirror, whose accounts are read by all the workers of a fleet."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import TypeVar

from ledger_async import ConfigurationError, LedgerError, StoreError, StoreLockedError
from ledger_async._pages.options import OnError
from ledger_async._streaming.account_ids import length_of
from ledger_async.mirror import (
    AccountEnd,
    Differences,
    MirrorOutcome,
    Mode,
    Part,
    Run,
    Store,
    Table,
)
from ledger_async.mirror.endings import Failed
from ledger_async.mirror.mirroring import let_go, outcome_of
from ledger_async.mirror.outcome import OnProgress
from ledger_async.mirror.owed import AccountIds

from ._dask.chunks import ChunkSize, chunked
from ._dask.cluster import Cluster
from ._dask.dispatch import Done, Lost
from ._dask.mirror_work import Job, MirrorAll, MirrorChunk, Mirrored, Told
from ._dask.passing import persistently
from ._dask.progress import Together
from .failing import leave_out

T = TypeVar("T")


async def mirror_all(
    cluster: Cluster, job: Job, *, mode: Mode, resume: bool, progress: OnProgress | None
) -> MirrorOutcome:
    """Have one worker mirror a listing of the workspace, which cannot be split."""
    dispatch = cluster.dispatch(job.listing, lambda _: MirrorAll(job, mode, resume))
    together = Together(progress, 0, dispatch.is_under_way)
    with cluster.hearing(job.topic, Told, together.hear):
        return await dispatch.one([])


async def mirror_accounts(
    cluster: Cluster,
    job: Job,
    table: Table,
    account_ids: AccountIds,
    *,
    store: Store,
    resume: bool,
    on_error: OnError,
    progress: OnProgress | None,
) -> MirrorOutcome:
    """Begin a run, or go on with one, have the workers do it, and finish it."""
    run = Held(store, table, await store.begin(table, resume=resume))
    try:
        dispatch = cluster.dispatch(job.listing, lambda ids: MirrorChunk(job, run.id, ids))
        together = Together(progress, length_of(account_ids), dispatch.is_under_way)
        size = ChunkSize()
        ended = Ended(run, table, together, size, on_error)
        chunks = chunked(account_ids, size, partial(owed, run, together))
        with cluster.hearing(job.topic, Told, together.hear):
            async with aclosing(dispatch.results(chunks)) as results:
                async for done in results:
                    await ended.add(done)
        return ended.outcome(await run.do(lambda run: run.finish()))
    except ConfigurationError:  # of a worker that cannot join the run
        await run.check()
        raise
    finally:
        await run.aclose()


class Held:
    """A run that this process holds, and takes up again where it has lost the store."""

    def __init__(self, store: Store, table: Table, run: Run) -> None:
        self.id, self.resumed = run.id, run.resumed
        self._store, self._table = store, table
        self._run: Run | None = run

    async def do(self, work: Callable[[Run], Awaitable[T]]) -> T:
        """The result of some work with the run, which is done again once the store is back."""

        async def tried() -> T:
            run = self._run = self._run or await self._taken_up()
            try:
                return await work(run)
            except StoreError:
                await self.aclose()
                raise

        return await persistently(tried)

    async def finished(self, account_ids: list[int]) -> set[int | None]:
        """Those of the accounts that are proven in this run, if another process began it."""
        return {*await self.do(lambda run: run.finished(account_ids))} if self.resumed else set()

    async def sizes(self, account_ids: list[int]) -> Mapping[int, int]:
        """The rows of the accounts, as far as an earlier run has read them."""
        return await self.do(lambda run: run.sizes(account_ids))

    async def aclose(self) -> None:
        """Let go of the table."""
        run, self._run = self._run, None
        if run is not None:
            await let_go(run)

    async def check(self) -> None:
        """Raise `StoreLockedError` if another process has finished or superseded the run."""
        try:
            await let_go(await self._store.begin(self._table, join=self.id))
        except ConfigurationError:
            raise self._over() from None

    async def _taken_up(self) -> Run:
        await self.check()
        run = await self._store.begin(self._table)  # which may wait until another has finished it
        if run.id != self.id:
            await let_go(run)
            raise self._over()
        return run

    def _over(self) -> StoreLockedError:
        return StoreLockedError(
            f"the store was lost for a while, and another process took the run {self.id} over"
        )


async def owed(
    run: Held, together: Together, account_ids: list[int]
) -> tuple[list[int], Mapping[int, int]]:
    """The accounts that earlier processes of a run have not finished, and the rows of some."""
    finished = await run.finished(account_ids)
    together.meet(len(account_ids), finished=len(finished))
    rest = [each for each in account_ids if each not in finished]
    return rest, await run.sizes(rest)


class Ended:
    """The ends of the chunks of a run, and the accounts that could not be read."""

    def __init__(
        self, run: Held, table: Table, together: Together, size: ChunkSize, on_error: OnError
    ) -> None:
        self._run = run
        self._table = table
        self._together = together
        self._size = size
        self._on_error = on_error
        self._failed: Failed = {}
        self._unread = 0

    async def add(self, end: Done[Mirrored] | Lost) -> None:
        """Take note of a chunk, or of an account that kills its workers."""
        if isinstance(end, Lost):
            await self._lose(end.account_id, end.error)
            return
        copied, told, seconds = end.result
        self._size.learn(len(end.account_ids), seconds)
        self._unread += copied.unread
        for account_id, error in copied.failed.items():
            leave_out(account_id, error, self._failed, self._on_error)
        self._together.end(told)

    def outcome(self, done: Differences) -> MirrorOutcome:
        """The outcome of the run, of which so much is done in all."""
        return outcome_of(self._run.id, done, unread=self._unread, failed=self._failed)

    async def _lose(self, account_id: int | None, error: LedgerError) -> None:
        """Say of an account that kills its workers that it could not be read."""
        failed = AccountEnd("failed", replaces=False)
        part = Part(account_id, [[] for _ in self._table.columns], end=failed)
        if await self._run.do(lambda run: _write_unless_finished(run, part)):
            self._unread += 1
            leave_out(account_id, error, self._failed, self._on_error)


async def _write_unless_finished(run: Run, part: Part) -> bool:
    """Write an end; false if the last worker that died had finished the account."""
    if await run.finished([part.account_id]):
        return False
    await run.write([part])
    return True
