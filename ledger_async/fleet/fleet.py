"""Many processes that read one workspace, on a cluster of Dask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Self, TypeVar
from uuid import uuid4

from ledger_async import ConfigurationError, LedgerClient
from ledger_async._pages.options import OnError, OnInvalid
from ledger_async._support import checks
from ledger_async._support.cancellation import to_the_end
from ledger_async._support.secrets import Hidden
from ledger_async.mirror import MirrorOutcome, Mode, Store, store_at
from ledger_async.mirror.arguments import check
from ledger_async.mirror.listings import unread
from ledger_async.mirror.outcome import OnProgress
from ledger_async.mirror.owed import AccountIds
from ledger_async.mirror.table import table_of

try:
    import distributed as _  # noqa: F401 - all that follows needs it
    from cryptography import x509 as _x509  # noqa: F401 - as do the certificates of a cluster
except ImportError:
    raise ConfigurationError("a fleet needs an extra: pip install 'ledger_async[fleet]'") from None

from ._dask import cluster
from ._dask.cluster import Cluster
from ._dask.mirror_work import Job
from ._dask.worker import ClientFactory, FleetWorker, SharedLimit
from .mapping import FleetResults
from .mirroring import mirror_accounts, mirror_all
from .redis_limiter import RedisLimiter

T = TypeVar("T")


class Fleet:
    """Worker processes that share the accounts of a workspace, on Dask distributed.

    `scheduler` is the address of a cluster that is there, such as `tcp://scheduler:8786`; without
    one, so many `workers` run on this machine. Each worker has a client of its own, made of its own
    environment (`LEDGER_API_KEY` and so on): no key is sent. `client` makes it in another way: a
    function that a worker can import, and that is called with `limiter=` where the fleet has one.
    All of them keep the limit of the `limiter`.

    Use it with `async with`. Raises `ConfigurationError` if a worker lacks a package or cannot make
    its client, and `FleetError` if there is no cluster.
    """

    def __init__(
        self,
        scheduler: str | None = None,
        *,
        workers: int = 2,
        limiter: RedisLimiter | None = None,
        client: ClientFactory = LedgerClient,
    ) -> None:
        checks.typed("scheduler", scheduler, str | None)
        self._scheduler = scheduler
        self._workers = checks.count("workers", workers)
        if not (limiter is None or isinstance(limiter, RedisLimiter)):
            raise ConfigurationError("limiter must be a RedisLimiter: the others do not travel")
        self._limiter = limiter
        if not callable(client):
            raise ConfigurationError("client must be a function that returns a LedgerClient")
        self._make_client = client
        self._opened = AsyncExitStack()
        self._cluster: Cluster | None = None

    async def mirror(
        self,
        listing: str,
        account_ids: AccountIds | None = None,
        *,
        store: str,
        schema: str | None = None,
        mode: Mode = "full",
        on_error: OnError = "skip",
        on_invalid: OnInvalid = "raise",
        resume: bool = True,
        forget: bool = False,
        progress: OnProgress | None = None,
    ) -> MirrorOutcome:
        """Mirror a listing, such as `"nfts"`, as `ledger_async.mirror.mirror` does, by all workers.

        `store` is `postgresql://…`, or `parquet:DIRECTORY` on a disk that all workers have. Its
        password stays on this machine: workers of another cluster have their own, as in
        `PGPASSWORD`. The listings of accounts are read in chunks; those of the workspace cannot be
        split, and one worker reads them. The chunk of a worker that dies is done again. An account
        that has killed one worker after another is in `outcome.failed` with a `FleetError`.

        The other arguments, the outcome and the errors are those of `mirror`. `account_ids` are
        pulled a hundred at a time, those of an async iterable 25. Raises `FleetError` if the
        scheduler is gone: called again, the mirror goes on.
        """
        hidden = Hidden(store)
        del store
        section, keeper = unread(listing), _store(hidden, schema)
        check(
            section,
            account_ids,
            store=keeper,
            mode=mode,
            on_error=on_error,
            on_invalid=on_invalid,
            resume=resume,
            forget=forget,
            progress=progress,
            run=None,
        )
        if callable(on_invalid):
            raise ConfigurationError('on_invalid must be "raise" or "skip": no function is sent')
        fleet = self._open()
        job = Job(
            topic=f"ledger_async-{uuid4().hex[:8]}",
            listing=listing,
            store=fleet.safe.blanked("store", hidden, remedy="set PGPASSWORD on the workers"),
            schema=schema,
            on_error="raise" if on_error == "raise" else "skip",
            on_invalid=on_invalid,
            forget=forget,
        )
        await fleet.check_store(job.store, schema)
        if account_ids is None:
            return await mirror_all(fleet, job, mode=mode, resume=resume, progress=progress)
        async with keeper:
            return await mirror_accounts(
                fleet,
                job,
                table_of(section.listing),
                account_ids,
                store=keeper,
                resume=resume,
                on_error=on_error,
                progress=progress,
            )

    def map(
        self,
        function: Callable[[LedgerClient, int], Awaitable[T]],
        account_ids: AccountIds,
        *,
        on_error: OnError = "raise",
    ) -> FleetResults[T]:
        """`(account_id, value)` for every account, `value` being what `function` returns for it.

        `function` is a coroutine function of `(ledger, account_id)`, which a worker calls for some
        25 accounts at once with its own client. It is pickled, as are the values. Those come as
        they are ready, in no order, and a few chunks wait where they are taken slowly. The chunk of
        a worker that died is done again, so that `function` can be called twice for an account.

        With `on_error="skip"`, or a callable that takes `(account_id, error)`, an account for which
        a `LedgerError` is raised is left out, and its error is in `results.failed`. Any other
        exception ends the iteration, as do errors that meet every account.
        """
        if not iscoroutinefunction(function):
            raise ConfigurationError("function must be one with async def: (ledger, account_id)")
        checks.handler("on_error", on_error)
        return FleetResults(self._open(), function, account_ids, on_error=on_error)

    async def aclose(self) -> None:
        """Stop whatever the workers do, close their clients, and end those of this machine."""
        self._cluster = None
        await to_the_end(self._opened.aclose())

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            if self._scheduler is None:
                client = await stack.enter_async_context(cluster.local(self._workers))
            else:
                client = await stack.enter_async_context(cluster.existing(self._scheduler))
            fleet = Cluster(client, is_local=self._scheduler is None)
            stack.push_async_callback(fleet.aclose)
            await fleet.equip(FleetWorker(self._make_client, self._limit(fleet)))
            self._opened, self._cluster = stack.pop_all(), fleet
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _limit(self, fleet: Cluster) -> SharedLimit | None:
        if self._limiter is None:
            return None
        url, key, rate = self._limiter.settings
        remedy = "let client= make the limiter there"
        return SharedLimit(fleet.safe.blanked("limiter", url, remedy=remedy), key, rate)

    def _open(self) -> Cluster:
        if self._cluster is None:
            raise ConfigurationError("the fleet is not open: use it with async with")
        return self._cluster


def _store(url: Hidden[str], schema: str | None) -> Store:
    if str(url.reveal()).startswith("sqlite:"):
        raise ConfigurationError(
            "SQLite is for one process: a fleet needs postgresql://… or parquet:DIRECTORY"
        )
    return store_at(url.reveal(), schema=schema)
