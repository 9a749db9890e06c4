"""The accounts that a run has still to read, and from where."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from itertools import islice
from typing import Any, TypeAlias

from ledger_async import Accepted, Checkpoint, json
from ledger_async._support import checks
from ledger_async.sections._base.listing import ListingSection

from .store import RUN_LIFE, Run, Staged

AccountIds: TypeAlias = Iterable[int] | AsyncIterable[int]

# Ids that the store is asked about together.
_AT_ONCE = 100

# Shorter accounts are read again as fast as they are gone on with.
_WORTH_IT = 10


def is_worth_going_on(staged: Staged) -> bool:
    """True if a walk had come far enough, and began not long ago."""
    return staged.parts >= _WORTH_IT and staged.age <= RUN_LIFE.total_seconds()


class Owed:
    """Finds out which accounts the earlier processes of a run have left to read.

    `accepted` has, of each of these that was begun, what was written of it, once it was asked for.
    """

    def __init__(self, run: Run, section: ListingSection, staged: Iterable[Staged]) -> None:
        self.accepted: dict[int | None, Accepted] = {}
        self._run = run
        self._section = section
        self._staged = {each.account_id: each for each in staged}

    @classmethod
    async def by(cls, run: Run, section: ListingSection) -> Owed:
        """The accounts that this run owes."""
        return cls(run, section, await run.staged() if run.resumed else ())

    async def ids(
        self, account_ids: AccountIds, skipped: Callable[[int], None]
    ) -> AsyncGenerator[int, None]:
        """Those of the accounts that are not finished; `skipped` is told how many are."""
        async for some in groups(account_ids):
            owed = await self.of(some)
            skipped(len(some) - len(owed))
            for account_id in owed:
                yield account_id

    async def of(self, account_ids: list[Any]) -> list[Any]:
        """Those of the accounts that are not finished."""
        if not self._run.resumed:
            return account_ids
        finished = await self._run.finished(account_ids)
        owed = [each for each in account_ids if each not in finished]
        for account_id in self._staged.keys() & {*owed}:
            await self._take_up(self._staged.pop(account_id))
        return owed

    async def _take_up(self, staged: Staged) -> None:
        account_id = staged.account_id
        accepted = await self._read(account_id) if is_worth_going_on(staged) else None
        if accepted is None:
            await self._run.drop([account_id])
        else:
            self.accepted[account_id] = accepted

    async def _read(self, account_id: int | None) -> Accepted | None:
        """The record of the account's parts; `None` if a walk could not go on from one of them."""
        accepted, start = self._section.accepted(), 0
        while parts := await self._run.staged_parts(account_id, start):
            start += len(parts)
            for part in parts:
                if part.checkpoint is None:
                    return None
                accepted.add(part.identities, json.decode(part.checkpoint, type=Checkpoint))
        return accepted


async def groups(account_ids: AccountIds, *, awaited: int = 1) -> AsyncGenerator[list[int], None]:
    """Ids to be asked about together: many that are there, but only so many that are `awaited`.

    One at a time, where more may come only once those were read.
    """
    if isinstance(account_ids, AsyncIterable):
        group: list[int] = []
        async for account_id in account_ids:
            group.append(checks.identifier("account_id", account_id))
            if len(group) == awaited:
                yield group
                group = []
        if group:
            yield group
        return
    ids = (checks.identifier("account_id", each) for each in account_ids)
    while some := [*islice(ids, _AT_ONCE)]:
        yield some
