"""Lets many processes write into a run at once, an account by one of them, until the run ends."""

from __future__ import annotations

from collections.abc import Collection

from .lock import key_of
from .session import Connection

# The server has room for 6,400 locks or so, of all its sessions together.
_MANY = 200

_SHUT = "SELECT pg_advisory_xact_lock(%s)"

# The first of the keys is shared.
_ENTER = """
    SELECT CASE number
        WHEN 1 THEN pg_advisory_xact_lock_shared(key)
        ELSE pg_advisory_xact_lock(key)
    END FROM unnest(%s::bigint[]) WITH ORDINALITY AS keys (key, number)
"""


class Gate:
    """Locks of the server for one table, which go with the transaction that took them.

    They are taken once in a transaction, before anything is read or written, and in one order, so
    that no two transactions wait for each other. Whoever ends the run passes before those who come
    to write later.
    """

    def __init__(self, schema: str, table: str) -> None:
        self._names = (schema, table)
        self._key = key_of(schema, table, "run")

    async def enter(self, connection: Connection, account_ids: Collection[int | None]) -> None:
        """Keep the run from its end, and others from ending these accounts.

        Whoever ends very many accounts at once is alone for that.
        """
        if len(account_ids) > _MANY:
            await self.shut(connection)
            return
        accounts = (key_of(*self._names, "account", str(each)) for each in account_ids)
        await connection.execute(_ENTER, [[self._key, *sorted(accounts)]])

    async def shut(self, connection: Connection) -> None:
        """Wait for those who write, and keep everybody else from it."""
        await connection.execute(_SHUT, [self._key])
