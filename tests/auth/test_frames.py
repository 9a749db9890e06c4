"""The frames of an error: whatever fails and whoever is told, no secret stands in them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import anyio
import pytest
import transports
from hostile import page, script
from hunter import places
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

from ledger_async import (
    BearerAuth,
    ConfigurationError,
    LamAuth,
    LedgerClient,
    LedgerError,
    ReportingAuth,
    RetryPolicy,
)
from ledger_async._auth.lease import Auth, Lease, Send
from ledger_async._protocol.messages import Request
from ledger_async._transport.http_transport import MAX_BODY
from ledger_async.models import Configuration, ConfigurationProfile, Webhook

pytestmark = pytest.mark.usefixtures("each_transport")

SECRET = "secret-that-nobody-may-see"
HOOK = "https://hooks.example"
TOKENS = {"access_token": f"{SECRET}-access", "refresh_token": f"{SECRET}-refresh"}
LIFE = 60  # seconds of a token
ONCE = RetryPolicy(max_attempts=1, max_outage=0)

Call = Callable[[LedgerClient], Coroutine[Any, Any, object]]
Failures = Mapping[str, Answer | bytes]


# What is secret


async def fetched_key() -> str:
    return SECRET


class Own:
    """A scheme of somebody else's, which signs in with headers and a body of its own."""

    renewable = True
    secrets = (SECRET,)

    async def lease(self, send: Send, renewal: str | None) -> Lease:
        body = json.dumps({"password": SECRET}).encode()
        await send(Request(method="POST", path="/auth/token", body=body), {"X-Password": SECRET})
        return Lease({"X-Key": SECRET}, secrets=(SECRET,), renewal=SECRET)


SCHEMES: dict[str, Callable[[], Auth]] = {
    "lam": lambda: LamAuth("operator", SECRET, f"{SECRET}-store"),
    "a key from a callable": lambda: LamAuth("operator", fetched_key),
    "reporting": lambda: ReportingAuth("workspace", SECRET),
    "bearer": lambda: BearerAuth("workspace", "id", SECRET),
    "own": Own,
}


async def get(ledger: LedgerClient) -> object:
    return await ledger.nfts.page(101)


async def get_again(ledger: LedgerClient) -> object:
    await ledger.nfts.page(101)
    await asyncio.sleep(LIFE)
    return await ledger.nfts.page(101)


async def stream(ledger: LedgerClient) -> object:
    return [nft async for nft in ledger.nfts.stream(101)]


async def configure(ledger: LedgerClient) -> object:
    webhook = Webhook(secret=SECRET, url=HOOK)
    configuration = Configuration(all=ConfigurationProfile(webhook=webhook))
    return await ledger.notifications.configure(configuration)


# What fails

ECHO = json.dumps({"message": f"no {SECRET}", "echo": [SECRET]}).encode()
FAILURES: dict[str, Answer | bytes] = {
    "a refusal": reply(ECHO, f"X-Echo: {SECRET}", status="400 Bad Request"),
    "no such credentials": reply(ECHO, status="401 Unauthorized"),
    "a broken server": reply(ECHO, status="500 Internal Server Error"),
    "the rate limit": reply(ECHO, "Retry-After: 9999", status="420 Enhance Your Calm"),
    "a redirect": reply(b"", f"Location: https://{SECRET}.example/{SECRET}", status="302 Found"),
    "other JSON": reply(ECHO),
    "no JSON": reply(f"<p>{SECRET}</p>".encode()),
    "too large a body": reply(SECRET.encode() + bytes(MAX_BODY)),
    "a hang-up": hang_up,
    "a reset": reset,
    "half an answer": last_words(reply(ECHO, length=1000)),
    "no HTTP": last_words(SECRET.encode()),
    "no answer in time": nothing,
    "half an answer in time": stall(reply(ECHO, length=1000)),
}
GOOD: Failures = {
    "/auth": reply(json.dumps({**TOKENS, "expires_in": LIFE}).encode()),
    "/nfts": reply(page()),
}


