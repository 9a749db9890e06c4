"""Streams in batches: the nodes of the pairs, one report for each account, and the same safety."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import aclosing
from random import Random
from typing import Any

import pytest
import transports

from ledger_async import (
    AccountReport,
    Batch,
    ConfigurationError,
    LedgerClient,
    LedgerError,
    NodeStream,
    PermissionDeniedError,
    StreamClosedError,
)
from ledger_async.sandbox import Fault, Sandbox, SeenRequest

ACCOUNTS = {101: 60, 102: 0, 103: 12, 104: 30}

every_order = pytest.mark.parametrize("ordered", [False, True])


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(ACCOUNTS, latency=1.0) as workspace:
        yield workspace


def opened(ledger: LedgerClient, **options: Any) -> NodeStream[Any]:
    return ledger.nfts.stream_accounts(ACCOUNTS, page_size=5, **options)


async def every_batch(stream: NodeStream[Any]) -> list[Batch[Any]]:
    return [batch async for batch in stream.batches()]


def keys_of(batches: list[Batch[Any]], account_id: int | None) -> list[tuple[str, str]]:
    """The identities of an account's nodes, in the order in which they came."""
    return [
        (nft.contract_address, nft.token_id)
        for batch in batches
        if batch.account_id == account_id
        for nft in batch.nodes
    ]


def check_the_reports(stream: NodeStream[Any], batches: list[Batch[Any]]) -> None:
    """Each account has its report in its last batch, and in no other."""
    last = {batch.account_id: batch for batch in batches}
    assert last.keys() == stream.reports.keys()
    assert [batch for batch in batches if batch.report] == [
        batch for batch in batches if batch is last[batch.account_id]
    ]
    assert all(batch.report is stream.reports[each] for each, batch in last.items())
    for each, report in stream.reports.items():
        assert report.nodes == len(keys_of(batches, each))


# What comes


@every_order
@pytest.mark.parametrize("max_concurrency", [1, 3, 16])
async def test_batches_hold_the_nodes_of_every_account_in_listing_order(
    sandbox: Sandbox, *, ordered: bool, max_concurrency: int
) -> None:
    async with LedgerClient(
        sandbox.url,
        api_key=sandbox.api_key,
        api_user=sandbox.api_user,
        max_concurrency=max_concurrency,
    ) as ledger:
        stream = opened(ledger, ordered=ordered)
        batches = await every_batch(stream)
        for account_id in ACCOUNTS:
            assert keys_of(batches, account_id) == sandbox.identities(account_id)
        check_the_reports(stream, batches)
        assert {report.status for report in stream.reports.values()} == {"exact"}


async def test_batches_of_one_account_name_it(ledger: LedgerClient) -> None:
    batches = await every_batch(ledger.nfts.stream(103, page_size=5))
    assert {batch.account_id for batch in batches} == {103}


async def test_batches_of_a_listing_of_no_account_name_none(ledger: LedgerClient) -> None:
    batches = await every_batch(ledger.accounts.stream())
    assert {batch.account_id for batch in batches} == {None}
    assert {account.id for batch in batches for account in batch.nodes} == {*ACCOUNTS}


async def test_an_account_without_nodes_is_one_batch(ledger: LedgerClient) -> None:
    (only,) = await every_batch(ledger.nfts.stream_accounts([102]))
    assert only == Batch(102, [], AccountReport("exact", nodes=0, pages=1))


async def test_an_account_of_one_page_is_one_batch(ledger: LedgerClient) -> None:
    (only,) = await every_batch(ledger.nfts.stream_accounts([103]))
    assert (len(only.nodes), only.report) == (12, AccountReport("exact", nodes=12, pages=1))


async def test_a_batch_is_frozen(ledger: LedgerClient) -> None:
    (only,) = await every_batch(ledger.nfts.stream_accounts([103]))
    with pytest.raises(AttributeError):
        only.nodes = []  # type: ignore[misc]


@every_order
async def test_an_account_that_fails_ends_with_a_batch_that_says_why(
    sandbox: Sandbox, ledger: LedgerClient, *, ordered: bool
) -> None:
    sandbox.fail(Fault.status(404), account_id=104, page=3)
    sandbox.fail(Fault.status(403), account_id=103)
    stream = opened(ledger, ordered=ordered, on_error="skip")
    batches = await every_batch(stream)
    check_the_reports(stream, batches)
    assert isinstance(stream.reports[103].error, PermissionDeniedError)
    assert keys_of(batches, 101) == sandbox.identities(101)


