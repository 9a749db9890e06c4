"""Hostile servers and networks, one by one: what a caller gets, at what cost, and nothing left."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import ssl
import time
import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
import transports
import trustme
from hostile import (
    ATTEMPTS,
    CHUNKED,
    GOOD,
    KEY,
    LOOPBACK,
    OTHERS,
    SLOTS,
    TIMEOUT,
    ZIPPED,
    attacked,
    bomb,
    crumbs,
    dripping,
    fill_pool,
    head,
    page,
    script,
    throttle,
    volunteering,
)
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
    reset_within_the_body,
    stall,
)

from ledger_async import (
    BadRequestError,
    DecodeError,
    LedgerClient,
    LedgerError,
    ProtocolError,
    RateLimitError,
    RedirectRefusedError,
    RequestTimeoutError,
    ResponseTooLargeError,
    ServerError,
    TransportError,
)
from ledger_async._protocol.messages import Headers, Request
from ledger_async._transport.http_transport import MAX_BODY

pytestmark = pytest.mark.usefixtures("each_transport")


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a server does, and what its caller gets: the good page, or an error.

    `answers` go to the requests in turn, the last of them to all further ones. The client has
    `idle` connections before it makes `calls`, which take `seconds` and less than one more. The
    server has seen `requests` then: one for each attempt, unless it says otherwise.
    """

    answers: Sequence[Answer | bytes]
    error: type[LedgerError] | None = None
    attempts: int = 1
    requests: int | None = None
    calls: int = 1
    idle: int = 0
    seconds: float = 0.0


def harmless(answer: Answer | bytes, **more: Any) -> Case:
    """It is a good page all the same."""
    return Case(answers=[answer], **more)


def final(answer: Answer | bytes, error: type[LedgerError]) -> Case:
    """There is no use in asking again."""
    return Case(answers=[answer], error=error)


def lasting(answer: Answer | bytes, error: type[LedgerError], **more: Any) -> Case:
    """It may pass, but does not."""
    return Case(answers=[answer], error=error, attempts=ATTEMPTS, **more)


def passing(answer: Answer | bytes, **more: Any) -> Case:
    """It passes after the first attempt."""
    return Case(answers=[answer, GOOD], attempts=2, **more)


PAGE = page()
CUT = reply(PAGE, length=len(PAGE) + 1)
PACKED = gzip.compress(PAGE, mtime=0)
EVERY_TRY = ATTEMPTS * TIMEOUT
INTERIM = head(status="103 Early Hints")
CONTINUE = head(status="100 Continue")

CONNECTIONS = {
    "closed before the answer": lasting(hang_up, TransportError),
    "closed before the answer, then back": passing(hang_up),
    "closed on a reused connection": Case(answers=[hang_up, GOOD], idle=1, requests=2),
    "closed on a reused connection, and then on all": Case(
        answers=[hang_up], idle=1, error=TransportError, attempts=ATTEMPTS, requests=1 + ATTEMPTS
    ),
    "a whole pool gone stale": Case(
        answers=[*[reset] * SLOTS, GOOD], idle=SLOTS, calls=SLOTS, requests=2 * SLOTS
    ),
    "reset before the headers": lasting(reset, TransportError),
    "reset before the headers, then back": passing(reset),
    "reset on a reused connection": Case(answers=[reset, GOOD], idle=1, requests=2),
    "reset within the headers": lasting(last_words(GOOD[:30]), TransportError),
    "reset within the body": lasting(reset_within_the_body, TransportError, seconds=ATTEMPTS),
    "reset within the body, then back": passing(reset_within_the_body, seconds=1),
}

