"""Chunks on their way to workers, a few ahead, and again where one was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager, suppress
from functools import partial
from itertools import count
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from distributed import Client
from distributed.client import ClosedClientError, FutureCancelledError
from distributed.protocol.pickle import dumps
from distributed.scheduler import KilledWorker

from ledger_async import FleetError
from ledger_async._support.log import logger

from .chunks import Chunked
from .passing import persistently
from .worker import Failure, Refused, Work, do

R = TypeVar("R")

# Chunks for each thread of a worker: one that is done, and one that waits.
_A_THREAD = 2

# Seconds after which the cluster may have grown, or lost all of its workers.
_GROWN = 5.0

# Seconds to wait for a cluster that has no workers any more: the next ones may need a machine.
_ABSENCE = 300


class Done(NamedTuple, Generic[R]):
    """The result of some accounts."""

    account_ids: list[int]
    result: R


class Lost(NamedTuple):
    """An account that killed one worker after another; `None` stands for the whole workspace."""

    account_id: int | None
    error: FleetError


class Killed(NamedTuple):
    """Accounts of which one may have killed one worker after another."""

    account_ids: list[int]
    error: FleetError


_Over: TypeAlias = asyncio.Queue[asyncio.Task[Any]]
_Places: TypeAlias = Callable[[], Awaitable[int]]


class Dispatch(Generic[R]):
    """Gives chunks to the workers of a fleet, never more than these can soon begin."""

    def __init__(
        self, client: Client, fleet: str, name: str, work: Callable[[list[int]], Work[R]]
    ) -> None:
        self._client, self._fleet = client, fleet
        self._work = work
        self._keys = (f"{name}-{number}" for number in count())
        self._sent_keys: set[str] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._refusing: set[str] = set()
        self._place_is_free = asyncio.Event()
        self._room = 0
        self._room_until = 0.0

    def is_under_way(self, key: str) -> bool:
        """True while the result of this chunk is waited for."""
        return key in self._sent_keys

    async def results(self, chunks: Chunked) -> AsyncGenerator[Done[R] | Lost, None]:
        """The end of each chunk, as it comes; closing this stops the workers.

        Dask cannot tell which of the chunks of a worker has killed it. So the accounts of all that
        may have are tried at the end, one after another, while nothing else is done.

        Raises the error that ended a chunk, if that is not one of its accounts.
        """
        suspects: list[list[int]] = []
        async with aclosing(self._ends(chunks, self._places)) as ends:
            async for end in ends:
                if isinstance(end, Killed):
                    suspects += [[each] for each in end.account_ids] or [[]]
                else:
                    yield end
        async with aclosing(self._ends(_each(suspects), _one_place)) as ends:
            async for end in ends:
                yield _lost(end) if isinstance(end, Killed) else end

    async def one(self, account_ids: list[int]) -> R:
        """The result of a single chunk."""
        async with aclosing(self.results(_each([account_ids]))) as ends:
            async for end in ends:
                if isinstance(end, Lost):
                    raise end.error
                return end.result
        raise AssertionError  # each chunk has an end

    async def aclose(self) -> None:
        """Stop the workers; whoever waits for results gets a `FleetError`."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _ends(
        self, chunks: Chunked, places: _Places
    ) -> AsyncGenerator[Done[R] | Killed, None]:
        """The end of each chunk, of which there are never more at once than places."""
        over: _Over = asyncio.Queue()
        beginning = self._task(self._begin(chunks, places, over), over)
        try:
            while self._tasks:
                task = await self._next(over)
                self._tasks.remove(task)
                self._place_is_free.set()
                end = _result(task)
                if task is not beginning:
                    yield end
        finally:
            await self.aclose()
            self._tasks.clear()

    async def _next(self, over: _Over) -> asyncio.Task[Any]:
        """The next task that is over, for which somebody has to work."""
        absent_since: float | None = None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_GROWN):
                    return await over.get()
            absent_since = None if await self._threads() else _absent(absent_since)

    async def _begin(self, chunks: Chunked, places: _Places, over: _Over) -> None:
        """Begin chunks as long as there are some, as places for them get free."""
        async with aclosing(chunks):
            async for chunk in chunks:
                _ = self._task(self._done(chunk), over)
                while len(self._tasks) > await places():  # this task is one of them
                    self._place_is_free.clear()
                    await self._place_is_free.wait()

    def _task(self, work: Any, over: _Over) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(over.put_nowait)
        return task

    async def _done(self, ids: list[int]) -> Done[R] | Killed:
        """The end of a chunk, which is sent again where a store or a worker was at fault."""
        try:
            return Done(ids, await persistently(partial(self._sent, ids)))
        except KilledWorker as error:
            deaths = error.allowed_failures + 1
            return Killed(ids, FleetError(f"{deaths} workers died over it"))

    async def _sent(self, ids: list[int]) -> R:
        """The result of a chunk, from the first worker that takes it."""
        while True:
            result = await self._result_of(ids, await self._willing())
            if isinstance(result, Failure):
                raise result.error
            if not isinstance(result, Refused):
                return result
            await self._refuse(result)

    async def _result_of(self, ids: list[int], willing: list[str] | None) -> R | Failure | Refused:
        key = next(self._keys)
        work = dumps(self._work(ids))
        self._sent_keys.add(key)
        with _needing_the_scheduler():
            # Those that are willing may have died by the time: then others may have come.
            future = self._client.submit(
                do,
                self._fleet,
                key,
                work,
                key=key,
                workers=willing,
                allow_other_workers=willing is not None,
            )
        try:
            result: R | Failure | Refused = await future
        except FutureCancelledError as error:
            raise FleetError(f"the scheduler is gone, or was restarted: {error.reason}") from None
        finally:
            self._sent_keys.discard(key)
            future.release()  # so that the worker stops, if it is still at it
        return result

    async def _refuse(self, refused: Refused) -> None:
        """Ask this worker no more; raise if there is no other."""
        if refused.worker not in self._refusing:
            logger.warning("the worker at %s is of no use: %s", refused.worker, refused.error)
        self._refusing.add(refused.worker)
        if not await self._willing():
            raise refused.error

    async def _willing(self) -> list[str] | None:
        """The workers to ask, if not any will do."""
        if not self._refusing:
            return None
        return [each for each in await self._threads() if each not in self._refusing]

    async def _places(self) -> int:
        """The number of chunks that the workers can take."""
        now = asyncio.get_running_loop().time()
        if now >= self._room_until:
            self._room = _A_THREAD * max(1, sum((await self._threads()).values()))
            self._room_until = now + _GROWN
        return self._room

    async def _threads(self) -> dict[str, int]:
        """The threads of each worker."""
        with _needing_the_scheduler():
            threads: dict[str, int] = await self._client.nthreads()
        return threads


@contextmanager
def _needing_the_scheduler() -> Iterator[None]:
    try:
        yield
    except (OSError, ClosedClientError) as error:
        raise FleetError(f"the scheduler is gone: {error}") from None


def _absent(since: float | None) -> float:
    """Warn that a cluster has no workers, or raise if it has had none for too long."""
    now = asyncio.get_running_loop().time()
    if since is None:
        logger.warning("the cluster has no workers: waiting %d s for one", _ABSENCE)
        return now
    if now - since >= _ABSENCE:
        raise FleetError(f"the cluster has had no workers for {_ABSENCE} s")
    return since


async def _one_place() -> int:
    return 1


async def _each(chunks: Iterable[list[int]]) -> Chunked:
    for chunk in chunks:
        yield chunk


def _lost(killed: Killed) -> Lost:
    return Lost(killed.account_ids[0] if killed.account_ids else None, killed.error)


def _result(task: asyncio.Task[Any]) -> Any:
    if task.cancelled():  # by nobody but `aclose`
        raise FleetError("the fleet was closed while its workers were busy")
    return task.result()
