"""The lines of SQLite about runs, their accounts, and the parts of those that are not finished."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ledger_async import ConfigurationError, StoreError
from ledger_async.mirror._sql import names, runs
from ledger_async.mirror._sql.proofs import IS_PROVEN
from ledger_async.mirror.store import RUN_LIFE, Differences, Mode, Staged

from .cells import stamp

_RUNS, _ACCOUNTS, _PARTS = map(names.quoted, (names.RUNS, names.ACCOUNTS, names.PARTS))

# One writer's parts of an account.
_OF_ACCOUNT = "run_id = ? AND section = ? AND account_id IS ? AND writer = ?"

_OF_RUN = "WHERE run_id = :run AND section = :section"
_LAST_WRITE = f"""
    SELECT max(time) FROM (
        SELECT started_at AS time FROM {_RUNS} {_OF_RUN}
        UNION ALL SELECT max(finished_at) FROM {_ACCOUNTS} {_OF_RUN}
        UNION ALL SELECT max(written_at) FROM {_PARTS} {_OF_RUN}
    )
"""


class RunKey(msgspec.Struct, frozen=True):
    """The id of a run, the table that it fills, and the writer to whom staged parts belong."""

    id: str
    section: str
    writer: int = runs.HOLDER


class _Last(msgspec.Struct, frozen=True):
    """The run of a table that began last."""

    run_id: str
    mode: str
    finished_at: str | None
    holder: str


def now() -> str:
    """The time as the tables hold it."""
    return stamp(datetime.now(UTC))


def holder_of(connection: sqlite3.Connection, section: str) -> str:
    """Whoever holds a table that is locked, as far as can be known."""
    try:
        last = _last(connection, section)
    except sqlite3.OperationalError:  # which is only about to make the tables
        last = None
    return "another process" if last is None else last.holder


def begin(
    connection: sqlite3.Connection, section: str, mode: Mode, *, resume: bool
) -> tuple[RunKey, bool]:
    """The run that begins, and true if that is an older one which is resumed."""
    last = _last(connection, section)
    holder = f"{runs.holder()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if last is not None and resume and last.mode == mode and _is_alive(connection, section, last):
        connection.execute(f"UPDATE {_RUNS} SET holder = ? WHERE run_id = ?", [holder, last.run_id])
        return RunKey(last.run_id, section), True
    run = RunKey(runs.new_run_id(datetime.now(UTC)), section)
    connection.execute(
        f"INSERT INTO {_RUNS} (run_id, section, mode, started_at, holder, accounts, rows, added, "
        "changed, gone) VALUES (?, ?, ?, ?, ?, 0, 0, 0, 0, 0)",
        [run.id, section, mode, now(), holder],
    )
    delete_staged(connection, section)
    return run, False


def join(connection: sqlite3.Connection, section: str, run_id: str) -> RunKey:
    """The run of this id, which goes on elsewhere."""
    run = RunKey(run_id, section, runs.new_writer())
    reason = _end_of(connection, run)
    if reason is not None:
        raise ConfigurationError(f"run {run_id} of {section} cannot be joined: {reason}")
    return run


def check(connection: sqlite3.Connection, run: RunKey) -> None:
    """Raise `StoreError` unless the run still goes on."""
    reason = _end_of(connection, run)
    if reason is not None:
        raise StoreError(f"run {run.id} of {run.section} goes on no more: {reason}")


def finish(connection: sqlite3.Connection, run: RunKey) -> Differences:
    """Close the run, and delete what it still has staged."""
    delete_staged(connection, run.section)
    read = (
        f"SELECT count(*) FROM {_ACCOUNTS} WHERE run_id = ? AND section = ? AND status <> 'failed'"
    )
    connection.execute(
        f"UPDATE {_RUNS} SET finished_at = ?, accounts = ({read}) WHERE run_id = ?",
        [now(), run.id, run.section, run.id],
    )
    columns = "accounts, rows, added, changed, gone"
    totals = f"SELECT {columns} FROM {_RUNS} WHERE run_id = ?"
    return Differences(*connection.execute(totals, [run.id]).fetchone())


def count(connection: sqlite3.Connection, run: RunKey, done: Differences) -> None:
    """Add to the totals of the run."""
    fields = done.__struct_fields__
    sums = ", ".join(f"{each} = {each} + :{each}" for each in fields)
    values = {each: getattr(done, each) for each in fields}
    connection.execute(f"UPDATE {_RUNS} SET {sums} WHERE run_id = :run", {**values, "run": run.id})


def finished(
    connection: sqlite3.Connection, run: RunKey, account_ids: Sequence[int | None]
) -> set[int | None]:
    """Those of the accounts that are proven."""
    key = [run.id, run.section]
    of_run = (
        f"SELECT account_id FROM {_ACCOUNTS} "
        f"WHERE run_id = ? AND section = ? AND {IS_PROVEN} AND account_id"
    )
    if None in account_ids:  # the workspace's listing, of which there is one
        found = connection.execute(f"{of_run} IS NULL", key)
    else:
        these = json.dumps([*account_ids])
        found = connection.execute(f"{of_run} IN (SELECT value FROM json_each(?))", [*key, these])
    return {account_id for (account_id,) in found}


def sizes(connection: sqlite3.Connection, section: str, account_ids: Sequence[int]) -> list[Any]:
    """The rows of these accounts, as far as the last finished run has read them."""
    of_last = (
        f"SELECT run_id FROM {_RUNS} WHERE section = :section AND finished_at IS NOT NULL "
        "ORDER BY rowid DESC LIMIT 1"
    )
    found = connection.execute(
        f"SELECT account_id, nodes FROM {_ACCOUNTS} WHERE run_id = ({of_last}) "
        "AND section = :section AND account_id IN (SELECT value FROM json_each(:these)) "
        "AND status <> 'failed'",
        {"section": section, "these": json.dumps([*account_ids])},
    )
    return found.fetchall()


def end_accounts(
    connection: sqlite3.Connection,
    run: RunKey,
    statuses: Mapping[int | None, str],
    counts: Mapping[int | None, int],
) -> None:
    """Write the line of each account, in place of an earlier one."""
    connection.executemany(
        f"DELETE FROM {_ACCOUNTS} WHERE run_id = ? AND section = ? AND account_id IS ?",
        [(run.id, run.section, each) for each in statuses],
    )
    connection.executemany(
        f"INSERT INTO {_ACCOUNTS} (run_id, section, account_id, status, nodes, finished_at) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (run.id, run.section, each, status, counts.get(each, 0), now())
            for each, status in statuses.items()
        ],
    )


def staged(connection: sqlite3.Connection, run: RunKey) -> list[Staged]:
    """The accounts with parts of this writer, but without an end."""
    found = connection.execute(
        f"SELECT account_id, count(*), min(written_at) FROM {_PARTS} "
        "WHERE run_id = ? AND section = ? AND writer = ? GROUP BY account_id",
        [run.id, run.section, run.writer],
    )
    return [Staged(account_id, parts, _age(written)) for account_id, parts, written in found]


def add_part(
    connection: sqlite3.Connection, run: RunKey, account_id: int | None, checkpoint: bytes | None
) -> int:
    """The number of a part that is staged behind the account's others."""
    key = [run.id, run.section, account_id, run.writer]
    sql = f"SELECT count(*) FROM {_PARTS} WHERE {_OF_ACCOUNT}"
    (number,) = connection.execute(sql, key).fetchone()
    text = None if checkpoint is None else checkpoint.decode()
    connection.execute(
        f"INSERT INTO {_PARTS} "
        "(run_id, section, account_id, writer, part, checkpoint, written_at) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [*key, number, text, now()],
    )
    return int(number)


