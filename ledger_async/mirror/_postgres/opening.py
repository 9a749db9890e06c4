"""Connects to the server, takes the lock, and finds the run to go on with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from psycopg import AsyncConnection, ProgrammingError
from psycopg.conninfo import conninfo_to_dict
from psycopg.errors import UndefinedTable

from ledger_async import ConfigurationError
from ledger_async._support.secrets import Hidden
from ledger_async.errors import without_frames
from ledger_async.mirror._sql.runs import HOLDER, holder, new_writer
from ledger_async.mirror.store import Mode
from ledger_async.mirror.table import Table

from . import bookkeeping, lock, schema, totals
from .failures import translated
from .gate import Gate
from .run import DURABLE, PostgresRun
from .session import Connection, Session
from .statements import Statements

# JIT takes longer to compile a merge than the merge takes. A server that hears nothing from
# a machine lets go of its locks after a minute instead of two hours, and so it does where a process
# stops in the midst of a transaction. Locks are of use only to those who then see what was written.
_SETTINGS = {
    "client_encoding": "UTF8",
    "timezone": "UTC",
    "datestyle": "ISO",
    "synchronous_commit": "off",
    "jit": "off",
    "work_mem": "64MB",
    "default_transaction_isolation": "read committed",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


def where(dsn: Hidden[str]) -> str:
    """The database that the string names, without what is secret; raise if it names none."""
    shown = _shown(dsn)
    if shown is None:  # beside no error that would be remembered
        raise ConfigurationError(
            "dsn must be a URL such as postgresql://localhost/ledger, or a string of libpq"
        )
    if not _is_clear(shown):
        del shown
        raise ConfigurationError("dsn: a password with @ or / in it is written with %40 or %2F")
    return " ".join(f"{key}={value}" for key, value in shown.items())


def _shown(dsn: Hidden[str]) -> Mapping[str, str] | None:
    if "\0" in dsn.reveal():  # for libpq the end of the string, also within a password
        return None
    try:
        named = conninfo_to_dict(dsn.reveal())
    except (ProgrammingError, UnicodeEncodeError):  # whose words quote the string
        return None
    return {key: str(named[key]) for key in ("host", "port", "dbname") if key in named}


def _is_clear(shown: Mapping[str, str]) -> bool:
    """True if nothing shown can be of a password, which ends at its first @ or / for libpq."""
    ports = re.fullmatch(r"[\d,]*", shown.get("port", ""))
    return ports is not None and not any("@" in each for each in shown.values())


async def connected(dsn: Hidden[str]) -> Session:
    """A connection of its own for a run."""
    with translated():
        try:
            connection = await AsyncConnection.connect(
                dsn.reveal(), autocommit=True, fallback_application_name=_application_name()
            )
        except BaseException as error:
            # The connection is open for as long as there are frames of psycopg that know it.
            without_frames(error)
            raise
    session = Session(connection)
    try:
        await session.do(_settle)
    except BaseException:
        await session.aclose()
        raise
    return session


async def begun(
    session: Session,
    table: Table,
    mode: Mode,
    *,
    schema_name: str | None,
    resume: bool,
    patience: float,
) -> PostgresRun:
    """The run that is gone on with or begun, whose table is locked."""
    await session.do(partial(schema.make, schema_name))
    home = await session.do(partial(schema.enter, schema_name))
    name = f"{home}.{table.name}"
    await lock.take(session, lock.key_of(home, table.name), table=name, patience=patience)
    await session.do(partial(schema.prepare, table, home))
    await session.do(partial(_equip, table, mode))
    gate = Gate(home, table.name)
    run_id, resumed = await session.do(partial(_chosen, table, mode, gate, resume=resume))
    return PostgresRun(session, table, gate, run_id, writer=HOLDER, resumed=resumed)


async def readied(session: Session, table: Table, mode: Mode, *, schema_name: str | None) -> Gate:
    """Make ready for runs to be joined, which are as many as there will be."""

    async def ready(connection: Connection) -> Gate:
        home = await schema.enter(schema_name, connection)
        try:
            await _equip(table, mode, connection)
        except UndefinedTable:
            raise ConfigurationError(f"{home} holds no mirror of {table.name} to join") from None
        # Whoever holds the run believes what it is told to be done, and outlives a server that
        # crashes. A run that is gone on with asks what is there.
        await connection.execute(DURABLE, [False])
        return Gate(home, table.name)

    return await session.do(ready)


async def joined(
    session: Session, gate: Gate, *, table: Table, run_id: str, shared: bool
) -> PostgresRun:
    """The run of this id, which another process holds."""

    async def look(connection: Connection) -> bool:
        return await bookkeeping.is_current(connection, table, run_id)

    if not await session.do(look):
        raise ConfigurationError(f"there is no run {run_id} of {table.name} to join")
    return PostgresRun(
        session, table, gate, run_id, writer=new_writer(), resumed=True, shared=shared
    )


async def _equip(table: Table, mode: Mode, connection: Connection) -> None:
    """Make ready for writes to this table."""
    await connection.execute(Statements(table).incoming())
    if table.by_account or mode == "incremental":
        # A planner that knows little of the table would read all of it for a few rows.
        await connection.execute("SET enable_seqscan = off")


async def _chosen(
    table: Table, mode: Mode, gate: Gate, connection: Connection, *, resume: bool
) -> tuple[str, bool]:
    """The id of the run, and true if another process began it."""
    run_id = await bookkeeping.resumed(connection, table, mode) if resume else None
    if run_id is not None:
        return run_id, True
    await connection.execute(DURABLE, [True])
    await gate.shut(connection)
    await totals.gather(connection, table)
    run_id = await bookkeeping.begun(connection, table, mode)
    for statement in Statements(table).drop_all():
        await connection.execute(statement)
    return run_id, False


async def _settle(connection: Connection) -> None:
    settings = [value for pair in _SETTINGS.items() for value in pair]
    calls = ", ".join(["set_config(%s, %s, false)"] * len(_SETTINGS))
    await connection.execute(f"SELECT {calls}", settings)


def _application_name() -> str:
    """The words by which whoever waits for a lock is told of this process."""
    return f"ledger_async: {holder()}".encode("ascii", "replace").decode()[:63]
