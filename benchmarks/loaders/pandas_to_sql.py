"""pandas: a frame for each page, appended by `to_sql`; nothing is looked up."""

from __future__ import annotations

import asyncio

import pandas as pd
import sqlalchemy  # type: ignore[import-not-found, unused-ignore] # a peer, not always there
from work import Work

from loaders.streamed import COLUMNS, DOCUMENTS, tuples


async def load(work: Work, place: str) -> int:
    """Append page after page to a table that is made anew."""
    rows = 0
    engine = sqlalchemy.create_engine(place.replace("postgresql://", "postgresql+psycopg://"))
    how = "replace"
    async for some in tuples(work):
        frame = pd.DataFrame(some, columns=[*COLUMNS, *DOCUMENTS])
        await asyncio.to_thread(
            frame.to_sql, "nfts_frame", engine, if_exists=how, index=False, method="multi"
        )
        how, rows = "append", rows + len(some)
    engine.dispose()
    return rows
