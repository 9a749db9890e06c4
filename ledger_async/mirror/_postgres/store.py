"""A mirror in PostgreSQL, for which the extra `postgres` is needed once one is made."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, NoReturn, Self

from ledger_async import ConfigurationError
from ledger_async._support.secrets import Hidden, refuse_to_pickle
from ledger_async.mirror.store import Mode
from ledger_async.mirror.table import Table

if TYPE_CHECKING:
    from .run import PostgresRun
    from .session import Session

_PATIENCE = 10.0  # seconds for which a table that is locked is waited for

_LONGEST = 63  # bytes of a name


class PostgresStore:
    """Keeps tables in a database of PostgreSQL 13 or newer.

    `dsn` is a URL or string as libpq takes them, and what it leaves out comes from libpq's
    environment. The tables are in `schema`, which is made if there is none, or in the first one
    of the connection's search path.

    Each run has one connection, which must go to a server, or to a pool that gives it a session.
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
        self._entered = False

    async def begin(
        self, table: Table, *, mode: Mode = "full", resume: bool = True, join: str | None = None
    ) -> PostgresRun:
        """Begin a run on this table, or go on with one, as `Store` says."""
        session = await self._opening.connected(self._dsn)
        self._sessions = [session, *(each for each in self._sessions if not each.closed)]
        try:
            return await self._opening.begun(
                session,
                table,
                mode,
                schema_name=self._schema,
                resume=resume,
                join=join,
                patience=self._patience,
            )
        except BaseException:
            await session.aclose()
            raise

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
        while self._sessions:
            await self._sessions.pop().aclose()

    def __repr__(self) -> str:
        return f"PostgresStore({self._where!r}, schema={self._schema!r})"

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle(self)


def _checked(schema: object) -> str | None:
    if schema is None or (isinstance(schema, str) and _is_name(schema)):
        return schema
    raise ConfigurationError("schema must be the name of one, of at most 63 bytes")


def _is_name(text: str) -> bool:
    try:
        return 0 < len(text.encode()) <= _LONGEST and "\0" not in text
    except UnicodeEncodeError:
        return False
