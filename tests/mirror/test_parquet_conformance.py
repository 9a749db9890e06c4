"""Directories of Parquet files as stores of mirrors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.json import decode, encode
from msgspec.structs import replace

from ledger_async.mirror import ParquetStore
from ledger_async.mirror._parquet import journal
from ledger_async.mirror._parquet.folder import Begun
from ledger_async.mirror.conformance import ENTRIES, ITEMS, Row, StoreConformance

pytestmark = pytest.mark.real_time

NUMBERS = {"integer": int, "decimal": Decimal}
TABLES = {each.name: each for each in (ITEMS, ENTRIES)}


class TestParquetStore(StoreConformance):
    marks = False
    changes = False
    incremental = False

    @pytest.fixture(autouse=True)
    def _place(self, tmp_path: Path) -> None:
        self.place = tmp_path / "mirror"

    def store(self) -> ParquetStore:
        return ParquetStore(self.place, _patience=0.1)

    async def age(self, table: str, by: timedelta) -> None:
        for begun in (self.place / table).glob("_run=*/_begun.json"):
            before = decode(begun.read_bytes(), type=Begun)
            begun.write_bytes(encode(replace(before, started_at=before.started_at - by)))
            for each in begun.parent.glob("*.journal"):
                each.write_bytes(b"".join(_aged(each, by)))

    async def rows(self, table: str) -> Sequence[Row]:
        runs = sorted((self.place / table).glob("run=*"))
        files = sorted(runs[-1].glob("part-*.parquet")) if runs else []
        rows = [row for each in files for row in pq.ParquetFile(each).read().to_pylist()]
        return [_neutral(row, table) for row in rows]


def _aged(path: Path, by: timedelta) -> Iterator[bytes]:
    """The records of a journal, written so much earlier."""
    with journal.Reader() as reader:
        for head, place, _ in journal.scan(path):
            older = replace(head, written_at=head.written_at - by.total_seconds())
            rows = pa.Table.from_batches([reader.rows(place)])
            yield journal.record(older, rows, reader.digests(place))


def _neutral(row: Row, table: str) -> Row:
    """Numbers of any size are text in the files."""
    kinds: dict[str, Any] = {each.name: NUMBERS.get(each.kind) for each in TABLES[table].columns}
    return {
        name: kinds[name](cell) if kinds[name] and cell is not None else cell
        for name, cell in row.items()
    }
