"""Tools that look on, or send in aiohttp's place: what they are shown, and that nothing breaks."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import vcr  # type: ignore[import-untyped] # it says nothing of types
from aioresponses_shim import answers
from hostile import page
from raw_server import OK, Peer, RawServer, reply

from ledger_async._protocol.messages import Headers, Request
from ledger_async._transport.aiohttp_transport import AiohttpTransport
from ledger_async._transport.choosing_transport import ChoosingTransport, transport_to
from ledger_async._transport.http_session import HttpSession
from ledger_async._transport.pool import Sending
from ledger_async._transport.transport import Transport
from ledger_async.errors import ResponseTooLargeError

HELPERS = Path(__file__).parents[1] / "helpers"
SECRET = "secret-that-nobody-may-see"
HEADERS = Headers({"X-Ledger-API-Key": SECRET})
GET = Request(path="/accounts")
POST = Request(method="POST", path="/accounts", body=b"{}")

Send = Callable[..., Any]


@asynccontextmanager
async def session(url: str, *, max_body: int = 1000) -> AsyncIterator[Transport]:
    opened = ChoosingTransport(HttpSession(url), timeout=30, max_body=max_body)
    try:
        yield opened
    finally:
        await opened.close()


# Which way is taken


@pytest.fixture
def sent_plainly(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What went by way of aiohttp's session."""
    seen: list[Request] = []
    begin = AiohttpTransport.begin

    def note(
        way: AiohttpTransport, request: Request, headers: Headers, attempt: Sending
    ) -> Awaitable[aiohttp.ClientResponse]:
        seen.append(request)
        return begin(way, request, headers, attempt)

    monkeypatch.setattr(AiohttpTransport, "begin", note)
    return seen


def added(**options: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """What tools add to every session that is made."""

    def add(monkeypatch: pytest.MonkeyPatch) -> None:
        made = aiohttp.ClientSession.__init__

        def make(self: aiohttp.ClientSession, **given: Any) -> None:
            made(self, **{**given, **options})

        monkeypatch.setattr(aiohttp.ClientSession, "__init__", make)

    return add


async def pass_on(request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:
    answer: aiohttp.ClientResponse = await handler(request)
    return answer


class Proxy:
    """As wrapt makes them: it passes for what it stands for, attribute by attribute."""

    def __init__(self, wrapped: Any) -> None:
        self.wrapped = wrapped

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)

    def __get__(self, holder: object, owner: type) -> Proxy:
        return Proxy(self.wrapped.__get__(holder, owner))

    def __call__(self, *args: Any, **options: Any) -> Any:
        return self.wrapped(*args, **options)


def wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    replaced = aiohttp.ClientSession._request

    @wraps(replaced)
    async def request(self: aiohttp.ClientSession, *args: Any, **options: Any) -> Any:
        return await replaced(self, *args, **options)

    monkeypatch.setattr(aiohttp.ClientSession, "_request", request)


def proxied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiohttp.ClientSession, "_request", Proxy(aiohttp.ClientSession._request))


TOOLS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "a trace config": added(trace_configs=[aiohttp.TraceConfig()]),
    "a middleware": added(middlewares=[pass_on]),
    "a wrapped method": wrapped,
    "a method that is proxied": proxied,
}


async def test_where_nobody_looks_on_no_session_of_aiohttp_sends(
    sent_plainly: list[Request],
) -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        await opened.send(GET, HEADERS)
    assert sent_plainly == []


@pytest.mark.parametrize("look_on", TOOLS.values(), ids=TOOLS)
async def test_where_somebody_looks_on_aiohttps_session_sends(
    look_on: Callable[[pytest.MonkeyPatch], None],
    sent_plainly: list[Request],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    look_on(monkeypatch)
    async with RawServer(reply()) as server, session(server.url) as opened:
        assert (await opened.send(GET, HEADERS)).body == OK
        assert len(server.requests) == 1
    assert sent_plainly == [GET]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        (aiohttp.__version__, ChoosingTransport),
        ("3.14.99", ChoosingTransport),
        ("3.13.2", AiohttpTransport),
        ("3.15.0", AiohttpTransport),
        ("3.140.0", AiohttpTransport),
        ("4.0.0a1", AiohttpTransport),
    ],
)
def test_another_version_of_aiohttp_sends_by_itself(version: str, kind: type[Transport]) -> None:
    assert type(transport_to("https://lam.example", timeout=30, version=version)) is kind