class Gateway(RawServer):
    """Sells tokens and has one NFT, but for what it says first where its path has this part."""

    def __init__(self, failures: Failures) -> None:
        super().__init__(self._play)
        self._answers = [*failures.items(), *GOOD.items()]

    async def _play(self, peer: Peer) -> None:
        line = self.requests[-1].line
        answer = next(each for part, each in self._answers if part in line)
        await (peer.send(answer) if isinstance(answer, bytes) else answer(peer))


@asynccontextmanager
async def client(auth: Auth, failures: Failures) -> AsyncIterator[LedgerClient]:
    async with (
        Gateway(failures) as server,
        transports.client(server.url, auth=auth, retry=ONCE, timeout=10) as ledger,
    ):
        yield ledger


async def found(auth: Auth, failures: Failures, call: Call = get) -> list[str]:
    """Where the error of one call holds the secret."""
    async with client(auth, failures) as ledger:
        with pytest.raises(LedgerError) as caught:
            await call(ledger)
    return places(caught.value, SECRET)


every_failure = pytest.mark.parametrize("answer", FAILURES.values(), ids=FAILURES)


@every_failure
@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_failed_call_holds_no_secret(scheme: str, answer: Answer | bytes) -> None:
    assert await found(SCHEMES[scheme](), {"/nfts": answer}) == []


@every_failure
async def test_a_failed_sign_in_holds_no_secret(answer: Answer | bytes) -> None:
    assert await found(SCHEMES["bearer"](), {"/auth": answer}) == []


@pytest.mark.parametrize("name", sorted(FAILURES.keys() - {"other JSON", "no JSON"}))
async def test_a_failed_sign_in_of_anothers_scheme_holds_no_secret(name: str) -> None:
    assert await found(Own(), {"/auth": FAILURES[name]}) == []


@pytest.mark.parametrize("expires_in", ["soon", None, [SECRET]])
async def test_a_malformed_token_holds_no_secret(expires_in: object) -> None:
    malformed = reply(json.dumps({**TOKENS, "expires_in": expires_in}).encode())
    assert await found(SCHEMES["bearer"](), {"/auth": malformed}) == []


@every_failure
async def test_a_failed_renewal_holds_no_token(answer: Answer | bytes) -> None:
    # A refresh token that is refused is no failure: the key buys another.
    failures = {"/refresh": answer, "/nfts": script([reply(page()), hang_up])}
    assert await found(SCHEMES["bearer"](), failures, get_again) == []


@every_failure
async def test_a_failed_stream_holds_no_secret(answer: Answer | bytes) -> None:
    assert await found(SCHEMES["lam"](), {"/nfts": answer}, stream) == []


@every_failure
async def test_a_failed_call_holds_no_secret_of_its_payload(answer: Answer | bytes) -> None:
    assert await found(LamAuth("operator"), {"/notifications": answer}, configure) == []


@pytest.mark.parametrize("value", [SECRET, {"secret": SECRET}, Webhook(secret=SECRET, url=HOOK)])
async def test_a_wrong_payload_is_not_held(value: Any) -> None:
    async def call(ledger: LedgerClient) -> object:
        return await ledger.notifications.configure(value)

    assert await found(LamAuth("operator"), {}, call) == []


async def test_a_refused_connection_holds_no_secret() -> None:
    async with (
        RawServer(b"", listening=False) as server,
        transports.client(server.url, auth=SCHEMES["lam"](), retry=ONCE) as ledger,
    ):
        with pytest.raises(LedgerError) as caught:
            await get(ledger)
    assert places(caught.value, SECRET) == []