def checkpoints(
    connection: sqlite3.Connection, run: RunKey, account_id: int | None, first: int, last: int
) -> dict[int, bytes | None]:
    """The checkpoint of each of these parts that there is."""
    found = connection.execute(
        f"SELECT part, checkpoint FROM {_PARTS} WHERE {_OF_ACCOUNT} "
        "AND part BETWEEN ? AND ? ORDER BY part",
        [run.id, run.section, account_id, run.writer, first, last],
    )
    return {part: None if text is None else text.encode() for part, text in found}


def drop_parts(
    connection: sqlite3.Connection, run: RunKey, account_ids: Iterable[int | None]
) -> bool:
    """Delete this writer's parts of the accounts; true if there were any."""
    deleted = connection.executemany(
        f"DELETE FROM {_PARTS} WHERE {_OF_ACCOUNT}",
        [(run.id, run.section, each, run.writer) for each in account_ids],
    )
    return deleted.rowcount > 0


def delete_staged(connection: sqlite3.Connection, section: str) -> None:
    """Delete what any writer of any run of the table has staged."""
    connection.execute(f"DELETE FROM {names.quoted(names.staging_of(section))}")
    connection.execute(f"DELETE FROM {_PARTS} WHERE section = ?", [section])


def _last(connection: sqlite3.Connection, section: str) -> _Last | None:
    found = connection.execute(
        f"SELECT run_id, mode, finished_at, holder FROM {_RUNS} "
        "WHERE section = ? ORDER BY rowid DESC LIMIT 1",
        [section],
    ).fetchone()
    return None if found is None else _Last(*found)


def _end_of(connection: sqlite3.Connection, run: RunKey) -> str | None:
    """The reason why the run goes on no more, `None` if it does."""
    last = _last(connection, run.section)
    if last is None:
        return "there is none"
    if last.run_id != run.id:
        return f"it is unknown, or was superseded by run {last.run_id}"
    return None if last.finished_at is None else "it is finished"


def _is_alive(connection: sqlite3.Connection, section: str, run: _Last) -> bool:
    """True if the run is not finished and wrote something, or began, not long ago."""
    if run.finished_at is not None:
        return False
    (written,) = connection.execute(_LAST_WRITE, {"run": run.run_id, "section": section}).fetchone()
    return _age(written) < RUN_LIFE.total_seconds()


def _age(written: str) -> float:
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(written)).total_seconds())
