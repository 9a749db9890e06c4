"""A store in memory, which is what the protocol says and no more."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, Self

from msgspec.structs import replace

from ledger_async import ConfigurationError, StoreError, StoreLockedError
from ledger_async.mirror.store import PROVEN, RUN_LIFE, Differences, Mode, Part, Staged, StagedPart
from ledger_async.mirror.table import Table

Row = tuple[Any, ...]
Staging = dict[int | None, list[tuple[float, Part]]]
_ids = count(1)


class MemoryRun:
    """A run of a `MemoryStore`."""

    def __init__(self, home: MemoryTable, run_id: str, mode: Mode, *, holds: bool) -> None:
        self.id, self.mode, self.resumed = run_id, mode, False
        self._home, self._holds = home, holds
        self._staging = home.staging.setdefault(0 if holds else next(_ids), {})

    async def finished(self, account_ids: Sequence[int | None]) -> Collection[int | None]:
        return {each for each in account_ids if self._home.ends.get(each) in PROVEN}

    async def staged(self) -> Sequence[Staged]:
        now = self._home.now()
        return [
            Staged(account_id, len(parts), now - parts[0][0])
            for account_id, parts in self._staging.items()
        ]

    async def staged_parts(self, account_id: int | None, start: int) -> Sequence[StagedPart]:
        parts = self._staging.get(account_id, [])[start : start + 1]
        return [StagedPart(self._home.identities(part), part.checkpoint) for _, part in parts]

    async def drop(self, account_ids: Iterable[int | None]) -> None:
        for account_id in account_ids:
            self._staging.pop(account_id, None)

    async def write(self, parts: Sequence[Part]) -> Differences:
        if self._home.run is None or self._home.run.id != self.id:
            raise StoreError(f"run {self.id} goes on no more")
        done = Differences()
        now = self._home.last_write = self._home.now()
        for part in parts:
            staged = self._staging.setdefault(part.account_id, [])
            staged.append((now, part))
            if part.end is not None:
                del self._staging[part.account_id]
                done += self._home.merge([each for _, each in staged], part)
        self._home.totals += done
        return done

    async def sizes(self, account_ids: Sequence[int]) -> Mapping[int, int]:
        return {each: self._home.sizes[each] for each in account_ids if each in self._home.sizes}

    async def newest(self, column: str) -> datetime | None:
        home = self._home
        cells = [
            row[home.at(column)]
            for key, row in home.rows.items()
            if home.first_seen[key] <= home.last_proof
        ]
        return max((cell for cell in cells if cell is not None), default=None)

    async def unsettled(self, column: str, final: Collection[str]) -> Sequence[int]:
        state, id_ = self._home.at(column), self._home.at("id")
        return [row[id_] for row in self._home.rows.values() if row[state] not in final]

    async def finish(self) -> Differences:
        self._home.unstage()
        self._home.run = None
        self._home.sizes = {**self._home.read}
        read = sum(each != "failed" for each in self._home.ends.values())
        return replace(self._home.totals, accounts=read)

    async def aclose(self) -> None:
        if self._holds:
            self._home.is_held = False


class MemoryTable:
    """The rows of one table that are not gone, and what belongs to its run."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows: dict[Row, Row] = {}
        self.gone: set[Row] = set()
        self.first_seen: dict[Row, int] = {}  # in the order of `_ids`
        self.last_proof = 0
        self.staging: dict[int, Staging] = {}  # of each writer
        self.ends: dict[int | None, str] = {}
        self.read: dict[int | None, int] = {}  # rows of each account
        self.sizes: dict[int | None, int] = {}  # those of the last finished run
        self.run: MemoryRun | None = None
        self.is_held = False
        self.last_write = 0.0
        self.older_by = 0.0
        self.totals = Differences()

    def at(self, column: str) -> int:
        return [each.name for each in self.table.columns].index(column)

    def adopt(self, table: Table) -> None:
        """Have the columns of this table, of which some may be new."""
        kinds = {each.name: each.kind for each in table.columns}
        kept = all(kinds.get(each.name) == each.kind for each in self.table.columns)
        if not kept or self.table.key != table.key:
            raise ConfigurationError(f"the table {table.name} has another shape")
        old = [each.name for each in self.table.columns]
        self.table = table
        for key, row in self.rows.items():
            cells = dict(zip(old, row, strict=True))
            self.rows[key] = tuple(cells.get(each.name) for each in table.columns)

    def now(self) -> float:
        return time.monotonic() + self.older_by

    def unstage(self) -> None:
        for parts in self.staging.values():
            parts.clear()

    def key(self, row: Row) -> Row:
        return tuple(row[self.at(name)] for name in self.table.key)

    def identities(self, part: Part) -> list[tuple[str | int, ...]]:
        columns = [part.cells[self.at(name)] for name in self.table.identity]
        return list(zip(*columns, strict=True))

    def merge(self, parts: list[Part], last: Part) -> Differences:
        end = last.end
        assert end is not None
        if self.ends.get(last.account_id) in PROVEN:
            return Differences()
        self.ends[last.account_id] = end.status
        came = [] if end.status == "failed" else [row for part in parts for row in _rows(part)]
        if end.status == "failed":
            self.read.pop(last.account_id, None)
        else:
            self.read[last.account_id] = len(came)
        new = {self.key(row): row for row in came}
        old = {key: row for key, row in self.rows.items() if self._is_of(key, last.account_id)}
        left = old.keys() - new.keys() if end.replaces else set()
        self.first_seen |= dict.fromkeys(new.keys() - self.first_seen.keys(), next(_ids))
        if last.account_id is None and end.status in PROVEN:
            self.last_proof = next(_ids)
        self.rows.update(new)
        self.gone = (self.gone - new.keys()) | left
        for key in left:
            del self.rows[key]
        changed = sum(old[key] != new[key] for key in old.keys() & new.keys())
        added = len(new.keys() - old.keys())
        finished = int(end.status != "failed")
        return Differences(finished, len(came), added, changed, len(left))

    def _is_of(self, key: Row, account_id: int | None) -> bool:
        return not self.table.by_account or key[0] == account_id


def _rows(part: Part) -> list[Row]:
    return list(zip(*part.cells, strict=True))


class MemoryStore:
    """Keeps tables for as long as the object lives."""

    def __init__(self) -> None:
        self.tables: dict[str, MemoryTable] = {}

    async def begin(
        self, table: Table, *, mode: Mode = "full", resume: bool = True, join: str | None = None
    ) -> MemoryRun:
        home = self.tables.setdefault(table.name, MemoryTable(table))
        home.adopt(table)
        if join is not None:
            if home.run is None or home.run.id != join:
                raise ConfigurationError(f"there is no run {join}")
            return self._handle(home, home.run, holds=False)
        if home.is_held:
            raise StoreLockedError("another run holds the table")
        home.is_held = True
        is_old = home.now() - home.last_write >= RUN_LIFE.total_seconds()
        if home.run is None or not resume or home.run.mode != mode or is_old:
            home.last_write = home.now()
            home.unstage()
            home.ends, home.read, home.totals = {}, {}, Differences()
            home.run = MemoryRun(home, f"{time.time():.0f}-{next(_ids)}", mode, holds=True)
            return home.run
        return self._handle(home, home.run, holds=True)

    def _handle(self, home: MemoryTable, run: MemoryRun, *, holds: bool) -> MemoryRun:
        handle = MemoryRun(home, run.id, run.mode, holds=holds)
        handle.resumed = True
        return handle

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass
