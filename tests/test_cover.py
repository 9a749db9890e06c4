"""What has come of a listing, and which page is linked to it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ledger_async.cover import RECENT
from ledger_async.cover import Cover as Bare
from ledger_async.pages import Slice


class Cover(Bare):
    """One that looks for repeats itself."""

    def links(self, page: Slice[int], start: int, *, by_count: bool) -> bool:
        return self.is_linked(page, start, repeats=self.repeats(page), by_count=by_count)

    def take(self, page: Slice[int]) -> list[int]:
        return self.add(page, repeats=self.repeats(page))


def page(nodes: Iterable[int], *, count: int = 100) -> Slice[int]:
    held = list(nodes)
    return Slice(held, [*held], count, has_next_page=True)


@pytest.fixture
def cover() -> Cover:
    """The first ten of a hundred elements, linked."""
    cover = Cover()
    first = page(range(10))
    cover.link(first, 10)
    cover.take(first)
    return cover


def test_the_first_page_is_linked_whatever_it_holds() -> None:
    assert Cover().links(page([7]), 0, by_count=False)


@pytest.mark.parametrize("count", [100, 101, 5000])
def test_a_page_that_begins_where_the_others_end_is_linked_while_count_does_not_fall(
    cover: Cover, count: int
) -> None:
    assert cover.links(page(range(10, 20), count=count), 10, by_count=True)


def test_a_count_that_falls_unlinks_it(cover: Cover) -> None:
    assert not cover.links(page(range(11, 21), count=99), 10, by_count=True)


def test_a_page_that_begins_as_much_earlier_as_count_fell_is_linked(cover: Cover) -> None:
    assert cover.links(page(range(10, 20), count=97), 7, by_count=True)


def test_a_page_that_begins_further_on_is_not_linked(cover: Cover) -> None:
    assert not cover.links(page(range(11, 21)), 11, by_count=True)


def test_count_links_nothing_where_it_is_not_to_be_trusted(cover: Cover) -> None:
    assert not cover.links(page(range(10, 20)), 10, by_count=False)


def test_an_element_of_the_others_links_a_page_wherever_it_stands(cover: Cover) -> None:
    assert cover.links(page(range(9, 19), count=3), 5000, by_count=False)


def test_an_element_of_a_page_that_was_not_linked_links_nothing(cover: Cover) -> None:
    cover.take(page(range(20, 30)))
    cover.loosen(10)
    assert not cover.links(page(range(25, 35)), 25, by_count=False)


def test_what_a_linked_page_holds_is_linked(cover: Cover) -> None:
    cover.take(page(range(20, 30)))
    cover.loosen(10)
    cover.link(page(range(9, 25)), 25)
    assert cover.links(page(range(24, 34)), 24, by_count=False)
    assert cover.linked == 15


def test_a_page_that_repeats_itself_is_not_linked(cover: Cover) -> None:
    assert not cover.links(page([9, 10, 10]), 9, by_count=True)


def test_to_start_anew_unlinks_everything(cover: Cover) -> None:
    cover.restart()
    assert (cover.end, cover.linked, len(cover)) == (0, 0, 10)


def test_what_comes_again_is_no_node_and_is_counted(cover: Cover) -> None:
    assert cover.take(page([8, 9, 10, 11, 11])) == [10, 11]
    assert (cover.duplicates, len(cover)) == (3, 12)


def test_what_comes_for_the_first_time_is_handed_on_as_it_is(cover: Cover) -> None:
    new = page(range(10, 20))
    assert cover.take(new) is new.nodes


@pytest.mark.parametrize(
    ("nodes", "repeats"), [([10, 11], False), ([9, 10], True), ([10, 10], True), ([], False)]
)
def test_a_page_repeats_what_came_before_or_itself(
    cover: Cover, nodes: list[int], *, repeats: bool
) -> None:
    assert cover.repeats(page(nodes)) is repeats


# A listing of tens of thousands


@pytest.fixture
def long() -> Cover:
    """All of a listing of twenty thousand that nobody touched."""
    cover = Cover()
    for start in range(0, 20_000, 100):
        cover.take(page(range(start, start + 100)))
    return cover


def test_a_quiet_listing_costs_few_bytes_an_element(long: Cover) -> None:
    found_again = long._recent | long._less_recent
    assert len(found_again) <= 2 * RECENT
    assert long._order.itemsize * len(long) == 8 * 20_000


def test_an_old_element_is_known_once_count_has_moved(long: Cover) -> None:
    assert long.take(page([5, 20_000], count=101)) == [20_000]


def test_an_old_element_is_known_once_a_page_has_repeated_a_little(long: Cover) -> None:
    long.take(page([19_999, 20_000]))
    assert long.take(page([5, 20_001])) == [20_001]


def test_an_old_element_is_linked_until_it_is_loosened(long: Cover) -> None:
    assert long.links(page([5, 20_000], count=99), 20_000, by_count=False)
    long.loosen(5)
    assert not long.links(page([5, 20_000], count=99), 20_000, by_count=False)


def test_the_head_of_a_long_listing_is_known(long: Cover) -> None:
    assert long.begins_with([*range(100)])
    assert not long.begins_with([*range(1, 101)])


def test_what_came_again_unnoticed_is_counted_in_the_end(long: Cover) -> None:
    assert long.unnoticed() == 0
    long.take(page([5, 20_000]))
    assert long.unnoticed() == 1


def test_what_was_noticed_is_not_counted_again(long: Cover) -> None:
    long.take(page([19_999, 5, 20_000]))
    assert (long.unnoticed(), long.duplicates) == (0, 2)


def test_a_cover_that_remembers_all_notices_all() -> None:
    cover = Cover(remembers_all=True)
    for start in range(0, 20_000, 100):
        cover.take(page(range(start, start + 100)))
    assert cover.take(page([5, 20_000])) == [20_000]
