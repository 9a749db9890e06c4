"""Makes the tables of a mirror in SQLite, unless those that are there do not fit."""

from __future__ import annotations

import sqlite3

from ledger_async import ConfigurationError
from ledger_async.mirror._sql import names
from ledger_async.mirror._sql.definitions import (
    Definition,
    added,
    all_of,
    created,
    current_rows,
)
from ledger_async.mirror._sql.fitting import Found, misfit, missing
from ledger_async.mirror._sql.names import quoted
from ledger_async.mirror.table import Table

from .cells import DIALECT
from .statements import MAKE_ENDED, Statements


def prepare(connection: sqlite3.Connection, table: Table, path: str) -> None:
    """Make what is missing; raise `ConfigurationError` before anything is altered."""
    found = {each.name: _found(connection, each.name) for each in all_of(table)}
    for wanted in all_of(table):
        _check(found[wanted.name], wanted, path)
    view = names.current_of(table.name)
    if (current := _found(connection, view)) is not None and names.GONE not in current.types:
        raise _foreign(view, path, f"it has no column {names.GONE}")
    for wanted in all_of(table):
        for statement in _statements(found[wanted.name], wanted):
            connection.execute(statement)
    # SQLite looks for the columns of a view whenever it is read.
    connection.execute(f"CREATE VIEW IF NOT EXISTS {quoted(view)} AS {current_rows(table)}")
    for statement in (MAKE_ENDED, *Statements(table).make_incoming()):
        connection.execute(statement)


def _found(connection: sqlite3.Connection, name: str) -> Found | None:
    columns = connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
    if not columns:
        return None
    key = sorted((place, column) for _, column, _, _, _, place in columns if place)
    types = {column: type_ for _, column, type_, *_ in columns}
    required = [
        column
        for _, column, _, not_null, default, place in columns
        if not_null and default is None and not place
    ]
    return Found(types, tuple(column for _, column in key), required)


def _check(found: Found | None, wanted: Definition, path: str) -> None:
    reason = None if found is None else misfit(found, wanted, DIALECT)
    if reason is not None:
        raise _foreign(wanted.name, path, reason)


def _foreign(name: str, path: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"the table {name} in {path} was not made by a mirror: {reason}; name another file"
    )


def _statements(found: Found | None, wanted: Definition) -> list[str]:
    columns = [] if found is None else missing(found, wanted)
    return [*created(wanted, DIALECT), *(added(wanted, each, DIALECT) for each in columns)]
