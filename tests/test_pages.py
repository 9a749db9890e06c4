"""What a page asks for, and which sizes a server goes along with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async.pages import LARGEST, OVERLAPPING, Ask, Sizes, Slice

starts = st.integers(0, 10**6)


def page(length: int, *, more: bool) -> Slice[int]:
    nodes = list(range(length))
    return Slice(nodes, [*nodes], length, more)


def test_two_asks_for_the_same_page_are_two() -> None:
    assert Ask(1, 100) != Ask(1, 100)


@given(start=starts, largest=st.integers(1, 300))
def test_a_page_over_a_position_begins_there_or_before_and_reaches_further(
    start: int, largest: int
) -> None:
    number, size = Sizes(largest).page_over(start)
    assert (number - 1) * size <= start < number * size


@given(start=starts)
def test_no_page_that_begins_there_or_before_reaches_further(start: int) -> None:
    number, size = Sizes(100).page_over(start)
    assert number * size == max((start // each + 1) * each for each in range(1, 101))


def test_pages_over_successive_positions_take_little_more_than_the_ideal() -> None:
    sizes, start, asked = Sizes(100), 0, 0
    while start < 10_000:
        number, size = sizes.page_over(start)
        start, asked = number * size - 2, asked + 1
    assert asked <= 100 * 1.2


@pytest.mark.parametrize(
    ("ask", "came", "more", "size"),
    [
        (Ask(1, 50), 50, True, 50),
        (Ask(1, 50), 20, False, 50),
        (Ask(1, 50), 20, True, 20),
        (Ask(1, 50), 80, True, 80),
        (Ask(1, 50), 80, False, 80),
        (Ask(1, 50), 0, True, 50),
        (Ask(1, LARGEST), 70, True, 70),
    ],
    ids=["whole", "last", "capped", "ignored", "ignored and last", "empty", "largest"],
)
def test_the_size_of_a_page_is_what_the_server_makes_of_it(
    ask: Ask, came: int, size: int, *, more: bool
) -> None:
    assert Sizes(ask.size).observe(ask, page(came, more=more)) == size


def test_a_cap_that_showed_holds_for_a_last_page_too() -> None:
    sizes = Sizes(50)
    sizes.observe(Ask(1, 50), page(20, more=True))
    assert sizes.observe(Ask(4, 50), page(3, more=False)) == 20


def test_the_largest_size_is_known_from_the_first_page() -> None:
    sizes = Sizes(LARGEST)
    sizes.observe(Ask(1, LARGEST), page(70, more=True))
    assert sizes.observe(Ask(3, LARGEST), page(3, more=False)) == 70


def test_small_pages_may_be_larger_to_overlap() -> None:
    assert Sizes(3).largest == OVERLAPPING


def test_pages_that_overlap_keep_to_the_cap() -> None:
    sizes = Sizes(100)
    sizes.observe(Ask(1, 100), page(20, more=True))
    assert all(sizes.page_over(start)[1] <= 20 for start in range(500))


def test_a_server_that_ignores_sizes_is_asked_for_its_own() -> None:
    sizes = Sizes(10)
    sizes.observe(Ask(1, 10), page(25, more=True))
    assert {sizes.page_over(start)[1] for start in range(500)} == {25}
