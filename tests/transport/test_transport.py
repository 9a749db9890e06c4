"""The edge: what goes over the wire, and what every way to fail becomes."""

from __future__ import annotations

import asyncio
import contextvars
import gzip
import json
import platform
import socket
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import aiohttp
import pytest
import trustme
from aiohttp import client_exceptions, http_exceptions
from aiohttp.client_reqrep import ConnectionKey
from hunter import shown
from leaks import connections_to, settle
from multidict import CIMultiDict, CIMultiDictProxy
from raw_server import (
    OK,
    Answer,
    Peer,
    RawServer,
    hang_up,
    last_words,
    nothing,
    reply,
    reset,
    reset_within_the_body,
    stall,
)
from tls import asking, serving
from transports import transport
from yarl import URL

from ledger_async._governor.retry import Kind, classify
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._transport.failures import FOREIGN, translate
from ledger_async._transport.http_session import HttpSession
from ledger_async._transport.lean_transport import LeanTransport
from ledger_async._transport.network import DIRECT, Network
from ledger_async._transport.transport import Transport
from ledger_async.errors import (
    LedgerError,
    ProtocolError,
    RequestTimeoutError,
    ResponseTooLargeError,
    TransportError,
)

pytestmark = pytest.mark.usefixtures("each_transport")

KEY = "key-that-nobody-may-see"
SECRET = {"X-Ledger-API-Key": KEY, "Authorization": f"Bearer {KEY}"}
HEADERS = Headers(SECRET)
ORIGIN = "https://lam.example"
GET = Request(path="/accounts")
MIB = 2**20
# On this loop a day is over at once: whoever waits for ever fails, and does not hang.
DAY = 86400.0


@asynccontextmanager
async def session(
    url: str, network: Network = DIRECT, *, seconds: float = 30.0, max_body: int = MIB
) -> AsyncIterator[Transport]:
    opened = transport(url, network, timeout=seconds, max_body=max_body)
    try:
        async with asyncio.timeout(DAY):
            yield opened
    finally:
        await opened.close()


async def ask(url: str, request: Request = GET, **options: Any) -> Response:
    async with session(url, **options) as opened:
        return await opened.send(request, HEADERS)


async def failure(url: str, **options: Any) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        await ask(url, **options)
    return caught.value


# What is sent, and what comes back


async def test_an_answer_is_its_status_its_headers_and_its_body() -> None:
    async with RawServer(reply(b"{}", "Retry-After: 7", status="418 I'm a Teapot")) as server:
        response = await ask(server.url)
    assert (response.status, response.headers["retry-after"], response.body) == (418, "7", b"{}")


@pytest.mark.parametrize("size", [0, 1, 300_000, MIB])
async def test_a_body_is_read_to_its_end(size: int) -> None:
    async with RawServer(reply(b"x" * size)) as server:
        assert (await ask(server.url)).body == b"x" * size


async def test_a_body_of_more_than_the_cap_is_refused() -> None:
    async with RawServer(reply(b"x" * (MIB + 1))) as server:
        error = await failure(server.url)
    assert (type(error), error.status) == (ResponseTooLargeError, 200)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_like_any_other(status: int) -> None:
    there = reply(b"", "Location: https://evil.example", status=f"{status} Elsewhere")
    async with RawServer(there) as server:
        assert (await ask(server.url)).status == status
        assert len(server.requests) == 1


async def test_a_bug_is_not_taken_for_a_failure_of_the_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("a bug")

    async with session(ORIGIN) as opened:
        monkeypatch.setattr(opened, "begin", broken)
        with pytest.raises(KeyError):
            await opened.send(GET, HEADERS)


async def test_a_request_arrives_as_it_was_written() -> None:
    async with RawServer(reply()) as server:
        request = Request(path="/accounts/1", query="name=a%26b%2Fc&created=1%2B2")
        await ask(f"{server.url}/lam", request)
    assert server.requests[0].line == ("GET /lam/accounts/1?name=a%26b%2Fc&created=1%2B2 HTTP/1.1")


async def test_a_body_arrives_as_it_was_written() -> None:
    async with RawServer(reply()) as server:
        request = Request(method="POST", path="/auth/token", body=b'{"secret": 1}')
        await ask(server.url, request)
    assert server.requests[0].line.startswith("POST /auth/token ")
    assert server.requests[0].body == b'{"secret": 1}'


