"""Mirrors of the sandbox's listings, in a store in memory."""

from __future__ import annotations

from memory_store import MemoryStore

from ledger_async import LedgerClient
from ledger_async.mirror import mirror


async def test_a_mirror_holds_every_node_of_every_account_once(ledger: LedgerClient) -> None:
    store = MemoryStore()
    outcome = await mirror(ledger.nfts, [101, 102, 103], store=store)
    assert (outcome.accounts, outcome.rows, outcome.added) == (3, 257, 257)
    assert len(store.tables["nfts"].rows) == 257


async def test_a_second_mirror_finds_no_differences(ledger: LedgerClient) -> None:
    store = MemoryStore()
    await mirror(ledger.nfts, [101, 103], store=store)
    outcome = await mirror(ledger.nfts, [101, 103], store=store)
    assert (outcome.rows, outcome.added, outcome.changed, outcome.gone) == (257, 0, 0, 0)
