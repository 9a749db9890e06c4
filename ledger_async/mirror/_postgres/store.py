"""A mirror in PostgreSQL, for which the extra `postgres` is needed once one is made."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, NoReturn, Self, TypeVar

from ledger_async import ConfigurationError, StoreError
from ledger_async._support.secrets import Hidden, refuse_to_pickle
from ledger_async.mirror.store import Mode
from ledger_async.mirror.table import Table

if TYPE_CHECKING:
    from .gate import Gate
    from .run import PostgresRun
    from .session import Session

T = TypeVar("T")

_PATIENCE = 10.0  # seconds for which a table that is locked is waited for

_LONGEST = 63  # bytes of a name


class _Ready(NamedTuple):
    """A connection by which runs on a table are joined."""

    session: Session
    gate: Gate


class PostgresStore:
    """Keeps tables in a database of PostgreSQL 13 or newer.

    `dsn` is a URL or string as libpq takes them, and what it leaves out comes from libpq's
    environment. The tables are in `schema`, which is made if there is none, or in the first one
    of the connection's search path.

    Each run has one connection, which must go to a server, or to a pool that gives it a session.
    Runs of a table that are joined share one, which stays open as long as the store.
    Neither text nor jsonb of PostgreSQL can hold NUL: U+2400, its symbol, is written instead. In a
    key, of which two must not become one, U+241B stands before U+2400 and U+241B that were there.
    """

    def __init__(
        self, dsn: str, *, schema: str | None = None, _patience: float = _PATIENCE
    ) -> None:
        if not isinstance(dsn, str):
            raise ConfigurationError("dsn must be a string, such as postgresql://localhost/ledger")
        self._dsn = Hidden(dsn)
        del dsn
        try:
            from . import opening  # noqa: PLC0415 - not everybody has the extra
        except ImportError as error:
            raise ConfigurationError(
                "PostgreSQL needs an extra: pip install 'ledger_async[postgres]'"
            ) from error
        self._opening = opening
        self._where = opening.where(self._dsn)
        self._schema = _checked(schema)
        self._patience = _patience
        self._sessions: list[Session] = []
        self._ready_for: dict[tuple[Table, Mode], _Ready] = {}
        self._joining = asyncio.Lock()
        self._entered = False

    async def begin(
        self, table: Table, *, mode: Mode = "full", resume: bool = True, join: str | None = None
    ) -> PostgresRun:
        """Begin a run on this table, or go on with one, as `Store` says."""
        if join is not None:
            return await self._join(table, mode, join)
        session = await self._connected()
        begun = self._opening.begun(
            session,
            table,
            mode,
            schema_name=self._schema,
            resume=resume,
            patience=self._patience,
        )
        return await _or_closed(session, begun)

    async def _join(self, table: Table, mode: Mode, run_id: str) -> PostgresRun:
        """Join a run by a connection that stays for those to come, while the store is open."""
        joined = partial(self._opening.joined, table=table, run_id=run_id)
        if not self._entered:
            ready = await self._ready(table, mode)
            return await _or_closed(ready.session, joined(*ready, shared=False))
        ready = await self._standing(table, mode)
        try:
            return await joined(*ready, shared=True)
        except StoreError:
            if not ready.session.closed:
                raise
        # It was lost since it was used last.
        return await joined(*await self._standing(table, mode), shared=True)

    async def _standing(self, table: Table, mode: Mode) -> _Ready:
        """The connection by which runs on this table are joined."""
        async with self._joining:
            ready = self._ready_for.get((table, mode))
            if ready is None or ready.session.closed:
                ready = self._ready_for[table, mode] = await self._ready(table, mode)
        return ready

    async def _ready(self, table: Table, mode: Mode) -> _Ready:
        session = await self._connected()
        readied = self._opening.readied(session, table, mode, schema_name=self._schema)
        return _Ready(session, await _or_closed(session, readied))

    async def _connected(self) -> Session:
        session = await self._opening.connected(self._dsn)
        self._sessions = [session, *(each for each in self._sessions if not each.closed)]
        return session

    async def __aenter__(self) -> Self:
        if self._entered:  # the end of one context would end the runs of the other
            raise ConfigurationError("this store is open already: make another one, or share it")
        self._entered = True
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._entered = False
        self._ready_for.clear()
        while self._sessions:
            await self._sessions.pop().aclose()

    def __repr__(self) -> str:
        return f"PostgresStore({self._where!r}, schema={self._schema!r})"

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle(self)


async def _or_closed(session: Session, opening: Awaitable[T]) -> T:
    try:
        return await opening
    except BaseException:
        await session.aclose()
        raise


def _checked(schema: object) -> str | None:
    if schema is None or (isinstance(schema, str) and _is_name(schema)):
        return schema
    raise ConfigurationError("schema must be the name of one, of at most 63 bytes")


def _is_name(text: str) -> bool:
    try:
        return 0 < len(text.encode()) <= _LONGEST and "\0" not in text
    except UnicodeEncodeError:
        return False
