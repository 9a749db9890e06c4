"""Attempts: one event for each request that is sent, whatever becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import transports
from raw_server import Peer, RawServer, hang_up, reply
from sign_in import bearer_of

from ledger_async import LedgerClient, LedgerError, RetryPolicy
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async._support.observer import Watch
from ledger_async._transport.attempts import Attempts, Traffic
from ledger_async.errors import TransportError
from ledger_async.events import Attempt, Event, Throttled, Wait
from ledger_async.sandbox import Fault, Sandbox

GET = Request(path="/accounts/101/nfts", query="page=3", account_id=101, page=3)
NO_HEADERS = Headers({})


class Told(list[Event]):
    """The events so far."""

    def of(self, kind: type[Any]) -> list[Any]:
        return [each for each in self if isinstance(each, kind)]


class Wire:
    """A transport that does what `send` is told to do."""

    def __init__(self, answer: Callable[[], Response]) -> None:
        self._answer = answer

    async def send(self, request: Request, headers: Headers) -> Response:
        await asyncio.sleep(2)
        return self._answer()

    async def close(self) -> None:
        pass


def attempts(answer: Callable[[], Response], told: Told) -> Attempts:
    return Attempts(Wire(answer), Watch(told.append), Traffic())


@asynccontextmanager
async def opened(sandbox: Sandbox, told: Told, **options: Any) -> AsyncIterator[LedgerClient]:
    if "auth" not in options:
        options |= {"api_key": sandbox.api_key, "api_user": sandbox.api_user}
    async with LedgerClient(sandbox.url, observer=told.append, **options) as ledger:
        yield ledger


@pytest.fixture
def told() -> Told:
    return Told()


# One at a time


async def test_an_answer_is_an_event_with_its_facts(told: Told) -> None:
    await attempts(lambda: Response(420, {}, b"busy"), told).send(GET, NO_HEADERS, 2)
    (event,) = told.of(Attempt)
    assert event == Attempt("GET", GET.path, 101, 3, 2, 420, None, event.seconds, 4, resent=False)
    assert event.seconds == pytest.approx(2)


async def test_a_failure_is_an_event_with_its_name(told: Told) -> None:
    def fail() -> Response:
        raise TransportError("cut off")

    with pytest.raises(TransportError):
        await attempts(fail, told).send(GET, NO_HEADERS, 1)
    (event,) = told.of(Attempt)
    assert (event.status, event.error, event.bytes) == (None, "TransportError", 0)


async def test_a_cancelled_request_is_an_event(told: Told) -> None:
    sending = attempts(lambda: Response(200, {}, b""), told).send(GET, NO_HEADERS, 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(sending, 1)
    assert [each.error for each in told.of(Attempt)] == ["CancelledError"]


def test_a_request_under_which_the_loop_ended_is_an_event(told: Told) -> None:
    sending: Any = None

    async def begin() -> None:
        nonlocal sending
        sending = attempts(lambda: Response(200, {}, b""), told).send(GET, NO_HEADERS, 1)
        sending.send(None)

    asyncio.run(begin())
    sending.close()
    assert [each.error for each in told.of(Attempt)] == ["GeneratorExit"]


async def test_attempts_and_repeats_are_counted() -> None:
    counted = attempts(lambda: Response(200, {}, b""), Told())
    await counted.send(GET, NO_HEADERS, 1)
    await counted.send(GET, NO_HEADERS, 2)
    assert counted.traffic == Traffic(attempts=2, retries=1)


async def test_others_have_totals_of_their_own() -> None:
    counted, others = attempts(lambda: Response(200, {}, b""), Told()), Traffic()
    await counted.of(others).send(GET, NO_HEADERS, 1)
    assert (counted.traffic.attempts, others.attempts) == (0, 1)


# Of a client


async def test_there_is_an_event_for_each_request_that_the_server_saw(
    sandbox: Sandbox, told: Told
) -> None:
    sandbox.fail(Fault.status(503))
    sandbox.fail(Fault.cut(), after=2)
    async with opened(sandbox, told) as ledger:
        assert len([nft async for nft in ledger.nfts.stream(101)]) == 250
    sent = told.of(Attempt)
    assert sorted(each.page for each in sent) == sorted(each.page or 0 for each in sandbox.requests)
    failed = [(each.status, each.error) for each in sent if each.status != 200]
    assert failed == [(503, None), (None, "TransportError")]


async def test_requests_for_a_token_are_attempts_too(sandbox: Sandbox, told: Told) -> None:
    sandbox.fail(Fault.status(503), path="*token*")
    async with opened(sandbox, told, auth=bearer_of(sandbox)) as ledger:
        await ledger.accounts.get(101)
    *tokens, call = told.of(Attempt)
    assert [(each.status, each.attempt) for each in tokens] == [(503, 1), (200, 2)]
    assert [each.path for each in [*tokens, call]] == [each.path for each in sandbox.requests]


async def test_a_connection_that_was_closed_makes_a_resent_attempt(told: Told) -> None:
    page = reply(b'{"edges": [], "page_info": {"count": 0, "has_next_page": false}}')
    answers = iter([page, None, page])

    async def play(peer: Peer) -> None:
        answer = next(answers)
        await (hang_up(peer) if answer is None else peer.send(answer))

    async with RawServer(play) as server:
        options = {"api_user": "user", "api_key": "key", "observer": told.append}
        async with transports.client(server.url, **options) as ledger:
            for _ in range(2):
                await ledger.nfts.page(101)
    assert [(each.attempt, each.resent) for each in told.of(Attempt)] == [(1, False), (1, True)]
    assert len(server.requests) == 3


async def test_one_pause_is_one_event_and_each_refusal_an_attempt(told: Told) -> None:
    async with Sandbox(dict.fromkeys(range(101, 109), 1)) as sandbox:
        sandbox.fail(Fault.status(420, headers={"Retry-After": "30"}), times=4, after=1)
        async with opened(sandbox, told) as ledger:
            await ledger.accounts.get(101)
            async with asyncio.TaskGroup() as group:
                for account_id in range(101, 109):
                    group.create_task(ledger.accounts.get(account_id))
    assert [each.status for each in told.of(Attempt)].count(420) == 4
    (pause,) = told.of(Throttled)
    assert (pause.status, pause.seconds) == (420, pytest.approx(30, abs=0.2))


async def test_a_wait_says_what_held_the_request(sandbox: Sandbox, told: Told) -> None:
    sandbox.fail(Fault.status(420, headers={"Retry-After": "30"}))
    async with opened(sandbox, told) as ledger:
        await ledger.nfts.page(101)
    (wait,) = told.of(Wait)
    assert wait == Wait("rate limit", wait.seconds, 101, 1)
    assert wait.seconds == pytest.approx(30, abs=0.2)


async def test_an_outage_and_a_line_are_reasons_to_wait(told: Told) -> None:
    options: Any = {"max_concurrency": 1, "retry": RetryPolicy(max_attempts=2)}
    async with (
        Sandbox({101: 1}, latency=0.1) as sandbox,
        opened(sandbox, told, **options) as ledger,
    ):
        sandbox.fail(Fault.status(503), times=2)
        await ledger.accounts.get(101)
        async with asyncio.TaskGroup() as group:
            group.create_task(ledger.accounts.get(101))
            group.create_task(ledger.accounts.get(101))
    assert [each.reason for each in told.of(Wait)] == ["backoff", "outage", "line"]


async def test_between_attempts_a_request_backs_off(sandbox: Sandbox, told: Told) -> None:
    async with opened(sandbox, told) as ledger:
        await ledger.accounts.get(101)
        sandbox.fail(Fault.status(500))
        await ledger.accounts.get(101)
    assert [each.reason for each in told.of(Wait)] == ["backoff"]


@pytest.mark.parametrize("fault", [None, Fault.status(503), Fault.cut()], ids=str)
async def test_an_observer_that_raises_changes_nothing(
    fault: Fault | None, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Event) -> None:
        raise ValueError("mine")

    if fault is not None:
        sandbox.fail(fault)
    async with LedgerClient(
        sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user, observer=fail
    ) as ledger:
        assert len([nft async for nft in ledger.nfts.stream(101)]) == 250
    assert [record.levelname for record in caplog.records].count("ERROR") == 1


async def test_no_event_shows_a_secret(sandbox: Sandbox, told: Told) -> None:
    async with opened(sandbox, told) as ledger:
        await ledger.accounts.get(101)
        sandbox.rotate_api_key()
        with pytest.raises(LedgerError):
            await ledger.accounts.get(101)
    assert sandbox.api_key not in repr(told)
