"""What a page asks for, and which sizes a server goes along with."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger_async._exactness import page_sizes
from ledger_async._exactness.page_sizes import OVERLAPPING, PageSizes
from ledger_async._exactness.pages import LARGEST, PageRead, PageRequest, past_end

starts = st.integers(0, 10**6)


def page(length: int, *, count: int = 1000, more: bool) -> PageRead[int]:
    nodes = list(range(length))
    return PageRead(nodes, [*nodes], count, more)


def test_two_asks_for_the_same_page_are_two() -> None:
    assert PageRequest(1, 100) != PageRequest(1, 100)


@given(start=starts, largest=st.integers(1, 300))
def test_a_page_over_a_position_begins_there_or_before_and_reaches_further(
    start: int, largest: int
) -> None:
    number, size = PageSizes(largest).page_over(start)
    assert (number - 1) * size <= start < number * size


@given(start=starts)
def test_no_page_that_begins_there_or_before_reaches_further(start: int) -> None:
    number, size = PageSizes(100).page_over(start)
    assert number * size == max((start // each + 1) * each for each in range(1, 101))


def test_pages_over_successive_positions_take_little_more_than_the_ideal() -> None:
    sizes, start, asked = PageSizes(100), 0, 0
    while start < 10_000:
        number, size = sizes.page_over(start)
        start, asked = number * size - 2, asked + 1
    assert asked <= 100 * 1.2


@pytest.mark.parametrize(
    ("asked_for", "came", "more", "place"),
    [
        (PageRequest(2, 50), 50, True, (50, 100)),
        (PageRequest(2, 50), 20, False, (50, 70)),
        (PageRequest(2, 50), 20, True, (50, 40)),
        (PageRequest(2, 50), 80, True, (80, 130)),
        (PageRequest(2, 50), 80, False, (80, 130)),
        (PageRequest(2, 50), 0, True, (50, 50)),
        (PageRequest(1, LARGEST), 70, True, (0, 70)),
    ],
    ids=["whole", "last", "capped", "ignored", "ignored and last", "empty", "largest"],
)
def test_a_page_stands_where_the_size_puts_it_at_the_latest(
    asked_for: PageRequest, came: int, place: tuple[int, int], *, more: bool
) -> None:
    sizes = PageSizes(50)
    if came in {20, 50} and not more:
        sizes.place(PageRequest(1, 50), page(50, more=True))
    found = sizes.place(asked_for, page(came, count=1000 if more else place[1], more=more))
    assert found[:2] == place


@pytest.mark.parametrize(
    ("came", "count", "more", "fits"),
    [
        (50, 120, True, True),
        (20, 70, False, True),
        (0, 50, False, True),
        (0, 20, False, True),
        (0, 70, False, False),
        (20, 69, False, False),
        (50, 100, True, False),
        (50, 120, False, True),
    ],
    ids=["whole", "last", "past it", "far past it", "hidden", "too many", "more", "no more"],
)
def test_a_page_fits_that_holds_what_count_says_and_leads_no_further(
    came: int, count: int, *, more: bool, fits: bool
) -> None:
    sizes = PageSizes(50)
    sizes.place(PageRequest(1, 50), page(50, count=count, more=True))
    assert sizes.place(PageRequest(2, 50), page(came, count=count, more=more)).fits is fits


def test_a_cap_shows_in_count_where_the_page_says_that_none_follows() -> None:
    sizes = PageSizes(100)
    assert sizes.place(PageRequest(1, 100), page(50, count=60, more=False)) == (0, 50, True)
    assert sizes.usual == 50


def test_a_page_that_is_shorter_than_others_was_not_capped() -> None:
    sizes = PageSizes(100)
    sizes.place(PageRequest(1, 100), page(100, count=150, more=True))
    assert sizes.place(PageRequest(2, 100), page(24, count=150, more=False)) == (100, 124, False)


def test_a_cap_that_showed_holds_for_a_last_page_too() -> None:
    sizes = PageSizes(50)
    sizes.place(PageRequest(1, 50), page(20, more=True))
    assert sizes.place(PageRequest(4, 50), page(3, count=63, more=False)) == (60, 63, True)


def test_a_page_with_one_element_too_many_leaves_sizes_to_choose_from() -> None:
    sizes = PageSizes(20)
    for size, came in ((20, 21), (21, 20)):
        sizes.place(PageRequest(3, size), page(came, count=300, more=True))
    assert sizes.page_over(100) == (6, 20)


def test_of_very_large_sizes_few_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def largest(*items: Any, **options: Any) -> Any:
        choices = list(*items) if len(items) == 1 else items
        tried.append(len(choices))
        return max(choices, **options)

    monkeypatch.setattr(page_sizes, "max", largest, raising=False)
    assert PageSizes(10**8).page_over(3) == (1, 10**8)
    assert max(tried) <= 1001


# Pages that are too many bytes


def test_a_page_of_too_many_bytes_is_followed_by_such_of_half_the_size() -> None:
    sizes = PageSizes(100)
    assert (sizes.halve(PageRequest(1, 100)), sizes.usual, sizes.largest) == (True, 50, 50)


def test_the_largest_page_is_halved_to_one_of_a_known_size() -> None:
    sizes = PageSizes(LARGEST)
    assert (sizes.halve(PageRequest(1, LARGEST)), sizes.usual) == (True, OVERLAPPING)


def test_a_page_of_one_element_cannot_be_halved() -> None:
    assert not PageSizes(100).halve(PageRequest(7, 1))


def test_behind_an_element_that_no_page_can_hold_pages_grow_again() -> None:
    sizes = PageSizes(100)
    for size in (100, 50, 25, 12, 6, 3):
        sizes.halve(PageRequest(1, size))
    sizes.pass_by(501)
    assert (sizes.usual, sizes.largest) == (100, 100)


@given(element=st.integers(0, 2000), beyond=starts)
def test_no_page_holds_an_element_that_no_page_can_hold(element: int, beyond: int) -> None:
    sizes = PageSizes(100)
    sizes.pass_by(element + 1)
    number, size = sizes.page_over(element + 1 + beyond)
    assert element < (number - 1) * size <= element + 1 + beyond < number * size


@given(start=starts, largest=st.integers(1, 300))
def test_a_refusal_past_the_end_says_that_the_listing_ends_before(start: int, largest: int) -> None:
    request = PageRequest(*PageSizes(largest).page_over(start))
    refused: PageRead[int] = past_end(request)
    assert (refused.nodes, refused.has_next_page) == ([], False)
    assert refused.count == (request.number - 1) * request.size


def test_small_pages_may_be_larger_to_overlap() -> None:
    assert PageSizes(3).largest == OVERLAPPING


def test_pages_that_overlap_keep_to_the_cap() -> None:
    sizes = PageSizes(100)
    sizes.place(PageRequest(1, 100), page(20, more=True))
    assert all(sizes.page_over(start)[1] <= 20 for start in range(500))


def test_a_server_that_ignores_sizes_is_asked_for_its_own() -> None:
    sizes = PageSizes(10)
    sizes.place(PageRequest(1, 10), page(25, more=True))
    assert {sizes.page_over(start)[1] for start in range(500)} == {25}
