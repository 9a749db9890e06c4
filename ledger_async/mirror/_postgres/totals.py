"""The totals of a run: its holder counts in the run's line, whoever joined in a line of its own.

Writers that counted in one line would wait for each other. When the run ends, all lines are one.
"""

from __future__ import annotations

from ledger_async.mirror._sql import names
from ledger_async.mirror._sql.definitions import Definition
from ledger_async.mirror._sql.names import quoted
from ledger_async.mirror._sql.runs import HOLDER
from ledger_async.mirror.store import Differences
from ledger_async.mirror.table import Column, Table

from .session import Connection

_FIELDS = Differences.__struct_fields__

WRITERS = Definition(
    "mirror_writers",
    (
        Column("run_id", "text"),
        Column("section", "text"),
        Column("writer", "id"),
        *(Column(each, "id") for each in _FIELDS),
    ),
    marks=("run_id", "section", "writer"),
    key=("run_id", "writer"),
)

_RUNS, _WRITERS = quoted(names.RUNS), quoted(WRITERS.name)

_COLUMNS = ", ".join(_FIELDS)
_VALUES = ", ".join(f"%({each})s" for each in _FIELDS)

_COUNT = f"""
    UPDATE {_RUNS} SET {", ".join(f"{each} = {each} + %({each})s" for each in _FIELDS)}
    WHERE run_id = %(run)s
"""
_COUNT_APART = f"""
    INSERT INTO {_WRITERS} AS w (run_id, section, writer, {_COLUMNS})
    VALUES (%(run)s, %(section)s, %(writer)s, {_VALUES})
    ON CONFLICT (run_id, writer) DO UPDATE
    SET {", ".join(f"{each} = w.{each} + excluded.{each}" for each in _FIELDS)}
"""
_GATHER = f"""
    WITH apart AS (DELETE FROM {_WRITERS} WHERE section = %(section)s RETURNING *), summed AS (
        SELECT run_id, {", ".join(f"sum({each}) AS {each}" for each in _FIELDS)}
        FROM apart GROUP BY run_id
    )
    UPDATE {_RUNS} r SET {", ".join(f"{each} = r.{each} + s.{each}" for each in _FIELDS)}
    FROM summed s WHERE r.run_id = s.run_id
"""


async def count(
    connection: Connection, table: Table, run_id: str, writer: int, done: Differences
) -> None:
    """Add to what this writer did for the run."""
    values = {"run": run_id, "section": table.name, "writer": writer}
    counts = {each: getattr(done, each) for each in _FIELDS}
    statement = _COUNT if writer == HOLDER else _COUNT_APART
    await connection.execute(statement, {**values, **counts})


async def gather(connection: Connection, table: Table) -> None:
    """Add up in the line of each run of the table, once nobody writes into it any more."""
    await connection.execute(_GATHER, {"section": table.name})