BODIES = {
    "cut short of its length": lasting(last_words(CUT), TransportError),
    "cut short of its length, then whole": passing(last_words(CUT)),
    "cut within a chunk": lasting(last_words(CHUNKED + b"400\r\n{"), TransportError),
    "cut between chunks": passing(last_words(CHUNKED + b"1\r\n{\r\n")),
    "cut at the end of file": lasting(last_words(head() + PAGE[:-1]), DecodeError),
    "cut at the end of file, then whole": passing(last_words(head() + PAGE[:-1])),
    "whole at the end of file": harmless(last_words(head() + PAGE)),
    "nothing at the end of file": passing(last_words(head())),
    "gzip cut in its header": lasting(reply(PACKED[:5], ZIPPED), TransportError),
    "gzip cut in its first block": passing(reply(PACKED[:40], ZIPPED)),
    "gzip cut in a later block": passing(reply(PACKED[:-20], ZIPPED)),
    "gzip cut short of its length": passing(last_words(reply(PACKED, ZIPPED, length=1000))),
    "gzip cut short of its checksum": harmless(reply(PACKED[:-8], ZIPPED)),
    "gzip of nothing": lasting(reply(b"", ZIPPED), TransportError),
    "gzip with a wrong checksum": passing(reply(PACKED[:-8] + bytes(8), ZIPPED)),
    "gzip that is corrupt": lasting(
        reply(PACKED[:20] + b"\xff" * 8 + PACKED[28:], ZIPPED), TransportError
    ),
    "gzip with garbage behind it": passing(reply(PACKED + b"garbage", ZIPPED)),
    "gzip that is plain text": lasting(reply(PAGE, ZIPPED), TransportError),
    "gzip in two members": harmless(
        reply(gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:]), ZIPPED)
    ),
    "a bomb": final(reply(bomb(512), ZIPPED), ResponseTooLargeError),
    "chunks with trailers": harmless(
        CHUNKED + b"%x\r\n%s\r\n0\r\nX-Echo: %s\r\n\r\n" % (len(PAGE), PAGE, KEY.encode())
    ),
    "200,000 tiny chunks": harmless(crumbs(200_000)),
    "an encoding that was not asked for": final(reply(PAGE, "Content-Encoding: br"), ProtocolError),
    "an encoding that nobody knows": final(
        reply(PAGE[::-1], "Content-Encoding: reversed"), DecodeError
    ),
    "an answer that nobody asked for": harmless(volunteering(GOOD, OTHERS), calls=4),
    "two answers in one segment": harmless(GOOD + OTHERS, calls=4),
    "an answer and garbage in one segment": final(GOOD + b"\x00 \xff\r\n\r\n", ProtocolError),
    "an answer and garbage later": harmless(volunteering(GOOD, b"\x00 \xff\r\n\r\n"), calls=4),
    "garbage with the end of an answer": harmless(
        volunteering(GOOD[:-1], GOOD[-1:] + b"\x00 \xff\r\n\r\n"), calls=4
    ),
    "two answers, one with the end of the other": harmless(
        volunteering(GOOD[:-1], GOOD[-1:] + OTHERS), calls=4
    ),
}

HEADERS = {
    "a header of over 8,190 bytes": final(head(f"X: {'x' * 8191}"), ProtocolError),
    "a name of over 8,190 bytes": final(head(f"{'x' * 8191}: x"), ProtocolError),
    "a status line of over 8,190 bytes": final(head(status=f"200 {'x' * 8191}"), ProtocolError),
    "128 headers": harmless(reply(PAGE, *(f"X-{n}: x" for n in range(127)))),
    "over 128 headers": final(reply(PAGE, *(f"X-{n}: x" for n in range(128))), ProtocolError),
    "conflicting lengths": final(reply(PAGE, "Content-Length: 5"), ProtocolError),
    "a length and chunks": final(reply(PAGE, "Transfer-Encoding: chunked"), ProtocolError),
    "a negative length": final(head("Content-Length: -5"), ProtocolError),
    "a garbage status line": final(b"\x00 this is not HTTP \xff\r\n\r\n", ProtocolError),
    "a status that is no number": final(head(status="OK OK"), ProtocolError),
    "a status of four digits": final(head(status="1000 OK"), ProtocolError),
    "another protocol": final(b"SSH-2.0-OpenSSH_9.9\r\n", ProtocolError),
    "a switch of protocols": final(
        head("Upgrade: x", "Connection: upgrade", status="101 Switching Protocols"), ProtocolError
    ),
    "an interim answer a moment before": harmless(volunteering(CONTINUE, GOOD)),
    "an interim answer with a length": final(
        reply(PAGE, status="103 Early Hints") + GOOD, ProtocolError
    ),
    "a head in two segments": harmless(volunteering(GOOD[:30], GOOD[30:])),
    "some interim answers": harmless(INTERIM * 100 + GOOD),
    "endless interim answers": lasting(
        dripping(b"", INTERIM * 100, every=1), RequestTimeoutError, seconds=EVERY_TRY
    ),
}

