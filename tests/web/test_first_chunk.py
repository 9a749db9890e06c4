"""`begun`: errors that come before the first chunk are raised before the answer begins."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from ledger_async import LedgerClient, NotFoundError
from ledger_async.sandbox import Fault, Sandbox
from ledger_async.web import ndjson
from ledger_async.web.first_chunk import begun


async def test_an_error_before_the_first_chunk_is_raised_by_begun_itself(
    ledger: LedgerClient,
) -> None:
    with pytest.raises(NotFoundError):
        await begun(ndjson(ledger.nfts.stream(999)))


@pytest.mark.parametrize("account_id", [101, 102])
async def test_the_chunks_are_all_there_and_in_order(ledger: LedgerClient, account_id: int) -> None:
    chunks = [each async for each in ndjson(ledger.nfts.stream(account_id))]
    later = [each async for each in await begun(ndjson(ledger.nfts.stream(account_id)))]
    assert later == chunks


async def test_an_error_after_the_first_chunk_is_the_last_line(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.status(404), after=1, times=9)
    *_, last = [each async for each in await begun(ndjson(ledger.nfts.stream(101)))]
    assert last.startswith(b'{"error":{"type":"NotFoundError"')


@pytest.mark.parametrize("chunks_read", [0, 1])
async def test_the_stream_is_closed_with_it(ledger: LedgerClient, chunks_read: int) -> None:
    async with aclosing(await begun(ndjson(ledger.nfts.stream(101)))) as chunks:
        for _ in range(chunks_read):
            await anext(chunks)
        assert ledger._runtime.live.streams
    assert not ledger._runtime.live.streams
