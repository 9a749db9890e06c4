"""From a listing to a store, until both hold the same."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable
from typing import Any

import anyio

from ledger_async import Batch, LedgerError, NodeStream
from ledger_async._pages.options import OnError, OnInvalid
from ledger_async.sections._base.listing import ListingSection

from .arguments import check
from .endings import end_of, failure_of
from .outcome import MirrorOutcome, MirrorProgress, OnProgress
from .pending import Pending
from .store import Differences, Mode, Part, Run, Store
from .table import Rows

_CLOSING_TIME = 10.0  # seconds that a store may take to let go of a table

# Ids that the store is asked about together.
_AT_ONCE = 100

_Ids = Iterable[int] | AsyncIterable[int]


async def mirror(
    listing: ListingSection,
    account_ids: _Ids | None = None,
    *,
    store: Store,
    mode: Mode = "full",
    on_error: OnError = "skip",
    on_invalid: OnInvalid = "raise",
    resume: bool = True,
    forget: bool = False,
    progress: OnProgress | None = None,
    run: str | None = None,
) -> MirrorOutcome:
    """Let a table of the store hold what the listing holds, and return the differences.

    (to be written)
    """
    check(listing, account_ids, store=store, mode=mode, progress=progress)
    rows = Rows(listing.listing)
    begun = await store.begin(rows.table, mode=mode, resume=resume, join=run)
    try:
        mirroring = Mirroring(begun, rows, forget=forget, progress=progress)
        if account_ids is not None and begun.resumed:
            account_ids = _unfinished(begun, account_ids)
        if account_ids is not None or not await _is_finished(begun, listing.listing.account_id):
            stream = listing.walk(account_ids, on_error=on_error, on_invalid=on_invalid)
            await mirroring.copy(stream)
        return await mirroring.outcome(finish=run is None)
    finally:
        with anyio.move_on_after(_CLOSING_TIME, shield=True):
            await begun.aclose()


class Mirroring:
    """A run, as far as this process takes it: reads the stream while the store writes."""

    def __init__(
        self, run: Run, rows: Rows, *, forget: bool = False, progress: OnProgress | None = None
    ) -> None:
        self._run = run
        self._rows = rows
        self._forget = forget
        self._progress = progress
        self._pending = Pending()
        self._done = Differences()
        self._tried = 0
        self._unread = 0
        self._failed: dict[int | None, LedgerError] = {}
        self._error: LedgerError | None = None

    async def copy(self, stream: NodeStream[Any]) -> None:
        """Write all that the stream brings, also what came before an error."""
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._read, stream)
                group.start_soon(self._write, stream)
        except BaseExceptionGroup as errors:
            raise _lone(errors) from None
        if self._error is not None:
            raise self._error

    async def outcome(self, *, finish: bool) -> MirrorOutcome:
        """The facts about the whole run, once finished, or about what was done of it here."""
        done = await self._run.finish() if finish else self._done
        return MirrorOutcome(
            run_id=self._run.id,
            accounts=done.accounts + self._unread,
            rows=done.rows,
            added=done.added,
            changed=done.changed,
            gone=done.gone,
            failed=self._failed,
        )

    async def _read(self, stream: NodeStream[Any]) -> None:
        try:
            async with stream:
                async for batch in stream.batches():
                    await self._pending.put(self._part(batch))
        except LedgerError as error:
            self._error = error
        self._pending.close()

    async def _write(self, stream: NodeStream[Any]) -> None:
        while parts := await self._pending.take():
            self._done += await self._run.write(parts)
            for part in parts:
                if part.end is not None:
                    self._tell(stream)

    def _part(self, batch: Batch[Any]) -> Part:
        cells = self._rows.of(batch.account_id, batch.nodes)
        if batch.report is None:
            return Part(batch.account_id, cells)
        end = end_of(batch.report, forget=self._forget)
        self._unread += end.status == "failed"
        failure = failure_of(batch.report, forget=self._forget)
        if failure is not None:
            self._failed[batch.account_id] = failure
        return Part(batch.account_id, cells, end=end)

    def _tell(self, stream: NodeStream[Any]) -> None:
        self._tried += 1
        if self._progress is not None:
            done, known = self._done, max(self._tried, stream.progress.accounts_known)
            waited = stream.progress.waited
            self._progress(
                MirrorProgress(
                    self._tried, known, done.rows, done.added, done.changed, done.gone, waited
                )
            )


async def _is_finished(run: Run, account_id: int | None) -> bool:
    return run.resumed and account_id in await run.finished([account_id])


async def _unfinished(run: Run, account_ids: _Ids) -> AsyncGenerator[int, None]:
    """Those of the accounts that the run has not read to their end."""
    async for some in _chunks(account_ids):
        finished = await run.finished(some)
        for account_id in some:
            if account_id not in finished:
                yield account_id


async def _chunks(account_ids: _Ids) -> AsyncGenerator[list[Any], None]:
    chunk: list[Any] = []
    async for account_id in _each(account_ids):
        chunk.append(account_id)
        if len(chunk) == _AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _each(account_ids: _Ids) -> AsyncGenerator[Any, None]:
    if isinstance(account_ids, AsyncIterable):
        async for account_id in account_ids:
            yield account_id
        return
    for account_id in account_ids:
        yield account_id


def _lone(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first of the errors, with which the others were cancelled."""
    error = errors.exceptions[0]
    return _lone(error) if isinstance(error, BaseExceptionGroup) else error
