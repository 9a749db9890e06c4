"""pyarrow: `Table.from_pylist` of `to_builtins` for each page, written as a row group."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from work import Work

from loaders.streamed import dicts


async def load(work: Work, place: str) -> int:
    """Write page after page into one file, under the schema of the first."""
    rows = 0
    folder = Path(place.removeprefix("parquet:"))
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - once
    writer = None
    async for some in dicts(work):
        table = pa.Table.from_pylist(some, writer and writer.schema)
        writer = writer or pq.ParquetWriter(
            folder / "nfts.parquet", table.schema, compression="zstd"
        )
        writer.write_table(table)
        rows += len(some)
    if writer is not None:
        writer.close()
    return rows
