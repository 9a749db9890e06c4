"""`live`: the calls and streams that are under way, until there are none."""

from __future__ import annotations

import asyncio

import pytest

from ledger_async import StreamClosedError
from ledger_async._support.live import Live


async def test_nothing_is_over_while_a_call_or_a_stream_is() -> None:
    live = Live[str]()
    live.begin_call()
    live.begin("stream")
    over = asyncio.create_task(live.drain())
    await asyncio.sleep(0)
    live.end_call()
    await asyncio.sleep(0)
    assert not over.done()
    live.end("stream")
    await over


async def test_once_it_is_over_nothing_begins() -> None:
    live = Live[str]()
    await live.drain()
    with pytest.raises(StreamClosedError):
        live.begin_call()
    with pytest.raises(StreamClosedError):
        live.begin("stream")
    assert live.streams == set()
