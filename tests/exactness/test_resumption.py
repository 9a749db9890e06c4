"""A walk that meets what was accepted before: where it goes on, and what it reads again.

The `route` that it takes is tested with it.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from simulator import page_of, pages_of

from ledger_async._exactness.checkpoints import Carried, Checkpoint
from ledger_async._exactness.pages import PageRead, PageRequest
from ledger_async._exactness.resumption import Resumption
from ledger_async._exactness.survey import Survey
from ledger_async._exactness.walk import Walk
from ledger_async._exactness.ways import HEAD


def page(nodes: Iterable[int], *, count: int = 1000) -> PageRead[int]:
    held = [*nodes]
    return PageRead(held, [*held], count, has_next_page=True)


def accepted(
    keys: Iterable[int], checkpoint: Checkpoint | None = None, *, count: int = 1000
) -> Carried:
    """These, all linked unless the checkpoint says otherwise."""
    carried, held = Carried(), [*keys]
    carried.add(held, checkpoint or Checkpoint(len(held), count, calm=True))
    return carried


class Resumed:
    """A walk that goes on over this listing, and what it asks for."""

    def __init__(
        self, carried: Carried, listing: list[int], *, trust_count: bool = True, cap: int = 100
    ) -> None:
        self.asked: list[tuple[int, int]] = []
        self.listing, self.cap = listing, cap
        self.walk = Walk[int](cap, check=True, carried=carried, trust_count=trust_count)
        self.came = [node for each in pages_of(self.walk, self.serve) for node in each.nodes]

    def serve(self, request: PageRequest, _now: float) -> PageRead[int]:
        number, size = request.number, min(request.size, self.cap)
        self.asked.append((number, size))
        return page_of(self.listing, number, size)


def meets(carried: Carried, nodes: Iterable[int]) -> bool:
    """True if a walk that sees these at the head goes on behind what was accepted."""
    survey = Survey(100, trusts_count=True)
    survey.cover.carry(carried)
    first, request = page(nodes, count=1001), PageRequest(1, 100)
    place = survey.sizes.place(request, first)
    way = Resumption(survey, carried)
    survey.note(first, place, repeats=True)
    assert way.link(request, first, place)
    return survey.cover.end > place.end


# What is met


def test_a_run_of_what_was_linked_is_met() -> None:
    assert meets(accepted(range(500)), [-1, -2, *range(98)])


def test_a_run_as_short_as_can_be_is_met() -> None:
    assert meets(accepted(range(500)), [*range(-90, 0), *range(HEAD)])


def test_a_shorter_run_is_not_met() -> None:
    assert not meets(accepted(range(500)), [*range(-91, 0), *range(HEAD - 1)])


def test_gaps_of_what_has_left_do_not_matter() -> None:
    assert meets(accepted(range(500)), range(1, 200, 2))


def test_what_came_back_in_another_order_is_not_met() -> None:
    assert not meets(accepted(range(500)), reversed(range(100)))


def test_new_ones_between_are_a_reason_to_read_on() -> None:
    mixed = [each for at in range(50) for each in (at, -1 - at)]
    assert not meets(accepted(range(500)), mixed)


def test_what_is_loose_is_not_met() -> None:
    loose = Checkpoint(500, 1000, loose=((0, 300),))
    assert not meets(accepted(range(500), loose), range(100))


def test_a_run_may_go_on_from_page_to_page() -> None:
    resumed = Resumed(accepted(range(500), count=600), [-3, -2, -1, *range(600)], cap=HEAD)
    assert not [each for each in resumed.asked if 30 <= each[0] * each[1] <= 480]


@pytest.mark.parametrize(
    "head",
    [
        [*range(HEAD - 1), -1, *range(1_000, 1_005)],
        [*range(4), *range(1_000, 1_008), *range(4, HEAD)],
        [*range(6), -1, *range(6, 12), -2, *range(12, 18), -3, *range(18, 24)],
    ],
)
def test_no_run_goes_on_behind_what_is_new(head: list[int]) -> None:
    mixed = [*head, *(each for at in range(30, 480) for each in (at, -at))]
    listing = [*mixed, *range(480, 600)]
    resumed = Resumed(accepted(range(500), count=600), listing, cap=HEAD)
    assert {*resumed.came} == {*listing} - {*range(500)}


# Where it goes on


def test_a_quiet_listing_goes_on_behind_what_came() -> None:
    resumed = Resumed(accepted(range(500), count=750), [*range(750)])
    assert resumed.came == [*range(500, 750)]
    assert resumed.asked == [(1, 100), (6, 100), (7, 100), (8, 100)]
    assert resumed.walk.status == "exact"


def test_the_head_closes_what_was_read_ahead() -> None:
    ahead = Checkpoint(100, 750, loose=((100, 500),), calm=True)
    resumed = Resumed(accepted(range(500), ahead), [*range(750)])
    assert resumed.came == [*range(500, 750)]
    assert resumed.walk.status == "exact"


@pytest.mark.parametrize("listing", [[-1, *range(749)], [*range(5), *range(6, 751)]])
def test_what_was_read_ahead_is_read_again_if_the_listing_moved(listing: list[int]) -> None:
    ahead = Checkpoint(100, 750, loose=((100, 500),), calm=True)
    resumed = Resumed(accepted(range(500), ahead), listing)
    assert min(number * size for number, size in resumed.asked[1:]) < 250
    assert {*resumed.came} == {*listing} - {*range(500)}
    assert resumed.walk.status == "repaired"


@pytest.mark.parametrize(
    "head", [[-3, -2, -1], [*range(-25, 0)]], ids=lambda head: f"{len(head)} come in"
)
def test_pages_as_short_as_a_run_close_what_was_read_ahead(head: list[int]) -> None:
    ahead = Checkpoint(HEAD, 600, loose=((HEAD, 500),), calm=True)
    resumed = Resumed(accepted(range(500), ahead), [*head, *range(600)], cap=HEAD)
    assert resumed.came == [*head, *range(500, 600)]
    assert not [each for each in resumed.asked if 60 <= each[0] * each[1] <= 480]


def test_what_left_in_front_of_a_run_leaves_closed_what_is_behind() -> None:
    ahead = Checkpoint(100, 750, loose=((100, 500),), calm=True)
    resumed = Resumed(accepted(range(500), ahead), [*range(5), *range(6, 750)])
    assert resumed.came == [*range(500, 750)]
    assert len(resumed.asked) <= 1 + 3 + 1
    assert resumed.walk.status == "repaired"


def test_a_run_of_what_was_itself_read_ahead_closes_nothing() -> None:
    ahead = Checkpoint(5, 750, loose=((5, 500),), calm=True)
    listing = [*range(1, 300), -1, *range(300, 750)]  # -1 had hidden between two pages
    resumed = Resumed(accepted(range(500), ahead), listing)
    assert -1 in resumed.came


def test_a_page_that_is_capped_lets_the_walk_forget_nothing() -> None:
    listing = [*range(3), *range(6, 600)]
    resumed = Resumed(accepted(range(500), count=600), listing, cap=HEAD)
    assert resumed.came == [*range(500, 600)]
    assert len(resumed.asked) <= 25


def test_what_came_in_during_the_pause_comes_first() -> None:
    listing = [*range(-150, 0), *range(750)]
    resumed = Resumed(accepted(range(500), count=750), listing)
    assert resumed.came == [*range(-150, 0), *range(500, 750)]
    assert len(resumed.asked) <= 2 + 3 + 1


def test_what_came_back_to_the_head_hides_nothing_new() -> None:
    listing = [-3, 0, -2, -1, *range(1, 750)]
    resumed = Resumed(accepted(range(500), count=750), listing)
    assert {*resumed.came} == {-3, -2, -1, *range(500, 750)}


def test_many_that_left_cost_a_step_to_the_front() -> None:
    listing = [*range(300), *range(480, 1000)]
    resumed = Resumed(accepted(range(500)), listing)
    assert {*resumed.came} == {*range(500, 1000)}


def test_where_all_that_came_last_has_left_the_walk_goes_on_before_that() -> None:
    listing = [*range(-400, 0), *range(20), *range(500, 1000)]
    resumed = Resumed(accepted(range(500)), listing)
    assert {*resumed.came} == {*listing} - {*range(20)}


def test_where_all_has_left_everything_is_read() -> None:
    resumed = Resumed(accepted(range(500)), [*range(500, 1500)])
    assert resumed.came == [*range(500, 1500)]


def test_where_elements_come_in_anywhere_everything_is_read() -> None:
    listing = [*range(250), -1, *range(250, 750)]
    resumed = Resumed(accepted(range(500)), listing, trust_count=False)
    assert {*resumed.came} == {-1, *range(500, 750)}


def test_a_count_that_lies_is_no_reason_to_go_on_from_anywhere() -> None:
    carried = accepted(range(500), count=751)
    walk, came = Walk[int](100, check=True, carried=carried), set[int]()
    listing = [*range(200), -1, *range(200, 750)]
    while not walk.done:
        request = walk.ask()
        true = page_of(listing, request.number, min(request.size, 100))
        lying = PageRead(true.nodes, true.keys, 701 - request.number % 2, true.has_next_page)
        for each in walk.answer(request, lying):
            came.update(each.nodes)
    assert -1 in came


# Both walks as one


def answers(walk: Walk[int], *listings: list[int]) -> list[Checkpoint | None]:
    """The checkpoints of a walk that sees one of these listings after the other, in pages of 10."""
    found = []
    for listing in listings:
        request = walk.ask()
        page = page_of(listing, request.number, min(request.size, 10))
        found += [each.checkpoint for each in walk.answer(request, page)]
    return found


def test_where_nothing_but_the_head_has_moved_no_page_overlaps_another() -> None:
    resumed = Resumed(accepted(range(500), count=800), [-3, -2, -1, *range(800)], cap=10)
    assert resumed.asked[-31:] == [(number, 10) for number in range(51, 82)]
    assert resumed.walk.status == "repaired"


def test_elements_that_came_in_another_order_than_they_stand_are_not_called_calm() -> None:
    walk = Walk[int](10, check=True, carried=accepted(range(500), count=800))
    listing = [-3, -2, -1, *range(800)]
    checkpoints = answers(walk, *[listing] * 6)
    assert [each and each.calm for each in checkpoints] == [False] * 6


def test_what_moves_right_behind_the_pause_lets_pages_overlap() -> None:
    walk = Walk[int](10, check=True, carried=accepted(range(500), count=800))
    listing = [-3, -2, -1, *range(800)]
    answers(walk, listing, listing, listing, [-4, *listing])
    request = walk.ask()
    assert (request.number - 1) * request.size < 510


# Cut off again


def test_what_is_new_at_the_head_is_loose_until_the_walk_has_met_the_rest() -> None:
    walk = Walk[int](100, check=True, carried=accepted(range(500), count=750))
    listing = [*range(-150, 0), *range(750)]
    (fresh,) = walk.answer(walk.ask(), page_of(listing, 1, 100))
    assert fresh.checkpoint == Checkpoint(500, 750, loose=((500, 600),))


def test_a_walk_that_is_cut_off_twice_loses_nothing() -> None:
    first = accepted(range(500), count=750)
    walk = Walk[int](100, check=True, carried=first)
    listing = [*range(-150, 0), *range(750)]
    (fresh,) = walk.answer(walk.ask(), page_of(listing, 1, 100))
    first.add(fresh.nodes, fresh.checkpoint)
    listing = [-200, *listing]
    resumed = Resumed(first, listing)
    assert {*resumed.came} == {-200, *range(-50, 0), *range(500, 750)}
