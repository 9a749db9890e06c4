"""From a listing to a table of a store, until both hold the same."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple, TypedDict

import anyio

from ledger_async import LedgerError, NodeStream, NotFoundError
from ledger_async._pages.options import OnError, OnInvalid
from ledger_async._streaming.account_ids import length_of
from ledger_async._support.log import logger
from ledger_async.errors import concerns_all, without_frames
from ledger_async.sections._base.listing import ListingSection

from .arguments import check
from .copying import Copying
from .endings import Failed
from .incremental import created_after, increment_of
from .outcome import MirrorOutcome, OnProgress
from .owed import AccountIds, Owed
from .source import Parts, Source
from .store import Differences, Mode, Run, Store
from .table import Rows, table_of


class Copied(NamedTuple):
    """The differences that were written here, and the accounts that could not be read."""

    done: Differences
    unread: int
    failed: Failed


class _Handlers(TypedDict):
    on_error: OnError
    on_invalid: OnInvalid


_CLOSING_TIME = 10.0  # seconds that a store may take to let go of a table


async def mirror(
    listing: ListingSection,
    account_ids: AccountIds | None = None,
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
    """Let the table of a listing hold what the listing holds, and return the differences.

    Every element is there once, changed ones are changed, and those that left have a `gone_at`, for
    every account whose walk was proven. `outcome.failed` has the error of each that was not read,
    as far as `on_error` lets it be skipped, or not proven: of those nothing is marked as gone.

    `account_ids` are for listings of each account: any iterable or async iterable, pulled as the
    mirror goes on. Accounts of the table that are not among them are left alone, and so are those
    that the API does not know (404), unless `forget` marks all that they held as gone.

    Each account appears in the store at once and whole. A run that was killed is gone on with by
    the next call, unless `resume=False`: accounts that it finished are not read again, and a long
    one goes on from the pages that were written. One run at a time holds a table; `run` is the id
    of one that another process holds, to take part in: it ends the run.

    `mode="incremental"`, for transactions and requests, reads what is new since the newest known,
    less an hour, and again what was in no final state: what left the listing, and what changed
    after all, is found by the next full run.

    `progress` is called after each account. Raises `ConfigurationError` for what will not do before
    anything is asked of the API, `StoreLockedError` if another run holds the table, `StoreError` if
    the store fails, and what ends a stream. Whatever had been committed stays.
    """
    check(
        listing,
        account_ids,
        store=store,
        mode=mode,
        on_error=on_error,
        on_invalid=on_invalid,
        resume=resume,
        forget=forget,
        progress=progress,
        run=run,
    )
    begun = await store.begin(table_of(listing.listing), mode=mode, resume=resume, join=run)
    try:
        copied = await copy(
            begun,
            listing,
            account_ids,
            mode=mode,
            on_error=on_error,
            on_invalid=on_invalid,
            forget=forget,
            progress=progress,
        )
        done = await begun.finish() if run is None else copied.done
        return outcome_of(begun.id, done, unread=copied.unread, failed=copied.failed)
    finally:
        await let_go(begun)


async def copy(
    run: Run,
    listing: ListingSection,
    account_ids: AccountIds | None,
    *,
    mode: Mode = "full",
    on_error: OnError,
    on_invalid: OnInvalid,
    forget: bool,
    progress: OnProgress | None,
) -> Copied:
    """Copy what a run owes of a listing; the arguments are those of `mirror`, and checked."""
    failed: Failed = {}
    source = Source(Rows(listing.listing), failed, forget=forget, partial=mode == "incremental")
    copying = Copying(
        run,
        failed,
        raises=on_error == "raise",
        progress=progress,
        known=length_of(account_ids),
    )
    owed = await Owed.by(run, listing)
    on: _Handlers = {"on_error": on_error, "on_invalid": on_invalid}
    if account_ids is not None:
        ids = owed.ids(account_ids, copying.skip) if run.resumed else account_ids
        stream = listing.walk(ids, resume=owed.accepted, **on)
        await copying.copy(source.read(stream), stream.progress)
    elif await owed.of([listing.listing.account_id]):
        if mode == "full":
            stream = listing.walk(resume=owed.accepted, **on)
            parts = source.read(stream)
        else:
            stream, parts = await _increment(listing, run, owed, source, failed=failed, on=on)
        await copying.copy(parts, stream.progress)
    return Copied(copying.done, copying.unread, failed)


async def let_go(run: Run) -> None:
    """Close a run, whose store gets some time for that even if we are cancelled."""
    with anyio.move_on_after(_CLOSING_TIME, shield=True):
        await run.aclose()


async def _increment(
    listing: Any, run: Run, owed: Owed, source: Source, *, failed: Failed, on: _Handlers
) -> tuple[NodeStream[Any], Parts]:
    """The stream of what is new, and the parts of that and of what was in no final state."""
    increment = increment_of(listing.listing)
    since = created_after(await run.newest(increment.created))
    if since is None:  # nothing is proven yet
        stream = listing.walk(resume=owed.accepted, **on)
        return stream, source.read(stream)
    await run.drop([None])  # in no order that a walk could go on from
    unsettled = await run.unsettled(increment.state, increment.final)
    stream = listing.walk(created_after=since, **on)
    get = partial(_get, listing.get, failed, raises=on["on_error"] == "raise")
    return stream, source.read_increment(stream, unsettled, get)


async def _get(
    get: Callable[[int], Awaitable[Any]], failed: Failed, id_: int, *, raises: bool
) -> Any:
    """The element of this id, or `None` for one that stays as it is, and is asked for again."""
    try:
        return await get(id_)
    except NotFoundError:
        logger.warning("%d was not final, and is not there any more: its row stays", id_)
    except LedgerError as error:
        if raises or concerns_all(error):
            raise
        failed[None] = without_frames(error)
    return None


def outcome_of(run_id: str, done: Differences, *, unread: int, failed: Failed) -> MirrorOutcome:
    """The outcome of a run of which so much is done, beside accounts that could not be read."""
    return MirrorOutcome(
        run_id=run_id,
        accounts=done.accounts + unread,
        rows=done.rows,
        added=done.added,
        changed=done.changed,
        gone=done.gone,
        failed=failed,
    )
