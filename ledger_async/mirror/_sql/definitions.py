"""The tables of a mirror as values, and the statements that make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from ledger_async.mirror.table import Column, Kind, Table

from . import names
from .names import listed, quoted


class Dialect(msgspec.Struct, frozen=True):
    """The words that databases do not share.

    `types` are spelled as the database itself tells them, so that tables can be compared. `serial`
    is the type of a column that numbers its rows by itself and is their primary key.
    """

    types: Mapping[Kind, str]
    serial: str


class Definition(msgspec.Struct, frozen=True):
    """A table that a mirror makes: `required` columns and those of a key may not be null.

    A table without the columns `marks` was made by somebody else. With `numbered`, an `id` that
    the database counts comes first. There is one index at most, which need not be unique.
    """

    name: str
    columns: tuple[Column, ...]
    marks: tuple[str, ...]
    key: tuple[str, ...] = ()
    index: tuple[str, ...] = ()
    numbered: bool = False
    required: tuple[str, ...] = ()


RUNS = Definition(
    names.RUNS,
    (
        Column("run_id", "text"),
        Column("section", "text"),
        Column("mode", "text"),
        Column("started_at", "timestamp"),
        Column("finished_at", "timestamp"),
        Column("holder", "text"),
        *(Column(each, "id") for each in ("accounts", "rows", "added", "changed", "gone")),
    ),
    marks=("run_id", "section", "mode"),
    key=("run_id",),
    index=("section", "run_id"),
)

ACCOUNTS = Definition(
    names.ACCOUNTS,
    (
        Column("run_id", "text"),
        Column("section", "text"),
        Column("account_id", "id"),
        Column("status", "text"),
        Column("nodes", "id"),
        Column("finished_at", "timestamp"),
    ),
    marks=("run_id", "section", "account_id", "status"),
    index=("run_id", "section", "account_id"),
)

PARTS = Definition(
    names.PARTS,
    (
        Column("run_id", "text"),
        Column("section", "text"),
        Column("account_id", "id"),
        Column("writer", "id"),
        Column("part", "id"),
        Column("checkpoint", "text"),
        Column("written_at", "timestamp"),
    ),
    marks=("run_id", "section", "account_id", "writer", "part"),
    index=("run_id", "section", "account_id", "writer", "part"),
)


def rows_of(table: Table) -> Definition:
    """The table itself: every column, and since when each row is as it is."""
    marks = (names.FIRST_SEEN, names.CHANGED, names.GONE)
    times = (Column(each, "timestamp") for each in marks)
    return Definition(table.name, (*table.columns, *times), marks, key=table.key)


def staging_of(table: Table) -> Definition:
    """Rows of accounts that were not read to their end yet, in the order in which they came."""
    order = (names.WRITER, names.PART, names.POSITION)
    columns = (*(Column(each, "id") for each in order), *table.columns)
    account = table.key[:1] if table.by_account else ()
    return Definition(names.staging_of(table.name), columns, order, index=(*account, *order))


def changes_of(table: Table) -> Definition:
    """The differences, each with the run that found it, and when, and the key of its row."""
    key = [Column(names.key_in_changes(each), table.column(each).kind) for each in table.key]
    return Definition(
        names.changes_of(table.name),
        (
            Column("run_id", "text"),
            Column(names.CHANGED, "timestamp"),
            *key,
            Column("kind", "text"),
            Column("before", "json"),
            Column("after", "json"),
        ),
        marks=("run_id", "kind", "before", "after"),
        index=tuple(each.name for each in key),
        numbered=True,
        required=("run_id", "kind"),
    )


def all_of(table: Table) -> list[Definition]:
    """Every table that a mirror of this one needs."""
    return [rows_of(table), staging_of(table), changes_of(table), RUNS, ACCOUNTS, PARTS]


def current_rows(table: Table) -> str:
    """The query of the view on the rows that are not gone, with every column there is."""
    return f"SELECT * FROM {quoted(table.name)} WHERE {quoted(names.GONE)} IS NULL"


def created(definition: Definition, dialect: Dialect) -> list[str]:
    """The statements that make the table and its index, where they are not there yet."""
    lines = ", ".join(_lines(definition, dialect))
    statements = [f"CREATE TABLE IF NOT EXISTS {quoted(definition.name)} ({lines})"]
    if definition.index:
        index, table = quoted(f"{definition.name}_index"), quoted(definition.name)
        columns = listed(definition.index)
        statements.append(f"CREATE INDEX IF NOT EXISTS {index} ON {table} ({columns})")
    return statements


def added(definition: Definition, column: Column, dialect: Dialect) -> str:
    """The statement that gives an existing table one more column."""
    table, name = quoted(definition.name), quoted(column.name)
    return f"ALTER TABLE {table} ADD COLUMN {name} {dialect.types[column.kind]}"


def _lines(definition: Definition, dialect: Dialect) -> Iterator[str]:
    if definition.numbered:
        yield f"{quoted('id')} {dialect.serial}"
    for column in definition.columns:
        required = " NOT NULL" if column.name in {*definition.key, *definition.required} else ""
        yield f"{quoted(column.name)} {dialect.types[column.kind]}{required}"
    if definition.key:
        yield f"PRIMARY KEY ({listed(definition.key)})"
