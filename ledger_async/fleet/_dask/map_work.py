"""The work of `Fleet.map`, as workers get it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

import msgspec

from ledger_async import LedgerClient, LedgerError
from ledger_async.errors import concerns_all, without_chain
from ledger_async.mirror.together import together

from .worker import Failure, FleetWorker

AccountFunction: TypeAlias = Callable[[LedgerClient, int], Awaitable[Any]]


class MapChunk(msgspec.Struct, frozen=True):
    """A function to be called for some accounts at once; the limits of the client hold it back."""

    function: AccountFunction
    account_ids: list[int]

    async def do(self, worker: FleetWorker, key: str) -> list[Any]:  # noqa: ARG002 - as for all
        """The value of each account, or its failure."""
        return await together(*(self._value(worker.client, each) for each in self.account_ids))

    async def _value(self, client: LedgerClient, account_id: int) -> Any:
        try:
            return await self.function(client, account_id)
        except LedgerError as error:
            if concerns_all(error):
                raise
            return Failure(without_chain(error))
