"""The lines of runs: which one is the table's, and that it still is."""

from __future__ import annotations

from typing import Any

from ledger_async import StoreError
from ledger_async.mirror._sql import names
from ledger_async.mirror._sql.names import quoted
from ledger_async.mirror._sql.runs import holder, new_run_id
from ledger_async.mirror.store import RUN_LIFE, Differences, Mode
from ledger_async.mirror.table import Table

from .session import Connection

_RUNS = quoted(names.RUNS)

# Only the last run of a table that nobody superseded has a holder.
_LAST = f"""
    SELECT run_id, mode, finished_at IS NULL AND holder IS NOT NULL FROM {_RUNS}
    WHERE section = %s ORDER BY started_at DESC, run_id DESC LIMIT 1
"""
_OF_RUN = "WHERE o.run_id = r.run_id AND o.section = r.section"
_IS_YOUNG = f"""
    SELECT clock_timestamp() - greatest(
        started_at,
        (SELECT max(finished_at) FROM {quoted(names.ACCOUNTS)} o {_OF_RUN}),
        (SELECT max(written_at) FROM {quoted(names.PARTS)} o {_OF_RUN})
    ) < %s FROM {_RUNS} r WHERE run_id = %s
"""
_ADD = f"""
    INSERT INTO {_RUNS} (run_id, section, mode, started_at, holder, accounts, rows,
        added, changed, gone)
    VALUES (%s, %s, %s, clock_timestamp(), %s, 0, 0, 0, 0, 0)
"""
_SUPERSEDE = f"""
    UPDATE {_RUNS} SET holder = NULL
    WHERE section = %s AND finished_at IS NULL AND holder IS NOT NULL
"""
_IS_CURRENT = "run_id = %(run)s AND finished_at IS NULL AND holder IS NOT NULL"
_CHECK = f"SELECT FROM {_RUNS} WHERE {_IS_CURRENT}"
_FINISH = f"""
    UPDATE {_RUNS} r SET finished_at = now(), accounts = (
        SELECT count(*) FROM {quoted(names.ACCOUNTS)} a
        WHERE a.run_id = r.run_id AND a.section = r.section AND a.status <> 'failed'
    )
    WHERE {_IS_CURRENT}
    RETURNING accounts, rows, added, changed, gone
"""


async def last(connection: Connection, table: Table) -> tuple[Any, ...] | None:
    """The id and mode of the table's last run, and true if it can be gone on with."""
    return await (await connection.execute(_LAST, [table.name])).fetchone()


async def resumed(connection: Connection, table: Table, mode: Mode) -> str | None:
    """The id of the last run, if it can be resumed in this mode; from now on we hold it."""
    match await last(connection, table):
        case (str(run_id), str(its_mode), True) if its_mode == mode and await _is_young(
            connection, run_id
        ):
            await connection.execute(
                f"UPDATE {_RUNS} SET holder = %s WHERE run_id = %s", [holder(), run_id]
            )
            return run_id
    return None


async def _is_young(connection: Connection, run_id: str) -> bool:
    """True if the run wrote something, or began, not long ago."""
    found = await connection.execute(_IS_YOUNG, [RUN_LIFE, run_id])
    return await found.fetchone() == (True,)


async def is_current(connection: Connection, table: Table, run_id: str) -> bool:
    """True if this is the id of the table's current run."""
    match await last(connection, table):
        case (str(current), _, True):
            return current == run_id
    return False


async def begun(connection: Connection, table: Table, mode: Mode) -> str:
    """The id of a new run, which supersedes those that were not finished."""
    ((now,),) = await (await connection.execute("SELECT clock_timestamp()")).fetchall()
    run_id = new_run_id(now)
    await connection.execute(_SUPERSEDE, [table.name])
    await connection.execute(_ADD, [run_id, table.name, mode, holder()])
    return run_id


async def check(connection: Connection, run_id: str) -> None:
    """Raise `StoreError` unless the run goes on."""
    found = await connection.execute(_CHECK, {"run": run_id})
    if await found.fetchone() is None:
        raise _over(run_id)


async def finish(connection: Connection, run_id: str) -> Differences:
    """End the run, and return its totals."""
    row = await (await connection.execute(_FINISH, {"run": run_id})).fetchone()
    if row is None:
        raise _over(run_id)
    return Differences(*row)


def _over(run_id: str) -> StoreError:
    return StoreError(f"the run {run_id} was finished or superseded by another")
