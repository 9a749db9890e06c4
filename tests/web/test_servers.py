"""`ledger_async.web` under real servers of two processes, and with visitors who behave badly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from web_application import CONCURRENCY, GRACE
from web_servers import GRACEFUL, SERVERS, Server, Visitor, answer_to, serving

from ledger_async.sandbox import Sandbox

pytestmark = pytest.mark.real_time  # the servers are processes

PAGES = 200  # of 100 NFTs each
STREAM = "/accounts/101/nfts"
LEAVE = [Visitor.leave, Visitor.reset]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox({101: PAGES * 100, 103: 350}, latency=0.02) as workspace:
        yield workspace


@pytest.fixture(params=SERVERS)
async def server(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[Server]:
    async with serving(request.param, sandbox) as server:
        yield server


async def visit(server: Server, times: int) -> list[Visitor]:
    return await asyncio.gather(*(Visitor.at(server.port, STREAM) for _ in range(times)))


async def quiet(sandbox: Sandbox) -> None:
    """Wait until nothing is asked upstream."""
    asked = -1
    while sandbox.in_flight or asked != len(sandbox.requests):
        asked = len(sandbox.requests)
        await asyncio.sleep(0.3)


async def test_fifty_requests_at_once_are_answered_within_the_concurrency_of_the_clients(
    server: Server, sandbox: Sandbox
) -> None:
    counts = [answer_to(server.port, "/accounts/103/count") for _ in range(50)]
    assert await asyncio.gather(*counts) == ["350"] * 50
    assert sandbox.peak_in_flight <= 2 * CONCURRENCY


@pytest.mark.parametrize("leave", LEAVE)
async def test_streams_whose_visitors_have_left_are_read_no_further(
    leave: Callable[[Visitor], None], server: Server, sandbox: Sandbox
) -> None:
    visitors = await visit(server, 20)
    assert server.visitors() == 20
    for visitor in visitors:
        leave(visitor)
    await quiet(sandbox)
    assert len(sandbox.requests) < 20 * PAGES / 4
    assert server.visitors() == 0
    assert sandbox.connections <= 2 * CONCURRENCY


async def test_a_stream_whose_visitor_reads_nothing_stands_still_and_others_go_on(
    server: Server, sandbox: Sandbox
) -> None:
    visitors = await visit(server, 4)
    await quiet(sandbox)
    assert len(sandbox.requests) < 2 * PAGES
    counts = [answer_to(server.port, "/accounts/103/count") for _ in range(4)]
    assert await asyncio.gather(*counts) == ["350"] * 4
    for visitor in visitors:
        visitor.leave()


async def test_a_server_that_is_to_stop_does_so_in_time_though_streams_go_on(
    server: Server, sandbox: Sandbox
) -> None:
    visitors = await visit(server, 4)
    seconds = await server.terminate()
    assert seconds < GRACEFUL + GRACE + 10  # of which the last are a busy machine's
    assert sandbox.in_flight == 0
    for visitor in visitors:
        visitor.leave()


async def test_a_stream_that_a_stopping_server_cuts_off_does_not_look_whole(
    server: Server,
) -> None:
    visitor = await Visitor.at(server.port, STREAM)
    await server.terminate()
    assert not (await visitor.reader.read()).endswith(b"\r\n0\r\n\r\n")  # the last chunk
    visitor.leave()
