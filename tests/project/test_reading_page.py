"""Pages on reading by the letter: their functions read the sandbox."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from documents import ROOT, blocks

from ledger_async import NFT, AccountReport, LedgerClient, Transaction
from ledger_async.sandbox import Sandbox


def names_of(page: str) -> dict[str, Any]:
    """What the modules of a page define; its programs, which run at once, are left out."""
    names: dict[str, Any] = {"__name__": "example"}
    for block in blocks(ROOT / "docs" / page):
        if block.language == "python" and "asyncio.run(main())" not in block.text:
            exec(block.text, names)
    return names


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with Sandbox({101: 120, 102: 20, 201: 0}, currencies={201: "stellar"}) as box:
        yield box


@pytest.fixture
async def ledger(box: Sandbox) -> AsyncIterator[LedgerClient]:
    async with LedgerClient(box.url, api_key=box.api_key, api_user=box.api_user) as ledger:
        yield ledger


async def test_the_page_on_reading_counts_values_and_lists(ledger: LedgerClient) -> None:
    names = names_of("reading.md")
    assert await names["worth_of"](ledger, 101) > 0
    assert await names["tokens_by_account"](ledger) == {101: 120, 102: 20}
    assert len(await names["first_page"](ledger)) == 50
    assert len(await names["holdings"](ledger, 102)) == 20
    assert await names["memos"](ledger, datetime(2021, 1, 1, tzinfo=UTC))
    assert (await names["account_now"](ledger, 101)).id == 101


class Database:
    """Keeps what the page on listings inserts, and the reports of what it commits."""

    def __init__(self) -> None:
        self.rows: defaultdict[int | None, list[NFT]] = defaultdict(list)
        self.reports: list[AccountReport] = []

    async def insert(self, account_id: int | None, nfts: list[NFT]) -> None:
        self.rows[account_id] += nfts

    async def commit(self, account_id: int | None, report: AccountReport) -> None:
        assert report.nodes == len(self.rows[account_id])
        self.reports.append(report)


async def test_the_page_on_listings_reads_in_batches_and_one_by_one(
    ledger: LedgerClient, capsys: pytest.CaptureFixture[str]
) -> None:
    names = names_of("listings.md")
    database = Database()
    await names["load"](ledger, database)
    assert {each: len(rows) for each, rows in database.rows.items()} == {101: 120, 102: 20}
    assert {each.status for each in database.reports} == {"exact"}
    await names["read"](ledger)
    assert len(capsys.readouterr().out.splitlines()) == 120 + 20 + 2


async def test_the_page_on_increments_reads_what_is_new(box: Sandbox, ledger: LedgerClient) -> None:
    names = names_of("incremental.md")
    seen: dict[int, Transaction] = {}
    mark = await names["newer"](ledger, seen, None)
    before, known = len(seen), box.identities(101)[0]
    new = box.add_transactions(101)
    assert await names["newer"](ledger, seen, mark) >= mark
    assert {*new} < {*seen}
    assert len(seen) == before + 1
    came = box.add_nfts(101, 2)
    arrived = await names["arrived"](ledger, 101, known)
    assert [(nft.contract_address, nft.token_id) for nft in arrived] == came


async def test_the_dicts_of_the_page_on_migration_have_the_names_of_the_wire(
    ledger: LedgerClient,
) -> None:
    names = names_of("migration.md")
    (nft, *_) = [nft async for nft in ledger.nfts.stream(101)]
    found = names["as_dict"](nft)
    assert nft.metadata is not None
    assert found["metadata"]["tokenName"] == nft.metadata.token_name
    assert isinstance(found["price"]["value"], str)
    assert b'"tokenName"' in names["as_text"](nft)