async def test_headers_say_who_asks_and_what_is_accepted() -> None:
    async with RawServer(reply()) as server:
        await ask(server.url)
    headers = server.requests[0].headers
    assert headers["x-ledger-api-key"] == KEY
    assert headers["user-agent"].startswith("ledger-async/")
    assert headers["accept"] == "application/json"
    assert "gzip" in headers["accept-encoding"]


async def test_the_headers_sent_are_those_given_now() -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        for key in "one", "two":
            await opened.send(GET, Headers({"X-Ledger-API-Key": key}))
    assert [each.headers["x-ledger-api-key"] for each in server.requests] == ["one", "two"]


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080"),
        ("http://[::1]:8080/lam", "[::1]:8080"),
        ("https://lam.example:443", "lam.example"),
    ],
)
async def test_the_host_is_that_of_the_base_url(origin: str, host: str) -> None:
    lean = LeanTransport(HttpSession(origin), timeout=30)
    assert f"Host: {host}\r\n".encode() in lean.written(GET, HEADERS)


async def test_a_body_is_as_long_as_it_says() -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        for body in None, b"", b"{}", b"x" * 300_000:
            await opened.send(Request(method="POST", path="/", body=body), HEADERS)
    sent = [(each.headers["content-length"], len(each.body)) for each in server.requests]
    assert sent == [("0", 0), ("0", 0), ("2", 2), ("300000", 300_000)]


async def test_tasks_that_share_a_context_send_what_is_their_own() -> None:
    context = contextvars.copy_context()
    async with RawServer(reply()) as server, session(server.url) as opened:
        tasks = [
            asyncio.create_task(
                opened.send(
                    Request(method="POST", path=f"/{name}", body=name.encode()),
                    Headers({"X-Key": name}),
                ),
                context=context,
            )
            for name in ("one", "two", "three")
        ]
        await asyncio.gather(*tasks)
    sent = {each.line.split()[1]: (each.headers["x-key"], each.body) for each in server.requests}
    assert sent == {"/one": ("one", b"one"), "/two": ("two", b"two"), "/three": ("three", b"three")}


async def test_a_scheme_may_say_what_is_accepted() -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        await opened.send(GET, Headers({"accept": "text/csv"}))
    assert server.requests[0].headers["accept"] == "text/csv"


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_an_answer_that_comes_before_all_was_sent_costs_the_connection() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        writers.append(writer)
        if head.startswith(b"POST"):
            writer.write(reply(b"", status="413 Content Too Large"))
        else:
            writer.write(reply(b"mine"))

    heads: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with session(url) as opened:
        large = Request(method="POST", path="/", body=bytes(24 * MIB))
        assert (await opened.send(large, HEADERS)).status == 413
        assert (await opened.send(GET, HEADERS)).body == b"mine"
    assert len(heads) == 2
    server.close()
    for writer in writers:
        writer.transport.abort()
    await settle()


async def test_a_compressed_body_is_decoded() -> None:
    body = gzip.compress(json.dumps(["x"] * 1000).encode())
    async with RawServer(reply(body, "Content-Encoding: gzip")) as server:
        assert json.loads((await ask(server.url)).body) == ["x"] * 1000


# The key stays with its origin


async def test_no_redirect_is_followed() -> None:
    async with RawServer(reply()) as elsewhere:
        there = reply(b"", f"Location: {elsewhere.url}", status="302 Found")
        async with RawServer(there) as server:
            assert (await ask(server.url)).status == 302
    assert elsewhere.requests == []


async def test_no_proxy_of_the_environment_sees_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with RawServer(reply()) as proxy, RawServer(reply()) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        await ask(server.url)
    assert (len(server.requests), proxy.requests) == (1, [])


# Connections


async def test_a_connection_is_used_again() -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        for _ in range(3):
            await opened.send(GET, HEADERS)
        assert (len(server.peers), len(server.requests)) == (1, 3)


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
async def test_answers_without_a_body_leave_the_connection_in_use(status: str) -> None:
    answer = reply(b"", status=status, length=len(OK) if status.startswith("304") else 0)
    async with RawServer(answer) as server, session(server.url) as opened:
        for _ in range(3):
            assert (await opened.send(GET, HEADERS)).body == b""
        server.answer = reply()
        assert (await opened.send(GET, HEADERS)).body == OK
        assert len(server.peers) == 1


async def test_no_request_waits_for_a_connection() -> None:
    everyone = asyncio.Barrier(150)

    async def when_all_are_here(peer: Peer) -> None:
        await everyone.wait()
        await peer.send(reply())

    async with RawServer(when_all_are_here) as server, session(server.url) as opened:
        await asyncio.gather(*(opened.send(GET, HEADERS) for _ in range(150)))
        assert len(server.peers) == 150


