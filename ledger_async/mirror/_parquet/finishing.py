"""The end of a run: the rows of its journals and those carried over become a snapshot."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from ledger_async.mirror.store import PROVEN, Differences

from .digests import SIZE, kept, latest, others
from .folder import Begun
from .journal import Reader
from .snapshot import Complete, Holding, Snapshot, SnapshotWriter
from .standing import Ended, Standing, Stretch
from .tally import Tally


class Finishing:
    """Writes a snapshot in steps, between which it can be given up."""

    def __init__(
        self, begun: Begun, section: str, standing: Standing, last: Snapshot | None, schema: Any
    ) -> None:
        self._begun, self._section = begun, section
        self._standing, self._last, self._schema = standing, last, schema
        self._tally = Tally()
        self._reader = Reader()
        self.totals = Differences()

    def steps(self, place: Path) -> Generator[None]:
        """Write the snapshot into this folder."""
        writer = SnapshotWriter(place, self._schema)
        try:
            with self._reader:
                yield from self._accounts(writer)
            self.totals = self._tally.total()
            writer.finish(self._complete(writer))
        finally:
            writer.close()

    def _accounts(self, writer: SnapshotWriter) -> Iterator[None]:
        """First those of which nothing is carried over, then the others in their old order."""
        for account_id, ended in self._standing.ended.items():
            if not self._carries(account_id, ended):
                yield from self._add(writer, account_id, ended)
        for holding in self._last.complete.accounts if self._last is not None else ():
            tried = self._standing.ended.get(holding.account_id)
            if tried is None:
                yield from self._carry(writer, holding)
            elif self._carries(holding.account_id, tried):
                yield from self._add(writer, holding.account_id, tried)

    def _carry(self, writer: SnapshotWriter, holding: Holding) -> Iterator[None]:
        """Add an account that was not in the list."""
        old = self._old(holding.account_id)
        as_carried = msgspec.structs.replace(holding, carried=holding.rows)
        writer.add(as_carried, self._old_tables(holding.account_id), [old])
        yield

    def _carries(self, account_id: int | None, ended: Ended) -> bool:
        """True if the account has old rows, of which the run does not tell that they are gone."""
        return (
            not ended.end.replaces and self._last is not None and self._last.holds(account_id) > 0
        )

    def _add(self, writer: SnapshotWriter, account_id: int | None, ended: Ended) -> Iterator[None]:
        all_new, old = came(self._reader, ended.all), self._old(account_id)
        mask = latest(all_new)
        new = all_new if mask is None else kept(all_new, mask)
        self._tally.add(ended.end, ended.read, new, old)
        tables = _masked(self._tables(ended.all), mask)
        left = b""
        if self._carries(account_id, ended):
            stays = others(old, new)
            left = kept(old, stays)
            tables = chain(tables, _masked(self._old_tables(account_id), stays))
        rows, carried = (len(new) + len(left)) // SIZE, len(left) // SIZE
        holding = Holding(account_id, ended.end.status, self._begun.run_id, rows, carried)
        writer.add(holding, tables, (new, left))
        yield

    def _complete(self, writer: SnapshotWriter) -> Complete:
        not_proven = [
            account_id
            for account_id, ended in self._standing.ended.items()
            if ended.end.status not in PROVEN
        ]
        return Complete(
            self._begun.run_id,
            self._section,
            self._begun.started_at,
            datetime.now(UTC),
            self.totals,
            not_proven,
            writer.parts,
            writer.accounts,
        )

    def _old(self, account_id: int | None) -> bytes:
        return self._last.digests(account_id) if self._last is not None else b""

    def _old_tables(self, account_id: int | None) -> Iterator[Any]:
        return self._last.tables(account_id, self._schema) if self._last is not None else iter(())

    def _tables(self, stretches: Iterable[Stretch]) -> Iterator[Any]:
        for each in stretches:
            batch = self._reader.rows(each.place)
            yield pa.Table.from_batches([batch.slice(each.start, each.rows)])


def came(reader: Reader, stretches: Iterable[Stretch]) -> bytes:
    """The digests of an account's rows."""
    return b"".join(
        reader.digests(each.place)[each.start * SIZE : (each.start + each.rows) * SIZE]
        for each in stretches
    )


def _masked(tables: Iterable[Any], mask: Any) -> Iterator[Any]:
    """The rows that the mask keeps: all, if there is none."""
    start = 0
    for table in tables:
        yield table if mask is None else table.filter(mask.slice(start, len(table)))
        start += len(table)
