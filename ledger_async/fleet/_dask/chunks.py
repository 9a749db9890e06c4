"""Accounts in chunks: some 25 small ones together, and a huge one alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import aclosing
from typing import TypeAlias

from ledger_async.mirror.owed import AccountIds, groups

MOST_ACCOUNTS = 25

# Rows of accounts, as far as they are known from an earlier run: so many are enough for a chunk.
MOST_ROWS = 10_000

Chunked: TypeAlias = AsyncGenerator[list[int], None]
Known: TypeAlias = Callable[[list[int]], Awaitable[tuple[list[int], Mapping[int, int]]]]


class Chunks:
    """Collects accounts, and gives chunks as soon as these are full."""

    def __init__(self) -> None:
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
            if len(self._ids) == MOST_ACCOUNTS:
                yield self._taken()

    def rest(self) -> Iterator[list[int]]:
        """The last chunk, if there is one."""
        if self._ids:
            yield self._taken()

    def _taken(self) -> list[int]:
        taken, self._ids, self._rows = self._ids, [], 0
        return taken


async def nothing_known(account_ids: list[int]) -> tuple[list[int], Mapping[int, int]]:
    """All of the accounts, of whose rows nothing is known."""
    return account_ids, {}


async def chunked(account_ids: AccountIds, known: Known = nothing_known) -> Chunked:
    """Accounts in chunks, pulled as they are wanted; async ids may come slowly.

    `known` is given some of them at a time, and returns those to be read and the rows of some.
    """
    chunks = Chunks()
    async with aclosing(groups(account_ids, awaited=MOST_ACCOUNTS)) as ids:
        async for some in ids:
            for chunk in chunks.add(*await known(some)):
                yield chunk
    for chunk in chunks.rest():
        yield chunk
