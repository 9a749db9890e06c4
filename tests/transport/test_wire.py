"""A wire: plain answers are read at once, and all others as aiohttp reads them."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, cast

import aiohttp
import pytest
from aiohttp import EofStream
from aiohttp.client_proto import ResponseHandler
from hypothesis import given
from hypothesis import strategies as st
from raw_server import OK, reply

from ledger_async._transport.wire import Wire

HEAD = reply(b"", length=len(OK))
MUCH = 2**20


class Pipe(asyncio.Transport):
    """The other end of a wire: what was sent, and what is done with the connection."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.is_open = True
        self._protocol = protocol
        protocol.connection_made(self)

    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return not self.is_open

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def close(self) -> None:
        self.end(None)

    def abort(self) -> None:
        self.end(None)

    def end(self, exc: Exception | None) -> None:
        if self.is_open:
            self.is_open = False
            asyncio.get_running_loop().call_soon(self._protocol.connection_lost, exc)


class Ends(NamedTuple):
    """Both ends of a connection."""

    wire: Wire
    pipe: Pipe


@pytest.fixture
async def ends() -> Ends:
    wire = Wire(asyncio.get_running_loop())
    return Ends(wire, Pipe(wire))


async def answered(wire: Wire, *pieces: bytes, longest: int = MUCH) -> tuple[int, bytes] | None:
    """The status and the body of a plain answer that comes in these pieces, `None` of another."""
    asked = wire.ask(b"GET", longest=longest)
    for piece in pieces:
        wire.data_received(piece)
    plain = await asked
    return plain and (plain[0].code, plain[1])


PIECES: dict[str, Sequence[bytes]] = {
    "in one piece": [HEAD + OK],
    "its head first": [HEAD, OK],
    "its end late": [HEAD + OK[:-1], OK[-1:]],
    "byte by byte": [HEAD, *(bytes([each]) for each in OK)],
}


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
async def test_a_plain_answer_is_read_at_once(ends: Ends, pieces: Sequence[bytes]) -> None:
    for _ in range(3):
        assert await answered(ends.wire, *pieces) == (200, OK)
    assert not ends.wire.should_close


async def test_what_is_asked_is_sent(ends: Ends) -> None:
    await answered(ends.wire, HEAD + OK)
    assert ends.pipe.sent == [b"GET"]


async def test_a_plain_answer_has_its_headers(ends: Ends) -> None:
    asked = ends.wire.ask(b"GET", longest=MUCH)
    ends.wire.data_received(reply(b"{}", "Retry-After: 7", status="404 Not Found"))
    plain = await asked
    assert plain is not None
    assert (plain[0].code, plain[0].headers["retry-after"], plain[1]) == (404, "7", b"{}")


async def test_an_empty_body_is_a_body(ends: Ends) -> None:
    assert await answered(ends.wire, reply(b"")) == (200, b"")


async def test_data_of_a_proactor_are_bytes_in_the_end(ends: Ends) -> None:
    plain = await answered(ends.wire, cast("bytes", bytearray(HEAD + OK)))
    assert plain is not None
    assert type(plain[1]) is bytes


OTHERS: dict[str, bytes] = {
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "compressed": reply(gzip.compress(OK), "Content-Encoding: gzip"),
    "without a length": b"HTTP/1.1 200 OK\r\n\r\n",
    "an interim answer": b"HTTP/1.1 100 Continue\r\n\r\n",
    "an interim answer and another one": b"HTTP/1.1 103 Early Hints\r\n\r\n" + HEAD + OK,
    "no content": reply(b"", status="204 No Content"),
    "not modified, and the length of what was not sent": HEAD.replace(b"200 OK", b"304 Found"),
    "a part of a head": HEAD[:20],
    "a switch of protocols": reply(b"", status="101 Switching Protocols"),
    "two answers": HEAD + OK + HEAD + OK,
    "lines that end by half": HEAD.replace(b"\r\n", b"\n") + b"\r\n\r\n",
    "garbage": b"\x00 this is not HTTP \xff\r\n\r\n",
}


@pytest.mark.parametrize("data", OTHERS.values(), ids=OTHERS)
async def test_any_other_answer_is_left_to_aiohttp(ends: Ends, data: bytes) -> None:
    assert await answered(ends.wire, data) is None


async def test_an_answer_that_is_too_long_is_left_to_aiohttp(ends: Ends) -> None:
    assert await answered(ends.wire, HEAD + OK, longest=len(OK)) == (200, OK)
    assert await answered(ends.wire, HEAD + OK, longest=len(OK) - 1) is None


async def test_a_plain_answer_may_follow_another_one(ends: Ends) -> None:
    for data in OTHERS["chunked"], OTHERS["no content"], OTHERS["compressed"]:
        assert await answered(ends.wire, data) is None
        message, _ = await ends.wire.read()
        assert message.code in {200, 204}
        assert await answered(ends.wire, HEAD + OK) == (200, OK)
    assert not ends.wire.should_close


# Connections that are not used again


@pytest.mark.parametrize(
    "answer", [reply(OK, "Connection: close"), (HEAD + OK).replace(b"1.1", b"1.0")]
)
async def test_a_connection_that_its_server_closes_is_not_used_again(
    ends: Ends, answer: bytes
) -> None:
    assert await answered(ends.wire, answer) == (200, OK)
    assert ends.wire.should_close


