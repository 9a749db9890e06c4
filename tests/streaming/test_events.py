"""What a stream tells an observer (`events`), and what its `progress` counts of its requests."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from raw_server import Peer, RawServer, hang_up, reply
from sign_in import bearer_of

from ledger_async import LedgerClient, LedgerError, NodeStream
from ledger_async.events import AccountDone, Event, PageRead
from ledger_async.sandbox import Fault, Sandbox, SeenRequest


@asynccontextmanager
async def opened(
    sandbox: Sandbox, told: list[Event] | None = None, **options: Any
) -> AsyncIterator[LedgerClient]:
    options |= {"api_key": sandbox.api_key, "api_user": sandbox.api_user}
    if told is not None:
        options["observer"] = told.append
    async with LedgerClient(sandbox.url, **options) as ledger:
        yield ledger


async def read(stream: NodeStream[Any]) -> int:
    return len([node async for node in stream])


def pages(told: list[Event]) -> list[PageRead]:
    return [each for each in told if isinstance(each, PageRead)]


def done(told: list[Event]) -> list[AccountDone]:
    return [each for each in told if isinstance(each, AccountDone)]


# Events


async def test_pages_are_told_with_their_new_nodes_and_a_closing_check_has_none() -> None:
    told: list[Event] = []
    async with Sandbox({101: 3000}) as sandbox, opened(sandbox, told) as ledger:
        await read(ledger.nfts.stream(101))
    assert sum(each.nodes for each in pages(told)) == 3000
    assert len(pages(told)) == len(sandbox.requests)
    assert pages(told)[-1] == PageRead(101, 1, 0, 0)


async def test_repeats_are_told_with_the_page_that_brought_them(sandbox: Sandbox) -> None:
    told: list[Event] = []

    @sandbox.on_request
    def insert(seen: SeenRequest) -> None:
        if seen.page == 2:
            sandbox.add_nfts(101, 5)

    async with opened(sandbox, told, max_concurrency=1) as ledger:
        stream = ledger.nfts.stream(101)
        await read(stream)
    dropped = stream.reports[101].duplicates_dropped
    assert dropped > 0
    assert sum(each.repeats for each in pages(told)) == dropped


async def test_each_account_ends_with_one_event_and_its_report(sandbox: Sandbox) -> None:
    told: list[Event] = []
    async with opened(sandbox, told) as ledger:
        stream = ledger.nfts.stream_accounts([101, 102, 103])
        await read(stream)
    assert {each.account_id: each.report for each in done(told)} == stream.reports
    assert len(done(told)) == 3
    assert {each.report.status for each in done(told)} == {"exact"}


@pytest.mark.parametrize("on_error", ["skip", "raise"])
async def test_an_account_that_fails_is_done_with_its_error(
    on_error: Any, sandbox: Sandbox
) -> None:
    told: list[Event] = []
    async with opened(sandbox, told) as ledger:
        with suppress(LedgerError):
            await read(ledger.nfts.stream_accounts([999], on_error=on_error))
    (event,) = done(told)
    assert event.report.error is not None
    assert event.report.error.status == 404


# Progress


async def test_progress_counts_what_its_own_requests_met(sandbox: Sandbox) -> None:
    async with opened(sandbox) as ledger:
        await ledger.accounts.get(101)
        sandbox.fail(Fault.status(420))
        sandbox.fail(Fault.status(503))
        stream = ledger.nfts.stream(101)
        await read(stream)
        await ledger.accounts.get(101)
    progress = stream.progress
    assert progress.attempts == len(sandbox.requests) - 2
    assert (progress.retries, progress.throttles, progress.resends) == (2, 1, 0)


async def test_what_the_credentials_ask_for_is_no_attempt_of_the_stream(
    sandbox: Sandbox,
) -> None:
    sandbox.fail(Fault.status(420), path="*token*")
    async with LedgerClient(sandbox.url, auth=bearer_of(sandbox)) as ledger:
        stream = ledger.nfts.stream(103)
        await read(stream)
    progress = stream.progress
    assert (progress.attempts, progress.retries, progress.throttles) == (1, 0, 0)


async def test_a_page_that_was_cut_off_counts_as_a_retry(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(200, body=b'{"edges": ['))
    async with opened(sandbox) as ledger:
        stream = ledger.nfts.stream(103)
        await read(stream)
    assert (stream.progress.attempts, stream.progress.retries) == (2, 1)


async def test_a_request_that_was_sent_twice_counts_as_a_resend() -> None:
    page = reply(b'{"edges": [], "page_info": {"count": 0, "has_next_page": false}}')
    answers = iter([page, None, page])

    async def play(peer: Peer) -> None:
        answer = next(answers)
        await (hang_up(peer) if answer is None else peer.send(answer))

    async with (
        RawServer(play) as server,
        LedgerClient(server.url, api_key="key", api_user="user") as ledger,
    ):
        await ledger.nfts.page(101)
        stream = ledger.nfts.stream(101)
        await read(stream)
    assert (stream.progress.attempts, stream.progress.resends) == (1, 1)


async def test_streams_side_by_side_count_each_for_itself(sandbox: Sandbox) -> None:
    async with opened(sandbox) as ledger:
        long, short = ledger.nfts.stream(101), ledger.nfts.stream(103)
        await asyncio.gather(read(long), read(short))
    assert short.progress.attempts == 1
    assert long.progress.attempts == len(sandbox.requests) - 1


# Log


async def test_an_account_that_is_left_out_is_a_warning_with_its_facts(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(sandbox) as ledger:
        await read(ledger.nfts.stream_accounts([999], on_error="skip"))
    (record,) = caplog.records
    facts = vars(record)
    assert record.levelno == logging.WARNING
    assert (facts["account_id"], facts["page"], facts["attempt"]) == (999, 1, 1)


@pytest.mark.parametrize("ordered", [False, True])
async def test_an_observer_that_stops_the_stream_leaves_each_account_one_report(
    sandbox: Sandbox, *, ordered: bool
) -> None:
    def stop_at_the_first_page(event: Event) -> None:
        if isinstance(event, PageRead):
            stream.stop()

    async with LedgerClient(
        sandbox.url,
        api_key=sandbox.api_key,
        api_user=sandbox.api_user,
        observer=stop_at_the_first_page,
    ) as ledger:
        stream = ledger.nfts.stream_accounts([101, 103], page_size=5, ordered=ordered)
        batches = [batch async for batch in stream.batches()]
    ends = [batch.account_id for batch in batches if batch.report is not None]
    assert len(ends) == len(set(ends))
    for account_id in ends:
        own = [batch.report for batch in batches if batch.account_id == account_id]
        assert own[-1] is not None
