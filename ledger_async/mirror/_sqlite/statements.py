"""The statements of SQLite that merge what came into a table."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ledger_async.mirror._sql import names
from ledger_async.mirror._sql.names import listed, quoted
from ledger_async.mirror._sql.proofs import last_proof
from ledger_async.mirror.table import Column, Table

from .cells import DIALECT

# The accounts that end with a write; `failed` and `replaces` are 0 or 1.
ENDED = "temp.mirror_ended"
MAKE_ENDED = f"CREATE TABLE IF NOT EXISTS {ENDED} (account_id INTEGER, failed, replaces)"

_OWN = f"t.{quoted(names.WRITER)} = :writer"


class Statements:
    """Those of one table, called `t`; `i` are the rows of accounts that end with a write.

    Parameters are `:run`, the id, `:now`, the time that rows are marked with, and `:writer`, to
    whom staged rows belong.
    """

    def __init__(self, table: Table) -> None:
        self._columns = table.columns
        self._names = [each.name for each in table.columns]
        self._key = table.key
        self._by_account = table.by_account
        self._values = [each for each in table.columns if each.name not in table.key]
        self._rows = quoted(table.name)
        self._staging = quoted(names.staging_of(table.name))
        self._changes = quoted(names.changes_of(table.name))
        self.incoming = f"temp.{quoted(f'{table.name}_incoming')}"
        self._is_same = " AND ".join(f"t.{quoted(each)} = i.{quoted(each)}" for each in table.key)

    def make_incoming(self) -> list[str]:
        """Make the table of incoming rows, anew if its columns were others."""
        columns = [f"{quoted(each.name)} {DIALECT.types[each.kind]}" for each in self._columns]
        lines = ", ".join([*columns, f"PRIMARY KEY ({listed(self._key)})"])
        return [
            f"DROP TABLE IF EXISTS {self.incoming}",
            f"CREATE TABLE {self.incoming} ({lines}) WITHOUT ROWID",
        ]

    def receive(self) -> str:
        """Insert an incoming row, which counts instead of one of the same key before it."""
        return f"INSERT OR REPLACE INTO {self.incoming} VALUES ({_marks(self._names)})"

    def receive_staged(self) -> str:
        """Insert the staged rows of the accounts that end, those that failed apart."""
        order = listed([names.PART, names.POSITION])
        return (
            f"INSERT OR REPLACE INTO {self.incoming} SELECT {listed(self._names)} "
            f"FROM {self._staging} AS t WHERE {_OWN} AND {self._ends('NOT failed')} "
            f"ORDER BY {order}"
        )

    def stage(self) -> str:
        """Insert a row: the numbers of its writer, its part and itself, and the columns."""
        columns = [names.WRITER, names.PART, names.POSITION, *self._names]
        return f"INSERT INTO {self._staging} ({listed(columns)}) VALUES ({_marks(columns)})"

    def unstage(self) -> str:
        """Delete what is staged of the accounts that end."""
        return f"DELETE FROM {self._staging} AS t WHERE {_OWN} AND {self._ends('true')}"

    def counts(self) -> str:
        """The number of incoming rows of each account."""
        account = "account_id" if self._by_account else "NULL"
        return f"SELECT {account}, count(*) FROM {self.incoming} GROUP BY 1"

    def record_added(self) -> str:
        """Record the rows that are new, or were gone."""
        first = quoted(self._key[0])
        return (
            f"{self._record('after')} SELECT :run, :now, {listed(self._key, 'i')}, 'added', "
            f"{_document('i', self._columns)} "
            f"FROM {self.incoming} AS i LEFT JOIN {self._rows} AS t ON {self._is_same} "
            f"WHERE t.{first} IS NULL OR t.{quoted(names.GONE)} IS NOT NULL"
        )

    def record_changed(self) -> str:
        """Record the rows of which a column is another, with those columns."""
        before, after = _differences("t", self._values), _differences("i", self._values)
        return (
            f"{self._record('before', 'after')} SELECT :run, :now, {listed(self._key, 'i')}, "
            f"'changed', {before}, {after} "
            f"FROM {self.incoming} AS i CROSS JOIN {self._rows} AS t ON {self._is_same} "
            f"WHERE t.{quoted(names.GONE)} IS NULL AND ({_differ('i', self._values)})"
        )

    def update(self) -> str:
        """Let the table hold the rows that are new, changed or back, and touch no others."""
        set_ = [f"{quoted(each.name)} = excluded.{quoted(each.name)}" for each in self._values]
        changed, gone = quoted(names.CHANGED), quoted(names.GONE)
        set_ += [f"{changed} = excluded.{changed}", f"{gone} = NULL"]
        columns = listed([*self._names, names.FIRST_SEEN, names.CHANGED])
        return (
            f"INSERT INTO {self._rows} AS t ({columns}) SELECT *, :now, :now "
            f"FROM {self.incoming} WHERE true "
            f"ON CONFLICT ({listed(self._key)}) DO UPDATE SET {', '.join(set_)} "
            f"WHERE t.{gone} IS NOT NULL OR {_differ('excluded', self._values)}"
        )

    def record_gone(self) -> str:
        """Record the rows that have left the accounts that are replaced."""
        return (
            f"{self._record('before')} SELECT :run, :now, {listed(self._key, 't')}, 'gone', "
            f"{_document('t', self._columns)} FROM {self._rows} AS t WHERE {self._has_left()}"
        )

    def mark_gone(self) -> str:
        """Mark the rows that have left."""
        changed, gone = quoted(names.CHANGED), quoted(names.GONE)
        return (
            f"UPDATE {self._rows} AS t SET {changed} = :now, {gone} = :now WHERE {self._has_left()}"
        )

    def identities(self, identity: Iterable[str]) -> str:
        """The identities of the rows of some parts of an account, each with its part."""
        account = "account_id = :account AND " if self._by_account else ""
        return (
            f"SELECT {listed([names.PART, *identity])} FROM {self._staging} AS t "
            f"WHERE {account}{_OWN} AND {quoted(names.PART)} BETWEEN :first AND :last "
            f"ORDER BY {listed([names.PART, names.POSITION])}"
        )

    def newest(self, column: str) -> str:
        """The latest time in a column, of rows that came by the last proof of `:section`."""
        return (
            f"SELECT max({quoted(column)}) FROM {self._rows} "
            f"WHERE {quoted(names.FIRST_SEEN)} <= ({last_proof(':section')})"
        )

    def unsettled(self, column: str, final: int) -> str:
        """The ids of rows that are not gone, where the column has none of so many values."""
        name = quoted(column)
        return (
            f"SELECT id FROM {self._rows} WHERE {quoted(names.GONE)} IS NULL "
            f"AND ({name} IS NULL OR {name} NOT IN ({', '.join('?' * final)}))"
        )

    def _ends(self, condition: str) -> str:
        """True for a row of an account that ends, and of which this is true."""
        ended = f"FROM {ENDED} WHERE {condition}"
        if self._by_account:
            return f"t.account_id IN (SELECT account_id {ended})"
        return f"EXISTS (SELECT 1 {ended})"

    def _has_left(self) -> str:
        came = f"SELECT 1 FROM {self.incoming} AS i WHERE {self._is_same}"
        gone = f"t.{quoted(names.GONE)} IS NULL"
        return f"{self._ends('replaces')} AND {gone} AND NOT EXISTS ({came})"

    def _record(self, *documents: str) -> str:
        key = map(names.key_in_changes, self._key)
        columns = listed(["run_id", names.CHANGED, *key, "kind", *documents])
        return f"INSERT INTO {self._changes} ({columns})"


def _marks(columns: Iterable[str]) -> str:
    return ", ".join("?" for _ in columns)


def _differ(other: str, columns: Iterable[Column]) -> str:
    names_ = [quoted(each.name) for each in columns]
    return " OR ".join(f"t.{each} IS NOT {other}.{each}" for each in names_) or "false"


def _document(alias: str, columns: Iterable[Column]) -> str:
    """A row as JSON, in which numbers keep every digit: `json_object` has none so large."""
    fields = " || ',' || ".join(f"{_label(each)} || {_json(alias, each)}" for each in columns)
    return f"'{{' || {fields} || '}}'"


def _differences(alias: str, columns: Iterable[Column]) -> str:
    """The columns of a row that differ, as JSON."""
    fields = " || ".join(
        f"CASE WHEN {_differ('i', [each])} THEN ',' || {_label(each)} || {_json(alias, each)} "
        "ELSE '' END"
        for each in columns
    )
    return f"'{{' || ltrim({fields or chr(39) * 2}, ',') || '}}'"


def _label(column: Column) -> str:
    return "'" + json.dumps(column.name).replace("'", "''") + ":'"


def _json(alias: str, column: Column) -> str:
    cell = f"{alias}.{quoted(column.name)}"
    match column.kind:
        case "id" | "integer" | "json":
            return f"coalesce({cell}, 'null')"
        case "boolean":
            return f"CASE {cell} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE 'null' END"
        case "decimal":  # of which NaN is no number in JSON
            return f"CASE WHEN json_valid({cell}) THEN {cell} ELSE json_quote({cell}) END"
        case _:
            return f"json_quote({cell})"
