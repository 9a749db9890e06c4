"""A run on a table in PostgreSQL."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from ledger_async.mirror._sql.rounds import rounds
from ledger_async.mirror.store import Differences, Part, Staged, StagedPart
from ledger_async.mirror.table import Table

from . import bookkeeping, totals
from .copy_text import key_of
from .gate import Gate
from .session import Connection, Session
from .statements import Statements
from .writing import (
    Ended,
    Known,
    Plan,
    as_text,
    finished,
    incoming_lines,
    plan,
    staged_lines,
)

# Parts whose identities are read together: of 4,000 rows or so.
_PARTS_AT_ONCE = 16

# So much is handed to the connection before the loop has its next turn.
_BLOCK = 1 << 18

# PostgreSQL logs each account at once, but writes the log to the disk a little later, unless this
# was set: for a transaction, or for as long as the connection lives.
DURABLE = """
    SELECT set_config(name, CASE reset_val WHEN 'off' THEN 'on' ELSE reset_val END, %s)
    FROM pg_settings WHERE name = 'synchronous_commit'
"""


# Whoever stops for good while it sends rows is not waited for by others for longer.
_IN_TIME = "SET LOCAL statement_timeout = '5min'"
_AT_LEISURE = "SET LOCAL statement_timeout TO DEFAULT"


class PostgresRun:
    """A `Run` whose connection has the table's lock, unless it joined that of another process.

    A connection that is `shared` with other runs is left open.
    """

    def __init__(
        self,
        session: Session,
        table: Table,
        gate: Gate,
        run_id: str,
        *,
        writer: int,
        resumed: bool,
        shared: bool = False,
    ) -> None:
        self.id, self.resumed = run_id, resumed
        self._writer = writer
        self._session, self._shared = session, shared
        self._table, self._gate = table, gate
        self._statements = Statements(table)

    async def finished(self, account_ids: Sequence[int | None]) -> Collection[int | None]:
        """Those of the accounts that are proven in this run."""
        rows = await self._select(self._statements.finished(), ids=list(account_ids))
        return {account for (account,) in rows}

    async def staged(self) -> Sequence[Staged]:
        """The accounts of which this writer has staged parts, but written no end."""
        return [Staged(*row) for row in await self._select(self._statements.staged())]

    async def staged_parts(self, account_id: int | None, start: int) -> Sequence[StagedPart]:
        """Some of this writer's parts of the account in their order, from the `start`-th on."""
        span = {"ids": [account_id], "start": start, "stop": start + _PARTS_AT_ONCE}
        parts = {
            number: StagedPart([], checkpoint and b64decode(checkpoint))
            for number, checkpoint in await self._select(self._statements.checkpoints(), **span)
        }
        for number, *identity in await self._select(self._statements.identities(), **span):
            parts[number].identities.append(tuple(map(_neutral, identity)))
        return list(parts.values())

    async def drop(self, account_ids: Iterable[int | None]) -> None:
        """Throw away what this writer staged of these accounts."""
        await self._session.do(partial(self._drop, list(account_ids)))

    async def write(self, parts: Sequence[Part]) -> Differences:
        """Keep these parts, in one transaction: all of them or none."""
        return await self._session.do(partial(self._write, parts))

    async def sizes(self, account_ids: Sequence[int]) -> Mapping[int, int]:
        """The rows of these accounts, as far as the last finished run has read them."""
        return dict(await self._select(self._statements.sizes(), ids=list(account_ids)))

    async def newest(self, column: str) -> datetime | None:
        """The latest time in this column, among the rows that came by the last proof."""
        ((newest,),) = await self._select(self._statements.newest(column))
        return newest  # type: ignore[no-any-return]  # the column is one of times

    async def unsettled(self, column: str, final: Collection[str]) -> Sequence[int]:
        """The `id` of each row that is not gone and has none of these values in the column."""
        rows = await self._select(self._statements.unsettled(column), final=list(final))
        return [id_ for (id_,) in rows]

    async def finish(self) -> Differences:
        """Every account was tried: nothing stays staged. The totals of the run."""
        return await self._session.do(self._finish)

    async def aclose(self) -> None:
        """Let go of the table."""
        if not self._shared:
            await self._session.aclose()

    async def _select(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        async def select(connection: Connection) -> list[tuple[Any, ...]]:
            found = await connection.execute(statement, self._values(**values))
            return await found.fetchall()

        return await self._session.do(select)

    async def _drop(self, account_ids: list[int | None], connection: Connection) -> None:
        for statement in self._statements.drop():
            await connection.execute(statement, self._values(ids=account_ids))

    async def _finish(self, connection: Connection) -> Differences:
        await connection.execute(DURABLE, [True])
        await self._gate.shut(connection)
        await totals.gather(connection, self._table)
        done = await bookkeeping.finish(connection, self.id)
        for statement in self._statements.drop_all():
            await connection.execute(statement)
        return done

    async def _write(self, parts: Sequence[Part], connection: Connection) -> Differences:
        ending = {part.account_id for part in parts if part.end is not None}
        await self._gate.enter(connection, ending)
        await bookkeeping.check(connection, self.id)
        done = Differences()
        for number, some in enumerate(rounds(parts)):
            if number:
                await connection.execute(self._statements.empty_incoming())
            done += await self._round(some, connection)
        if done != Differences():
            await totals.count(connection, self._table, self.id, self._writer, done)
        return done

    async def _round(self, parts: Sequence[Part], connection: Connection) -> Differences:
        planned = plan(parts, await self._known(connection, parts))
        if planned.abandoned:
            await self._drop(planned.abandoned, connection)
        if planned.waiting:
            lines = await asyncio.to_thread(
                staged_lines, self._table, self._writer, planned.waiting
            )
            await _copy(connection, self._statements.copy_staged(), lines)
        if planned.incoming:
            lines = await asyncio.to_thread(incoming_lines, self._table, planned.incoming)
            await _copy(connection, self._statements.copy_incoming(), lines)
        return await self._merge(connection, planned)

    async def _known(self, connection: Connection, parts: Sequence[Part]) -> Known:
        """Ask three things at once, before the rows are sent."""
        values = self._values(ids=list({part.account_id for part in parts}))
        made = self._statements
        async with _pipeline(connection):
            ended = await connection.execute(made.finished(), values)
            numbers = await connection.execute(made.parts(), values)
            rows = await connection.execute(made.staged_rows(), values)
        await connection.execute(_IN_TIME)
        return Known(
            {account for (account,) in await ended.fetchall()},
            dict(await numbers.fetchall()),
            dict(await rows.fetchall()),
        )

    async def _merge(self, connection: Connection, planned: Plan) -> Differences:
        """Write what belongs to the rows, which are there."""
        async with _pipeline(connection):
            await connection.execute(_AT_LEISURE)
            if planned.waiting:
                await connection.execute(self._statements.add_parts(), self._parts(planned))
            if planned.ended:
                merged = await connection.execute(*self._merging(planned))
                for statement in self._statements.add_lines():
                    await connection.execute(statement, self._lines(planned.ended))
            if planned.staged:
                await self._drop(planned.staged, connection)
        if not planned.ended:
            return Differences()
        ((added, changed, gone),) = await merged.fetchall()
        return finished(planned.ended) + Differences(added=added, changed=changed, gone=gone)

    def _merging(self, planned: Plan) -> tuple[str, dict[str, object]]:
        replacing = [each.account_id for each in planned.ended if each.replaces]
        ids = [each.account_id for each in planned.ended]
        values = {"ids": ids, "replacing": replacing, "staged": planned.staged}
        statement = self._statements.merge(staged=bool(planned.staged), replaces=bool(replacing))
        return statement, self._values(**values)

    def _lines(self, ended: Sequence[Ended]) -> dict[str, object]:
        return self._values(
            ids=[each.account_id for each in ended],
            statuses=[each.status for each in ended],
            nodes=[each.nodes for each in ended],
        )

    def _parts(self, planned: Plan) -> dict[str, object]:
        return self._values(
            accounts=[part.account_id for _, part in planned.waiting],
            parts=[number for number, _ in planned.waiting],
            checkpoints=[as_text(part.checkpoint) for _, part in planned.waiting],
        )

    def _values(self, **values: object) -> dict[str, object]:
        return {"run": self.id, "writer": self._writer, **values}


@asynccontextmanager
async def _pipeline(connection: Connection) -> AsyncGenerator[None]:
    """Send statements together, and wait for them in a way that the server can time.

    The Flush by which psycopg leaves a pipeline makes a server forget that it waits for a
    transaction to go on: until then all that takes long is done.
    """
    async with connection.pipeline() as pipeline:
        yield
        await pipeline.sync()


async def _copy(connection: Connection, statement: str, lines: bytes) -> None:
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, len(lines), _BLOCK):
            await copy.write(lines[start : start + _BLOCK])


def _neutral(cell: Any) -> Any:
    if isinstance(cell, str):
        return key_of(cell)
    return int(cell) if isinstance(cell, Decimal) else cell