TIME = {
    "no headers ever": lasting(nothing, RequestTimeoutError, seconds=EVERY_TRY),
    "no headers once": passing(nothing, seconds=TIMEOUT),
    "a stall within the headers": passing(stall(GOOD[:30]), seconds=TIMEOUT),
    "a stall within the body": lasting(stall(CUT), RequestTimeoutError, seconds=EVERY_TRY),
    "one byte of headers a second": lasting(
        dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x", every=1), RequestTimeoutError, seconds=EVERY_TRY
    ),
    "one byte of body a second": lasting(
        dripping(reply(length=1000), b" ", every=1), RequestTimeoutError, seconds=EVERY_TRY
    ),
}

REDIRECTS = {
    "to another origin": final(
        reply(b"", f"Location: https://evil.example/{KEY}?{KEY}", status="302 Found"),
        RedirectRefusedError,
    ),
    "to itself": final(
        reply(b"", "Location: /accounts/101/nfts", status="307 Temporary Redirect"),
        RedirectRefusedError,
    ),
    "to nowhere": final(reply(b"", status="301 Moved Permanently"), RedirectRefusedError),
    "to what was not asked before": final(head(status="304 Not Modified"), RedirectRefusedError),
}

# Without a wait that makes sense, it is half of the shortest backoff at least.
LIMITS = {
    "no Retry-After": passing(throttle(), seconds=0.05),
    "a negative Retry-After": passing(throttle("-5"), seconds=0.05),
    "a Retry-After of NaN": passing(throttle("NaN"), seconds=0.05),
    "an infinite Retry-After": passing(throttle("Infinity"), seconds=0.05),
    "a Retry-After of other digits": passing(throttle("\u0667"), seconds=0.05),
    "a superscript Retry-After": passing(throttle("\u00b2"), seconds=0.05),
    "a Retry-After of 5,000 digits": passing(throttle("9" * 5000), seconds=0.05),
    "a Retry-After that makes sense": passing(throttle("7"), seconds=7),
    "a Retry-After of an hour": final(throttle("3600"), RateLimitError),
}

PAYLOADS = {
    "invalid UTF-8": final(reply(PAGE.replace(b'"1"', b'"\xff"')), DecodeError),
    "nested 100,000 deep": final(reply(page(value="[" * 100_000 + "]" * 100_000)), DecodeError),
    "nested 100,000 deep where nobody looks": harmless(
        reply(page(extra='"new": ' + "[" * 100_000 + "]" * 100_000))
    ),
    "nested 100,000 deep, and cut": lasting(reply(b'{"edges":' * 100_000), DecodeError),
    "an error nested 100,000 deep": lasting(
        reply(b'{"message":' * 100_000, status="500 Internal Server Error"), ServerError
    ),
    "a byte-order mark": final(reply(b"\xef\xbb\xbf" + PAGE), DecodeError),
    "UTF-16": final(reply(PAGE.decode().encode("utf-16")), DecodeError),
    "HTML with 200": final(reply(b"<!doctype html><h1>Welcome</h1>"), DecodeError),
    "an empty 200": lasting(reply(b""), DecodeError),
    "an empty 200, then a whole one": passing(reply(b"")),
    "a 204": lasting(head(status="204 No Content"), DecodeError),
    "an error that echoes the key": final(
        reply(f'{{"message": "not {KEY}"}}'.encode(), status="400 Bad Request"), BadRequestError
    ),
    "an integer of 5,000 digits": final(reply(page(value="1" * 5000)), DecodeError),
    "a negative integer of 5,000 digits": final(reply(page(value="-" + "1" * 5000)), DecodeError),
    "a count of 5,000 digits": final(
        reply(PAGE.replace(b'"count": 1', b'"count": ' + b"1" * 5000)), DecodeError
    ),
    "5,000 digits where nobody looks": harmless(reply(page(extra='"new": ' + "1" * 5000))),
}

TABLE = {
    f"{section}: {name}": case
    for section, cases in {
        "connections": CONNECTIONS,
        "bodies": BODIES,
        "headers": HEADERS,
        "time": TIME,
        "redirects": REDIRECTS,
        "limits": LIMITS,
        "payloads": PAYLOADS,
    }.items()
    for name, case in cases.items()
}


