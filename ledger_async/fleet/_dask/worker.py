"""One client for each worker process of a fleet, and the stores that it writes to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Protocol, TypeVar, cast

import msgspec
from distributed import Reschedule, Worker, WorkerPlugin, get_worker
from distributed.protocol.pickle import loads

from ledger_async import ConfigurationError, FleetError, LedgerClient, LedgerError
from ledger_async.errors import without_chain
from ledger_async.fleet.redis_limiter import RedisLimiter
from ledger_async.mirror import Store, store_at

from .passwords import Blanked, Safe
from .versions import difference, versions_here

T_co = TypeVar("T_co", covariant=True)

ClientFactory = Callable[..., LedgerClient]


class SharedLimit(msgspec.Struct, frozen=True):
    """The limiter that each worker is to make."""

    url: Blanked
    key: str
    rate: float | None

    def made(self, safe: Safe) -> RedisLimiter:
        return RedisLimiter(safe.whole(self.url).reveal(), key=self.key, rate=self.rate)


class Work(Protocol[T_co]):
    """A chunk of work, as it is sent to a worker: it is pickled, so that it holds no secret."""

    async def do(self, worker: FleetWorker, key: str) -> T_co: ...


class Failure(msgspec.Struct, frozen=True):
    """A chunk that was ended by an error, which may be that of all."""

    error: LedgerError


class Refused(msgspec.Struct, frozen=True):
    """The answer of a worker that has no client, and why."""

    worker: str
    error: LedgerError


class UnfitWorker(Exception):  # noqa: N818 - it says something of a worker, and reaches no user
    """A worker lacks what others may have."""

    def __init__(self, error: LedgerError) -> None:
        super().__init__(error)
        self.error = error


class FleetWorker(WorkerPlugin):
    """Makes a client from the environment of its worker process, and closes it with that.

    Whatever this is asked to do ends when Dask releases its key, as when a fleet is cancelled, or
    when its process has died. So the scheduler sees nothing of credentials, nor does a pickle.
    """

    def __init__(self, make_client: ClientFactory, limit: SharedLimit | None) -> None:
        self._make_client = make_client
        self._limit = limit
        self._versions = versions_here()

    def setup(self, worker: Worker) -> None:
        """Make the client, which asks for nothing yet."""
        self._worker = worker
        self.safe = Safe(worker.security)
        self._doing: dict[str, asyncio.Task[Any]] = {}
        self._waits: dict[str, Callable[[], float]] = {}
        self._opened = AsyncExitStack()
        self._stores: dict[Blanked, Store] = {}
        self._opening = asyncio.Lock()
        self.refusal: LedgerError | None = None
        try:
            self.client = self._made()
        except LedgerError as error:
            self.refusal = without_chain(error)
        else:
            self._opened.push_async_callback(self.client.aclose)

    async def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - Dask names it
        """Cancel what is being done, and close what was opened."""
        for task in self._doing.values():
            task.cancel()
        await asyncio.gather(*self._doing.values(), return_exceptions=True)
        await self._opened.aclose()

    def transition(self, key: Any, start: str, finish: str, **_: Any) -> None:
        """Nobody wants the result any more: Dask itself stops nothing that is under way."""
        if start == "executing" and finish == "released" and key in self._doing:
            self._doing[key].cancel()

    async def do(self, key: str, work: Work[T_co]) -> T_co | Failure | Refused:
        """Do the work, in a task of its own: a cancellation is to reach nothing of Dask's."""
        if self.refusal is not None:
            return Refused(self.address, self.refusal)
        self._doing[key] = task = asyncio.ensure_future(work.do(self, key))
        try:
            await asyncio.wait([task])
        finally:
            task.cancel()  # if this is
            del self._doing[key]
        if task.cancelled():
            return _cancelled(task)
        try:
            return task.result()
        except UnfitWorker as unfit:
            return Refused(self.address, unfit.error)
        except LedgerError as error:
            return Failure(without_chain(error))

    async def store(self, place: Blanked, make: Callable[[str], Store]) -> Store:
        """The store at this place, which is opened once and closed with the worker."""
        async with self._opening:
            if place not in self._stores:
                try:
                    store = make(self.safe.whole(place).reveal())
                except ConfigurationError as error:
                    raise UnfitWorker(without_chain(error)) from None
                self._stores[place] = await self._opened.enter_async_context(store)
        return self._stores[place]

    @property
    def address(self) -> str:
        """The address of the worker, which tells it from the others."""
        return self._worker.address

    def waited(self, job: str) -> Callable[[], float]:
        """Tells for how many seconds the limits have held the client back since a job began."""
        if job not in self._waits:
            # A stream that nobody reads costs nothing, and knows how its client is held back.
            progress = self.client.accounts.stream().progress
            self._waits[job] = lambda: progress.waited
        return self._waits[job]

    def tell(self, topic: str, message: object) -> None:
        """Send a message to the process that has the fleet."""
        self._worker.log_event(topic, message)

    def _made(self) -> LedgerClient:
        if (why := difference(self._versions, versions_here())) is not None:
            raise ConfigurationError(f"it {why}")
        options = {} if self._limit is None else {"limiter": self._limit.made(self.safe)}
        client = self._make_client(**options)
        if not isinstance(client, LedgerClient):
            raise ConfigurationError("client must return a LedgerClient")
        return client


async def do(fleet: str, key: str, pickled: bytes) -> Any:
    """Have the worker where this is called do some work for a fleet.

    A worker of Dask that cannot load what it is sent is lost for good. So the work comes as bytes.
    """
    worker = get_worker()
    if fleet not in worker.plugins:
        return Refused(worker.address, FleetError("it does not belong to the fleet"))
    try:
        work = loads(pickled)
    except Exception as error:  # noqa: BLE001 - whatever a module of the user's raises
        return Refused(worker.address, FleetError(f"a worker cannot load its work: {error}"))
    return await _plugin(worker, fleet).do(key, work)


def refusal(fleet: str, dask_worker: Worker) -> LedgerError | None:
    """The error of a worker that cannot make its client."""
    return _plugin(dask_worker, fleet).refusal


def store_refusal(
    fleet: str, place: Blanked, schema: str | None, dask_worker: Worker
) -> LedgerError | None:
    """The error of a worker that lacks a package of the store, if it does."""
    try:
        store_at(_plugin(dask_worker, fleet).safe.whole(place).reveal(), schema=schema)
    except ConfigurationError as error:
        return without_chain(error)
    return None


def _plugin(worker: Worker, fleet: str) -> FleetWorker:
    return cast("FleetWorker", worker.plugins[fleet])


def _cancelled(task: asyncio.Task[Any]) -> Failure:
    """Nobody wants the result, or the worker is closing, so that another one does the work."""
    if task.cancelling():
        raise Reschedule
    return Failure(FleetError("the work has cancelled itself"))
