"""Mirrors into directories of Parquet files."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger_async import LedgerClient
from ledger_async.mirror import ParquetStore, mirror

pytestmark = pytest.mark.real_time


async def test_a_run_leaves_every_node_in_files(ledger: LedgerClient, tmp_path: Path) -> None:
    store = ParquetStore(tmp_path)
    outcome = await mirror(ledger.nfts, [101, 102, 103], store=store)
    assert (outcome.accounts, outcome.rows, outcome.added) == (3, 257, 257)
    outcome = await mirror(ledger.nfts, [101, 103], store=store)
    assert (outcome.rows, outcome.added, outcome.changed, outcome.gone) == (257, 0, 0, 0)
