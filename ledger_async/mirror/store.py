"""The protocol between a mirror and what keeps it: a `Store`, and a `Run` on one of its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Literal, Protocol, Self, TypeAlias

import msgspec

from .table import Cells, Table

Mode: TypeAlias = Literal["full", "incremental"]

AccountStatus: TypeAlias = Literal["exact", "repaired", "unverified", "failed"]
"""The proof that an account's walk has, or that the account could not be read."""

PROVEN: frozenset[AccountStatus] = frozenset({"exact", "repaired"})
"""The statuses of accounts that a run is done with; it tries all others again when it goes on."""

RUN_LIFE = timedelta(hours=6)
"""How long after its last write a run is gone on with; later, what it has read is too old."""


class AccountEnd(msgspec.Struct, frozen=True):
    """An account was read to its end, or could not be read.

    With `replaces`, the account's rows in the table that did not come with this end have left the
    listing, and are to be marked as gone. Of an account that `"failed"` nothing that came is kept;
    with `replaces` it holds nothing any more, else nothing of it changes.
    """

    status: AccountStatus
    replaces: bool


class Part(msgspec.Struct, frozen=True):
    """Some rows of one account, `None` where the listing is the workspace's, and perhaps its end.

    `cells` are those of each column of the table. `checkpoint` says how far the walk had come
    with these rows, in a form that only the walk can read.
    """

    account_id: int | None
    cells: list[Cells]
    checkpoint: bytes | None = None
    end: AccountEnd | None = None

    def __len__(self) -> int:
        return len(self.cells[0])


class Differences(msgspec.Struct, frozen=True):
    """The effect of some writes, or of a run: `accounts` that were read to their end.

    Of their `rows`, some were added, those that came back included, or changed; others of the
    table were marked as gone. A run counts each account once, but rows as often as they were read.
    """

    accounts: int = 0
    rows: int = 0
    added: int = 0
    changed: int = 0
    gone: int = 0

    def __add__(self, other: Differences) -> Differences:
        return Differences(
            self.accounts + other.accounts,
            self.rows + other.rows,
            self.added + other.added,
            self.changed + other.changed,
            self.gone + other.gone,
        )


class Staged(msgspec.Struct, frozen=True):
    """An account that was not finished when an earlier process ended: its parts so far.

    `age` is the number of seconds since the first of them was written.
    """

    account_id: int | None
    parts: int
    age: float


class StagedPart(msgspec.Struct, frozen=True):
    """The identities of the rows of one part, in their order, and its checkpoint."""

    identities: list[tuple[str | int, ...]]
    checkpoint: bytes | None


class Run(Protocol):
    """One mirroring of a listing into its table, until it is finished.

    `resumed` is true if another process began it, so that accounts may be finished already.

    Staged parts belong to their writer: nobody else sees, drops or merges them. The processes that
    hold the run, one after another, are one writer; each process that joined is one of its own.
    """

    id: str
    resumed: bool

    async def finished(self, account_ids: Sequence[int | None]) -> Collection[int | None]:
        """Those of the accounts that are proven in this run: the others are tried again."""

    async def staged(self) -> Sequence[Staged]:
        """The accounts of which this writer has staged parts, but written no end."""

    async def staged_parts(self, account_id: int | None, start: int) -> Sequence[StagedPart]:
        """Some of this writer's parts of the account in their order, counted from 0.

        They begin with the `start`-th; there are none if there are no more.
        """

    async def drop(self, account_ids: Iterable[int | None]) -> None:
        """Throw away what this writer staged of these accounts, to read them from their start."""

    async def write(self, parts: Sequence[Part]) -> Differences:
        """Keep these parts, in one transaction: all of them or none.

        A part without an end is staged, behind what this writer staged of its account before. With
        an end, the account's rows, so staged and given, are merged into the table, and its line is
        written in place of an earlier one of this run, unless the account was proven by then. Then
        nothing of it is staged by this writer any more.

        Raises `RowRefusedError` if the store cannot hold a value, by the name of its column where
        that is known: nothing of the write was kept, and other parts can be written.
        """

    async def sizes(self, account_ids: Sequence[int]) -> Mapping[int, int]:
        """The rows that came of each of these accounts when the last finished run read it.

        Left out are those that it did not read. Who divides accounts among processes asks for it.
        """

    async def newest(self, column: str) -> datetime | None:
        """The latest time in this column among the rows of listings that were proven.

        Those are the rows that were first seen until the workspace's account last had a proven end,
        in whatever run: after that of a run that was not proven, some may be missing. `None` if
        there are no such rows.
        """

    async def unsettled(self, column: str, final: Collection[str]) -> Sequence[int]:
        """The `id` of each row that is not gone and has none of these values in the column."""

    async def finish(self) -> Differences:
        """Every account was tried: nothing stays staged of any writer. The totals of all processes.

        Once this has returned, a power cut loses nothing of the run.
        """

    async def aclose(self) -> None:
        """Let go of the table. A run that is not finished can be resumed."""


class Store(Protocol):
    """A place where mirrors keep their tables: an async context manager.

    The tests of one of your own can inherit `ledger_async.mirror.conformance.StoreConformance`.
    """

    async def begin(
        self, table: Table, *, mode: Mode = "full", resume: bool = True, join: str | None = None
    ) -> Run:
        """Begin a run on this table, for which it is locked, or go on with one.

        With `resume`, that is the last one of the same mode, if it was not finished, and wrote a
        part or a line within `RUN_LIFE`, or began within it. With `join`, it is the one of this id,
        which another process holds: the lock is not taken. Otherwise a new run supersedes what was
        not finished, and what that had staged is deleted.

        Makes the table if there is none, and adds columns that are missing. Raises
        `ConfigurationError` if the table does not fit or there is no run to join,
        `StoreLockedError` if another run holds the table for 10 s more, and `StoreError` if the
        store does not work.
        """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