async def test_a_cancelled_request_leaves_its_connection_closed() -> None:
    async with RawServer(stall(reply(b"half", length=8))) as server, session(server.url) as opened:
        task = asyncio.create_task(opened.send(GET, HEADERS))
        await server.asked(1)
        task.cancel()
        await server.peers[0].gone.wait()
        server.answer = reply()
        await opened.send(GET, HEADERS)
        assert len(server.peers) == 2


async def test_a_cancellation_is_not_taken_for_a_failure() -> None:
    async with RawServer(nothing) as server, session(server.url) as opened:
        task = asyncio.create_task(opened.send(GET, HEADERS))
        await server.asked(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    "answer",
    [nothing, stall(reply(b"half", length=8)), reply(b"x" * 2 * MIB)],
    ids=["no answer", "half of the body", "too large a body"],
)
async def test_a_failed_request_leaves_its_connection_closed(answer: Answer | bytes) -> None:
    async with RawServer(answer) as server, session(server.url) as opened:
        with pytest.raises(LedgerError):
            await opened.send(GET, HEADERS)
        await server.peers[0].gone.wait()


# Time


@pytest.mark.parametrize(
    "answer",
    [nothing, stall(b"HTTP/1.1 200 OK\r\n"), stall(reply(b"half", length=8))],
    ids=["no answer", "half of the headers", "half of the body"],
)
async def test_an_attempt_has_its_time_and_no_more(answer: Answer) -> None:
    loop = asyncio.get_running_loop()
    async with RawServer(answer) as server:
        started = loop.time()
        error = await failure(server.url, seconds=30.0)
        assert type(error) is RequestTimeoutError
        assert loop.time() - started == pytest.approx(30)


async def test_a_body_that_drips_does_not_win_time() -> None:
    async def drip(peer: Peer) -> None:
        await peer.send(reply(b"", length=1000))
        for _ in range(1000):
            await asyncio.sleep(1)
            await peer.send(b"x")

    loop = asyncio.get_running_loop()
    async with RawServer(drip) as server:
        started = loop.time()
        assert type(await failure(server.url, seconds=30.0)) is RequestTimeoutError
        assert loop.time() - started == pytest.approx(30)


async def test_a_slow_answer_within_its_time_is_an_answer() -> None:
    async def slow(peer: Peer) -> None:
        await asyncio.sleep(29)
        await peer.send(reply())

    async with RawServer(slow) as server:
        assert (await ask(server.url, seconds=30.0)).body == OK


# Broken answers

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(b"hello " * 1000)

