"""The values of a function of accounts, as the workers of a fleet come by them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

from ledger_async import LedgerClient, LedgerError
from ledger_async._pages.options import OnError
from ledger_async.mirror.owed import AccountIds

from ._dask.chunks import chunked
from ._dask.cluster import Cluster
from ._dask.dispatch import Done, Lost
from ._dask.map_work import MapChunk
from ._dask.worker import Failure
from .failing import leave_out

T = TypeVar("T")


class AccountValue(NamedTuple, Generic[T]):
    """An account, and the value that a function returned for it."""

    account_id: int
    value: T


class FleetResults(Generic[T]):
    """An async iterator of `AccountValue`, in the order in which they come.

    Closing it stops the workers. `failed` has the error of each account that was left out.
    """

    def __init__(
        self,
        cluster: Cluster,
        function: Callable[[LedgerClient, int], Awaitable[T]],
        account_ids: AccountIds,
        *,
        on_error: OnError,
    ) -> None:
        self.failed: dict[int, LedgerError] = {}
        self._cluster = cluster
        self._function = function
        self._on_error = on_error
        self._values = self._read(account_ids)

    async def aclose(self) -> None:
        """Stop the workers, within a second."""
        await self._values.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AccountValue[T]:
        return await anext(self._values)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def _read(self, account_ids: AccountIds) -> AsyncGenerator[AccountValue[T], None]:
        dispatch = self._cluster.dispatch("map", lambda ids: MapChunk(self._function, ids))
        async with aclosing(dispatch.results(chunked(account_ids))) as results:
            async for end in results:
                for account_id, value in _each(end):
                    if isinstance(value, Failure):
                        leave_out(account_id, value.error, self.failed, self._on_error)
                    else:
                        yield AccountValue(account_id, value)


def _each(end: Done[list[Any]] | Lost) -> Iterable[tuple[int, Any]]:
    match end:
        case Lost(int(account_id), error):
            return [(account_id, Failure(error))]
        case Done(ids, values):
            return zip(ids, values, strict=True)
    return []