NEWER = """
import asyncio
import aiohttp
aiohttp.__version__ = "3.15.0"
from ledger_async import LedgerClient
from ledger_async._transport.lean_transport import LeanTransport
from ledger_async.sandbox import Sandbox

async def main():
    async with (
        Sandbox({101: 25}) as box,
        LedgerClient(box.url, api_key=box.api_key, api_user=box.api_user) as ledger,
    ):
        print(sum([1 async for _ in ledger.nfts.stream(101, page_size=10)]))

del LeanTransport.begin  # whoever sends the lean way fails
asyncio.run(main())
"""


def test_a_client_reads_with_an_aiohttp_that_is_newer_than_any_the_suite_has_run_with() -> None:
    command = [sys.executable, "-W", "error", "-c", NEWER]
    answer = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert (answer.stdout, answer.stderr) == ("25\n", "")


async def test_somebody_may_come_and_go_while_the_session_is_open(
    sent_plainly: list[Request],
) -> None:
    async with RawServer(reply()) as server, session(server.url) as opened:
        await opened.send(GET, HEADERS)
        with pytest.MonkeyPatch.context() as patched:
            wrapped(patched)
            await opened.send(POST, HEADERS)
        await opened.send(GET, HEADERS)
        assert (len(server.requests), len(server.peers)) == (3, 1)
    assert sent_plainly == [POST]