BROKEN: dict[str, tuple[Answer | bytes, type[LedgerError]]] = {
    "hang-up": (hang_up, TransportError),
    "reset": (reset, TransportError),
    "hang-up within the headers": (last_words(b"HTTP/1.1 200 OK\r\nDate: "), TransportError),
    "hang-up after a 100": (last_words(b"HTTP/1.1 100 Continue\r\n\r\n"), TransportError),
    "hang-up within the body": (last_words(reply(b"half", length=8)), TransportError),
    "hang-up within a chunk": (last_words(CHUNKED + b"8\r\nhalf"), TransportError),
    "hang-up between chunks": (last_words(CHUNKED + b"4\r\nhalf\r\n"), TransportError),
    "reset within the body": (reset_within_the_body, TransportError),
    "no gzip": (reply(b"plain text", "Content-Encoding: gzip"), TransportError),
    "corrupt gzip": (
        reply(PACKED[:15] + b"\xff\xff\xff\xff" + PACKED[19:], "Content-Encoding: gzip"),
        TransportError,
    ),
    "gzip with a wrong checksum": (
        reply(PACKED[:-8] + bytes(8), "Content-Encoding: gzip"),
        TransportError,
    ),
    "garbage": (last_words(b"\x00 this is not HTTP \xff\r\n\r\n"), ProtocolError),
    "another protocol": (last_words(b"SSH-2.0-OpenSSH_9.9\r\n"), ProtocolError),
    "HTTP/0.9": (last_words(b"hello"), ProtocolError),
    "a short status": (last_words(b"HTTP/1.1 20 OK\r\n\r\n"), ProtocolError),
    "a header without a colon": (
        last_words(f"HTTP/1.1 200 OK\r\nX-Echo {KEY}\r\n\r\n".encode()),
        ProtocolError,
    ),
    "an endless header": (
        last_words(b"HTTP/1.1 200 OK\r\nX: " + KEY.encode() * 2000 + b"\r\n\r\n"),
        ProtocolError,
    ),
    "a length that is no number": (
        last_words(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
        ProtocolError,
    ),
    "a negative length": (
        last_words(b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"),
        ProtocolError,
    ),
    "two lengths": (reply(OK, "Content-Length: 5"), ProtocolError),
    "a chunk without a size": (last_words(CHUNKED + b"many\r\nhello"), ProtocolError),
    "an encoding that was not asked for": (reply(OK, "Content-Encoding: br"), ProtocolError),
}


AUTHORITY = trustme.CA()


class Side(NamedTuple):
    """What a server and a client have to know of each other's TLS."""

    server: ssl.SSLContext | None
    client: Network


@pytest.fixture(scope="module", params=["plain http", "TLS"])
def side(request: pytest.FixtureRequest) -> Side:
    if request.param == "TLS":
        return Side(serving(AUTHORITY), Network(ssl=asking(AUTHORITY)))
    return Side(None, DIRECT)


@pytest.mark.parametrize(("answer", "cls"), BROKEN.values(), ids=BROKEN)
async def test_a_broken_answer_has_its_error_and_no_status(
    answer: Answer | bytes, cls: type[LedgerError], side: Side
) -> None:
    async with RawServer(answer, tls=side.server) as server:
        error = await failure(server.url, network=side.client)
    assert (type(error), error.status) == (cls, None)


@pytest.mark.parametrize("answer", [broken[0] for broken in BROKEN.values()], ids=BROKEN)
async def test_a_broken_answer_is_asked_for_once(answer: Answer | bytes, side: Side) -> None:
    async with RawServer(answer, tls=side.server) as server:
        await failure(server.url, network=side.client)
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [broken[0] for broken in BROKEN.values()], ids=BROKEN)
async def test_the_error_of_a_broken_answer_does_not_show_the_key(
    answer: Answer | bytes, side: Side
) -> None:
    async with RawServer(answer, tls=side.server) as server:
        error = await failure(server.url, network=side.client)
    assert KEY not in shown(error)


@pytest.mark.parametrize("size", [0, 1, 300_000, MIB])
async def test_bodies_of_any_size_arrive_on_connections_that_are_kept(
    size: int, side: Side
) -> None:
    async with (
        RawServer(reply(b"x" * size), tls=side.server) as server,
        session(server.url, side.client) as opened,
    ):
        for _ in range(2):
            assert (await opened.send(GET, HEADERS)).body == b"x" * size
        assert len(server.peers) == 1


@pytest.mark.parametrize(
    "answer", [nothing, stall(reply(b"half", length=8))], ids=["no answer", "half of the body"]
)
async def test_time_is_up_the_same_way(answer: Answer, side: Side) -> None:
    async with RawServer(answer, tls=side.server) as server:
        error = await failure(server.url, network=side.client)
    assert type(error) is RequestTimeoutError


async def test_headers_that_were_cut_off_are_not_quoted() -> None:
    # They may echo the key, or hold a cookie.
    async with RawServer(last_words(f"HTTP/1.1 200 OK\r\nX-Echo: {KEY}\r\nX-".encode())) as server:
        error = await failure(server.url)
    assert KEY not in shown(error)


# Large bodies


async def test_a_body_longer_than_the_cap_is_not_read_to_its_end() -> None:
    sent = 0

    async def flood(peer: Peer) -> None:
        nonlocal sent
        await peer.send(reply(b"", length=1000 * MIB))
        while sent < 1000 * MIB:
            await peer.send(bytes(65536))
            sent += 65536

    async with RawServer(flood) as server:
        assert type(await failure(server.url, max_body=MIB)) is ResponseTooLargeError
        await server.peers[0].gone.wait()
    assert sent < 32 * MIB  # the cap, and what the kernel's buffers take


@pytest.mark.parametrize(("size", "fits"), [(12, True), (13, False)])
async def test_the_cap_is_the_largest_body_that_passes(size: int, *, fits: bool) -> None:
    async with RawServer(reply(b"x" * size)) as server, session(server.url, max_body=12) as opened:
        try:
            passed = len((await opened.send(GET, HEADERS)).body) == size
        except ResponseTooLargeError:
            passed = False
    assert passed is fits


# No connection at all


async def test_a_refused_connection_is_worth_another_try() -> None:
    async with RawServer(reply()) as server:
        url = server.url
    error = await failure(url)
    assert (type(error), classify(error)) == (TransportError, Kind.TRANSIENT)


async def test_a_session_that_is_closed_says_that_nothing_was_sent() -> None:
    opened = transport(ORIGIN)
    await opened.close()
    with pytest.raises(TransportError) as caught:
        await opened.send(GET, HEADERS)
    assert not caught.value.sent


async def test_a_name_that_does_not_resolve_is_worth_another_try(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_such_name)
    error = await failure("https://lam.example")
    assert (type(error), classify(error)) == (TransportError, Kind.TRANSIENT)


async def test_a_port_that_does_not_speak_tls_is_final() -> None:
    async with RawServer(reply(), greeting=b"220 mail.example ESMTP\r\n") as server:
        error = await failure(server.url.replace("http:", "https:"))
    assert (type(error), classify(error)) == (TransportError, Kind.FINAL)


# Closing


@pytest.mark.parametrize(
    "answer", [nothing, stall(reply(b"half", length=8))], ids=["no answer yet", "half of the body"]
)
async def test_closing_during_a_request_gives_it_an_error_of_ours(answer: Answer) -> None:
    async with RawServer(answer) as server, session(server.url) as opened:
        task = asyncio.create_task(opened.send(GET, HEADERS))
        await server.asked(1)
        await opened.close()
        with pytest.raises(TransportError):
            await task


async def test_closing_during_the_look_up_of_a_name_gives_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up = asyncio.Event()

    async def for_ever(*_: object, **__: object) -> None:
        looked_up.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", for_ever)
    async with session(ORIGIN) as opened:
        task = asyncio.create_task(opened.send(GET, HEADERS))
        await looked_up.wait()
        await opened.close()
        with pytest.raises(TransportError):
            await task


async def test_closing_while_a_connection_is_made_closes_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect

    async def close_meanwhile(*args: Any) -> None:
        await connect(*args)
        await opened.close()

    monkeypatch.setattr(loop, "sock_connect", close_meanwhile)
    async with RawServer(reply()) as server, session(server.url) as opened:
        with pytest.raises(TransportError):
            await opened.send(GET, HEADERS)
        await settle()
        assert (connections_to(server.port), server.requests) == (0, [])


async def test_a_cancellation_goes_through_though_the_session_was_closed() -> None:
    async with RawServer(nothing) as server, session(server.url) as opened:
        task = asyncio.create_task(opened.send(GET, HEADERS))
        await server.asked(1)
        task.cancel()
        await opened.close()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_closing_twice_is_closing() -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        await opened.send(GET, HEADERS)
        await opened.close()


async def test_a_session_that_was_closed_after_use_sends_nothing() -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        await opened.send(GET, HEADERS)
        await opened.close()
        with pytest.raises(LedgerError):
            await opened.send(GET, HEADERS)
        assert len(server.requests) == 1


async def test_a_session_that_was_closed_before_use_sends_nothing() -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        await opened.close()
        with pytest.raises(LedgerError):
            await opened.send(GET, HEADERS)
        assert server.requests == []


# Translation

INFO = aiohttp.RequestInfo(
    URL(ORIGIN), "GET", CIMultiDictProxy(CIMultiDict(SECRET)), real_url=URL(ORIGIN)
)
PLACE = ConnectionKey("lam.example", 443, True, True, None, None, None)


def family(*roots: type[BaseException]) -> list[type[BaseException]]:
    """These classes of aiohttp, and all that it derives from them."""
    found = [*roots]
    for cls in found:
        found += [sub for sub in cls.__subclasses__() if sub not in found]
    return [cls for cls in found if cls.__module__.startswith("aiohttp.")]


def instance(cls: Any) -> BaseException:
    """An exception of this class as aiohttp would raise it."""
    cause = OSError(111, "Connection refused")
    match cls:
        case _ if issubclass(cls, aiohttp.ClientResponseError):
            error = cls(INFO, (), status=400, message="bad", headers=CIMultiDict(SECRET))
        case client_exceptions.UnixClientConnectorError:
            error = cls("/run/lam", PLACE, cause)
        case aiohttp.ClientConnectorCertificateError:
            error = cls(PLACE, ssl.CertificateError("self-signed"))
        case _ if issubclass(cls, aiohttp.ClientConnectorError):
            error = cls(PLACE, cause)
        case aiohttp.ServerFingerprintMismatch:
            error = cls(b"expected", b"got", "lam.example", 443)
        case http_exceptions.HttpProcessingError:
            error = cls(message="it failed")
        case http_exceptions.LineTooLong:
            error = cls(b"a long line", 8190)
        case _:
            error = cls("it failed")
    assert isinstance(error, BaseException)
    return error


EVERY = family(aiohttp.ClientError, http_exceptions.HttpProcessingError)


@pytest.mark.parametrize("cls", EVERY)
def test_every_class_of_aiohttp_is_caught(cls: type[BaseException]) -> None:
    assert issubclass(cls, FOREIGN)


@pytest.mark.parametrize("cls", EVERY)
def test_every_class_of_aiohttp_has_a_counterpart(cls: type[BaseException]) -> None:
    error = translate(instance(cls))
    assert isinstance(error, TransportError | ProtocolError)
    assert error.status is None


@pytest.mark.parametrize("cls", EVERY)
def test_no_class_of_aiohttp_carries_the_key_along(cls: type[BaseException]) -> None:
    assert KEY not in shown(translate(instance(cls)))


@pytest.mark.parametrize(
    ("roots", "kind"),
    [
        ((aiohttp.ServerTimeoutError,), RequestTimeoutError),
        ((aiohttp.ClientResponseError, http_exceptions.HttpProcessingError), ProtocolError),
        ((aiohttp.ClientConnectorError,), TransportError),
    ],
)
def test_relatives_have_the_same_counterpart(
    roots: tuple[type[BaseException], ...], kind: type[LedgerError]
) -> None:
    kin = {*family(*roots)} - {aiohttp.ClientHttpProxyError}  # which a proxy did send
    assert {type(translate(instance(cls))) for cls in kin} == {kind}


@pytest.mark.parametrize("cls", family(aiohttp.ClientSSLError))
def test_a_connection_that_cannot_be_trusted_is_final(cls: type[BaseException]) -> None:
    assert classify(translate(instance(cls))) is Kind.FINAL


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(104, "Connection reset by peer"),
        BrokenPipeError(32, "Broken pipe"),
        socket.gaierror(-2, "Name or service not known"),
        OSError(),
        aiohttp.ClientPayloadError(),
        aiohttp.ServerDisconnectedError(),
    ],
    ids=repr,
)
def test_a_connection_that_failed_is_worth_another_try(error: BaseException) -> None:
    assert classify(translate(error)) is Kind.TRANSIENT


