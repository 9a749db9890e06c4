"""sqlite3: `executemany` of an upsert for each page, in a thread."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

from work import Work

from loaders.streamed import tuples

_CREATE = """
CREATE TABLE IF NOT EXISTS nfts (
    account_id INTEGER, contract_address TEXT, token_id TEXT, token_type TEXT, value TEXT,
    metadata TEXT, price TEXT, tx_balance TEXT,
    PRIMARY KEY (account_id, contract_address, token_id)
)
"""
_UPSERT = """
INSERT INTO nfts VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account_id, contract_address, token_id) DO UPDATE SET
    token_type = excluded.token_type, value = excluded.value, metadata = excluded.metadata,
    price = excluded.price, tx_balance = excluded.tx_balance
"""


async def load(work: Work, place: str) -> int:
    """Upsert page after page, each in a transaction."""
    rows = 0
    connection = sqlite3.connect(place.removeprefix("sqlite:"), check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(_CREATE)

    def upsert(some: list[tuple[Any, ...]]) -> None:
        with connection:
            connection.executemany(_UPSERT, some)

    async for some in tuples(work):
        await asyncio.to_thread(upsert, some)
        rows += len(some)
    connection.close()
    return rows
