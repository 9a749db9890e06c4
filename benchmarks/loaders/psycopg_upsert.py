"""psycopg: `executemany` of an upsert for each page."""

from __future__ import annotations

import psycopg
from work import Work

from loaders.streamed import tuples

_CREATE = b"""
CREATE TABLE IF NOT EXISTS nfts (
    account_id bigint, contract_address text, token_id text, token_type text, value numeric,
    metadata jsonb, price jsonb, tx_balance jsonb,
    PRIMARY KEY (account_id, contract_address, token_id)
)
"""
_UPSERT = b"""
INSERT INTO nfts VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (account_id, contract_address, token_id) DO UPDATE SET
    token_type = excluded.token_type, value = excluded.value, metadata = excluded.metadata,
    price = excluded.price, tx_balance = excluded.tx_balance
"""


async def load(work: Work, place: str) -> int:
    """Upsert page after page, each in a transaction."""
    rows = 0
    async with await psycopg.AsyncConnection.connect(place) as connection:
        await connection.execute(_CREATE)
        async for some in tuples(work):
            async with connection.transaction(), connection.cursor() as cursor:
                await cursor.executemany(_UPSERT, some)
            rows += len(some)
    return rows
