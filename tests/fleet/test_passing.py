"""`passing`: errors of a store that come and go, and the tries after them."""

from __future__ import annotations

import asyncio

import pytest

from ledger_async import (
    ConfigurationError,
    LedgerError,
    RowRefusedError,
    StoreError,
    StoreLockedError,
)
from ledger_async.fleet._dask.passing import is_passing, persistently


@pytest.mark.parametrize("kind", [ConfigurationError, RowRefusedError, StoreLockedError])
def test_an_error_that_would_come_again_does_not_pass(kind: type[LedgerError]) -> None:
    assert not is_passing(kind("no"))


async def test_a_store_that_is_back_is_written_to_after_all() -> None:
    answers = iter([StoreError("gone"), StoreError("gone"), None])

    async def call() -> str:
        if error := next(answers):
            raise error
        return "written"

    assert await persistently(call) == "written"


async def test_a_store_that_stays_away_ends_the_work_after_four_tries() -> None:
    tries = []

    async def call() -> None:
        tries.append(asyncio.get_running_loop().time())
        raise StoreError("gone")

    with pytest.raises(StoreError, match="gone"):
        await persistently(call)
    assert len(tries) == 4
