"""Connects to the server, takes the lock, and finds the run to go on with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from psycopg import AsyncConnection, ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from ledger_async import ConfigurationError
from ledger_async._support.secrets import Hidden
from ledger_async.errors import without_frames
from ledger_async.mirror._sql.runs import HOLDER, holder, new_writer
from ledger_async.mirror.store import Mode
from ledger_async.mirror.table import Table

from . import bookkeeping, lock, schema
from .failures import translated
from .run import PostgresRun
from .session import Connection, Session
from .statements import Statements

# JIT takes longer to compile a merge than the merge takes. A server that hears nothing from
# a machine lets go of its locks after a minute instead of two hours.
_SETTINGS = {
    "client_encoding": "UTF8",
    "timezone": "UTC",
    "datestyle": "ISO",
    "synchronous_commit": "off",
    "jit": "off",
    "work_mem": "64MB",
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
    join: str | None,
    patience: float,
) -> PostgresRun:
    """The run that is gone on with or begun, whose table is locked unless the run is joined."""
    home = await session.do(partial(schema.enter, schema_name))
    if join is None:
        name = f"{home}.{table.name}"
        await lock.take(session, lock.key_of(home, table.name), table=name, patience=patience)
        await session.do(partial(schema.prepare, table, home))
    run_id, resumed = await session.do(partial(_chosen, table, mode, resume=resume, join=join))
    writer = HOLDER if join is None else new_writer()
    return PostgresRun(session, table, run_id, writer=writer, resumed=resumed)


async def _chosen(
    table: Table, mode: Mode, connection: Connection, *, resume: bool, join: str | None
) -> tuple[str, bool]:
    """The id of the run, and true if another process began it."""
    statements = Statements(table)
    await connection.execute(statements.incoming())
    if table.by_account or mode == "incremental":
        # A planner that knows little of the table would read all of it for a few rows.
        await connection.execute("SET enable_seqscan = off")
    if join is not None:
        return await bookkeeping.joined(connection, table, join), True
    run_id = await bookkeeping.resumed(connection, table, mode) if resume else None
    if run_id is not None:
        return run_id, True
    run_id = await bookkeeping.begun(connection, table, mode)
    for statement in statements.drop_all():
        await connection.execute(statement)
    return run_id, False


async def _settle(connection: Connection) -> None:
    settings = [value for pair in _SETTINGS.items() for value in pair]
    calls = ", ".join(["set_config(%s, %s, false)"] * len(_SETTINGS))
    await connection.execute(f"SELECT {calls}", settings)


def _application_name() -> str:
    """The words by which whoever waits for a lock is told of this process."""
    return f"ledger_async: {holder()}".encode("ascii", "replace").decode()[:63]
