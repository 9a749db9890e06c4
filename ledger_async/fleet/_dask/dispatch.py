"""Chunks on their way to workers, a few ahead, and again where one was lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from itertools import count
from typing import Any, Generic, NamedTuple, TypeVar, cast

from distributed import Client
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from ledger_async import FleetError, LedgerError, RowRefusedError, StoreError

from .worker import Failure, Work, do

R = TypeVar("R")

# Chunks for each thread of a worker: one that is done, and one that waits.
_A_THREAD = 2

# Seconds until a chunk is given to a worker again whose store failed.
_PAUSES = (0.5, 3.0, 15.0)

# Seconds after which the cluster may have grown.
_GROWN = 5.0


class Done(NamedTuple, Generic[R]):
    """The result of some accounts."""

    account_ids: list[int]
    result: R


class Lost(NamedTuple):
    """An account that killed one worker after another; `None` stands for the whole workspace."""

    account_id: int | None
    error: FleetError


class Dispatch(Generic[R]):
    """Gives chunks to the workers of a fleet, never more than these can soon begin."""

    def __init__(
        self, client: Client, fleet: str, name: str, work: Callable[[list[int]], Work[R]]
    ) -> None:
        self._client, self._fleet = client, fleet
        self._work = work
        self._keys = (f"{name}-{number}" for number in count())
        self._sent_keys: set[str] = set()
        self._doing: set[asyncio.Task[list[Done[R] | Lost]]] = set()
        self._place_is_free = asyncio.Event()
        self._room = 0
        self._room_until = 0.0

    def is_under_way(self, key: str) -> bool:
        """True while the result of this chunk is waited for."""
        return key in self._sent_keys

    async def results(
        self, chunks: AsyncGenerator[list[int], None]
    ) -> AsyncGenerator[Done[R] | Lost, None]:
        """What becomes of each chunk, as it comes; closing this stops the workers.

        Raises the error that ended a chunk, if that is not one of its accounts.
        """
        over: asyncio.Queue[asyncio.Task[Any]] = asyncio.Queue()
        beginning = asyncio.create_task(self._begin(chunks, over))
        beginning.add_done_callback(over.put_nowait)
        try:
            while not beginning.done() or self._doing or not over.empty():
                task = await over.get()
                if task is beginning:
                    task.result()
                    continue
                self._doing.remove(task)
                self._place_is_free.set()
                for done in _result(task):
                    yield done
        finally:
            tasks = (beginning, *self._doing)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(
        self, chunks: AsyncGenerator[list[int], None], over: asyncio.Queue[asyncio.Task[Any]]
    ) -> None:
        """Begin chunks as long as there are some, as places for them get free."""
        async with aclosing(chunks):
            async for chunk in chunks:
                task = asyncio.create_task(self._done(chunk))
                self._doing.add(task)
                task.add_done_callback(over.put_nowait)
                while len(self._doing) >= await self._places():
                    self._place_is_free.clear()
                    await self._place_is_free.wait()

    async def one(self, account_ids: list[int]) -> R:
        """The result of a single chunk."""
        match await self._done(account_ids):
            case [Done(_, result)]:
                return cast("R", result)
            case [Lost(_, error)]:
                raise error
        raise AssertionError  # a chunk that is not split has one end

    async def _done(self, ids: list[int]) -> list[Done[R] | Lost]:
        """The end of a chunk; those of its accounts, if it killed one worker after another."""
        for pause in (*_PAUSES, None):
            try:
                return [Done(ids, await self._sent(ids))]
            except KilledWorker as error:
                if len(ids) > 1:
                    return [end for each in ids for end in await self._done([each])]
                return [Lost(ids[0] if ids else None, FleetError(_killed(error)))]
            except LedgerError as error:
                if pause is None or not is_passing(error):
                    raise
                await asyncio.sleep(pause)
        raise AssertionError  # the last try raises

    async def _sent(self, ids: list[int]) -> R:
        key = next(self._keys)
        self._sent_keys.add(key)
        future = self._client.submit(do, self._fleet, key, self._work(ids), key=key, pure=False)
        try:
            result: R | Failure = await future
        except FutureCancelledError as error:
            raise FleetError(f"the scheduler is gone, or was restarted: {error.reason}") from None
        finally:
            self._sent_keys.discard(key)
            future.release()  # so that the worker stops, if it is still at it
        if isinstance(result, Failure):
            raise result.error
        return result

    async def _places(self) -> int:
        """The number of chunks that the workers can take."""
        now = asyncio.get_running_loop().time()
        if now >= self._room_until:
            threads: dict[str, int] = await self._client.nthreads()
            self._room = _A_THREAD * max(1, sum(threads.values()))
            self._room_until = now + _GROWN
        return self._room


def is_passing(error: LedgerError) -> bool:
    """True for a store that was gone for this worker, and may be back."""
    return isinstance(error, StoreError) and not isinstance(error, RowRefusedError)


def _result(done: asyncio.Task[list[Done[R] | Lost]]) -> list[Done[R] | Lost]:
    if done.cancelled():
        raise FleetError("a worker was told to stop")
    return done.result()


def _killed(error: KilledWorker) -> str:
    return f"{error.allowed_failures + 1} workers died over it"
