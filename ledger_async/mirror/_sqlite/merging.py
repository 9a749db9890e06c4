"""One write to a table of SQLite: parts are staged, or merged where their account ends."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from ledger_async import RowRefusedError
from ledger_async.mirror._sql.rounds import rounds
from ledger_async.mirror.store import Differences, Part
from ledger_async.mirror.table import Table

from . import bookkeeping, cells
from .bookkeeping import RunKey
from .statements import ENDED, Statements


class Merging:
    """Writes the parts of a run into its table, inside a transaction of the caller's."""

    def __init__(self, table: Table, run: RunKey) -> None:
        self._table = table
        self._run = run
        self._sql = Statements(table)

    def write(self, connection: sqlite3.Connection, parts: Sequence[Part]) -> Differences:
        """Stage the parts that have no end, and merge the accounts of those that have one."""
        try:
            done = (self._round(connection, each) for each in rounds(parts))
            return sum(done, start=Differences())
        except (OverflowError, UnicodeEncodeError) as error:
            reason = cells.unfit(self._table, parts) or f"{self._table.name}: {error}"
            raise RowRefusedError(f"{reason}: nothing of this write was kept") from None

    def _round(self, connection: sqlite3.Connection, parts: list[Part]) -> Differences:
        for part in parts:
            if part.end is None:
                self._stage(connection, part)
        ended = [part for part in parts if part.end is not None]
        return self._end(connection, ended) if ended else Differences()

    def _stage(self, connection: sqlite3.Connection, part: Part) -> None:
        number = bookkeeping.add_part(connection, self._run, part.account_id, part.checkpoint)
        rows = enumerate(cells.rows(self._table, [part]))
        numbered = ((self._run.writer, number, position, *row) for position, row in rows)
        connection.executemany(self._sql.stage(), numbered)

    def _end(self, connection: sqlite3.Connection, parts: list[Part]) -> Differences:
        finished = bookkeeping.finished(connection, self._run, [each.account_id for each in parts])
        merged = [each for each in parts if each.account_id not in finished]
        done = self._merge(connection, merged) if merged else Differences()
        drop(connection, self._table, self._run, [each.account_id for each in parts])
        return done

    def _merge(self, connection: sqlite3.Connection, parts: list[Part]) -> Differences:
        self._receive(connection, parts)
        counts = dict(connection.execute(self._sql.counts()).fetchall())
        added, changed, gone = self._compare(connection, parts)
        statuses = {each.account_id: each.end.status for each in parts if each.end is not None}
        bookkeeping.end_accounts(connection, self._run, statuses, counts)
        read = sum(status != "failed" for status in statuses.values())
        return Differences(read, sum(counts.values()), added, changed, gone)

    def _receive(self, connection: sqlite3.Connection, parts: list[Part]) -> None:
        _set_ended(connection, parts)
        connection.execute(f"DELETE FROM {self._sql.incoming}")
        connection.execute(self._sql.receive_staged(), {"writer": self._run.writer})
        read = [each for each in parts if each.end is not None and each.end.status != "failed"]
        connection.executemany(self._sql.receive(), cells.rows(self._table, read))

    def _compare(self, connection: sqlite3.Connection, parts: list[Part]) -> tuple[int, int, int]:
        values = {"run": self._run.id, "now": bookkeeping.now()}
        changed = connection.execute(self._sql.record_changed(), values).rowcount
        added = connection.execute(self._sql.record_added(), values).rowcount
        if added or changed:
            connection.execute(self._sql.update(), values)
        gone = 0
        if any(each.end is not None and each.end.replaces for each in parts):
            gone = connection.execute(self._sql.record_gone(), values).rowcount
        if gone:
            connection.execute(self._sql.mark_gone(), values)
        return added, changed, gone


def drop(
    connection: sqlite3.Connection, table: Table, run: RunKey, account_ids: Sequence[int | None]
) -> None:
    """Delete what this writer staged of these accounts."""
    if not bookkeeping.drop_parts(connection, run, account_ids):
        return
    connection.execute(f"DELETE FROM {ENDED}")
    ended = [(each,) for each in account_ids]
    connection.executemany(f"INSERT INTO {ENDED} (account_id) VALUES (?)", ended)
    connection.execute(Statements(table).unstage(), {"writer": run.writer})


def _set_ended(connection: sqlite3.Connection, parts: list[Part]) -> None:
    connection.execute(f"DELETE FROM {ENDED}")
    ended = [
        (each.account_id, each.end.status == "failed", each.end.replaces)
        for each in parts
        if each.end is not None
    ]
    connection.executemany(f"INSERT INTO {ENDED} VALUES (?, ?, ?)", ended)