async def test_a_body_ends_where_its_head_says(ends: Ends) -> None:
    assert await answered(ends.wire, HEAD, OK + b"more") == (200, OK)
    assert ends.wire.should_close


@pytest.mark.parametrize("data", [HEAD + OK, b"\x00", OTHERS["an interim answer"]])
async def test_after_what_nobody_asked_for_it_is_not_used_again(ends: Ends, data: bytes) -> None:
    await answered(ends.wire, HEAD + OK)
    ends.wire.data_received(data)
    assert ends.wire.should_close


# Connections that end


@asynccontextmanager
async def asking(ends: Ends, *pieces: bytes) -> AsyncIterator[asyncio.Future[Any]]:
    asked = ends.wire.ask(b"GET", longest=MUCH)
    for piece in pieces:
        ends.wire.data_received(piece)
    yield asked


async def test_the_end_before_an_answer_is_that_of_the_connection(ends: Ends) -> None:
    async with asking(ends) as asked:
        ends.pipe.close()
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await asked


async def test_a_reset_is_told_in_the_words_of_the_system(ends: Ends) -> None:
    async with asking(ends) as asked:
        ends.pipe.end(ConnectionResetError(104, "Connection reset by peer"))
        with pytest.raises(aiohttp.ClientOSError, match="reset by peer"):
            await asked


async def test_the_end_within_a_body_is_that_of_the_answer(ends: Ends) -> None:
    async with asking(ends, HEAD + OK[:3]) as asked:
        ends.pipe.close()
        with pytest.raises(aiohttp.ClientPayloadError):
            await asked


@pytest.mark.parametrize("pieces", [[], [HEAD]], ids=["before the answer", "within it"])
async def test_nobody_needs_to_wait_for_an_answer(ends: Ends, pieces: Sequence[bytes]) -> None:
    async with asking(ends, *pieces) as asked:
        asked.cancel()
        ends.wire.data_received(HEAD + OK)
        ends.pipe.close()
        await asyncio.sleep(0)
    assert asked.cancelled()


async def test_on_a_closed_connection_nothing_is_asked(ends: Ends) -> None:
    ends.pipe.close()
    with pytest.raises(aiohttp.ClientConnectionResetError):
        await ends.wire.ask(b"GET", longest=MUCH)
    assert ends.pipe.sent == []


# The same as aiohttp

LINES = [
    b"Content-Length: 4",
    b"Content-Length: 0",
    b"Content-Length:4 ",
    b"content-length: +4",
    b"Content-Length: 18446744073709551616",
    b"Content-Length: 4, 4",
    b"Transfer-Encoding: chunked",
    b"Transfer-Encoding: identity",
    b"Content-Encoding: gzip",
    b"Content-Encoding: identity",
    b"Connection: close",
    b"Connection: upgrade",
    b"Upgrade: x",
    b"X: y",
    b" folded",
    b"X",
    b": y",
    b"",
    b"X: \x00",
    b"X: \xff",
]
STATUSES = ["HTTP/1.1 200 OK", "HTTP/1.0 200", "HTTP/1.1 204 X", "HTTP/1.1 99 X", "HTTP/2 200"]


async def read_by_aiohttp(protocol: ResponseHandler) -> object:
    """What aiohttp makes of an answer: status, headers and body, or the class of its error."""
    try:
        message, content = await protocol.read()
        while message.code // 100 == 1:
            message, content = await protocol.read()
        return message.code, dict(message.headers), await content.read()
    except (aiohttp.ClientError, aiohttp.http_exceptions.HttpProcessingError, EofStream) as exc:
        return type(exc)


async def read(data: bytes, *, by: type[ResponseHandler]) -> object:
    """What comes of an answer after which the connection is closed."""
    protocol = by(asyncio.get_running_loop())
    pipe = Pipe(protocol)
    if not isinstance(protocol, Wire):
        protocol.set_response_params(read_until_eof=True)
        protocol.data_received(data)
        pipe.close()
        return await read_by_aiohttp(protocol)
    asked = protocol.ask(b"GET", longest=MUCH)
    protocol.data_received(data)
    pipe.close()
    try:
        plain = await asked
    except aiohttp.ClientError as exc:
        return type(exc)
    if plain is None:
        return await read_by_aiohttp(protocol)
    return plain[0].code, dict(plain[0].headers), plain[1]


@given(
    status=st.sampled_from(STATUSES),
    lines=st.lists(st.sampled_from(LINES), max_size=4),
    end=st.sampled_from([b"\r\n", b"\n"]),
    body=st.sampled_from([b"", b"body", b"bod", b"body and more", b"0\r\n\r\n", b"\r\n\r\n"]),
)
def test_every_answer_is_understood_as_by_aiohttp(
    status: str, lines: list[bytes], end: bytes, body: bytes
) -> None:
    data = b"".join(line + end for line in (status.encode(), *lines, b"")) + body

    async def both() -> tuple[object, object]:
        return await read(data, by=Wire), await read(data, by=ResponseHandler)

    ours, aiohttps = asyncio.run(both())
    assert ours == aiohttps
