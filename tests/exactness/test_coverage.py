"""What has come of a listing, and which page is linked to it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from ledger_async._exactness.coverage import Coverage as Bare
from ledger_async._exactness.pages import PageRead


class Coverage(Bare):
    """One that looks for repeats itself."""

    def take(self, page: PageRead[int]) -> list[int]:
        return self.add(page, repeats=self.find_repeats(page))


def page(nodes: Iterable[int], *, count: int = 100) -> PageRead[int]:
    held = list(nodes)
    return PageRead(held, [*held], count, has_next_page=True)


@pytest.fixture
def cover() -> Coverage:
    """The first ten of a hundred elements, linked."""
    cover = Coverage()
    first = page(range(10))
    cover.link(first, 10)
    cover.take(first)
    return cover


@pytest.mark.parametrize("count", [100, 101, 5000])
def test_the_linked_part_reaches_its_end_while_count_does_not_fall(
    cover: Coverage, count: int
) -> None:
    assert cover.reaches(10, page(range(10, 20), count=count))


def test_a_count_that_falls_moves_the_end_of_the_linked_part_to_the_front(cover: Coverage) -> None:
    fallen = page(range(10, 20), count=97)
    assert (cover.fallen(fallen), cover.reaches(7, fallen), cover.reaches(8, fallen)) == (
        3,
        True,
        False,
    )


def test_the_linked_part_does_not_reach_beyond_its_end(cover: Coverage) -> None:
    assert not cover.reaches(11, page(range(11, 21)))


def test_the_linked_part_holds_what_came_on_its_pages(cover: Coverage) -> None:
    assert (cover.holds(9), cover.holds(10)) == (True, False)


def test_what_came_on_a_page_that_is_not_linked_is_not_held(cover: Coverage) -> None:
    cover.take(page(range(20, 30)))
    cover.loosen(10)
    assert not cover.holds(25)


def test_what_a_linked_page_holds_is_linked(cover: Coverage) -> None:
    cover.take(page(range(20, 30)))
    cover.loosen(10)
    cover.link(page(range(9, 25)), 25)
    assert (cover.holds(24), cover.linked) == (True, 15)


def test_an_element_that_is_passed_by_is_linked(cover: Coverage) -> None:
    cover.pass_by(11, 10)
    assert (cover.end, cover.holds(10), cover.linked) == (11, True, 11)


def test_to_start_anew_unlinks_everything(cover: Coverage) -> None:
    cover.restart()
    assert (cover.end, cover.linked, len(cover)) == (0, 0, 10)


def test_what_comes_again_is_no_node_and_is_counted(cover: Coverage) -> None:
    assert cover.take(page([8, 9, 10, 11, 11])) == [10, 11]
    assert (cover.duplicates, len(cover)) == (3, 12)


def test_what_comes_for_the_first_time_is_handed_on_as_it_is(cover: Coverage) -> None:
    new = page(range(10, 20))
    assert cover.take(new) is new.nodes


@pytest.mark.parametrize(
    ("nodes", "repeats"), [([10, 11], False), ([9, 10], True), ([10, 10], True), ([], False)]
)
def test_a_page_repeats_what_came_before_or_itself(
    cover: Coverage, nodes: list[int], *, repeats: bool
) -> None:
    assert cover.find_repeats(page(nodes)) is repeats


@pytest.mark.parametrize("keys", [[10, 11], []])
def test_a_page_is_appended_if_none_of_its_keys_has_come_before(
    cover: Coverage, keys: list[int]
) -> None:
    assert cover.append(page(keys))
    assert len(cover) == 10 + len(keys)


@pytest.mark.parametrize("keys", [[9, 10], [10, 10]])
def test_nothing_is_appended_where_one_key_comes_again(cover: Coverage, keys: list[int]) -> None:
    assert not cover.append(page(keys))
    assert (len(cover), cover.holds(10)) == (10, False)
    assert cover.append(page([10]))


# A listing of tens of thousands


@pytest.fixture
def long() -> Coverage:
    """All of a listing of twenty thousand that nobody touched."""
    cover = Coverage()
    for start in range(0, 20_000, 100):
        cover.take(page(range(start, start + 100)))
    return cover


def test_an_old_element_is_known_and_not_handed_on_again(long: Coverage) -> None:
    assert long.take(page([5, 20_000])) == [20_000]
    assert long.duplicates == 1


def test_what_came_long_ago_is_told_from_what_came_lately(long: Coverage) -> None:
    lately, long_ago = page([19_000, 20_000]), page([19_000, 5])
    assert (long.repeats_from_afar(lately), long.repeats_from_afar(long_ago)) == (False, True)


def test_an_old_element_is_linked_until_it_is_loosened(long: Coverage) -> None:
    assert long.holds(5)
    long.loosen(5)
    assert not long.holds(5)


def test_the_head_of_a_long_listing_is_known(long: Coverage) -> None:
    assert long.has_at(0, [*range(100)])
    assert not long.has_at(0, [*range(1, 101)])


def test_of_all_that_is_loose_what_comes_on_linked_pages_is_linked(long: Coverage) -> None:
    long.restart()
    long.link(page(range(100)), 100)
    assert (long.holds(99), long.holds(100), long.linked) == (True, False, 100)


def test_what_comes_again_on_linked_pages_is_counted_once(long: Coverage) -> None:
    long.restart()
    long.link(page(range(100)), 100)
    long.link(page(range(50, 150)), 150)
    assert long.linked == 150


def test_an_element_that_is_passed_by_is_linked_where_all_others_are_loose(long: Coverage) -> None:
    long.restart()
    long.pass_by(1, 20_000)
    assert (long.holds(20_000), long.linked) == (True, 1)


def test_what_was_linked_since_stays_so_when_others_are_linked_again(long: Coverage) -> None:
    long.restart()
    long.link(page(range(100)), 100)
    long.relink(((50, 150),))
    assert [long.holds(key) for key in (0, 99, 100, 149, 150)] == [True, True, False, False, True]