async def outcomes(ledger: LedgerClient, calls: int, *, at_once: bool) -> list[Any]:
    """What so many callers of one page get."""
    if at_once:
        asked = (ledger.nfts.page(101) for _ in range(calls))
        return await asyncio.gather(*asked, return_exceptions=True)
    got: list[Any] = []
    for _ in range(calls):
        got += await outcomes(ledger, 1, at_once=True)
        await asyncio.sleep(1)  # what follows an answer arrives while nobody asks
    return got


@pytest.mark.parametrize("case", TABLE.values(), ids=TABLE)
async def test_a_hostile_server_gets_no_further(
    case: Case, caplog: pytest.LogCaptureFixture
) -> None:
    loop = asyncio.get_running_loop()
    server = RawServer(script(case.answers))
    async with attacked(caplog, server) as (ledger, shown):
        if case.idle:
            await fill_pool(ledger, server, case.idle)
        server.requests.clear()
        started = loop.time()
        got = await outcomes(ledger, case.calls, at_once=case.idle > 1 or case.calls == 1)
        shown.extend(got)
        if case.error is None:
            assert [[node.token_id for node in each.nodes] for each in got] == [["1"]] * case.calls
        else:
            assert [(type(each), each.attempts) for each in got] == [(case.error, case.attempts)]
        assert len(server.requests) == (case.requests or case.attempts * case.calls)
        if case.calls == 1:
            assert case.seconds <= loop.time() - started < case.seconds + 1


# What takes more than one server, or a trick


async def failure(ledger: LedgerClient, shown: list[object]) -> Any:
    """The error that the caller of one page gets."""
    with pytest.raises(LedgerError) as caught:
        await ledger.nfts.page(101)
    shown.append(caught.value)
    return caught.value


class PlainText(RawServer):
    """What is said to speak TLS, and does not."""

    @property
    def url(self) -> str:
        return super().url.replace("http:", "https:")


class Encrypted(RawServer):
    """What is said to speak plain text, and does not."""

    @property
    def url(self) -> str:
        return super().url.replace("https:", "http:")


async def test_faults_that_pass_cost_a_stream_nothing(caplog: pytest.LogCaptureFixture) -> None:
    faults = [case.answers[0] for case in TABLE.values() if case.attempts == 2]
    total = len(faults)
    tokens = [f"{number}-{half}" for number in range(total) for half in "ab"]
    left = dict(enumerate(faults, start=1))

    async def answer(peer: Peer) -> None:
        asked = re.search(r"[?&]page=(\d+)", server.requests[-1].line)
        assert asked is not None
        number = int(asked[1])
        true = reply(
            page(*tokens[2 * number - 2 : 2 * number], count=2 * total, more=number < total)
        )
        fault = left.pop(number, true)
        await (peer.send(fault) if isinstance(fault, bytes) else fault(peer))

    server = RawServer(answer)
    async with attacked(caplog, server) as (ledger, shown):
        stream = ledger.nfts.stream(101, page_size=2)
        assert [node.token_id async for node in stream] == tokens
        assert stream.reports[101].status == "exact"
        shown.append(stream)
    assert total > 20
    assert left == {}


async def test_a_refused_connection_is_tried_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    connect = loop.sock_connect

    async def start_once_refused(*args: Any) -> None:
        try:
            await connect(*args)
        except ConnectionRefusedError:
            await server.listen()
            raise

    monkeypatch.setattr(loop, "sock_connect", start_once_refused)
    server = RawServer(GOOD, listening=False)
    async with attacked(caplog, server) as (ledger, _):
        assert (await ledger.nfts.page(101)).nodes
        assert len(server.requests) == 1


async def test_connections_that_stay_refused_are_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = RawServer(GOOD, listening=False)
    async with attacked(caplog, server) as (ledger, shown):
        error = await failure(ledger, shown)
        assert (type(error), error.attempts, error.sent) == (TransportError, ATTEMPTS, False)


