"""A run on a directory, until it is finished."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

import anyio.lowlevel
import pyarrow as pa

from ledger_async import ConfigurationError, StoreError
from ledger_async.mirror.store import Differences, Part, Staged, StagedPart
from ledger_async.mirror.table import Cells, Table

from . import journal
from .columns import Columns
from .digests import SIZE, Digester, distinct, overlaid
from .finishing import Finishing, came
from .folder import Begun, Folder
from .following import Following
from .journal import Entry, Head, Journal, Reader
from .lock import Lock
from .snapshot import Snapshot
from .standing import Stretch
from .tally import Tally
from .threads import in_thread

NO_INCREMENTAL = "a ParquetStore holds snapshots: mode must be full"

# Rows whose identities are read at once, and seconds for which a thread works before it looks up.
_IDENTITIES = 4000
_TURN = 0.1

# Rows that are built in one go, before the event loop has a turn: a millisecond or two.
_AT_ONCE = 100


class ParquetRun:
    """A run of a `ParquetStore`."""

    def __init__(
        self,
        folder: Folder,
        table: Table,
        begun: Begun,
        following: Following,
        *,
        last: Snapshot | None,
        lock: Lock | None,
        resumed: bool,
    ) -> None:
        self.id, self.resumed = begun.run_id, resumed
        self._folder, self._table, self._begun, self._lock = folder, table, begun, lock
        self._place = following.place
        self._journal = Journal(journal.new(self._place, joined=lock is None))
        self._writer = journal.writer_of(self._journal.path)
        self._following, self._turn = following, following.turn
        self._standing = following.standing
        self._columns, self._digester = Columns(table), Digester(table)
        self._last = last

    @property
    def written_at(self) -> datetime:
        """The time of the last write that is known, or else of the run's beginning."""
        return max(self._begun.started_at, datetime.fromtimestamp(self._standing.written_at, UTC))

    async def finished(self, account_ids: Sequence[int | None]) -> Collection[int | None]:
        async with self._turn:
            await in_thread(self._place, self._following.catch_up)
            return {each for each in account_ids if self._standing.finished(each)}

    async def staged(self) -> Sequence[Staged]:
        if not await in_thread(self._place, self._is_open):
            return []
        now = time.time()
        return [
            Staged(account_id, len(stretches), max(0.0, now - stretches[0].written_at))
            for account_id, stretches in self._standing.staged(self._writer).items()
        ]

    async def staged_parts(self, account_id: int | None, start: int) -> Sequence[StagedPart]:
        stretches = self._standing.staged(self._writer).get(account_id, [])[start:]
        return await in_thread(self._place, lambda: list(self._read_staged(stretches)))

    async def drop(self, account_ids: Iterable[int | None]) -> None:
        async with self._turn:
            head = Head(time.time(), [], list(account_ids))
            await in_thread(self._place, self._append, head, *await self._built([]))

    async def write(self, parts: Sequence[Part]) -> Differences:
        async with self._turn:
            built = await self._built(parts)
            return await in_thread(self._place, self._write, parts, *built)

    async def sizes(self, account_ids: Sequence[int]) -> Mapping[int, int]:
        sizes = self._last.sizes() if self._last is not None else {}
        return {each: sizes[each] for each in account_ids if each in sizes}

    async def newest(self, column: str) -> datetime | None:  # noqa: ARG002 - as asked of others
        _refuse_incremental()

    async def unsettled(self, column: str, final: Collection[str]) -> Sequence[int]:  # noqa: ARG002
        _refuse_incremental()

    async def finish(self) -> Differences:
        async with self._turn:
            await in_thread(self._place, self._folder.close, self.id)
            await in_thread(self._place, self._following.catch_up)
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

    async def _built(self, parts: Sequence[Part]) -> tuple[Any, bytes]:
        """The rows in Arrow's form, and their digests.

        A thread would do no better: it would keep the interpreter from the loop for longer.
        """
        cells = _together(parts, len(self._table.columns))
        built = []
        for some in _slices(cells):
            built.append((self._columns.batch(some), self._digester.of(some)))
            await anyio.lowlevel.checkpoint()
        batches, digests = zip(*built, strict=True)
        return pa.Table.from_batches(batches), b"".join(digests)

    def _write(self, parts: Sequence[Part], rows: Any, digests: bytes) -> Differences:
        self._following.catch_up()
        ending = dict.fromkeys(each.account_id for each in parts if each.end is not None)
        fresh = [each for each in ending if not self._standing.finished(each)]
        tally = Tally()
        with Reader() as reader:
            held = {each: self._held(reader, each) for each in fresh}
            self._append(Head(time.time(), [*map(_entry, parts)]), rows, digests)
            for account_id, old in held.items():
                ended = self._standing.ended[account_id]
                new = came(reader, ended.stretches)
                tally.add(ended.end, len(new) // SIZE, distinct(new), old)
        return tally.total()

    def _held(self, reader: Reader, account_id: int | None) -> bytes:
        """The digests of the rows that a snapshot would have by now."""
        old = self._last.digests(account_id) if self._last else b""
        ended = self._standing.ended.get(account_id)
        if ended is None:
            return old
        new = distinct(came(reader, ended.all))
        return new if ended.end.replaces else overlaid(new, old)

    def _append(self, head: Head, rows: Any, digests: bytes) -> None:
        """Write a record, unless the run is no more the current one, or at its end."""
        self._check_open()
        place = self._journal.append(head, rows, digests)
        self._check_open()
        self._following.take_in(head, place, self._journal.end)

    def _check_open(self) -> None:
        if not self._is_open():
            raise StoreError(f"the run {self.id} was finished or superseded by another process")

    def _is_open(self) -> bool:
        """True if the run takes records: its holder knows when it comes to its end."""
        joined = self._lock is None
        return self._folder.is_open(self.id) if joined else self._place.is_dir()

    def _read_staged(self, stretches: Iterable[Stretch]) -> Iterator[StagedPart]:
        rows = 0
        with Reader() as reader:
            for each in stretches:
                batch = reader.rows(each.place).slice(each.start, each.rows)
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


def _slices(cells: Sequence[Cells]) -> Iterator[Sequence[Cells]]:
    """The cells of some rows after the others; once none, if there are no rows."""
    for at in range(0, len(cells[0]) or 1, _AT_ONCE):
        yield [each[at : at + _AT_ONCE] for each in cells]


def _advance(steps: Iterator[None]) -> bool:
    """Go on for a while; true if there is more to do."""
    limit = time.monotonic() + _TURN
    return any(time.monotonic() >= limit for _ in steps)


def _refuse_incremental() -> NoReturn:
    raise ConfigurationError(NO_INCREMENTAL)
