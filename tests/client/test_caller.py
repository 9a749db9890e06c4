"""The one path of every request: what is repeated, how long it waits, what its error says."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest
import transports
from hunter import shown

from ledger_async import BearerAuth, LamAuth, LedgerClient, RetryPolicy
from ledger_async._protocol.messages import Request
from ledger_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    DecodeError,
    LedgerError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RedirectRefusedError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)
from ledger_async.sandbox import Fault, RateLimit, Sandbox

EVER = 10**6
HASTY = RetryPolicy(backoff_base=0.0, max_outage=0.0)
ACCOUNTS = dict.fromkeys(range(101, 151), 0)


@asynccontextmanager
async def opened(sandbox: Sandbox, **options: Any) -> AsyncIterator[LedgerClient]:
    credentials = {"api_key": sandbox.api_key, "api_user": sandbox.api_user}
    async with LedgerClient(sandbox.url, **{"retry": HASTY, **credentials, **options}) as ledger:
        yield ledger


async def failure(call: Awaitable[object]) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        await call
    return caught.value


def now() -> float:
    return asyncio.get_running_loop().time()


def times(sandbox: Sandbox) -> list[float]:
    """When each request arrived, in seconds since the first."""
    return [round(request.time - sandbox.requests[0].time, 3) for request in sandbox.requests]


def throttle(headers: dict[str, str] | None = None, *, status: int = 420) -> Fault:
    return Fault.status(status, headers=headers or {})


def after(seconds: float) -> Fault:
    return throttle({"Retry-After": f"{seconds}"})


# What is repeated

PASSING: dict[str, tuple[Fault, type[LedgerError]]] = {
    "408": (Fault.status(408), ApiError),
    "500": (Fault.status(500), ServerError),
    "502 in HTML": (Fault.html(), ServerError),
    "503": (Fault.status(503), ServerError),
    "504 without a body": (Fault.status(504, body=b""), ServerError),
    "a dropped connection": (Fault.drop(), TransportError),
    "a cut body": (Fault.cut(), TransportError),
    "no answer in time": (Fault.stall(60), RequestTimeoutError),
    "a body that drips": (Fault.slow(20), RequestTimeoutError),
    "truncated JSON": (Fault.status(200, body=b'{"id": 101, "na'), DecodeError),
    "an empty body": (Fault.status(200, body=b""), DecodeError),
    "a blank body": (Fault.status(200, body=b" \n"), DecodeError),
    "420": (throttle(), RateLimitError),
    "429": (throttle(status=429), RateLimitError),
}
FINAL: dict[str, tuple[Fault, type[LedgerError]]] = {
    "400": (Fault.status(400), BadRequestError),
    "401": (Fault.status(401), AuthenticationError),
    "403": (Fault.status(403), PermissionDeniedError),
    "404": (Fault.status(404), NotFoundError),
    "409": (Fault.status(409), ApiError),
    "501": (Fault.status(501), ServerError),
    "a redirect": (Fault.redirect("https://elsewhere.example"), RedirectRefusedError),
    "garbage": (Fault.garbage(), ProtocolError),
    "a web page": (Fault.html(status=200), DecodeError),
    "other JSON": (Fault.json({"other": "API"}), DecodeError),
    "no UTF-8": (Fault.status(200, body=b'{"name": "\xff"}'), DecodeError),
}


@pytest.mark.parametrize("fault", [fault for fault, _ in PASSING.values()], ids=PASSING)
async def test_a_passing_failure_is_repeated(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.fail(fault, times=2)
    async with opened(sandbox) as ledger:
        assert (await ledger.accounts.get(101)).id == 101
    assert len(sandbox.requests) == 3


@pytest.mark.parametrize(("fault", "cls"), FINAL.values(), ids=FINAL)
async def test_a_final_failure_is_not_repeated(
    sandbox: Sandbox, fault: Fault, cls: type[LedgerError]
) -> None:
    sandbox.fail(fault, times=EVER)
    async with opened(sandbox) as ledger:
        error = await failure(ledger.accounts.get(101))
    assert (type(error), error.attempts, len(sandbox.requests)) == (cls, 1, 1)


@pytest.mark.parametrize(("fault", "cls"), PASSING.values(), ids=PASSING)
async def test_the_last_of_bounded_attempts_is_the_error(
    sandbox: Sandbox, fault: Fault, cls: type[LedgerError]
) -> None:
    sandbox.fail(fault, times=EVER)
    policy = RetryPolicy(max_attempts=3, max_throttles=3, backoff_base=0.0, max_outage=0.0)
    async with opened(sandbox, retry=policy) as ledger:
        error = await failure(ledger.accounts.get(101))
    assert (type(error), error.attempts, len(sandbox.requests)) == (cls, 3, 3)


async def test_the_error_is_that_of_the_last_attempt(sandbox: Sandbox) -> None:
    for status in (503, 420, 500, 404):
        sandbox.fail(Fault.status(status))
    async with opened(sandbox) as ledger:
        error = await failure(ledger.accounts.get(101))
    assert (error.status, error.attempts) == (404, 4)


async def test_throttles_do_not_spend_the_attempts(sandbox: Sandbox) -> None:
    sandbox.fail(throttle(), times=10)
    sandbox.fail(Fault.status(503), times=1)
    policy = RetryPolicy(max_attempts=2, backoff_base=0.0)
    async with opened(sandbox, retry=policy) as ledger:
        await ledger.accounts.get(101)
    assert len(sandbox.requests) == 12


async def test_a_server_that_vanishes_is_waited_for(sandbox: Sandbox) -> None:
    async with opened(sandbox, retry=RetryPolicy()) as ledger:
        await ledger.accounts.get(101)
        await asyncio.sleep(1)
        sandbox.fail(Fault.status(503), times=15)
        await ledger.accounts.get(101)


async def test_a_server_that_stays_away_is_an_error_with_its_facts(sandbox: Sandbox) -> None:
    async with opened(sandbox, retry=RetryPolicy(max_outage=30)) as ledger:
        await ledger.accounts.get(101)
        await asyncio.sleep(1)
        sandbox.requests.clear()
        sandbox.fail(Fault.status(503), times=EVER)
        error = await failure(ledger.nfts.page(101, 3))
    assert error.outage == pytest.approx(30, abs=0.1)
    facts = (error.path, error.page, error.status, error.attempts)
    assert facts == ("/accounts/101/nfts", 3, 503, len(sandbox.requests))


async def test_no_attempt_is_behind_our_back(sandbox: Sandbox) -> None:
    # aiohttp would repeat a GET on a kept-alive connection that turns out to be closed.
    async with opened(sandbox, retry=RetryPolicy(max_attempts=1)) as ledger:
        await ledger.accounts.get(101)
        sandbox.fail(Fault.drop(), times=EVER)
        error = await failure(ledger.accounts.get(101))
    # Two on the wire: a connection that was closed while it was idle is no attempt.
    assert (error.attempts, len(sandbox.requests)) == (1, 3)


# What an error says


async def test_an_error_names_its_account_and_page(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(503), times=EVER)
    async with opened(sandbox) as ledger:
        error = await failure(ledger.nfts.page(101, 3))
    facts = (error.method, error.path, error.account_id, error.page, error.status, error.attempts)
    assert facts == ("GET", "/accounts/101/nfts", 101, 3, 503, 5)


async def test_an_unknown_account_is_named(sandbox: Sandbox) -> None:
    async with opened(sandbox) as ledger:
        error = await failure(ledger.accounts.get(999))
    assert (type(error), error.account_id, error.status) == (NotFoundError, 999, 404)
    assert "no account 999" in error.message


@pytest.mark.parametrize("fault", [fault for fault, _ in (PASSING | FINAL).values()])
async def test_every_error_has_the_facts_of_its_request(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.fail(fault, times=EVER)
    async with opened(sandbox) as ledger:
        error = await failure(ledger.nfts.page(101, 3))
    facts = (error.method, error.path, error.account_id, error.page)
    assert facts == ("GET", "/accounts/101/nfts", 101, 3)
    assert error.attempts == len(sandbox.requests)


async def test_a_decode_error_says_where_and_shows_a_little(sandbox: Sandbox) -> None:
    @sandbox.rewrite
    def spoil(_: object, page: dict[str, Any]) -> dict[str, Any]:
        page["page_info"]["count"] = "many"
        return page

    async with opened(sandbox) as ledger:
        error = await failure(ledger.nfts.page(103))
    assert isinstance(error, DecodeError)
    assert error.json_path == "$.page_info.count"
    assert error.excerpt


@pytest.mark.parametrize("fault", [fault for fault, _ in (PASSING | FINAL).values()])
async def test_no_error_shows_the_key(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.fail(fault, times=EVER)
    async with opened(sandbox) as ledger:
        error = await failure(ledger.accounts.get(101))
    assert sandbox.api_key not in shown(error)


# Backing off


async def test_a_failure_backs_off_by_a_random_time_that_may_double() -> None:
    accounts = range(200)
    async with Sandbox(dict.fromkeys(accounts, 0)) as sandbox:
        sandbox.fail(Fault.status(500), times=EVER)
        policy = RetryPolicy(max_attempts=4, backoff_base=1.0, max_outage=0.0)
        async with opened(sandbox, retry=policy, max_concurrency=200) as ledger:
            await asyncio.gather(*(failure(ledger.accounts.get(each)) for each in accounts))
        arrivals: dict[int | None, list[float]] = defaultdict(list)
        for request in sandbox.requests:
            arrivals[request.account_id].append(request.time)
    waits = [[late - early for early, late in pairwise(times)] for times in arrivals.values()]
    for longest, column in zip([1, 2, 4], zip(*waits, strict=True), strict=True):
        assert max(column) == pytest.approx(longest, rel=0.1)
        assert sum(column) / len(column) == pytest.approx(longest / 2, rel=0.25)


async def test_no_permit_is_held_while_backing_off(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(503, headers={"Retry-After": "60"}), account_id=101)
    async with opened(sandbox, max_concurrency=1) as ledger:
        slow = asyncio.create_task(ledger.accounts.get(101))
        await ledger.accounts.get(102)
        await ledger.accounts.get(103)
        assert not slow.done()
        await slow
    assert times(sandbox) == [0, 0, 0, 60]


async def test_an_overloaded_server_is_given_its_time_and_the_others_go_on(
    sandbox: Sandbox,
) -> None:
    sandbox.fail(Fault.status(503, headers={"Retry-After": "60"}), account_id=101)
    async with opened(sandbox) as ledger:
        await asyncio.gather(ledger.accounts.get(101), ledger.accounts.get(102))
    assert times(sandbox) == [0, 0, 60]


# The rate limit

FORMS: dict[str, Callable[[], dict[str, str]]] = {
    "seconds": lambda: {"Retry-After": "30"},
    "a fraction": lambda: {"Retry-After": "30.0"},
    "a date": lambda: {"Retry-After": http_date(30), "Date": http_date(0)},
    "a reset in seconds": lambda: {"X-RateLimit-Reset": "30"},
    "a reset in Unix time": lambda: {
        "X-RateLimit-Reset": f"{unix(30):.0f}",
        "Date": http_date(0),
    },
    "a reset in Unix milliseconds": lambda: {
        "X-RateLimit-Reset": f"{unix(30) * 1000:.0f}",
        "Date": http_date(0),
    },
}


def unix(seconds: float) -> float:
    """So many seconds after the turn of the year 2026, which is when the fault is sent."""
    return datetime(2026, 1, 1, tzinfo=UTC).timestamp() + seconds


def http_date(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(unix(seconds), UTC), usegmt=True)


@pytest.mark.parametrize("headers", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("status", [420, 429])
async def test_a_throttle_is_waited_out_as_it_asks(
    sandbox: Sandbox, status: int, headers: Callable[[], dict[str, str]]
) -> None:
    sandbox.fail(throttle(headers(), status=status))
    async with opened(sandbox) as ledger:
        await ledger.accounts.get(101)
    assert times(sandbox) == [0, 30]


async def test_jitter_only_lengthens_the_wait(sandbox: Sandbox) -> None:
    sandbox.fail(after(30))
    async with opened(sandbox, retry=RetryPolicy(backoff_base=1.0)) as ledger:
        await ledger.accounts.get(101)
    assert 30 <= sandbox.requests[1].time - sandbox.requests[0].time <= 31


async def test_a_throttle_that_says_nothing_is_waited_out_by_backing_off(sandbox: Sandbox) -> None:
    sandbox.fail(throttle(), times=3)
    async with opened(sandbox, retry=RetryPolicy(backoff_base=1.0)) as ledger:
        await ledger.accounts.get(101)
    assert 0.5 + 1 + 2 <= sandbox.requests[3].time - sandbox.requests[0].time <= 1 + 2 + 4


async def test_a_throttle_pauses_every_task_of_the_client(sandbox: Sandbox) -> None:
    sandbox.fail(after(30), account_id=101)
    async with opened(sandbox) as ledger:
        throttled = asyncio.create_task(ledger.accounts.get(101))
        await asyncio.sleep(1)
        await asyncio.gather(throttled, ledger.accounts.get(102), ledger.accounts.get(103))
    assert times(sandbox) == [0, 30, 30, 30]


async def test_one_probe_goes_first_after_a_pause() -> None:
    async with Sandbox(ACCOUNTS, latency=1.0) as sandbox:
        sandbox.fail(after(30))
        async with opened(sandbox) as ledger:
            throttled = asyncio.create_task(ledger.accounts.get(101))
            await asyncio.sleep(2)
            await asyncio.gather(
                throttled, *(ledger.accounts.get(each) for each in range(102, 106))
            )
        assert times(sandbox) == [0, 30, 31, 31, 32, 32]


async def test_a_cancelled_probe_proves_nothing(sandbox: Sandbox) -> None:
    sandbox.fail(after(5))
    async with opened(sandbox) as ledger:
        probe = asyncio.create_task(ledger.accounts.get(101))
        await asyncio.sleep(1)
        sandbox.fail(Fault.stall(20), times=EVER)
        behind = [asyncio.create_task(ledger.accounts.get(102)) for _ in range(4)]
        await asyncio.sleep(5)
        probe.cancel()
        await asyncio.sleep(1)
        arrived = times(sandbox)
        await ledger.aclose()
        await asyncio.gather(*behind, return_exceptions=True)
    assert arrived == [0, 5, 6]


async def test_a_probe_that_meets_another_error_has_passed_the_limit() -> None:
    async with Sandbox(ACCOUNTS, latency=1.0) as sandbox:
        sandbox.fail(after(5), account_id=101)
        sandbox.fail(Fault.status(404), account_id=101)
        async with opened(sandbox) as ledger:
            probe = asyncio.create_task(failure(ledger.accounts.get(101)))
            await asyncio.sleep(1)
            await asyncio.gather(probe, *(ledger.accounts.get(each) for each in (102, 103, 104)))
        assert times(sandbox) == [0, 5, 5, 5, 6]


async def test_no_request_is_sent_before_the_reset_when_nothing_remains() -> None:
    limit = RateLimit(5, 60.0)
    async with Sandbox(ACCOUNTS, rate_limit=limit) as sandbox, opened(sandbox) as ledger:
        for account_id in range(101, 117):
            await ledger.accounts.get(account_id)
        assert sandbox.refusals == 0
        assert times(sandbox) == [0] * 5 + [*range(60, 181, 12)]


@pytest.mark.parametrize("reset", ["seconds", "unix"])
@pytest.mark.parametrize("retry_after", ["seconds", "date", None])
@pytest.mark.parametrize("headers", [True, False])
async def test_a_limit_is_kept_to_however_it_is_worded(
    reset: Any, retry_after: Any, *, headers: bool
) -> None:
    limit = RateLimit(10, 10.0, reset=reset, retry_after=retry_after, headers=headers)
    async with (
        Sandbox(ACCOUNTS, rate_limit=limit) as sandbox,
        opened(sandbox, retry=RetryPolicy()) as ledger,
    ):
        await asyncio.gather(*(ledger.accounts.get(each) for each in ACCOUNTS))
        assert now() - sandbox.requests[0].time <= 90
        answered = [request for request in sandbox.requests if request.status == 200]
        assert len(answered) == len(ACCOUNTS)


async def test_waiting_at_the_gate_takes_no_time_of_the_request(sandbox: Sandbox) -> None:
    sandbox.fail(after(60))
    async with opened(sandbox, timeout=5.0) as ledger:
        await ledger.accounts.get(101)
    assert times(sandbox) == [0, 60]


# Waits that are too long


async def test_a_wait_beyond_the_cap_is_an_error_at_once(sandbox: Sandbox) -> None:
    sandbox.fail(after(121), times=EVER)
    async with opened(sandbox) as ledger:
        started = now()
        error = await failure(ledger.accounts.get(101))
        assert (type(error), error.retry_after, error.status) == (RateLimitError, 121, 420)
        assert now() == pytest.approx(started, abs=0.1)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("base", [0.0, 5.0])
async def test_a_wait_of_just_the_cap_is_waited_out(sandbox: Sandbox, base: float) -> None:
    sandbox.fail(after(120))
    async with opened(sandbox, retry=RetryPolicy(max_wait=120.0, backoff_base=base)) as ledger:
        assert (await ledger.accounts.get(101)).id == 101


async def test_those_who_come_next_hear_of_it_without_asking(sandbox: Sandbox) -> None:
    sandbox.fail(after(300))
    async with opened(sandbox) as ledger:
        await failure(ledger.accounts.get(101))
        await asyncio.sleep(100)
        error = await failure(ledger.nfts.page(102, 4))
    assert isinstance(error, RateLimitError)
    assert error.retry_after == pytest.approx(200)
    assert (error.path, error.account_id, error.page) == ("/accounts/102/nfts", 102, 4)
    assert (error.attempts, len(sandbox.requests)) == (0, 1)


async def test_those_who_wait_already_hear_of_it_at_once(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.stall(20), account_id=101)
    sandbox.fail(after(300), account_id=102)
    async with opened(sandbox, max_concurrency=2) as ledger:
        await ledger.accounts.get(103)  # the first request goes alone
        calls = [asyncio.create_task(ledger.accounts.get(each)) for each in (101, 102, 103)]
        started = now()
        error = await failure(calls[2])
        assert isinstance(error, RateLimitError)
        assert now() - started < 1
        await asyncio.gather(*calls, return_exceptions=True)


async def test_the_client_works_again_after_the_reset(sandbox: Sandbox) -> None:
    sandbox.fail(after(300))
    async with opened(sandbox) as ledger:
        await failure(ledger.accounts.get(101))
        await asyncio.sleep(300)
        assert (await ledger.accounts.get(101)).id == 101


# Permits


async def test_no_more_requests_are_in_flight_than_allowed() -> None:
    async with Sandbox(ACCOUNTS, latency=1.0) as sandbox:
        async with opened(sandbox, max_concurrency=4) as ledger:
            await asyncio.gather(*(ledger.accounts.get(each) for each in ACCOUNTS))
        assert sandbox.peak_in_flight == 4
        alone = 1
        assert times(sandbox)[-1] == alone + (len(ACCOUNTS) - alone) // 4


async def test_a_call_that_is_cancelled_gives_its_permit_back(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.stall(999))
    async with opened(sandbox, max_concurrency=1, timeout=9999) as ledger:
        call = asyncio.create_task(ledger.accounts.get(101))
        await asyncio.sleep(1)
        call.cancel()
        assert (await ledger.accounts.get(102)).id == 102
    assert times(sandbox) == [0, 1]


async def test_a_call_whose_decoder_breaks_gives_its_permit_back(sandbox: Sandbox) -> None:
    def broken(body: bytes) -> None:
        raise KeyError("a bug")

    async with opened(sandbox, max_concurrency=1) as ledger:
        for _ in range(2):
            with pytest.raises(KeyError):
                await ledger._runtime.caller.call(Request(path="/accounts/101"), broken)


# Closing


async def test_closing_turns_away_who_comes(ledger: LedgerClient) -> None:
    await ledger.aclose()
    error = await failure(ledger.accounts.get(101))
    assert (type(error), error.message) == (ConfigurationError, "the client is closed")


async def test_closing_turns_away_who_waits(sandbox: Sandbox) -> None:
    sandbox.fail(after(60))
    async with opened(sandbox) as ledger:
        call = asyncio.create_task(ledger.accounts.get(101))
        await asyncio.sleep(1)
        await ledger.aclose()
        started = now()
        assert isinstance(await failure(call), ConfigurationError)
        assert now() == started


async def test_closing_during_a_request_is_an_error_of_ours(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.stall(20))
    async with opened(sandbox) as ledger:
        call = asyncio.create_task(ledger.accounts.get(101))
        await asyncio.sleep(1)
        await ledger.aclose()
        assert isinstance(await failure(call), LedgerError)
    assert len(sandbox.requests) == 1


async def test_closing_while_a_key_is_fetched_sends_nothing_any_more(sandbox: Sandbox) -> None:
    fetched = asyncio.Event()

    async def slow_key() -> str:
        await fetched.wait()
        return sandbox.api_key

    async with opened(
        sandbox, api_key=None, api_user=None, auth=LamAuth("user", slow_key)
    ) as ledger:
        call = asyncio.create_task(ledger.accounts.get(101))
        await asyncio.sleep(1)
        await ledger.aclose()
        fetched.set()
        await failure(call)
    assert sandbox.requests == []


def test_a_client_belongs_to_the_loop_of_its_first_request() -> None:
    transport = transports.transport("http://localhost:1")
    ledger = LedgerClient(api_key="key", retry=RetryPolicy(max_attempts=1), transport=transport)
    for expected in (TransportError, ConfigurationError):
        with asyncio.Runner() as runner:
            error = runner.run(failure(ledger.accounts.get(101)))
            assert type(error) is expected
            if expected is TransportError:
                runner.run(transport.close())
    assert "event loop" in error.message


async def test_a_client_is_entered_once(ledger: LedgerClient) -> None:
    with pytest.raises(ConfigurationError, match="once"):
        await ledger.__aenter__()


async def test_a_closed_client_is_not_entered(sandbox: Sandbox) -> None:
    ledger = LedgerClient(sandbox.url, api_key=sandbox.api_key)
    await ledger.aclose()
    with pytest.raises(ConfigurationError, match="closed"):
        await ledger.__aenter__()


async def test_closing_twice_is_closing(ledger: LedgerClient) -> None:
    await ledger.accounts.get(101)
    await ledger.aclose()
    await ledger.aclose()


# Logs


def fact(caplog: pytest.LogCaptureFixture, name: str) -> list[object]:
    """What each line of the log carries under this name."""
    return [vars(record)[name] for record in caplog.records]


async def test_each_attempt_is_logged_for_those_who_debug(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ledger_async")
    sandbox.fail(Fault.status(503))
    async with opened(sandbox) as ledger:
        await ledger.accounts.get(101)
    assert {(record.name, record.levelname) for record in caplog.records} == {
        ("ledger_async", "DEBUG")
    }
    first, repeat, second = caplog.messages
    assert re.fullmatch(r"GET /accounts/101: 503 in \d+ ms, attempt 1", first)
    assert re.match(r"again in 0\.00 s: .*503", repeat)
    assert re.fullmatch(r"GET /accounts/101: 200 in \d+ ms, attempt 2", second)


async def test_lines_of_the_log_carry_the_account_the_page_and_the_attempt(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "ledger_async")
    async with opened(sandbox) as ledger:
        await ledger.nfts.page(101, 2)
    assert [fact(caplog, name) for name in ("account_id", "page", "attempt")] == [[101], [2], [1]]


async def test_lines_about_waits_carry_their_seconds_and_their_reason(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ledger_async")
    sandbox.fail(after(30))
    sandbox.fail(Fault.status(503), times=2)
    async with opened(sandbox, retry=RetryPolicy(max_attempts=2)) as ledger:
        await ledger.nfts.page(101)
    assert fact(caplog, "reason") == ["rate limit", "outage"]
    assert fact(caplog, "wait")[0] == pytest.approx(30, abs=0.2)
    assert fact(caplog, "account_id") == [101, 101]


async def test_the_log_has_no_query(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ledger_async")
    async with opened(sandbox) as ledger:
        await ledger.accounts.page(name="hush")
    assert caplog.messages
    assert "hush" not in repr([vars(record) for record in caplog.records])


async def test_a_wait_for_the_rate_limit_is_logged_with_its_seconds(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ledger_async")
    sandbox.fail(after(30))
    async with opened(sandbox) as ledger:
        await ledger.accounts.get(101)
    assert caplog.messages == ["rate limit: every request waits 30.0 s"]


async def test_a_call_that_works_logs_nothing_for_those_who_do_not_debug(
    ledger: LedgerClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "ledger_async")
    await ledger.accounts.get(101)
    assert caplog.messages == []


# Between the permit and the sending


async def test_a_token_endpoint_that_throttles_is_asked_once_in_a_pause(sandbox: Sandbox) -> None:
    sandbox.token_lifetime = 10
    auth = BearerAuth(sandbox.workspace, sandbox.api_key_id, sandbox.api_key_secret)
    async with LedgerClient(sandbox.url, auth=auth) as ledger:
        await ledger.accounts.get(101)
        await asyncio.sleep(60)
        sandbox.requests.clear()
        sandbox.fail(after(30), path="/auth/*")
        await asyncio.gather(*(ledger.accounts.get(101) for _ in range(8)))
    asked = [seen.time for seen in sandbox.requests]
    assert asked[1] - asked[0] >= 30


async def test_who_waited_for_a_key_does_not_send_it_into_a_pause(sandbox: Sandbox) -> None:
    fetched: list[str] = []

    async def key() -> str:
        if fetched:
            await asyncio.sleep(5)
        fetched.append(sandbox.api_key)
        return fetched[-1]

    async with LedgerClient(sandbox.url, api_key=key, api_user=sandbox.api_user) as ledger:
        await ledger.accounts.get(101)
        sandbox.rotate_api_key()
        sandbox.fail(Fault.stall(1), account_id=103)
        refused = asyncio.create_task(ledger.accounts.get(102))
        await asyncio.sleep(0.5)
        ledger._runtime.gate.pause(60)
        paused = now()
        await refused
        assert now() - paused >= 60
