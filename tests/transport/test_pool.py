"""The pool: closed connections cost nothing, and an answer that nobody asked for reaches nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import pytest
import transports
from leaks import connections_to, nothing_left, settle
from raw_server import (
    Answer,
    Peer,
    RawServer,
    hang_up,
    last_words,
    nothing,
    reply,
    reset,
    stall,
)

from ledger_async._protocol.messages import Headers, Request
from ledger_async._transport.transport import Transport
from ledger_async.errors import ProtocolError, RequestTimeoutError, TransportError

pytestmark = pytest.mark.usefixtures("each_transport")

KEY = "key-that-nobody-may-see"
HEADERS = Headers({"X-Ledger-API-Key": KEY})
GET = Request(path="/accounts")
POST = Request(method="POST", path="/auth/token", body=b"{}")
MINE = b'"mine"'
OTHERS = b'"of another account"'
SLOTS = 16


@asynccontextmanager
async def warm(server: RawServer, *, connections: int = 1) -> AsyncIterator[Transport]:
    """A session with so many idle connections."""
    session = transports.transport(server.url)
    answer, everyone = server.answer, asyncio.Barrier(connections)

    async def when_all_are_here(peer: Peer) -> None:
        await everyone.wait()
        await peer.send(reply(MINE))

    try:
        server.answer = when_all_are_here
        await asyncio.gather(*(session.send(GET, HEADERS) for _ in range(connections)))
        server.answer = answer
        server.requests.clear()
        yield session
    finally:
        await session.close()


def on_old_connections(server: RawServer, answer: Answer) -> Answer:
    """This for whoever is connected now, and a good answer for whoever comes."""
    old = set(server.peers)

    async def play(peer: Peer) -> None:
        await (answer(peer) if peer in old else peer.send(reply(MINE)))

    return play


# A kept connection that turns out to be closed


@pytest.mark.parametrize("end", [hang_up, reset])
async def test_a_get_on_a_closed_connection_is_sent_again(end: Answer) -> None:
    async with RawServer(nothing) as server, warm(server) as session:
        server.answer = on_old_connections(server, end)
        assert (await session.send(GET, HEADERS)).body == MINE
        assert (len(server.requests), len(server.peers)) == (2, 2)


async def test_it_is_sent_again_once() -> None:
    async with RawServer(hang_up) as server, warm(server) as session:
        with pytest.raises(TransportError):
            await session.send(GET, HEADERS)
        assert (len(server.requests), len(server.peers)) == (2, 2)


async def test_a_get_on_a_new_connection_is_not_sent_again() -> None:
    async with RawServer(hang_up) as server:
        session = transports.transport(server.url)
        with pytest.raises(TransportError):
            await session.send(GET, HEADERS)
        assert len(server.requests) == 1
        await session.close()


@pytest.mark.parametrize("request_", [POST, Request(path="/", repeatable=False)])
async def test_what_may_do_harm_is_not_sent_again(request_: Request) -> None:
    async with RawServer(hang_up) as server, warm(server) as session:
        with pytest.raises(TransportError) as caught:
            await session.send(request_, HEADERS)
        assert (len(server.requests), caught.value.sent) == (1, True)


async def test_a_post_that_does_no_harm_is_sent_again_with_its_body() -> None:
    request = Request(method="POST", path="/", body=b"{}", repeatable=True)
    async with RawServer(nothing) as server, warm(server) as session:
        server.answer = on_old_connections(server, hang_up)
        assert (await session.send(request, HEADERS)).body == MINE
        assert [each.body for each in server.requests] == [b"{}"] * 2


@pytest.mark.parametrize(
    "answer",
    [last_words(b"HTTP/1.1 200 OK\r\nDate: "), last_words(reply(b"half", length=8))],
    ids=["within the headers", "within the body"],
)
async def test_a_get_is_not_sent_again_once_its_answer_began(answer: Answer) -> None:
    async with RawServer(answer) as server, warm(server) as session:
        with pytest.raises(TransportError):
            await session.send(GET, HEADERS)
        assert len(server.requests) == 1


async def test_closing_under_a_request_on_a_kept_connection_does_not_send_it_again() -> None:
    async with RawServer(nothing) as server, warm(server) as session:
        came = asyncio.Event()

        async def hang(peer: Peer) -> None:
            came.set()
            await nothing(peer)

        server.answer = hang
        task = asyncio.create_task(session.send(GET, HEADERS))
        await came.wait()
        await session.close()
        with pytest.raises(TransportError) as caught:
            await task
        assert (caught.value.sent, caught.value.__context__, len(server.requests)) == (
            True,
            None,
            1,
        )


async def test_a_whole_pool_of_closed_connections_is_no_failure() -> None:
    async with RawServer(nothing) as server, warm(server, connections=SLOTS) as session:
        server.answer = on_old_connections(server, reset)
        answers = await asyncio.gather(*(session.send(GET, HEADERS) for _ in range(SLOTS)))
        assert [answer.body for answer in answers] == [MINE] * SLOTS
        assert len(server.requests) == 2 * SLOTS


async def test_a_closed_connection_condemns_the_others_that_are_idle() -> None:
    async with RawServer(nothing) as server, warm(server, connections=SLOTS) as session:
        server.answer = on_old_connections(server, reset)
        await session.send(GET, HEADERS)
        assert connections_to(server.port) == 1
        assert len(server.requests) == 2


async def test_the_connection_of_the_second_sending_is_kept() -> None:
    async with RawServer(nothing) as server, warm(server) as session:
        server.answer = on_old_connections(server, hang_up)
        for _ in range(3):
            await session.send(GET, HEADERS)
        assert len(server.peers) == 2


@pytest.mark.parametrize("request_", [GET, POST], ids=["GET", "POST"])
async def test_a_connection_that_was_idle_for_long_is_not_used_again(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with RawServer(reply(MINE)) as server, warm(server) as session:
        later = monotonic() + 16
        for module in "aiohttp.connector", "ledger_async._transport.pool":
            monkeypatch.setattr(f"{module}.monotonic", lambda: later)
        assert (await session.send(request_, HEADERS)).body == MINE
        assert (len(server.requests), len(server.peers)) == (1, 2)


@pytest.mark.parametrize("request_", [GET, POST], ids=["GET", "POST"])
async def test_nothing_is_sent_on_a_connection_whose_end_was_not_read_yet(
    request_: Request,
) -> None:
    async with RawServer(reply(MINE)) as server, warm(server) as session:
        server.peers[0].hang_up_at_once()
        assert (await session.send(request_, HEADERS)).body == MINE
        assert (len(server.requests), len(server.peers)) == (1, 2)


async def test_both_sendings_share_the_time_of_one_attempt() -> None:
    async def hang_up_late(peer: Peer) -> None:
        await asyncio.sleep(20)
        peer.hang_up()

    loop = asyncio.get_running_loop()
    async with RawServer(nothing) as server, warm(server) as session:
        server.answer = hang_up_late
        started = loop.time()
        with pytest.raises(RequestTimeoutError):
            await session.send(GET, HEADERS)
        assert loop.time() - started == pytest.approx(30)
        assert len(server.requests) == 2


async def test_a_request_that_was_sent_says_so_though_it_could_not_be_sent_again() -> None:
    async with RawServer(nothing) as server, warm(server) as session:

        async def close_down(peer: Peer) -> None:
            server.refuse()
            peer.hang_up()

        server.answer = close_down
        with pytest.raises(TransportError) as caught:
            await session.send(GET, HEADERS)
        assert (caught.value.sent, caught.value.transient) == (True, True)


@pytest.mark.parametrize("late", [hang_up, stall(reply(b"half", length=8))], ids=["again", "body"])
async def test_a_cancellation_at_any_moment_leaves_nothing(
    late: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    cancelled = 0
    async with nothing_left(caplog, KEY):
        for turns in range(40):
            async with RawServer(late) as server, warm(server) as session:
                task = asyncio.create_task(session.send(GET, HEADERS))
                for _ in range(turns):
                    await asyncio.sleep(0)
                cancelled += task.cancel()
                await asyncio.wait([task])
                await settle()
                assert connections_to(server.port) == (turns == 0)
    assert cancelled > 10


# An answer that nobody asked for

UNSOLICITED: dict[str, bytes] = {
    "an answer": reply(OTHERS),
    "two answers": reply(OTHERS) * 2,
    "an answer without its body": reply(b"", length=len(OTHERS)),
    "an interim answer": b"HTTP/1.1 100 Continue\r\n\r\n",
    "a time-out": reply(b"", status="408 Request Timeout"),
    "an answer without a body": b"HTTP/1.1 204 No Content\r\n\r\n",
    "no answer": b"\x00 this is not HTTP \xff\r\n\r\n",
}


@pytest.mark.parametrize("data", UNSOLICITED.values(), ids=UNSOLICITED)
async def test_what_came_on_an_idle_connection_reaches_nobody(data: bytes) -> None:
    async with RawServer(reply(MINE)) as server, warm(server) as session:
        await server.peers[0].send(data)
        await settle()
        assert (await session.send(GET, HEADERS)).body == MINE
        assert (len(server.requests), len(server.peers)) == (1, 2)


@pytest.mark.parametrize("data", UNSOLICITED.values(), ids=UNSOLICITED)
async def test_what_no_loop_has_read_yet_reaches_nobody(data: bytes) -> None:
    async with RawServer(reply(MINE)) as server, warm(server) as session:
        server.peers[0].blurt(data)
        assert (await session.send(GET, HEADERS)).body == MINE
        assert (len(server.requests), len(server.peers)) == (1, 2)


async def test_platforms_without_poll_find_it_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("select.poll")
    async with RawServer(reply(MINE)) as server, warm(server) as session:
        await session.send(GET, HEADERS)
        server.peers[0].blurt(reply(OTHERS))
        assert (await session.send(GET, HEADERS)).body == MINE
        assert (len(server.requests), len(server.peers)) == (2, 2)


async def test_half_an_answer_that_nobody_asked_for_is_dropped() -> None:
    async with RawServer(reply(MINE)) as server, warm(server) as session:
        await server.peers[0].send(reply(OTHERS)[:20])
        await settle()
        assert (await session.send(GET, HEADERS)).body == MINE


async def test_the_other_half_of_it_is_not_an_answer() -> None:
    async with RawServer(last_words(reply(OTHERS)[20:])) as server, warm(server) as session:
        await server.peers[0].send(reply(OTHERS)[:20])
        await settle()
        with pytest.raises(ProtocolError):
            await session.send(GET, HEADERS)


@pytest.mark.parametrize(
    "parts",
    [
        [reply(MINE) + reply(OTHERS)],
        [reply(b"", length=len(MINE)), MINE + reply(OTHERS)],
        [reply(MINE)[:-1], reply(MINE)[-1:] + reply(OTHERS)],
    ],
    ids=["in one segment", "with the body", "with the end of the body"],
)
async def test_a_second_answer_to_one_request_reaches_nobody(parts: list[bytes]) -> None:
    async def answer(peer: Peer) -> None:
        for part in parts:
            await peer.send(part)
            await asyncio.sleep(0.1)

    async with RawServer(answer) as server, warm(server) as session:
        bodies = [(await session.send(GET, HEADERS)).body for _ in range(4)]
        assert bodies == [MINE] * 4
        assert len(server.peers) == 4


async def test_a_connection_that_was_quiet_is_used_again() -> None:
    async with RawServer(reply(MINE)) as server, warm(server, connections=2) as session:
        server.peers[0].blurt(reply(OTHERS))
        for _ in range(3):
            assert (await session.send(GET, HEADERS)).body == MINE
        assert len(server.peers) == 2
