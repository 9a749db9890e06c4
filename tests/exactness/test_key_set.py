"""A set of keys that takes few bytes for each, and never stalls."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from random import Random

import pytest

from ledger_async._exactness.key_set import FEW, KeySet

PAGE = 100


def some(count: int, seed: int = 0) -> list[int]:
    """So many keys, as hashes are."""
    random = Random(seed)
    return [random.getrandbits(64) - 2**63 for _ in range(count)]


def in_pages(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + PAGE] for start in range(0, len(keys), PAGE))


def set_of(keys: list[int], *, foreseen: int = 0) -> KeySet:
    found = KeySet()
    found.foreseen = foreseen
    for each in in_pages(keys):
        found.add(each)
    return found


@pytest.fixture(
    params=[(1000, 0), (FEW, 0), (FEW + 1, 0), (20_000, 20_000), (50_000, 50_000), (50_000, 0)],
    ids="{0[0]} keys, {0[1]} foreseen".format,
)
def keys_and_set(request: pytest.FixtureRequest) -> tuple[list[int], KeySet]:
    """Some keys, and the set of them."""
    count, foreseen = request.param
    keys = some(count)
    return keys, set_of(keys, foreseen=foreseen)


KeysAndSet = tuple[list[int], KeySet]


def test_every_key_that_was_added_is_here(keys_and_set: KeysAndSet) -> None:
    keys, found = keys_and_set
    assert all(all(found.held(each)) for each in in_pages(keys))
    assert len(found) == len(keys)


def test_no_other_key_is_here(keys_and_set: KeysAndSet) -> None:
    _, found = keys_and_set
    others = some(10_000, seed=1)
    assert not any(any(found.held(each)) for each in in_pages(others))
    assert all(found.isdisjoint(each) for each in in_pages(others))


@pytest.mark.parametrize("place", [0, 50, 99])
def test_a_page_with_one_key_that_is_here_is_not_disjoint(
    keys_and_set: KeysAndSet, place: int
) -> None:
    keys, found = keys_and_set
    page = some(PAGE, seed=1)
    page[place] = keys[7]
    assert not found.isdisjoint(page)
    assert [*found.held(page)] == [at == place for at in range(PAGE)]


def test_a_single_key_is_here_or_not(keys_and_set: KeysAndSet) -> None:
    keys, found = keys_and_set
    assert (keys[-1] in found, some(1, seed=1)[0] in found) == (True, False)


def test_no_key_is_in_a_page_without_any(keys_and_set: KeysAndSet) -> None:
    assert keys_and_set[1].isdisjoint([])


def test_the_ends_of_two_keys_make_no_third(keys_and_set: KeysAndSet) -> None:
    _, found = keys_and_set
    # In the bucket of 0 the bytes of these stand behind one another, least first.
    found.add([0x0000_0500_0000_0000, 0x0000_0000_0000_0000 + 0x0001_0000, 0x7700_0000_0000_0000])
    between = int.from_bytes(bytes([0, 0, 0, 5, 0, 0, 0, 0]), "little")
    assert between not in found


def test_a_key_behind_a_look_alike_is_found(keys_and_set: KeysAndSet) -> None:
    _, found = keys_and_set
    found.add([1 << 56, 1 << 40])  # the bytes of 1 << 48 begin within the first
    found.add([1 << 48])
    assert 1 << 48 in found


def test_a_copy_has_the_same_keys_and_goes_its_own_way(keys_and_set: KeysAndSet) -> None:
    keys, found = keys_and_set
    copied = found.copy()
    ours, theirs = some(2, seed=1)
    found.add([ours])
    copied.add([theirs])
    assert [each in found for each in (keys[0], ours, theirs)] == [True, True, False]
    assert [each in copied for each in (keys[0], ours, theirs)] == [True, False, True]


def test_many_keys_take_few_bytes() -> None:
    keys = some(200_000)
    tracemalloc.start()
    try:
        found = set_of(keys, foreseen=len(keys))
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found) == 200_000
    assert taken < 30 * len(keys)
