"""Accounts in chunks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ledger_async import ConfigurationError
from ledger_async.fleet._dask.chunks import (
    LEAST_ACCOUNTS,
    MOST_ACCOUNTS,
    MOST_ROWS,
    Chunks,
    ChunkSize,
    chunked,
)
from ledger_async.mirror.owed import groups


async def one_by_one(count: int) -> AsyncIterator[int]:
    for number in range(count):
        yield number


def test_accounts_of_which_nothing_is_known_come_25_together() -> None:
    chunks = Chunks(ChunkSize())
    full = [*chunks.add(range(60), {})]
    assert [len(each) for each in (*full, *chunks.rest())] == [25, 25, 10]


def test_a_huge_account_comes_alone_and_first() -> None:
    chunks = Chunks(ChunkSize())
    assert [*chunks.add([1, 2, 3], {2: MOST_ROWS})] == [[2]]
    assert [*chunks.rest()] == [[1, 3]]


def test_a_chunk_is_full_with_as_many_rows_as_a_huge_account_has() -> None:
    chunks = Chunks(ChunkSize())
    sizes = dict.fromkeys(range(5), MOST_ROWS // 2)
    assert [*chunks.add(range(5), sizes)] == [[0, 1], [2, 3]]
    assert [*chunks.rest()] == [[4]]


def test_every_account_is_in_one_chunk() -> None:
    chunks = Chunks(ChunkSize())
    sizes = {each: each * 37 % (2 * MOST_ROWS) for each in range(0, 1_000, 3)}
    given = [*chunks.add(range(1_000), sizes), *chunks.rest()]
    assert sorted(each for chunk in given for each in chunk) == [*range(1_000)]
    assert all(given)


def test_no_accounts_are_no_chunk() -> None:
    assert [*Chunks(ChunkSize()).rest()] == []


async def test_ids_of_a_list_are_pulled_a_hundred_at_a_time() -> None:
    assert [len(each) async for each in groups(range(250))] == [100, 100, 50]


async def test_async_ids_are_pulled_a_chunk_at_a_time() -> None:
    found = [each async for each in groups(one_by_one(26), awaited=25)]
    assert found == [[*range(25)], [25]]


async def test_an_id_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="account_id must be an integer"):
        _ = [each async for each in groups([1, "x"])]  # type: ignore[list-item] # that is it


def test_a_chunk_grows_twofold_at_most_until_it_takes_two_seconds() -> None:
    size = ChunkSize()
    size.learn(25, 0.1)
    assert size.accounts == 50
    size.learn(50, 1.25)
    assert size.accounts == 80


def test_a_chunk_never_has_more_than_a_thousand_accounts() -> None:
    size = ChunkSize()
    for _ in range(20):
        size.learn(size.accounts, 0.001)
    assert size.accounts == MOST_ACCOUNTS


def test_a_chunk_that_took_long_is_followed_by_smaller_ones() -> None:
    size = ChunkSize()
    size.learn(25, 0.1)
    size.learn(50, 3600)
    assert size.accounts == LEAST_ACCOUNTS


def test_an_account_that_was_alone_tells_nothing_about_the_size_of_chunks() -> None:
    size = ChunkSize()
    size.learn(25, 0.1)
    size.learn(1, 3600)
    assert size.accounts == 50


async def test_async_ids_fill_the_larger_chunks_as_those_of_a_list_do() -> None:
    size = ChunkSize()
    size.learn(25, 0.1)
    assert [len(each) async for each in chunked(one_by_one(120), size)] == [50, 50, 20]


async def test_ids_that_come_slowly_are_not_waited_for() -> None:
    async def slowly() -> AsyncIterator[int]:
        for number in range(60):
            if number % 25 == 0:
                await asyncio.sleep(1)
            yield number

    size = ChunkSize()
    size.learn(25, 0.1)
    assert [len(each) async for each in chunked(slowly(), size)] == [25, 25, 10]
