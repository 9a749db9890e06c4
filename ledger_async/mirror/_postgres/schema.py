"""Makes the tables of a mirror where they are missing, and refuses those of somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ledger_async import ConfigurationError
from ledger_async.mirror._sql import names
from ledger_async.mirror._sql.definitions import (
    Definition,
    Dialect,
    added,
    all_of,
    created,
    current_rows,
)
from ledger_async.mirror._sql.fitting import Found, misfit, missing
from ledger_async.mirror._sql.names import quoted
from ledger_async.mirror.table import Table

from .lock import key_of
from .session import Connection
from .totals import WRITERS

DIALECT = Dialect(
    {
        "id": "bigint",
        "integer": "numeric",
        "decimal": "numeric",
        "text": "text",
        "boolean": "boolean",
        "timestamp": "timestamp with time zone",
        "json": "jsonb",
    },
    serial="bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
)

_FIND = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
        array_position(i.indkey::int2[], a.attnum),
        a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    WHERE c.relname = ANY(%s) AND c.relnamespace =
        (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
    ORDER BY a.attnum
"""


async def make(schema: str | None, connection: Connection) -> None:
    """Make this schema if it is missing."""
    if schema is not None and not await _exists(connection, schema):
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")


async def enter(schema: str | None, connection: Connection) -> str:
    """Work in this schema, or in that of the search path; return its name."""
    if schema is None:
        schema = await _current(connection)
    await connection.execute(f"SET search_path TO {quoted(schema)}")
    return schema


async def prepare(table: Table, schema: str, connection: Connection) -> None:
    """Make the tables that are missing, and the columns, once all that are there do fit."""
    # Mirrors of several tables of the schema share some of these.
    await connection.execute("SELECT pg_advisory_xact_lock(%s)", [key_of(schema)])
    wanted = [*all_of(table), WRITERS]
    view = names.current_of(table.name)
    found = await _found(connection, [view, *(each.name for each in wanted)])
    for each in wanted:
        if each.name in found:
            _check(found[each.name], each, schema)
    if view in found and names.GONE not in found[view].types:
        raise _foreign(view, schema, f"it has no column {names.GONE}")
    for each in wanted:
        for statement in _changes(found.get(each.name), each):
            await connection.execute(statement)
    if _is_old(found.get(view), found.get(table.name), wanted[0]):
        await connection.execute(f"CREATE OR REPLACE VIEW {quoted(view)} AS {current_rows(table)}")


def _is_old(view: Found | None, rows: Found | None, wanted: Definition) -> bool:
    """True if the view is not there, or lacks a column that its table has or will have."""
    if view is None or rows is None:
        return True
    return not {*rows.types, *(each.name for each in wanted.columns)} <= view.types.keys()


def _changes(found: Found | None, wanted: Definition) -> Iterable[str]:
    if found is not None:
        return [added(wanted, column, DIALECT) for column in missing(found, wanted)]
    statements = created(wanted, DIALECT)
    if names.PART in wanted.marks or wanted.name == names.PARTS:
        # Both are emptied if the server crashes. Those accounts are read from their beginning.
        statements.append(f"ALTER TABLE {quoted(wanted.name)} SET UNLOGGED")
    return statements


def _check(found: Found, wanted: Definition, schema: str) -> None:
    reason = misfit(found, wanted, DIALECT)
    if reason is not None:
        raise _foreign(wanted.name, schema, reason)


def _foreign(name: str, schema: str, reason: str) -> ConfigurationError:
    return ConfigurationError(
        f"the table {schema}.{name} was not made by a mirror: {reason}; "
        "name another schema by schema="
    )


async def _found(connection: Connection, tables: list[str]) -> Mapping[str, Found]:
    """Those of these tables that are there."""
    rows = await (await connection.execute(_FIND, [tables])).fetchall()
    types: dict[str, dict[str, str]] = {}
    keys: dict[str, list[tuple[int, str]]] = {}
    required: dict[str, list[str]] = {}
    for table, column, type_, place, is_required in rows:
        required.setdefault(table, []).extend([column] if is_required and place is None else [])
        types.setdefault(table, {})[column] = type_
        keys.setdefault(table, []).extend([(place, column)] if place is not None else [])
    return {
        table: Found(types[table], tuple(name for _, name in sorted(keys[table])), required[table])
        for table in types
    }


async def _exists(connection: Connection, schema: str) -> bool:
    found = await connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [schema])
    return await found.fetchone() is not None


async def _current(connection: Connection) -> str:
    row = await (await connection.execute("SELECT current_schema()")).fetchone()
    if row is None or row[0] is None:
        raise ConfigurationError(
            "the search path of the connection has no schema that exists: name one by schema="
        )
    return str(row[0])