def resolve(monkeypatch: pytest.MonkeyPatch, *, failures: int = 0) -> None:
    """Let every name be that of this machine, after so many failures."""
    left = [socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")] * failures

    async def getaddrinfo(_host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        if left:
            raise left.pop()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize("failures", [1, ATTEMPTS - 1])
async def test_a_name_that_does_not_resolve_is_tried_again(
    failures: int, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, failures=failures)
    server = RawServer(GOOD)
    async with attacked(caplog, server, host="lam.example") as (ledger, _):
        assert (await ledger.nfts.page(101)).nodes
        assert len(server.requests) == 1


async def test_a_name_that_never_resolves_is_given_up(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, failures=ATTEMPTS)
    server = RawServer(GOOD)
    async with attacked(caplog, server, host="lam.example") as (ledger, shown):
        error = await failure(ledger, shown)
        assert (type(error), error.attempts, error.sent) == (TransportError, ATTEMPTS, False)
        assert server.peers == []


async def test_no_cookie_is_ever_sent_back(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch)  # an address would get no cookie from any client
    server = RawServer(reply(PAGE, "Set-Cookie: id=1; Path=/", f"Set-Cookie: key={KEY}"))
    async with attacked(caplog, server, host="lam.example") as (ledger, _):
        for _ in range(3):
            await ledger.nfts.page(101)
        assert ["cookie" in request.headers for request in server.requests] == [False] * 3


async def test_no_redirect_carries_the_key_to_another_origin(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with RawServer(GOOD) as elsewhere:
        there = f"Location: {elsewhere.url}/accounts/101/nfts"
        server = RawServer(reply(b"", there, status="307 Temporary Redirect"))
        async with attacked(caplog, server) as (ledger, shown):
            assert type(await failure(ledger, shown)) is RedirectRefusedError
            assert len(server.requests) == 1
        assert elsewhere.peers == []


# TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def serving(authority: trustme.CA, name: str = LOOPBACK) -> ssl.SSLContext:
    """What a server with a certificate of this name needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """An authority that clients trust."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", context)
    return authority


async def test_an_untrusted_certificate_is_final(
    authority: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    server = RawServer(GOOD, tls=serving(authority))
    async with attacked(caplog, server) as (ledger, shown):
        error = await failure(ledger, shown)
        assert (type(error), error.attempts, error.sent) == (TransportError, 1, False)
        assert server.requests == []


async def test_a_certificate_of_another_name_is_final(
    trusted: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    server = RawServer(GOOD, tls=serving(trusted, "other.example"))
    async with attacked(caplog, server) as (ledger, shown):
        error = await failure(ledger, shown)
        assert (type(error), error.attempts, error.sent) == (TransportError, 1, False)
        assert server.requests == []


@pytest.mark.parametrize("greeting", [b"220 mail.example ESMTP\r\n", GOOD], ids=["SMTP", "HTTP"])
async def test_plain_text_on_a_tls_port_is_final(
    greeting: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server = PlainText(nothing, greeting=greeting)
    async with attacked(caplog, server) as (ledger, shown):
        error = await failure(ledger, shown)
        assert (type(error), error.attempts, error.sent) == (TransportError, 1, False)


async def test_tls_on_a_plain_text_port_gets_no_answer(
    trusted: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    server = Encrypted(GOOD, tls=serving(trusted))
    async with attacked(caplog, server) as (ledger, shown):
        error = await failure(ledger, shown)
        assert (type(error), error.attempts) == (TransportError, ATTEMPTS)
        assert server.requests == []


async def test_a_handshake_that_is_cut_off_is_worth_another_try(
    trusted: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    server = PlainText(nothing, greeting=None)
    async with attacked(caplog, server) as (ledger, shown):
        error = await failure(ledger, shown)
        assert (type(error), error.attempts, error.sent) == (TransportError, ATTEMPTS, False)


async def test_a_trusted_certificate_is_trusted(
    trusted: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    server = RawServer(GOOD, tls=serving(trusted))
    async with attacked(caplog, server) as (ledger, _):
        await fill_pool(ledger, server, 2)
        assert (await ledger.nfts.page(101)).nodes
        assert len(server.peers) == 2


@pytest.mark.parametrize("end", [hang_up, reset])
async def test_a_tls_connection_that_was_closed_costs_no_attempt(
    end: Answer, trusted: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    server = RawServer(script([end, GOOD]), tls=serving(trusted))
    async with attacked(caplog, server) as (ledger, _):
        await fill_pool(ledger, server, 1)
        server.requests.clear()
        assert (await ledger.nfts.page(101)).nodes
        assert len(server.requests) == 2


async def test_no_tls_connection_lends_an_answer_that_nobody_asked_for(
    trusted: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    server = RawServer(volunteering(GOOD, OTHERS), tls=serving(trusted))
    async with attacked(caplog, server) as (ledger, _):
        for got in await outcomes(ledger, 4, at_once=False):
            assert [node.token_id for node in got.nodes] == ["1"]
        assert len(server.peers) == 4


async def test_a_cancellation_at_any_moment_of_tls_leaves_nothing(
    trusted: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    async def twice() -> None:
        for _ in range(2):
            await session.send(Request(path="/accounts"), Headers({}))

    tls, turns, finished = serving(trusted), 0, False
    async with nothing_left(caplog, KEY):
        while not finished:
            # A handshake, a request on a connection that is then closed, and another handshake.
            async with RawServer(script([GOOD, hang_up, GOOD]), tls=tls) as server:
                session = transports.transport(server.url, timeout=TIMEOUT)
                task = asyncio.create_task(twice())
                for _ in range(turns):
                    await asyncio.sleep(0)
                finished = not task.cancel()
                await asyncio.wait([task])
                await session.close()
                await settle()
                assert connections_to(server.port) == 0
            turns += 1
    assert turns > 20


async def test_no_redirect_leads_from_tls_to_plain_text(
    trusted: trustme.CA, caplog: pytest.LogCaptureFixture
) -> None:
    async with RawServer(GOOD) as plain:
        there = f"Location: {plain.url}/accounts/101/nfts"
        server = RawServer(reply(b"", there, status="302 Found"), tls=serving(trusted))
        async with attacked(caplog, server) as (ledger, shown):
            assert type(await failure(ledger, shown)) is RedirectRefusedError
        assert plain.peers == []


# What is not seen from outside


async def test_a_bomb_is_cut_before_it_fills_the_memory(caplog: pytest.LogCaptureFixture) -> None:
    server = RawServer(reply(bomb(512), ZIPPED))
    async with attacked(caplog, server) as (ledger, shown):
        tracemalloc.start()
        try:
            assert type(await failure(ledger, shown)) is ResponseTooLargeError
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 2 * MAX_BODY


async def test_tiny_chunks_are_read_in_no_time(caplog: pytest.LogCaptureFixture) -> None:
    server = RawServer(crumbs(200_000))
    async with attacked(caplog, server) as (ledger, _):
        started = time.process_time()
        await ledger.nfts.page(101)
        assert time.process_time() - started < 5  # reading them all again for each takes an hour


def test_a_flood_of_interim_answers_starves_nobody() -> None:
    async def flood(peer: Peer) -> None:
        while True:
            await peer.send(INTERIM * 1000)

    async def drown() -> None:
        async with RawServer(flood) as server:
            session = transports.transport(server.url, timeout=0.2)
            with pytest.raises(RequestTimeoutError):
                await session.send(Request(path="/accounts"), Headers({}))
            await session.close()

    # In real time: here something always happens, and the other clock only moves when nothing does.
    started = time.monotonic()
    asyncio.run(drown())
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("value", [2**64, 2**256 - 1, -(2**255), 10**4299])
async def test_large_integers_are_exact(value: int, caplog: pytest.LogCaptureFixture) -> None:
    server = RawServer(reply(page(value=str(value))))
    async with attacked(caplog, server) as (ledger, _):
        assert (await ledger.nfts.page(101)).nodes[0].value == value


async def test_a_page_larger_than_asked_for_is_taken_whole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    server = RawServer(reply(page("1", "2", "3", count=3)))
    async with attacked(caplog, server) as (ledger, _):
        got = await ledger.nfts.page(101, page_size=1)
        assert [node.token_id for node in got.nodes] == ["1", "2", "3"]
        stream = ledger.nfts.stream(101, page_size=1)
        assert [node.token_id async for node in stream] == ["1", "2", "3"]


async def test_html_that_echoes_the_key_shows_it_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    server = RawServer(reply(f"<h1>Welcome, {KEY}</h1>".encode()))
    async with attacked(caplog, server) as (ledger, shown):
        assert type(await failure(ledger, shown)) is DecodeError


@pytest.mark.parametrize("body", [f"<h1>Welcome, {KEY}</h1>", f'{{"edges": [{{"{KEY}'])
async def test_a_page_of_a_stream_that_echoes_the_key_shows_it_nowhere(
    body: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = RawServer(reply(body.encode()))
    async with attacked(caplog, server) as (ledger, shown):
        with pytest.raises(DecodeError) as caught:
            await anext(ledger.nfts.stream(101))
        shown.append(caught.value)
