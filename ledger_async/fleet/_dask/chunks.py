"""Accounts in chunks: some 25 small ones together, and a huge one alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator, Mapping
from itertools import islice

from ledger_async._support import checks

MOST_ACCOUNTS = 25

# Rows of accounts, as far as they are known from an earlier run: so many are enough for a chunk.
MOST_ROWS = 10_000

# Ids that the store is asked about together.
_AT_ONCE = 100


class Chunks:
    """Collects accounts, and gives chunks as soon as these are full."""

    def __init__(self, most: int = MOST_ACCOUNTS, most_rows: int = MOST_ROWS) -> None:
        self._most, self._most_rows = most, most_rows
        self._ids: list[int] = []
        self._rows = 0

    def add(self, ids: Iterable[int], sizes: Mapping[int, int]) -> Iterator[list[int]]:
        """Chunks that are full with these accounts, whose rows are known from `sizes` or not."""
        for account_id in ids:
            rows = sizes.get(account_id, 0)
            if rows >= self._most_rows:
                yield [account_id]
                continue
            if self._rows + rows > self._most_rows:
                yield self._taken()
            self._ids.append(account_id)
            self._rows += rows
            if len(self._ids) == self._most:
                yield self._taken()

    def rest(self) -> Iterator[list[int]]:
        """The last chunk, if there is one."""
        if self._ids:
            yield self._taken()

    def _taken(self) -> list[int]:
        taken, self._ids, self._rows = self._ids, [], 0
        return taken


async def groups(
    account_ids: Iterable[int] | AsyncIterable[int],
) -> AsyncGenerator[list[int], None]:
    """Ids in groups, pulled as they are wanted; async ones may come slowly, so fewer together."""
    if isinstance(account_ids, AsyncIterable):
        group: list[int] = []
        async for account_id in account_ids:
            group.append(checks.identifier("account_id", account_id))
            if len(group) == MOST_ACCOUNTS:
                yield group
                group = []
        if group:
            yield group
        return
    ids = (checks.identifier("account_id", each) for each in account_ids)
    while some := [*islice(ids, _AT_ONCE)]:
        yield some
