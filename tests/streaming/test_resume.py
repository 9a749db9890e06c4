"""A walk that goes on where one before it was cut off, from the sandbox to the batches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ledger_async import Accepted, Batch, Checkpoint, ConfigurationError, LedgerClient
from ledger_async import json as ledger_json
from ledger_async.sandbox import Sandbox

ACCOUNTS = {101: 12_000, 102: 60}
CUT_AFTER = 90


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(ACCOUNTS) as workspace:
        yield workspace


@pytest.fixture(params=[1, 16])
async def ledger(sandbox: Sandbox, request: pytest.FixtureRequest) -> AsyncIterator[LedgerClient]:
    async with LedgerClient(
        sandbox.url,
        api_key=sandbox.api_key,
        api_user=sandbox.api_user,
        max_concurrency=request.param,
    ) as client:
        yield client


def identities(batch: Batch[Any]) -> list[tuple[str, str]]:
    return [(nft.contract_address, nft.token_id) for nft in batch.nodes]


def stored(checkpoint: Checkpoint | None) -> Checkpoint | None:
    """The checkpoint as it comes back from a store."""
    return checkpoint and ledger_json.decode(ledger_json.encode(checkpoint), type=Checkpoint)


async def cut_off(
    ledger: LedgerClient, *, after: int = CUT_AFTER, **options: Any
) -> tuple[Accepted, list[tuple[str, str]]]:
    """What is stored of account 101 after so many batches."""
    accepted, came = ledger.nfts.accepted(), list[tuple[str, str]]()
    async with ledger.nfts.walk([101], **options) as stream:
        async for batch in stream.batches():
            accepted.add(identities(batch), stored(batch.checkpoint))
            came += identities(batch)
            if len(came) >= 100 * after:
                break
    return accepted, came


async def gone_on(
    ledger: LedgerClient, accepted: Accepted
) -> tuple[str, list[tuple[str, str]], int]:
    """How the walk over account 101 ends, and what comes yet, and in how many pages."""
    async with ledger.nfts.walk([101], resume={101: accepted}) as stream:
        came = [each async for batch in stream.batches() for each in identities(batch)]
        report = stream.reports[101]
        assert report.nodes == len(came)
        return report.status, came, report.pages


async def test_a_quiet_account_is_read_on_as_if_there_had_been_no_pause(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    accepted, came = await cut_off(ledger)
    status, rest, pages = await gone_on(ledger, accepted)
    assert status == "exact"
    assert came + rest == sandbox.identities(101)
    assert pages <= 120 - CUT_AFTER + 3


async def test_what_came_in_during_the_pause_comes_and_nothing_comes_twice(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    accepted, came = await cut_off(ledger)
    sandbox.add_nfts(101, 3)
    sandbox.remove_nfts(101, at=3 + 7)
    status, rest, _ = await gone_on(ledger, accepted)
    assert status == "repaired"
    assert len({*came, *rest}) == len(came + rest)
    assert {*sandbox.identities(101)} == {*came, *rest} - {came[7]}


async def test_an_account_that_was_read_to_its_end_costs_one_page_more(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    accepted, came = await cut_off(ledger, after=120)
    assert len(came) == len(sandbox.identities(101)) == len(accepted)
    status, rest, pages = await gone_on(ledger, accepted)
    assert (status, rest, pages) == ("exact", [], 1)


async def test_an_empty_record_is_no_reason_to_walk_otherwise(ledger: LedgerClient) -> None:
    status, came, _ = await gone_on(ledger, ledger.nfts.accepted())
    assert (status, len(came)) == ("exact", 12_000)


async def test_accounts_that_are_not_resumed_are_read_whole(ledger: LedgerClient) -> None:
    accepted, _ = await cut_off(ledger)
    async with ledger.nfts.walk(ACCOUNTS, resume={101: accepted}) as stream:
        async for _ in stream.batches():
            pass
    assert stream.reports[102].nodes == 60
    assert stream.reports[101].nodes == 12_000 - len(accepted)


async def test_a_node_that_was_left_out_is_met_again(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    bad = sandbox.identities(101)[150]

    @sandbox.rewrite
    def spoil(_request: Any, answer: Any) -> Any:
        for edge in answer.get("edges", ()):
            if edge["node"]["token_id"] == bad[1]:
                edge["node"]["value"] = []
        return answer

    accepted, came = await cut_off(ledger, after=5, on_invalid="skip")
    invalid: list[Any] = []
    async with ledger.nfts.walk([101], resume={101: accepted}, on_invalid=invalid.append) as stream:
        rest = [each async for batch in stream.batches() for each in identities(batch)]
    assert len(invalid) == 1
    assert sorted(came + rest) == sorted(each for each in sandbox.identities(101) if each != bad)


async def test_nothing_is_proven_of_a_listing_in_an_order_that_can_change(
    ledger: LedgerClient,
) -> None:
    async with ledger.transactions.walk(order_by="status") as stream:
        checkpoints = [batch.checkpoint async for batch in stream.batches()]
    assert {*checkpoints} == {None}


@pytest.mark.parametrize("wrong", ["yes", [101], {101: {}}, {101: None}])
async def test_what_is_no_record_is_refused(ledger: LedgerClient, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="resume"):
        ledger.nfts.walk([101], resume=wrong)


async def test_the_record_of_another_listing_is_refused(ledger: LedgerClient) -> None:
    with pytest.raises(ConfigurationError, match=r"resume\[101\]"):
        ledger.nfts.walk([101], resume={101: ledger.nft_collections.accepted()})


def test_a_checkpoint_comes_back_from_json_as_it_was() -> None:
    checkpoint = Checkpoint(300, 1000, loose=((300, 500), (700, 800)), calm=True)
    assert stored(checkpoint) == checkpoint