async def test_whoever_came_meanwhile_sees_what_is_sent_again(
    sent_plainly: list[Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def watch_and_hang_up(peer: Peer) -> None:
        wrapped(monkeypatch)
        server.answer = reply()
        peer.hang_up()

    async with RawServer(reply()) as server, session(server.url) as opened:
        await opened.send(GET, HEADERS)
        server.answer = watch_and_hang_up
        await opened.send(GET, HEADERS)
    assert sent_plainly == [GET]


# What they are shown, and what they leave


async def test_a_trace_sees_every_attribute_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    async def look(_: object, __: object, params: aiohttp.TraceRequestEndParams) -> None:
        answer = params.response
        seen.extend([answer.status, answer.reason, answer.method, str(answer.url), answer.ok])
        seen.extend([answer.version, answer.history, answer.cookies, answer.request_info.method])

    config = aiohttp.TraceConfig()
    config.on_request_end.append(look)
    added(trace_configs=[config])(monkeypatch)
    async with RawServer(reply(status="201 Created")) as server, session(server.url) as opened:
        await opened.send(POST, HEADERS)
        url = f"{server.url}/accounts"
    assert seen[:5] == [201, "Created", "POST", url, True]


async def test_a_header_that_a_trace_adds_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def add(_: object, __: object, params: aiohttp.TraceRequestStartParams) -> None:
        params.headers["traceparent"] = "00-1"

    config = aiohttp.TraceConfig()
    config.on_request_start.append(add)
    added(trace_configs=[config])(monkeypatch)
    async with RawServer(reply()) as server, session(server.url) as opened:
        await opened.send(GET, HEADERS)
    assert server.requests[0].headers["traceparent"] == "00-1"


async def test_a_body_that_somebody_read_before_arrives_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replaced = aiohttp.ClientSession._request

    async def record(self: aiohttp.ClientSession, *args: Any, **options: Any) -> Any:
        answer = await replaced(self, *args, **options)
        recorded.append(await answer.read())
        return answer

    recorded: list[bytes] = []
    monkeypatch.setattr(aiohttp.ClientSession, "_request", record)
    async with RawServer(reply()) as server, session(server.url, max_body=len(OK)) as opened:
        assert (await opened.send(GET, HEADERS)).body == OK
        server.answer = reply(OK + b" ")
        with pytest.raises(ResponseTooLargeError):
            await opened.send(GET, HEADERS)
    assert recorded == [OK, OK + b" "]


async def test_a_status_is_not_raised_though_a_session_was_told_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    added(trace_configs=[aiohttp.TraceConfig()], raise_for_status=True)(monkeypatch)
    async with RawServer(reply(status="404 Not Found")) as server, session(server.url) as opened:
        assert (await opened.send(GET, HEADERS)).status == 404


async def test_vcrpy_records_and_plays_back(tmp_path: Path) -> None:
    cassette = str(tmp_path / "cassette.yaml")
    async with RawServer(reply(page())) as server, session(server.url) as opened:
        await opened.send(GET, HEADERS)
        with vcr.use_cassette(cassette):
            assert (await opened.send(GET, HEADERS)).body == page()
        with vcr.use_cassette(cassette, record_mode="none") as played:
            assert (await opened.send(GET, HEADERS)).body == page()
            assert played.play_count == 1
        assert (await opened.send(GET, HEADERS)).body == page()
        assert len(server.requests) == 3


async def test_aioresponses_answers_in_the_place_of_a_server() -> None:
    async with RawServer(reply(b"real")) as server, session(server.url) as opened:
        assert (await opened.send(GET, HEADERS)).body == b"real"
        with answers() as mocked:
            mocked.get(f"{server.url}/accounts", body=b"mocked")
            assert (await opened.send(GET, HEADERS)).body == b"mocked"
        assert (await opened.send(GET, HEADERS)).body == b"real"


# sentry-sdk, which turns itself on for all of a process

SENTRY = f"""
import asyncio, sys
from functools import partial
import sentry_sdk
from sentry_sdk.transport import Transport

class Memory(Transport):
    def capture_envelope(self, envelope):
        sent.extend((item.type, item.payload.get_bytes()) for item in envelope.items)

sent = []
looks_on = sys.argv[1] == "looks on"
sentry_sdk.init(
    dsn="http://key@127.0.0.1:9/1",
    transport=Memory,
    traces_sample_rate=1.0,
    auto_enabling_integrations=looks_on,
)

sys.path.insert(0, {str(HELPERS)!r})
from hostile import page
from raw_server import RawServer, hang_up, nothing, reply
from ledger_async import LamAuth, LedgerClient, LedgerError, RetryPolicy
from ledger_async.models import Configuration, ConfigurationProfile, Webhook

SECRET = {SECRET!r}
ONCE = RetryPolicy(max_attempts=1)
USER = b'{{"device_id": "1", "name": "anna", "role": "", "type_": "", "workspace": ""}}'
ECHO = b'{{"message": "no ' + SECRET.encode() + b'"}}'
FAILURES = [
    reply(ECHO, status="404 Not Found"),
    reply(b"<p>" + ECHO),
    hang_up,
    nothing,
]

async def calls():
    auth = LamAuth("operator", SECRET, SECRET + "-store")
    async with (
        RawServer(reply(page())) as server,
        LedgerClient(server.url, auth=auth, timeout=0.5, retry=ONCE) as ledger,
    ):
        print(len((await ledger.nfts.page(101)).nodes))
        server.answer = reply(USER)
        print((await ledger.api_users.create("anna")).name)
        webhook = Webhook(secret=SECRET, url="https://hooks.example")
        configuration = Configuration(all=ConfigurationProfile(webhook=webhook))
        configure = partial(ledger.notifications.configure, configuration)
        for server.answer in FAILURES:
            for call in partial(ledger.nfts.page, 101), configure:
                try:
                    await call()
                except LedgerError as error:
                    sentry_sdk.capture_exception(error)
        server.answer = nothing
        try:
            async with asyncio.timeout(0.1):
                await ledger.nfts.page(101)
        except TimeoutError as error:
            sentry_sdk.capture_exception(error)

asyncio.run(calls())
sentry_sdk.flush()
told = b"".join(data for _, data in sent)
print([type_ for type_, _ in sent].count("event"), b"ledger_async._caller" in told)
print(SECRET.encode() in told)
"""


@pytest.mark.parametrize("mode", ["looks on", "does not look on"])
def test_with_sentry_calls_arrive_and_it_is_told_of_every_error_and_of_no_secret(
    mode: str,
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SENTRY, mode], capture_output=True, check=True, text=True
    )
    assert done.stdout.splitlines() == ["1", "anna", "9 True", "False"]
