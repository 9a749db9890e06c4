"""The lock of a table: one that the server keeps for as long as the connection lives."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from psycopg.errors import LockNotAvailable

from ledger_async import StoreLockedError

from .session import Connection, Session

_HOLDER = """
    SELECT a.application_name, a.pid, host(a.client_addr), a.backend_start
    FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid = ((%(key)s::bigint >> 32) & 4294967295)::oid
        AND l.objid = (%(key)s::bigint & 4294967295)::oid
"""


def key_of(*names: str) -> int:
    """The number of the lock for these names, of 64 bits as the server takes them."""
    digest = blake2b("\0".join(("ledger_async.mirror", *names)).encode(), digest_size=8)
    return int.from_bytes(digest.digest(), signed=True)


async def take(session: Session, key: int, *, table: str, patience: float) -> None:
    """Lock the table for as long as the session lives; `StoreLockedError` says who else has it."""

    async def lock(connection: Connection) -> bool:
        await connection.execute(f"SET LOCAL lock_timeout = {max(1, round(patience * 1000))}")
        try:
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_lock(%s)", [key])
        except LockNotAvailable:
            return False
        return True

    if not await session.do(lock):
        raise StoreLockedError(
            f"another run holds the table {table}: {await _holder(session, key)}"
        )


async def _holder(session: Session, key: int) -> str:
    """The words about whoever has the lock, as far as the server shows them to us."""

    async def look(connection: Connection) -> tuple[Any, ...] | None:
        return await (await connection.execute(_HOLDER, {"key": key})).fetchone()

    found = await session.do(look)
    if found is None:
        return "it let go of it just now"
    name, pid, address, since = found
    where = f", from {address}" if address else ""
    when = f", since {since:%Y-%m-%d %H:%M:%S} UTC" if since else ""
    return f"{name or 'a program without a name'} (session {pid} of the server{where}{when})"
