"""A snapshot: the rows of all accounts as Parquet files, and `_complete.json` about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from ledger_async.mirror.store import AccountStatus, Differences

from . import durable
from .columns import fitted
from .digests import SIZE

COMPLETE = "_complete.json"
_DIGESTS = "_digests"

_GROUP = 65_536  # rows that are compressed together, and read together
_PART = 1_000_000  # rows after which a file ends with its account
_TABLES = 64  # small tables that become one: many of them take pyarrow long, under the interpreter


class Holding(msgspec.Struct, frozen=True):
    """The rows that a snapshot holds of one account, `None` where the listing is the workspace's.

    `status` is that of its last attempt, `run_id` the run that made it. With `carried` rows, of
    those there are, the attempt did not tell whether these are still there, or it was an earlier
    run's.
    """

    account_id: int | None
    status: AccountStatus
    run_id: str
    rows: int
    carried: int = 0


class Complete(msgspec.Struct, frozen=True):
    """The facts about a finished run.

    `not_proven` are the accounts that failed or are not proven. `parts` has the number of rows of
    each file. The rows of the files are those of `accounts`, in this order.
    """

    run_id: str
    section: str
    started_at: datetime
    finished_at: datetime
    totals: Differences
    not_proven: list[int | None]
    parts: dict[str, int]
    accounts: list[Holding]


class _Group(NamedTuple):
    path: Path
    number: int
    start: int
    rows: int


class Snapshot:
    """The snapshot of a finished run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        raw = (folder / COMPLETE).read_bytes()
        self.complete = msgspec.json.decode(raw, type=Complete)
        self._starts = dict(_starts(self.complete.accounts))
        self._groups: list[_Group] = []
        self._loaded: tuple[_Group, Any] | None = None

    @property
    def schema(self) -> Any:
        """The Arrow schema of its files."""
        return pq.read_schema(self._folder / next(iter(self.complete.parts)))

    def is_whole(self) -> bool:
        """True if every file is there with its rows, and with their digests."""
        rows, parts = sum(each.rows for each in self.complete.accounts), self.complete.parts
        try:
            found = {name: pq.read_metadata(self._folder / name).num_rows for name in parts}
            digests = (self._folder / _DIGESTS).stat().st_size
        except (pa.ArrowException, FileNotFoundError):
            return False
        return parts == found != {} and sum(found.values()) == rows == digests // SIZE

    def holds(self, account_id: int | None) -> int:
        """The number of an account's rows."""
        return self._starts.get(account_id, (0, 0))[1]

    def sizes(self) -> dict[int | None, int]:
        """The rows that came of each account which the run read."""
        return {
            each.account_id: each.rows - each.carried
            for each in self.complete.accounts
            if each.run_id == self.complete.run_id and each.status != "failed"
        }

    def digests(self, account_id: int | None) -> bytes:
        """The digests of an account's rows."""
        start, rows = self._starts.get(account_id, (0, 0))
        if not rows:
            return b""
        with (self._folder / _DIGESTS).open("rb") as file:
            file.seek(start * SIZE)
            return file.read(rows * SIZE)

    def tables(self, account_id: int | None, schema: Any) -> Iterator[Any]:
        """The rows of an account. In the order of `complete`, nothing is read from disk twice."""
        start, rows = self._starts[account_id]
        for group in self._row_groups():
            first, last = max(start, group.start), min(start + rows, group.start + group.rows)
            if first < last:
                table = self._load(group).slice(first - group.start, last - first)
                yield fitted(table, schema)

    def _row_groups(self) -> list[_Group]:
        if not self._groups:
            self._groups = list(_groups(self._folder / name for name in self.complete.parts))
        return self._groups

    def _load(self, group: _Group) -> Any:
        if self._loaded is None or self._loaded[0] != group:
            with pq.ParquetFile(group.path) as file:
                self._loaded = group, file.read_row_group(group.number)
        return self._loaded[1]


class SnapshotWriter:
    """Writes the files of a snapshot, account by account."""

    def __init__(self, folder: Path, schema: Any) -> None:
        self._folder, self._schema = folder, schema
        for left in folder.glob("part*"):  # by a process that was killed at this
            left.unlink()
        self._digests = (folder / _DIGESTS).open("wb")
        self._small: list[Any] = []
        self._waiting: list[Any] = []
        self._rows = 0
        self._part: Any = None
        self._part_rows = 0
        self.parts: dict[str, int] = {}
        self.accounts: list[Holding] = []

    def add(self, holding: Holding, tables: Iterable[Any], digests: Iterable[bytes]) -> None:
        """Add the rows of the next account."""
        for table in tables:
            self._small.append(table)
            self._rows += len(table)
            if len(self._small) >= _TABLES:
                self._combine()
            if self._rows >= _GROUP:
                self._flush()
        self._digests.writelines(digests)
        self.accounts.append(holding)
        if self._part_rows >= _PART:
            self._end_part()

    def finish(self, complete: Complete) -> None:
        """Write what is left, and then, as the last, that it is complete."""
        if self._rows or not self.parts:
            self._flush()
        self._end_part()
        self._digests.close()
        durable.sync_file(self._folder / _DIGESTS)
        raw = msgspec.json.format(msgspec.json.encode(complete), indent=1)
        durable.write_whole(self._folder / COMPLETE, raw)

    def close(self) -> None:
        """Let go of the files, also of one that is half written."""
        self._digests.close()
        if self._part is not None:
            self._part.close()

    def _combine(self) -> None:
        if self._small:
            self._waiting.append(pa.concat_tables(self._small).combine_chunks())
            self._small = []

    def _flush(self) -> None:
        self._combine()
        rows = pa.concat_tables(self._waiting) if self._waiting else self._schema.empty_table()
        if self._part is None:
            self._part = pq.ParquetWriter(self._unnamed, self._schema, compression="zstd")
        self._part.write_table(rows, row_group_size=_GROUP)
        self._part_rows += self._rows
        self._waiting, self._rows = [], 0

    def _end_part(self) -> None:
        if self._rows:
            self._flush()
        if self._part is None:
            return
        self._part.close()
        self._part = None
        name = f"part-{len(self.parts):05}.parquet"
        durable.name(self._unnamed, self._folder / name)
        self.parts[name] = self._part_rows
        self._part_rows = 0

    @property
    def _unnamed(self) -> Path:
        return self._folder / "part.unfinished"


def _starts(holdings: Iterable[Holding]) -> Iterator[tuple[int | None, tuple[int, int]]]:
    start = 0
    for each in holdings:
        yield each.account_id, (start, each.rows)
        start += each.rows


def _groups(paths: Iterable[Path]) -> Iterator[_Group]:
    start = 0
    for path in paths:
        metadata = pq.read_metadata(path)
        for number in range(metadata.num_row_groups):
            rows = metadata.row_group(number).num_rows
            yield _Group(path, number, start, rows)
            start += rows