async def test_an_error_comes_after_the_batches_that_arrived_before_it(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(Fault.status(403), account_id=101, page=2)
    batches = ledger.nfts.stream(101, page_size=5).batches()
    first = await anext(batches)
    assert (len(first.nodes), first.report) == (5, None)
    with pytest.raises(PermissionDeniedError):
        await anext(batches)


# The ways to read


async def test_a_stream_that_is_read_node_by_node_has_no_batches(ledger: LedgerClient) -> None:
    async with opened(ledger) as stream:
        await anext(stream)
        with pytest.raises(ConfigurationError, match="node by node or in batches"):
            stream.batches()
        await anext(stream)


async def test_a_stream_that_is_read_in_batches_has_no_single_nodes(ledger: LedgerClient) -> None:
    async with opened(ledger) as stream:
        await anext(stream.batches())
        with pytest.raises(ConfigurationError, match="node by node or in batches"):
            await anext(stream)
        with pytest.raises(ConfigurationError, match="node by node or in batches"):
            aiter(stream)


async def test_batches_may_be_asked_for_again_to_read_on(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    stream = ledger.nfts.stream(101, page_size=5)
    first = await anext(stream.batches())
    rest = await every_batch(stream)
    assert keys_of([first, *rest], 101) == sandbox.identities(101)


# How they end


async def nothing_is_left(sandbox: Sandbox, ledger: LedgerClient) -> None:
    """Wait, for no time, until nothing of any stream is left."""
    runtime = ledger._runtime
    for _ in range(200):
        if not (runtime.live.streams or runtime.gate._permits.given or sandbox.in_flight):
            break
        await asyncio.sleep(0)
    assert (runtime.live.streams, runtime.gate._permits.given, sandbox.in_flight) == (set(), 0, 0)
    assert not transports.connections_in_use(ledger)


async def test_break_leaves_nothing(sandbox: Sandbox, ledger: LedgerClient) -> None:
    async for _ in opened(ledger).batches():
        break
    await nothing_is_left(sandbox, ledger)


async def test_batches_that_were_dropped_are_closed_without_the_garbage_collector(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    gc.disable()
    try:
        batches: object = opened(ledger).batches()
        await anext(batches)  # type: ignore[call-overload]
        del batches
        await nothing_is_left(sandbox, ledger)
    finally:
        gc.enable()


async def test_batches_may_be_closed_as_the_stream(sandbox: Sandbox, ledger: LedgerClient) -> None:
    stream = opened(ledger)
    batches: Any = stream.batches()
    async with aclosing(batches):
        await anext(batches)
    await nothing_is_left(sandbox, ledger)
    with pytest.raises(StreamClosedError, match="was closed"):
        await anext(stream.batches())


async def test_batches_of_a_closed_stream_are_refused(ledger: LedgerClient) -> None:
    stream = opened(ledger)
    await stream.aclose()
    with pytest.raises(StreamClosedError, match="was closed"):
        await anext(stream.batches())


async def test_after_a_read_was_cancelled_later_ones_are_refused(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    batches = opened(ledger).batches()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(anext(batches), 0.2)
    with pytest.raises(StreamClosedError, match="a read of it was cancelled"):
        await anext(batches)
    await nothing_is_left(sandbox, ledger)


async def test_a_consumer_that_waits_is_told_that_another_task_closed_the_stream(
    ledger: LedgerClient,
) -> None:
    stream = opened(ledger)
    consumer = asyncio.create_task(every_batch(stream))
    await asyncio.sleep(0.5)
    await stream.aclose()
    with pytest.raises(StreamClosedError):
        await consumer


async def test_batches_that_were_read_to_their_end_stay_so(ledger: LedgerClient) -> None:
    async with opened(ledger) as stream:
        assert await every_batch(stream)
    assert await every_batch(stream) == []


async def test_the_loop_has_its_turn_between_two_batches(ledger: LedgerClient) -> None:
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        asyncio.get_running_loop().call_soon(turn)

    batches = opened(ledger).batches()
    await anext(batches)
    await asyncio.sleep(5)  # until the window is full
    turn()  # again and again: no time passes from here on
    seen = [(await anext(batches), turns)[1] for _ in range(8)]
    assert len({*seen}) == len(seen)


async def test_a_consumer_that_stalls_stops_the_fetching(sandbox: Sandbox) -> None:
    many = dict.fromkeys(range(1, 200), 1)
    async with (
        Sandbox(many) as workspace,
        LedgerClient(
            workspace.url,
            api_key=workspace.api_key,
            api_user=workspace.api_user,
            max_concurrency=4,
        ) as ledger,
        ledger.nfts.stream_accounts(many, page_size=5) as stream,
    ):
        batches = stream.batches()
        for taken in range(1, 20):
            await anext(batches)
            await asyncio.sleep(5)
            # The window, and those that the consumer is through with.
            assert len(workspace.requests) <= 8 + taken


# Whatever happens


@pytest.mark.parametrize("seed", range(6))
async def test_batches_and_nodes_tell_the_same_whatever_fails_and_changes(seed: int) -> None:
    """Streams that meet the same accounts, failures and changes hand over the same."""
    random = Random(seed)
    accounts = {each: random.choice([0, 1, 5, 23]) for each in range(1, random.randrange(2, 9))}
    options: dict[str, Any] = {
        "page_size": random.choice([1, 2, 5, 100]),
        "ordered": random.random() < 0.5,
        "on_error": "skip",
    }
    failing = random.sample([*accounts], random.randrange(len(accounts)))
    moving = random.random() < 0.5

    async def played(*, in_batches: bool) -> tuple[dict[int, list[str]], dict[Any, Any]]:
        async with (
            Sandbox(accounts, seed=seed) as sandbox,
            LedgerClient(
                sandbox.url,
                api_key=sandbox.api_key,
                api_user=sandbox.api_user,
                max_concurrency=1,
            ) as ledger,
        ):
            for each in failing:
                sandbox.fail(Fault.status(403), account_id=each, page=2)
            if moving:
                sandbox.on_request(lambda seen: churn(sandbox, seen))
            stream = ledger.nfts.stream_accounts(accounts, **options)
            came: dict[int, list[str]] = {each: [] for each in accounts}
            if in_batches:
                batches = await every_batch(stream)
                check_the_reports(stream, batches)
                for batch in batches:
                    came[batch.account_id or 0] += [node.token_id for node in batch.nodes]
            else:
                async for account_id, node in stream:
                    came[account_id].append(node.token_id)
            return came, {each: facts(report) for each, report in stream.reports.items()}

    assert await played(in_batches=True) == await played(in_batches=False)


def churn(sandbox: Sandbox, seen: SeenRequest) -> None:
    if seen.account_id is not None and seen.page == 2:
        sandbox.add_nfts(seen.account_id)


def facts(report: AccountReport) -> tuple[object, ...]:
    error: LedgerError | None = report.error
    return report.status, report.nodes, report.pages, report.duplicates_dropped, type(error)
