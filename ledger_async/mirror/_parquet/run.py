"""A run on a directory, until it is finished."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import NoReturn

import anyio

from ledger_async import ConfigurationError, StoreError
from ledger_async.mirror.store import Differences, Part, Staged, StagedPart
from ledger_async.mirror.table import Cells, Table

from . import journal
from .columns import Columns
from .digests import Digester, kept, latest
from .finishing import Finishing, came
from .folder import Begun, Folder
from .journal import Entry, Head, Journal
from .lock import Lock
from .snapshot import Snapshot
from .standing import Standing, Stretch
from .tally import Tally
from .threads import in_thread

NO_INCREMENTAL = "a ParquetStore holds snapshots: mode must be full"

# Rows whose identities are read at once, and seconds for which a thread works before it looks up.
_IDENTITIES = 4000
_TURN = 0.1


class ParquetRun:
    """A run of a `ParquetStore`."""

    def __init__(
        self,
        folder: Folder,
        table: Table,
        begun: Begun,
        *,
        last: Snapshot | None,
        lock: Lock | None,
        resumed: bool,
    ) -> None:
        self.id, self.resumed = begun.run_id, resumed
        self._folder, self._table, self._begun, self._lock = folder, table, begun, lock
        self._place = folder.open_run(begun.run_id)
        # Journals are followed in the order of their names: in that of their beginnings.
        self._journal = Journal(self._place / f"{time.time_ns():020}-{token_hex(3)}.journal")
        self._standing = Standing()
        self._followed: dict[Path, int] = {}
        self._columns, self._digester = Columns(table), Digester(table)
        self._last = last
        self._turn = anyio.Lock()
        self._follow_others()

    async def finished(self, account_ids: Sequence[int | None]) -> Collection[int | None]:
        async with self._turn:
            await in_thread(self._place, self._follow_others)
            return {each for each in account_ids if self._standing.finished(each)}

    async def staged(self) -> Sequence[Staged]:
        now = time.time()
        return [
            Staged(account_id, len(stretches), max(0.0, now - stretches[-1].written_at))
            for account_id, stretches in self._standing.staged.items()
        ]

    async def staged_parts(self, account_id: int | None, start: int) -> Sequence[StagedPart]:
        stretches = self._standing.staged.get(account_id, [])[start:]
        return await in_thread(self._place, lambda: list(self._read_staged(stretches)))

    async def drop(self, account_ids: Iterable[int | None]) -> None:
        async with self._turn:
            await in_thread(self._place, self._append, [], list(account_ids))

    async def write(self, parts: Sequence[Part]) -> Differences:
        async with self._turn:
            return await in_thread(self._place, self._write, parts)

    async def newest(self, column: str) -> datetime | None:  # noqa: ARG002 - as asked of others
        _refuse_incremental()

    async def unsettled(self, column: str, final: Collection[str]) -> Sequence[int]:  # noqa: ARG002
        _refuse_incremental()

    async def finish(self) -> Differences:
        async with self._turn:
            await in_thread(self._place, self._follow_others)
            finishing = Finishing(
                self._begun, self._table.name, self._standing, self._last, self._columns.schema
            )
            steps = finishing.steps(self._place)
            try:
                while await in_thread(self._place, _advance, steps):
                    pass
            finally:
                steps.close()
            self._journal.close()
            await in_thread(self._place, self._folder.publish, self._place)
            return finishing.totals

    async def aclose(self) -> None:
        self._journal.close()
        if self._lock is not None:
            self._lock.release()

    def _write(self, parts: Sequence[Part]) -> Differences:
        self._follow_others()
        ending = {each.account_id: each.end for each in parts if each.end is not None}
        fresh = [each for each in ending if not self._standing.finished(each)]
        self._append(parts)
        tally = Tally()
        for account_id in fresh:
            ended = self._standing.ended[account_id]
            digests = came(ended.stretches)
            mask = latest(digests)
            new = digests if mask is None else kept(digests, mask)
            tally.add(ended.end, new, self._last.digests(account_id) if self._last else b"")
        return tally.total()

    def _append(self, parts: Sequence[Part], dropped: Sequence[int | None] = ()) -> None:
        """Write a record, unless the run is no more the current one."""
        self._check_current()
        cells = _together(parts, len(self._table.columns))
        head = Head(time.time(), [*map(_entry, parts)], [*dropped])
        place = self._journal.append(head, self._columns.batch(cells), self._digester.of(cells))
        self._check_current()
        self._standing.follow(head, place)

    def _check_current(self) -> None:
        if not self._place.is_dir():
            raise StoreError(f"the run {self.id} was finished or superseded by another process")

    def _follow_others(self) -> None:
        for path in sorted(self._place.glob("*.journal")):
            if path != self._journal.path:
                for head, place, end in journal.scan(path, self._followed.get(path, 0)):
                    self._standing.follow(head, place)
                    self._followed[path] = end

    def _read_staged(self, stretches: Iterable[Stretch]) -> Iterator[StagedPart]:
        rows = 0
        for each in stretches:
            batch = journal.rows(each.place).slice(each.start, each.rows)
            keys = [batch.column(name).to_pylist() for name in self._table.identity]
            yield StagedPart(list(zip(*keys, strict=True)), each.checkpoint)
            rows += each.rows
            if rows >= _IDENTITIES:
                return


def _entry(part: Part) -> Entry:
    if part.end is None:
        return Entry(part.account_id, len(part), part.checkpoint)
    end = part.end
    return Entry(part.account_id, len(part), part.checkpoint, end.status, end.replaces)


def _together(parts: Sequence[Part], width: int) -> list[Cells]:
    """The cells of all parts, one behind the other."""
    return [[cell for part in parts for cell in part.cells[at]] for at in range(width)]


def _advance(steps: Iterator[None]) -> bool:
    """Go on for a while; true if there is more to do."""
    limit = time.monotonic() + _TURN
    return any(time.monotonic() >= limit for _ in steps)


def _refuse_incremental() -> NoReturn:
    raise ConfigurationError(NO_INCREMENTAL)
