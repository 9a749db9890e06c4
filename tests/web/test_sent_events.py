"""`sent_events`: nodes, progress and the end of a stream, for a browser."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from ledger_async import ConfigurationError, LedgerClient, NodeStream, json
from ledger_async.sandbox import Fault, Sandbox
from ledger_async.web import ndjson
from ledger_async.web.sent_events import events

Event = tuple[str, Any]


def parsed(chunk: bytes) -> Event:
    """The name and the data of the one event that a chunk is, by the rules of browsers."""
    assert chunk.endswith(b"\n\n")
    fields = [line.split(": ", 1) for line in chunk.decode().strip("\n").split("\n")]
    assert [name for name, _ in fields] == ["id", "event", "data"]
    return fields[1][1], json.decode(fields[2][1])


async def sent(stream: NodeStream[Any], every: float = 0.5) -> list[Event]:
    return [parsed(chunk) async for chunk in events(stream, every)]


def named(name: str, sent: list[Event]) -> list[Any]:
    return [data for each, data in sent if each == name]


async def test_the_nodes_are_those_of_ndjson(ledger: LedgerClient) -> None:
    pages = named("nodes", await sent(ledger.nfts.stream_accounts([101, 103], ordered=True)))
    chunks = [
        chunk async for chunk in ndjson(ledger.nfts.stream_accounts([101, 103], ordered=True))
    ]
    assert pages == [[json.decode(line) for line in chunk.splitlines()] for chunk in chunks]


async def test_the_first_event_is_the_progress_before_anything_came(ledger: LedgerClient) -> None:
    name, figures = (await sent(ledger.nfts.stream(101)))[0]
    assert name == "progress"
    assert (figures["accounts_known"], figures["pages"], figures["nodes"]) == (1, 0, 0)


async def test_the_last_event_is_done_with_what_is_proven(ledger: LedgerClient) -> None:
    name, end = (await sent(ledger.nfts.stream_accounts([101, 103])))[-1]
    assert name == "done"
    assert end["progress"]["nodes"] == 257
    assert {key: each["status"] for key, each in end["reports"].items()} == {
        "101": "exact",
        "103": "exact",
    }


async def test_a_listing_of_no_account_has_its_report_under_null(ledger: LedgerClient) -> None:
    name, end = (await sent(ledger.accounts.stream()))[-1]
    assert name == "done"
    assert {key: each["status"] for key, each in end["reports"].items()} == {"null": "exact"}


async def test_progress_is_told_every_so_many_seconds_though_nothing_comes(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.stall(20))
    told = await sent(ledger.nfts.stream(103), every=2)
    before = [name for name, _ in told].index("nodes")
    assert 10 <= before <= 12
    assert {name for name, _ in told[:before]} == {"progress"}


async def test_progress_says_how_long_the_rate_limit_holds_requests_back(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.status(429, headers={"Retry-After": "30"}))
    waits = [each["wait_left"] for each in named("progress", await sent(ledger.nfts.stream(103)))]
    assert 25 < max(waits) <= 30
    assert waits[-1] < 1


async def test_an_error_is_the_last_event(ledger: LedgerClient, sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(404), after=1, times=9)
    told = await sent(ledger.nfts.stream(101))
    assert told[-1][0] == "failed"
    assert told[-1][1]["type"] == "NotFoundError"
    assert not named("done", told)


async def test_an_error_of_the_first_page_is_an_event_too(ledger: LedgerClient) -> None:
    assert [name for name, _ in await sent(ledger.nfts.stream(999))] == ["progress", "failed"]


async def test_the_failure_of_an_account_that_is_left_out_is_in_its_report(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    stream = ledger.nfts.stream_accounts([101, 999], on_error="skip")
    _, end = (await sent(stream))[-1]
    assert end["reports"]["999"]["error"]["type"] == "NotFoundError"


async def test_the_ids_count_the_events(ledger: LedgerClient) -> None:
    chunks = [chunk async for chunk in events(ledger.nfts.stream(101))]
    ids = [int(chunk.split(b"\n")[0].removeprefix(b"id: ")) for chunk in chunks]
    assert ids == list(range(1, len(chunks) + 1))


async def test_line_breaks_in_names_break_no_event(ledger: LedgerClient, sandbox: Sandbox) -> None:
    name = "a\n\nevent: done\r\ndata: {}\u2028\n\n"

    @sandbox.rewrite
    def named_badly(_request: object, page: dict[str, Any]) -> dict[str, Any]:
        for edge in page["edges"]:
            edge["node"]["token_type"] = name
        return page

    (nodes,) = named("nodes", await sent(ledger.nfts.stream(103)))
    assert {each["token_type"] for each in nodes} == {name}


async def test_closing_the_events_closes_the_stream(ledger: LedgerClient, sandbox: Sandbox) -> None:
    before = asyncio.all_tasks()
    sandbox.fail(Fault.stall(1000))
    async with aclosing(events(ledger.nfts.stream(101))) as chunks:
        for _ in range(3):
            assert parsed(await anext(chunks))[0] == "progress"
    assert not ledger._runtime.live.streams
    await asyncio.sleep(1)  # for the sandbox to see it
    assert asyncio.all_tasks() <= before


async def test_cancelling_who_reads_the_events_closes_the_stream(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.stall(1000), after=1)
    reader = asyncio.create_task(sent(ledger.nfts.stream(101)))
    await asyncio.sleep(10)
    reader.cancel()
    await asyncio.wait([reader])
    assert reader.cancelled()
    assert not ledger._runtime.live.streams


@pytest.mark.parametrize("every", [0, -1, 16, float("nan"), "1", True, None])
async def test_a_time_that_proxies_would_not_wait_is_refused_at_once(
    every: float, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="every"):
        events(ledger.nfts.stream(101), every)
