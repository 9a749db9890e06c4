"""The governor as a whole: clients against a server, hours long, on a clock that jumps."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from random import Random
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from governor_simulation import (
    OK,
    UNAVAILABLE,
    Server,
    Trouble,
    crawl,
    during,
    now,
    pages,
    refused_connection,
    simulate,
    spend,
)
from rich.console import Console

from ledger_async._caller import Caller
from ledger_async._governor.gate import Gate
from ledger_async._protocol.messages import Request, Response
from ledger_async._streaming.progress import Progress
from ledger_async.cli.display import Meter
from ledger_async.errors import LedgerError, RateLimitError, ServerError, TransportError
from ledger_async.sandbox import RateLimit

HOUR = 3600.0


def get(path: str = "/accounts") -> Request:
    return Request(path=path)


async def ask(api: Caller, request: Request | None = None) -> bytes:
    return await api.call(request or get(), bytes)


async def failure(api: Caller, request: Request | None = None) -> LedgerError:
    with pytest.raises(LedgerError) as caught:
        await ask(api, request)
    return caught.value


def late(times: list[float], after: float) -> list[float]:
    return [time for time in times if time > after]


# The rate limit


@pytest.mark.parametrize("latency", [0.003, 0.03])
def test_a_client_alone_spends_the_limit_and_is_not_refused(latency: float) -> None:
    async def main() -> None:
        server = Server(RateLimit(100, 1.0), latency)
        await crawl(server.client(), pages(2000))
        assert len(server.served) / now() >= 97
        assert server.refused == []

    simulate(main())


@pytest.mark.parametrize("stagger", [0.0, 0.37, 0.8])
def test_two_clients_with_one_key_spend_the_limit_together(stagger: float) -> None:
    async def main() -> None:
        server = Server(RateLimit(100, 1.0), latency=0.003)
        left = asyncio.create_task(crawl(server.client(), pages(3000)))
        await asyncio.sleep(stagger)
        right = asyncio.create_task(crawl(server.client(), pages(3000)))
        await asyncio.sleep(12 - stagger)
        asked, refused = len(late(server.asked, 2)), len(late(server.refused, 2))
        assert asked - refused >= 0.95 * 100 * 10
        assert refused <= 0.03 * asked
        left.cancel()
        right.cancel()

    simulate(main())


def test_a_client_that_comes_later_is_not_starved() -> None:
    async def main() -> None:
        server = Server(RateLimit(100, 1.0), latency=0.003)
        crowd = asyncio.create_task(crawl(server.client(), pages(3000)))
        await asyncio.sleep(5.3)
        newcomer, start = server.client(), now()
        for _ in range(20):
            await ask(newcomer, get("/newcomer"))
        assert now() - start < 10
        crowd.cancel()

    simulate(main())


WORDINGS: dict[str, dict[str, Any]] = {
    "fractions of seconds": {"fractional": True},
    "whole seconds": {},
    "whole Unix seconds": {"reset": "unix"},
    "no headers": {"headers": False},
}


# What is used at least and refused at most, in per cent, of 100 requests a second, by 64 slots.
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("wording", "far_server", "far_way"),
    [
        ("fractions of seconds", (95, 0), (89, 0.5)),
        ("whole seconds", (92, 0), (84, 0.5)),
        ("whole Unix seconds", (92, 0), (80, 0.5)),
        ("no headers", (90, 1.5), (90, 3)),
    ],
)
def test_the_limit_is_spent_though_answers_take_long(
    wording: str, far_server: tuple[float, float], far_way: tuple[float, float], seed: int
) -> None:
    async def main(bars: tuple[float, float], **delay: float) -> None:
        server = Server(RateLimit(100, **WORDINGS[wording]), **delay, seed=seed)  # type: ignore[arg-type]  # floats only
        await spend(server, clients=1, slots=64, end=22)
        used, refused = server.use(2, 22)
        assert (used >= bars[0], refused <= bars[1]) == (True, True), (used, refused)

    simulate(main(far_server, latency=0.002, work=0.3))
    simulate(main(far_way, latency=0.3))  # of which each way takes 60 to 240 ms


@pytest.mark.parametrize("wording", WORDINGS)
@pytest.mark.parametrize("clients", [2, 4])
def test_clients_far_away_spend_the_limit_together(wording: str, clients: int) -> None:
    async def main() -> None:
        server = Server(RateLimit(100, **WORDINGS[wording]), latency=0.002, work=0.3)
        await spend(server, clients=clients, slots=64, end=22)
        used, refused = server.use(2, 22)
        assert (used >= 90, refused <= 3) == (True, True), (used, refused)

    simulate(main())


@pytest.mark.parametrize(
    ("limit", "latency", "least", "most"),
    [
        (RateLimit(5), 0.005, 95, 0),
        (RateLimit(5, headers=False), 0.005, 85, 20),
        (RateLimit(20), 0.1, 85, 0.5),
        (RateLimit(20, headers=False), 0.1, 90, 5),
        (RateLimit(500, fractional=True), 0.1, 95, 0),
        (RateLimit(500, headers=False), 0.1, 90, 2),
        (RateLimit(600, 60.0), 1.0, 97, 0),
        (RateLimit(600, 60.0, reset="unix"), 1.0, 97, 0),
        (RateLimit(60, 60.0), 0.005, 97, 0),
        (RateLimit(60, 60.0, headers=False), 0.005, 85, 25),
    ],
    ids=str,
)
def test_limits_of_any_size_are_spent(
    limit: RateLimit, latency: float, least: float, most: float
) -> None:
    async def main() -> None:
        server = Server(limit, latency)
        start, end = 2 * limit.seconds, 22 * limit.seconds
        await spend(server, clients=1, slots=64, end=end)
        used, refused = server.use(start, end)
        assert (used >= least, refused <= most) == (True, True), (used, refused)

    simulate(main())


LIMITS = {
    "with all headers": {},
    "in Unix time": {"reset": "unix"},
    "without Retry-After": {"retry_after": None},
    "with a date": {"retry_after": "date"},
    "without any header": {"headers": False},
}


@pytest.mark.parametrize("wording", LIMITS.values(), ids=LIMITS)
def test_hours_at_the_limit_deliver_everything(wording: Any) -> None:
    async def main() -> None:
        server = Server(RateLimit(60, 60.0, **wording))
        assert await crawl(server.client(), pages(180)) == {}
        assert now() <= 3.1 * 60
        assert len(late(server.refused, 1)) <= 0.2 * len(server.asked)

    simulate(main())


def only_retry_after(headers: dict[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in headers.items() if "RateLimit" not in name}


def test_an_hour_of_throttling_with_retry_after_alone() -> None:
    async def main() -> None:
        server = Server(RateLimit(30, 60.0), headers=only_retry_after)
        assert await crawl(server.client(), pages(1800)) == {}
        assert 59 * 60 <= now() <= 61 * 60
        assert len(server.refused) <= 0.2 * len(server.asked)

    simulate(main())


# What headers claim, against a server that limits nothing.
LIES: dict[str, dict[str, str]] = {
    "nothing remains, for an hour": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "3600"},
    "nothing remains, for ever": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 15},
    "as much as ever": {"X-RateLimit-Remaining": "5", "X-RateLimit-Reset": "60"},
    "a limit of nothing": {
        "X-RateLimit-Limit": "0",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "0",
    },
    "NaN": {"X-RateLimit-Remaining": "nan", "X-RateLimit-Reset": "nan"},
    "less than nothing": {"X-RateLimit-Remaining": "-1", "X-RateLimit-Reset": "-60"},
    "digits of another script": {
        "X-RateLimit-Remaining": "\u0660",
        "X-RateLimit-Reset": "\u0669\u0669",
    },
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_headers_that_lie_do_not_stop_progress(lie: dict[str, str]) -> None:
    async def main() -> None:
        server = Server(headers=lambda headers: {**headers, **lie})
        assert await crawl(server.client(), pages(300)) == {}
        assert now() < 20

    simulate(main())


def test_one_quota_that_lies_is_believed_for_the_longest_wait_at_most() -> None:
    lie = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 15}

    async def main() -> None:
        server = Server(headers=lambda headers: lie if len(server.asked) == 1 else headers)
        assert await crawl(server.client(max_wait=60), pages(20_000)) == {}
        assert now() < 60 + 15

    simulate(main())


@pytest.mark.parametrize("value", ["", "-1", "nan", "\u0663", "inf", "soon"])
def test_a_retry_after_without_sense_is_as_good_as_none(value: str) -> None:
    throttled = Response(420, {"Retry-After": value}, b"")

    async def main() -> None:
        server = Server(trouble=during(1, 2, lambda: throttled))
        assert await crawl(server.client(), pages(3000)) == {}
        assert now() < 10

    simulate(main())


def test_a_retry_after_of_an_hour_is_an_error_at_once_for_all() -> None:
    throttled = Response(420, {"Retry-After": "3600"}, b"")

    async def main() -> None:
        server = Server(trouble=during(1, HOUR, lambda: throttled))
        errors = await crawl(server.client(), pages(3000))
        assert {type(error) for error in errors.values()} == {RateLimitError}
        assert {round(error.retry_after or 0) for error in errors.values()} == {3600}
        assert (now() < 1.1, len(late(server.asked, 1)) <= 16) == (True, True)

    simulate(main())


NONSENSE: dict[str, tuple[dict[str, str], float]] = {
    "Unix time": ({"Retry-After": "1795878000"}, 1795878000),
    "milliseconds": ({"Retry-After": "60000"}, 60000),
    "the year 9999": (
        {"Date": "Thu, 01 Jan 2026 00:00:00 GMT", "Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"},
        251635075199,
    ),
    "as many digits as fit": ({"Retry-After": "9" * 19}, 1e19),
    "a reset in seconds": ({"X-RateLimit-Reset": "999999999"}, 999999999),
    "a reset in the year 2100": (
        {"Date": "Thu, 01 Jan 2026 00:00:00 GMT", "X-RateLimit-Reset": "4102444800"},
        2335219200,
    ),
}


@pytest.mark.parametrize("nth", [1, 50])
@pytest.mark.parametrize(("headers", "asked"), NONSENSE.values(), ids=NONSENSE)
def test_one_throttle_that_asks_for_nonsense_is_over_after_the_longest_wait(
    headers: dict[str, str], asked: float, nth: int
) -> None:
    throttled = Response(420, headers, b"")

    async def main() -> None:
        server = Server(trouble=lambda *_: throttled if len(server.asked) == nth else None)
        api = server.client(max_wait=60)
        errors = await crawl(api, pages(1000))
        for error in errors.values():
            assert error.retry_after == pytest.approx(asked, abs=1)
        assert (len(errors) >= 1000 - nth - 32, len(server.asked) <= nth + 32) == (True, True)
        assert now() < 1
        await asyncio.sleep(60)
        assert await crawl(api, pages(1000)) == {}
        assert now() < 75

    simulate(main())


def test_a_server_that_means_hours_is_asked_once_in_the_longest_wait() -> None:
    async def main() -> None:
        start = 1.0

        def trouble(_: Request, at: float) -> Response | None:
            left = start + HOUR - at
            return Response(420, {"Retry-After": f"{left:.0f}"}, b"") if left > 0 else None

        server = Server(trouble=trouble)
        api = server.client(max_wait=60)
        while now() < HOUR - 60:
            assert isinstance(await failure(api), RateLimitError)
            await asyncio.sleep(1)
        assert len(server.asked) <= HOUR / 60
        await asyncio.sleep(61)
        assert await ask(api) == OK.body

    simulate(main())


def test_a_storm_over_all_slots_is_one_decrease() -> None:
    throttled = Response(420, {"Retry-After": "5"}, b"")

    async def main() -> None:
        server = Server(trouble=during(1, 1.05, lambda: throttled), latency=0.1)
        api = server.client()
        reading = asyncio.create_task(crawl(api, pages(10_000)))
        await asyncio.sleep(5)
        assert len(late(server.asked, 1)) >= 10
        await asyncio.sleep(2)
        probe, *others = late(server.asked, 5)
        assert probe >= 6
        assert min(others) - probe >= 0.04  # its answer comes first
        assert len(late(server.asked, 6)) >= 40  # it goes on at a pace that is not slow
        await asyncio.sleep(30)
        assert len(late(server.asked, 36)) / (now() - 36) >= 120  # and is soon what it was
        reading.cancel()

    simulate(main())


# Outages

KINDS = {"503": lambda: UNAVAILABLE, "refused connections": refused_connection}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_a_minute_without_server_costs_few_requests_and_no_page(kind: Any, seed: int) -> None:
    async def main() -> None:
        server = Server(trouble=during(1, 61, kind), seed=seed)
        api = server.client()
        assert await crawl(api, pages(2000)) == {}
        assert len(server.served) == 2000
        assert sum(1 <= time < 61 for time in server.asked) <= 100
        assert now() < 61 + 20 + 5
        assert api.gate.concurrency == 16

    simulate(main())


def test_a_server_that_always_stumbles_is_probed_as_well() -> None:
    async def main() -> None:
        server = Server(trouble=during(1, 61, lambda: Response(500, {}, b"")))
        assert await crawl(server.client(), pages(2000)) == {}
        assert sum(1 <= time < 61 for time in server.asked) <= 100

    simulate(main())


def test_answers_to_what_was_taken_on_before_do_not_hide_an_outage() -> None:
    slow = iter(range(3))

    def trouble(request: Request, at: float) -> Response | LedgerError | None:
        return refused_connection() if 1 <= at < 61 else None

    class Draining(Server):
        async def answer(self, request: Request) -> Response:
            answer = await super().answer(request)
            if now() < 1 and next(slow, None) is not None:
                await asyncio.sleep(5)
            return answer

    async def main() -> None:
        server = Draining(trouble=trouble)
        assert await crawl(server.client(), pages(2000)) == {}
        assert sum(1 <= time < 61 for time in server.asked) <= 100

    simulate(main())


def test_an_outage_beyond_its_bound_is_an_error_for_all_who_wait() -> None:
    async def main() -> None:
        server = Server(trouble=during(1, HOUR, lambda: UNAVAILABLE))
        api = server.client(max_outage=60)
        await crawl(api, pages(100))
        await asyncio.sleep(1)
        errors = await crawl(api, pages(16, "/lost"))
        assert len(errors) == 16
        assert now() == pytest.approx(61, abs=2)
        for path, error in errors.items():
            assert isinstance(error, ServerError)
            assert (error.status, error.path) == (503, path)
            assert error.outage == pytest.approx(60, abs=1)
            assert error.attempts is not None
        assert sum(error.attempts or 0 for error in errors.values()) == len(late(server.asked, 1))

    simulate(main())


def test_who_comes_after_a_hopeless_outage_hears_of_it_and_asks_again_later() -> None:
    async def main() -> None:
        server = Server(trouble=during(1, 1000, lambda: UNAVAILABLE))
        api = server.client(max_outage=60)
        await ask(api)
        await asyncio.sleep(1)
        await failure(api)
        asked, start = len(server.asked), now()
        error = await failure(api)
        assert error.outage == pytest.approx(60, abs=1)
        assert (len(server.asked), now()) == (asked, start)
        await asyncio.sleep(1000)
        assert await ask(api) == OK.body

    simulate(main())


def test_an_outage_is_told_once_to_those_who_watch_for_warnings(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        api = Server(trouble=during(1, 100, refused_connection)).client()
        await ask(api)
        await asyncio.sleep(1)
        await ask(api)

    simulate(main())
    (record,) = caplog.records
    assert (record.levelname, "outage: every request waits" in record.message) == ("WARNING", True)


def test_a_call_alone_probes_too() -> None:
    async def main() -> None:
        server = Server(trouble=during(1, 100, refused_connection))
        api = server.client()
        await ask(api)
        await asyncio.sleep(1)
        assert await ask(api) == OK.body
        assert len(server.asked) <= 30

    simulate(main())


def test_a_server_that_never_was_there_costs_all_calls_together_the_attempts_of_one() -> None:
    async def main() -> None:
        server = Server(trouble=during(0, HOUR, refused_connection))
        errors = await crawl(server.client(), pages(16))
        assert len(errors) == 16
        assert {type(error) for error in errors.values()} == {TransportError}
        assert all(error.outage is not None for error in errors.values())
        assert len(server.asked) == 5

    simulate(main())


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_that_cannot_answer_from_the_first_request_on_is_sat_out(status: int) -> None:
    async def main() -> None:
        server = Server(trouble=during(0, 200, lambda: Response(status, {}, b"")))
        assert await crawl(server.client(), pages(100)) == {}
        assert sum(time < 200 for time in server.asked) <= 100

    simulate(main())


def test_a_server_that_never_can_answer_is_given_up_after_the_longest_outage() -> None:
    async def main() -> None:
        server = Server(trouble=during(0, HOUR, lambda: UNAVAILABLE))
        errors = await crawl(server.client(), pages(16))
        assert {error.status for error in errors.values()} == {503}
        assert {round(error.outage or 0, -1) for error in errors.values()} == {300}
        assert len(server.asked) <= 100

    simulate(main())


def test_a_server_that_was_not_there_is_looked_for_anew_by_the_next_call() -> None:
    async def main() -> None:
        server = Server(trouble=during(0, 10, refused_connection))
        api = server.client()
        await failure(api)
        await asyncio.sleep(10 - now())
        assert (await ask(api), len(server.asked)) == (OK.body, 6)

    simulate(main())


def test_a_call_that_is_cancelled_gives_its_tokens_back() -> None:
    async def main() -> None:
        server = Server(trouble=during(1, HOUR, lambda: Response(500, {}, b"")))
        api = server.client()
        await ask(api)
        await asyncio.sleep(1)
        for _ in range(12):
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1):
                    await ask(api)
        with pytest.raises(ServerError) as caught:
            await ask(api)
        assert (caught.value.attempts, caught.value.outage) == (5, None)

    simulate(main())


@pytest.mark.parametrize("status", [500, 503])
def test_a_request_that_always_fails_among_healthy_ones_ends_after_the_attempts(
    status: int,
) -> None:
    def poison(request: Request, _: float) -> Response | None:
        return Response(status, {}, b"") if request.path == "/pages/100" else None

    async def main() -> None:
        server = Server(trouble=poison)
        errors = await crawl(server.client(), pages(2000))
        assert [(path, error.attempts) for path, error in errors.items()] == [("/pages/100", 5)]
        assert len(server.asked) == 1999 + 5

    simulate(main())


def test_many_requests_that_always_fail_end_one_by_one() -> None:
    def poison(request: Request, _: float) -> Response | None:
        return Response(500, {}, b"") if request.path.endswith(("33", "77")) else None

    async def main() -> None:
        api = Server(trouble=poison).client()
        errors = await crawl(api, pages(2000))
        assert {error.attempts for error in errors.values()} == {5}
        assert len(errors) == 40
        assert api.gate.concurrency >= 14

    simulate(main())


def test_a_service_unavailable_may_say_how_long() -> None:
    away = Response(503, {"Retry-After": "30"}, b"")

    async def main() -> None:
        server = Server(trouble=during(1, 60, lambda: away))
        assert await crawl(server.client(), pages(3000)) == {}
        assert sum(1 <= time < 60 for time in server.asked) <= 40

    simulate(main())


# Failures at random


@pytest.mark.parametrize("seed", range(3))
def test_a_tenth_of_failures_costs_a_tenth_of_requests(seed: int) -> None:
    random = Random(seed)

    def sometimes(_: Request, __: float) -> Response | None:
        return Response(500, {}, b"") if random.random() < 0.1 else None

    async def main() -> None:
        server = Server(trouble=sometimes, latency=0.1)
        api = server.client(max_attempts=9)
        assert await crawl(api, pages(2000)) == {}
        assert len(server.asked) <= 1.15 * 2000
        assert api.gate.concurrency >= 10

    simulate(main())


# Deadlines


def throttled_for(seconds: float) -> Trouble:
    return during(0, seconds, lambda: Response(420, {"Retry-After": f"{seconds:.0f}"}, b""))


def test_a_deadline_before_the_end_of_a_pause_is_an_error_at_once() -> None:
    async def main() -> None:
        api = Server(trouble=throttled_for(60)).client()
        with anyio.fail_after(30):
            error = await failure(api)
            assert (error.status, error.retry_after) == (420, 60)
            assert (await failure(api)).retry_after == pytest.approx(60, abs=1)
        assert now() < 1

    simulate(main())


def test_a_deadline_behind_the_end_of_a_pause_is_none() -> None:
    async def main() -> None:
        with anyio.fail_after(90):
            await ask(Server(trouble=throttled_for(60)).client())
        assert now() >= 60

    simulate(main())


def test_a_deadline_before_the_end_of_a_backoff_is_the_failure_at_once() -> None:
    away = Response(503, {"Retry-After": "60"}, b"")

    async def main() -> None:
        with anyio.fail_after(30):
            error = await failure(Server(trouble=during(0, 60, lambda: away)).client())
        assert (error.status, error.attempts, now() < 1) == (503, 1, True)

    simulate(main())


# What may be sent twice


@pytest.mark.parametrize(
    ("trouble", "attempts"),
    [
        (lambda: UNAVAILABLE, 1),
        (lambda: TransportError("the answer was cut off"), 1),
        (refused_connection, 2),
        (lambda: Response(420, {}, b""), 2),
    ],
)
@pytest.mark.parametrize("repeatable", [True, None])
def test_a_post_is_repeated_only_where_that_does_nothing_twice(
    trouble: Any, attempts: int, *, repeatable: bool | None
) -> None:
    numbers = count(1)

    async def main() -> None:
        server = Server(trouble=lambda _, __: trouble() if next(numbers) == 1 else None)
        request = Request(method="POST", path="/requests", repeatable=repeatable)
        if attempts == 1 and repeatable is None:
            assert (await failure(server.client(), request)).attempts == 1
        else:
            await ask(server.client(), request)
            assert len(server.asked) == 2

    simulate(main())


# What progress tells


def test_progress_says_how_many_at_once_and_why() -> None:
    async def main() -> None:
        server = Server(trouble=during(1, 1.05, lambda: Response(420, {"Retry-After": "5"}, b"")))
        api = server.client()
        progress = Progress(api.gate, 1)
        reading = asyncio.create_task(crawl(api, pages(5000)))
        await asyncio.sleep(0.9)
        assert (progress.concurrency, progress.concurrency_reason) == (16, "")
        assert "concurrency" not in repr(progress)
        await asyncio.sleep(3)
        assert repr(progress).endswith("concurrency=1 (probing))")
        for _ in range(5000):
            if progress.concurrency_reason != "probing":
                break
            await asyncio.sleep(0.001)
        assert (progress.concurrency, progress.concurrency_reason) == (16, "")
        progress.stop()
        await reading
        assert (progress.concurrency, progress.concurrency_reason) == (16, "")

    simulate(main())


def test_the_display_says_how_many_at_once_and_why() -> None:
    async def main() -> None:
        gate = Gate(16)
        stream: Any = SimpleNamespace(progress=Progress(gate, 1), reports={})
        console = Console(file=io.StringIO(), width=80)
        gate.suspend(5, ServerError("503", status=503))
        with console.capture() as captured:
            console.print(Meter("NFT", stream))
        assert captured.get().split()[-6:] == ["slower:", "probing,", "1", "request", "at", "once"]

    simulate(main())


# Cancellation


def test_a_cancelled_probe_lets_the_next_one_probe() -> None:
    async def main() -> None:
        server = Server(trouble=during(1, 61, lambda: UNAVAILABLE), latency=1.0)
        api = server.client()
        await ask(api)
        calls = [asyncio.create_task(ask(api)) for _ in range(8)]
        for call in calls[:-1]:
            await asyncio.sleep(5)
            call.cancel()
        assert await calls[-1] == OK.body
        await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.gather(*(ask(api) for _ in range(100)))

    simulate(main())


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_cancelled_no_permit_is_lost(seed: int) -> None:
    random = Random(seed)

    def trouble(_: Request, at: float) -> Response | LedgerError | None:
        if at > 100:
            return None
        answers = (None, UNAVAILABLE, Response(420, {"Retry-After": "2"}, b""))
        return random.choice((*answers, refused_connection()))

    async def main() -> None:
        api = Server(trouble=trouble).client(permits=4)
        calls = [asyncio.create_task(ask(api)) for _ in range(50)]
        while now() < 100:
            await asyncio.sleep(random.uniform(0, 3))
            calls.append(asyncio.create_task(ask(api)))
            random.choice(calls).cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await asyncio.gather(*(ask(api) for _ in range(200)))
        assert (api.gate.concurrency, api.gate._permits.given) == (4, 0)

    simulate(main())
