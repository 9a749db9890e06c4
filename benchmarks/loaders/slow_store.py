"""A mirror into a store that takes its time, and keeps nothing: memory is all that it may fill."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from work import Work

from ledger_async import LedgerClient
from ledger_async.mirror import Differences, Part, mirror

_PACE = 50_000  # rows in a second


class _SlowStore:
    """Both the store and its run."""

    id, resumed = "slow", False

    def __init__(self) -> None:
        self._done = Differences()

    async def begin(self, *_: Any, **__: Any) -> Any:
        return self

    async def finished(self, _: Sequence[int | None]) -> Collection[int | None]:
        return ()

    async def staged(self) -> Sequence[Any]:
        return ()

    async def write(self, parts: Sequence[Part]) -> Differences:
        rows = sum(map(len, parts))
        await asyncio.sleep(rows / _PACE)
        done = Differences(accounts=sum(part.end is not None for part in parts), rows=rows)
        self._done += done
        return done

    async def finish(self) -> Differences:
        return self._done

    async def aclose(self) -> None:
        pass


async def load(work: Work, _: str) -> int:
    """Mirror everything."""
    store: Any = _SlowStore()
    async with LedgerClient(work.url, api_key="key") as ledger:
        return (await mirror(ledger.nfts, [*work.sizes], store=store)).rows