async def test_a_bug_of_whoever_looks_on_holds_no_secret_and_says_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def look_on(session: aiohttp.ClientSession, *args: Any, **options: Any) -> Any:
        await send(session, *args, **options)
        raise KeyError("a bug")

    send = aiohttp.ClientSession._request
    monkeypatch.setattr(aiohttp.ClientSession, "_request", look_on)
    monkeypatch.setattr(transports, "kind", None)  # only the client's own choice looks for tools
    async with client(SCHEMES["lam"](), {}) as ledger:
        with pytest.raises(KeyError) as caught:
            await get(ledger)
    assert places(caught.value, SECRET) == []
    assert "in look_on" in "".join(caught.value.__notes__)


MISUSED: dict[str, Callable[[], object]] = {
    "no URL": lambda: LedgerClient("lam", api_key=SECRET),
    "a key beside a scheme": lambda: LedgerClient(api_key=SECRET, auth=LamAuth("operator")),
    "no user": lambda: LedgerClient(api_key=SECRET, api_user="\n"),
    "no key": lambda: LedgerClient(api_key=f"{SECRET}\n"),
    "no time": lambda: LedgerClient(api_key=SECRET, timeout=-1),
    "no header": lambda: Lease({"X-Key": f"{SECRET}\n"}, secrets=(SECRET,), renewal=SECRET),
}


@pytest.mark.parametrize("misuse", MISUSED.values(), ids=MISUSED)
def test_what_could_not_be_made_is_not_held(misuse: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        misuse()
    assert places(caught.value, SECRET) == []


async def test_a_header_of_a_scheme_that_cannot_be_sent_is_not_held() -> None:
    class Unfit(Own):
        async def lease(self, send: Send, renewal: str | None) -> Lease:
            await send(Request(path="/auth/token"), {"X-Password": f"{SECRET}\n"})
            raise AssertionError

    assert await found(Unfit(), {}) == []


# Who loses patience


async def by_asyncio(call: Coroutine[Any, Any, object]) -> None:
    async with asyncio.timeout(1):
        await call


async def by_wait_for(call: Coroutine[Any, Any, object]) -> None:
    await asyncio.wait_for(call, 1)


async def by_anyio(call: Coroutine[Any, Any, object]) -> None:
    with anyio.fail_after(1):
        await call


async def by_cancelling(call: Coroutine[Any, Any, object]) -> None:
    task = asyncio.create_task(call)
    await asyncio.sleep(1)
    task.cancel()
    await task


SILENT: dict[str, Answer] = {
    "no answer": nothing,
    "half an answer": stall(reply(ECHO, length=1000)),
}


@pytest.mark.parametrize("answer", SILENT.values(), ids=SILENT)
@pytest.mark.parametrize("at", ["/nfts", "/auth", "/notifications"])
@pytest.mark.parametrize("lose", [by_asyncio, by_wait_for, by_anyio, by_cancelling])
async def test_a_call_that_is_cancelled_holds_no_secret(
    lose: Callable[[Coroutine[Any, Any, object]], Awaitable[None]], at: str, answer: Answer
) -> None:
    scheme = "bearer" if at == "/auth" else "lam"
    async with client(SCHEMES[scheme](), {at: answer}) as ledger:
        call = configure if at == "/notifications" else get
        with pytest.raises((TimeoutError, asyncio.CancelledError)) as caught:
            await lose(call(ledger))
    assert places(caught.value, SECRET) == []


async def test_an_error_that_the_caller_was_handling_keeps_its_frames() -> None:
    async with client(SCHEMES["lam"](), {"/nfts": nothing}) as ledger:
        mine = ValueError("mine")
        try:
            raise mine
        except ValueError:
            with pytest.raises(TimeoutError):
                await by_asyncio(get(ledger))
    assert mine.__traceback__ is not None


SLOW_STORE = f"""
import asyncio
async def fetch():
    key = {SECRET!r}
    await asyncio.sleep(9999)
"""


async def test_a_key_store_that_takes_too_long_is_not_looked_into() -> None:
    store: dict[str, Any] = {}
    exec(compile(SLOW_STORE, "of_somebody_else.py", "exec"), store)
    assert await found(LamAuth("operator", store["fetch"]), {}) == []
