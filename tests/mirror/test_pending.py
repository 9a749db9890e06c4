"""Parts that wait for the store."""

from __future__ import annotations

import asyncio

from ledger_async.mirror.pending import LIMIT, Pending, merged
from ledger_async.mirror.store import AccountEnd, Part

END = AccountEnd("exact", replaces=True)


def part(account_id: int | None, *cells: int, end: AccountEnd | None = None) -> Part:
    return Part(account_id, [[account_id] * len(cells), [*cells]], end=end)


def test_the_parts_of_an_account_that_ends_are_one() -> None:
    parts = [part(1, 10), part(2, 20), part(1, 11, 12, end=END)]
    assert merged(parts) == [part(1, 10, 11, 12, end=END), part(2, 20)]


def test_the_parts_of_an_account_that_goes_on_keep_their_checkpoints() -> None:
    parts = [Part(1, [[10]], b"a"), Part(1, [[11]], b"b")]
    assert merged(parts) == parts


def test_a_listing_of_the_workspace_is_one_account() -> None:
    assert merged([part(None, 1), part(None, 2, end=END)]) == [part(None, 1, 2, end=END)]


async def test_whatever_has_come_is_taken_at_once() -> None:
    pending = Pending()
    await pending.put(part(1, 10))
    await pending.put(part(2, 20))
    assert await pending.take() == [part(1, 10), part(2, 20)]


async def test_who_takes_waits_for_a_part() -> None:
    pending = Pending()
    taking = asyncio.create_task(pending.take())
    await asyncio.sleep(0)
    await pending.put(part(1, 10))
    assert await taking == [part(1, 10)]


async def test_nothing_is_left_to_take_once_it_is_closed() -> None:
    pending = Pending()
    await pending.put(part(1, 10))
    pending.close()
    assert [len(await pending.take()), len(await pending.take())] == [1, 0]


async def test_who_puts_waits_while_the_store_has_enough() -> None:
    pending = Pending()
    await pending.put(part(1, *range(LIMIT)))
    putting = asyncio.create_task(pending.put(part(2, 20)))
    await asyncio.sleep(0)
    assert not putting.done()
    await pending.take()
    await putting
    assert await pending.take() == [part(2, 20)]