@pytest.mark.parametrize(
    "cls", [*family(aiohttp.ClientConnectorError), aiohttp.ServerFingerprintMismatch]
)
def test_where_there_was_no_connection_nothing_was_sent(cls: type[BaseException]) -> None:
    error = translate(instance(cls))
    assert isinstance(error, TransportError)
    assert not error.sent


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError(),
        ConnectionResetError(104, "Connection reset by peer"),
        ssl.SSLError(1, "bad record mac"),
        aiohttp.ClientOSError(104, "Connection reset by peer"),
        aiohttp.ClientPayloadError(),
        aiohttp.ServerDisconnectedError(),
    ],
    ids=repr,
)
def test_what_may_have_been_sent_counts_as_sent(error: BaseException) -> None:
    ours = translate(error)
    assert isinstance(ours, TransportError)
    assert ours.sent


def test_a_cause_that_holds_no_secret_is_kept() -> None:
    cause = ConnectionResetError(104, "Connection reset by peer")
    assert translate(cause).__cause__ is cause


def test_a_failure_without_words_is_named_by_its_class() -> None:
    assert "BrokenPipeError" in translate(BrokenPipeError()).message


# Memory

FAULTS = """
import asyncio, resource, sys
from ledger_async._transport.choosing_transport import transport_to
from ledger_async._protocol.messages import Headers, Request

ANSWER = b"HTTP/1.1 200 OK\\r\\nContent-Length: 12000\\r\\n\\r\\n" + b"x" * 12000

class Server(asyncio.Protocol):
    def connection_made(self, transport): self.transport = transport
    def data_received(self, data): self.transport.write(ANSWER)

async def main():
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    session = transport_to("http://127.0.0.1:%d" % server.sockets[0].getsockname()[1], timeout=30)
    for count in 200, 1000:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(count):
            await session.send(Request(path="/"), Headers({}))
    print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / count)
    await session.close()
    server.close()

asyncio.run(main())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that gives back")
def test_the_memory_that_answers_are_read_into_is_kept() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", FAULTS], capture_output=True, check=True, text=True
    )
    assert float(answer.stdout) < 1  # pages that the kernel had to map for each request
