"""Accounts in chunks: small ones together, as many as take two seconds, and a huge one alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from typing import TypeAlias

from ledger_async.mirror.owed import AccountIds, groups

# Accounts of a chunk of which nothing is known, at first and if they take long.
LEAST_ACCOUNTS = 25

# So that the accounts of a chunk whose workers died can be tried one by one.
MOST_ACCOUNTS = 1_000

# Seconds that a chunk should take: its way to a worker costs a hundredth of that, and workers that
# find no other chunk at the end of a run wait no longer.
_AIM = 2.0

# Seconds to wait for ids that come slowly, before those that are there are sent.
_PATIENCE = 0.5

# Rows of accounts, as far as they are known from an earlier run: so many are enough for a chunk.
MOST_ROWS = 10_000

Chunked: TypeAlias = AsyncGenerator[list[int], None]
Known: TypeAlias = Callable[[list[int]], Awaitable[tuple[list[int], Mapping[int, int]]]]


class ChunkSize:
    """The number of accounts that make a chunk, which grows as long as they are quickly done."""

    def __init__(self) -> None:
        self.accounts = LEAST_ACCOUNTS

    def learn(self, accounts: int, seconds: float) -> None:
        """A chunk of so many accounts took a worker so long."""
        if accounts >= LEAST_ACCOUNTS:  # fewer are huge ones, or the last
            fitting = int(accounts * _AIM / seconds)
            most = min(2 * self.accounts, MOST_ACCOUNTS)
            self.accounts = max(LEAST_ACCOUNTS, min(fitting, most))


class Chunks:
    """Collects accounts, and gives chunks as soon as these are full."""

    def __init__(self, size: ChunkSize) -> None:
        self._size = size
        self._ids: list[int] = []
        self._rows = 0

    def add(self, ids: Iterable[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
        """Chunks that are full with these accounts, whose rows are known from `sizes` or not."""
        for account_id in ids:
            rows = sizes.get(account_id, 0)
            if rows >= MOST_ROWS:
                yield [account_id]
                continue
            if self._rows + rows > MOST_ROWS:
                yield self._taken()
            self._ids.append(account_id)
            self._rows += rows
            if len(self._ids) >= self._size.accounts:
                yield self._taken()

    def rest(self) -> Iterator[list[int]]:
        """The chunk that is not full, if there is one."""
        if self._ids:
            yield self._taken()

    def _taken(self) -> list[int]:
        taken, self._ids, self._rows = self._ids, [], 0
        return taken


async def nothing_known(account_ids: list[int]) -> tuple[list[int], Mapping[int, int]]:
    """All of the accounts, of whose rows nothing is known."""
    return account_ids, {}


async def chunked(
    account_ids: AccountIds, size: ChunkSize | None = None, known: Known = nothing_known
) -> Chunked:
    """Accounts in chunks, pulled as they are wanted; async ids may come slowly.

    `known` is given some of them at a time, and returns those to be read and the rows of some.
    """
    now, chunks = asyncio.get_running_loop().time, Chunks(size or ChunkSize())
    async with aclosing(groups(account_ids, awaited=LEAST_ACCOUNTS)) as ids:
        asked = now()
        async for some in ids:
            are_slow = now() - asked > _PATIENCE
            for chunk in chunks.add(*await known(some)):
                yield chunk
            if are_slow:
                for chunk in chunks.rest():
                    yield chunk
            asked = now()
    for chunk in chunks.rest():
        yield chunk
