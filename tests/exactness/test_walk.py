"""The walk over a listing, without a loop: which page is next, what is new, what is proven.

The `survey` of its pages, and the `turns` of its requests, are tested with it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import chain
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator import drive, nodes_of, page_of

from ledger_async._exactness.pages import LARGEST, PageRead, PageRequest
from ledger_async._exactness.walk import Walk
from ledger_async._exactness.walk_limits import HIDDEN_LIMIT, STALL_LIMIT
from ledger_async._exactness.ways import HEAD, Overlapping
from ledger_async.errors import ListingIncompleteError

SLOTS = 16

NewWalk = Callable[[int], Walk[int]]
Serve = Callable[[PageRequest, float], PageRead[int]]

sizes = st.integers(0, 400)
page_sizes = st.integers(1, 120)
randoms = st.randoms(use_true_random=False)


def page(nodes: Iterable[int], *, count: int, more: bool) -> PageRead[int]:
    held = list(nodes)
    return PageRead(held, list(held), count, more)


def quiet(size: int, cap: int = 120) -> Serve:
    """A listing that does not change, on a server that caps pages."""
    listing = list(range(size))
    return lambda request, _now: page_of(
        listing, request.number, cap if request.size == LARGEST else min(request.size, cap)
    )


def scripted(*pages: PageRead[int]) -> Serve:
    """These pages by their number, whatever size is asked for; beyond them the last one."""
    return lambda request, _now: pages[min(request.number, len(pages)) - 1]


class Asked:
    """Counts what a walk requests for, and hands it on."""

    def __init__(self, serve: Serve) -> None:
        self.numbers: list[int] = []
        self.sizes: list[int] = []
        self._serve = serve

    def __call__(self, request: PageRequest, now: float) -> PageRead[int]:
        self.numbers.append(request.number)
        self.sizes.append(request.size)
        return self._serve(request, now)


def crawl(
    walk: Walk[int], serve: Serve, *, slots: int = 1, random: Random | None = None
) -> list[int]:
    """Every node that the walk releases."""
    pages = drive(walk, serve, slots=slots, random=random)
    return [node for nodes in pages for node in nodes]


def checked(page_size: int = 100) -> Walk[int]:
    return Walk(page_size, check=True)


def unchecked(page_size: int = 100) -> Walk[int]:
    return Walk(page_size, check=False)


def answer(walk: Walk[int], serve: Serve) -> list[list[int]]:
    """What the walk releases once its next page has been asked for and served."""
    request = walk.ask()
    return nodes_of(walk.answer(request, serve(request, 0.0)))


def pages(size: int, page_size: int) -> int:
    """How many pages a listing has: an empty one has one."""
    return -(-size // page_size) or 1


# Which page next


def test_pages_are_asked_for_in_turn_until_one_says_it_is_the_last() -> None:
    serve = Asked(quiet(250))
    crawl(checked(), serve)
    assert serve.numbers == [1, 2, 3]


def test_the_next_page_waits_for_the_one_before() -> None:
    walk = checked()
    walk.ask()
    assert walk.next_request(ahead=False) is None


def test_nothing_is_foreseen_before_the_first_answer() -> None:
    walk = checked()
    walk.ask()
    assert walk.next_request(ahead=True) is None


def test_ahead_goes_as_far_as_count_foresees() -> None:
    walk = checked()
    answer(walk, quiet(350))
    assert [walk.ask().number for _ in range(3)] == [2, 3, 4]
    assert walk.next_request(ahead=True) is None


def test_ahead_starts_with_a_few_pages_and_goes_on_with_all() -> None:
    walk, serve = checked(10), quiet(1000)
    answer(walk, serve)
    requests = [walk.ask() for _ in range(4)]
    assert walk.next_request(ahead=True) is None
    for request in requests:
        walk.answer(request, serve(request, 0.0))
    assert [walk.ask().number for _ in range(SLOTS)] == [*range(6, 6 + SLOTS)]


def test_without_a_ramp_all_pages_go_ahead_at_once() -> None:
    walk = Walk[int](10, check=True, ramp=False)
    answer(walk, quiet(1000))
    assert [walk.ask().number for _ in range(SLOTS)] == [*range(2, 2 + SLOTS)]


def test_the_last_page_does_not_go_ahead_for_in_sequence_it_needs_no_closing() -> None:
    walk = checked()
    answer(walk, quiet(250))
    walk.ask()
    assert walk.next_request(ahead=True) is None


def test_pages_are_as_long_as_the_first_that_came_whatever_was_asked_for() -> None:
    walk = checked(100)
    answer(walk, quiet(250, cap=50))
    assert [walk.ask().number for _ in range(4)] == [2, 3, 4, 5]
    assert walk.next_request(ahead=True) is None


def test_the_largest_page_is_asked_for_as_such() -> None:
    serve = Asked(quiet(250, cap=100))
    assert crawl(checked(LARGEST), serve) == list(range(250))
    assert serve.sizes[0] == LARGEST


def test_pages_behind_the_first_are_asked_for_at_the_length_that_it_had() -> None:
    serve = Asked(quiet(250, cap=100))
    assert crawl(checked(LARGEST), serve) == list(range(250))
    assert serve.sizes[1:] == [100, 100]


def test_a_server_that_ignores_the_page_size_is_read_in_one_request() -> None:
    listing = list(range(400))
    serve = Asked(lambda request, _now: page_of(listing, request.number, 500))
    assert crawl(checked(), serve, slots=SLOTS) == listing
    assert serve.numbers == [1]


def test_there_is_nothing_to_take_while_an_answer_is_awaited() -> None:
    walk = checked()
    walk.ask()
    with pytest.raises(ValueError, match="no page to ask for"):
        walk.ask()


@pytest.mark.parametrize("slots", [1, SLOTS])
@given(size=sizes, page_size=page_sizes, random=randoms)
def test_every_node_of_a_quiet_listing_comes_once_and_in_its_order(
    slots: int, size: int, page_size: int, random: Random
) -> None:
    nodes = crawl(checked(page_size), quiet(size), slots=slots, random=random)
    assert nodes == list(range(size))


@given(size=sizes, page_size=page_sizes)
def test_in_sequence_a_quiet_listing_costs_its_pages_and_nothing_more(
    size: int, page_size: int
) -> None:
    serve = Asked(quiet(size))
    crawl(checked(page_size), serve)
    assert serve.numbers == [*range(1, pages(size, page_size) + 1)]


@given(size=sizes, page_size=page_sizes, random=randoms)
def test_ahead_a_quiet_listing_costs_at_most_one_request_more_than_its_pages(
    size: int, page_size: int, random: Random
) -> None:
    serve = Asked(quiet(size))
    crawl(checked(page_size), serve, slots=SLOTS, random=random)
    every = Counter(range(1, pages(size, page_size) + 1))
    assert Counter(serve.numbers) in (every, every + Counter([1]))


@given(size=sizes, page_size=page_sizes, random=randoms)
def test_unchecked_a_quiet_listing_costs_its_pages(
    size: int, page_size: int, random: Random
) -> None:
    serve = Asked(quiet(size))
    crawl(unchecked(page_size), serve, slots=SLOTS, random=random)
    assert sorted(serve.numbers) == [*range(1, pages(size, page_size) + 1)]


@given(size=st.integers(201, 400), page_size=st.integers(1, 100), random=randoms)
def test_no_more_pages_are_in_flight_than_there_are_slots(
    size: int, page_size: int, random: Random
) -> None:
    walk = checked(page_size)
    serve = quiet(size)
    busiest = 0

    def watched(request: PageRequest, now: float) -> PageRead[int]:
        nonlocal busiest
        busiest = max(busiest, walk.in_flight)
        return serve(request, now)

    crawl(walk, watched, slots=3, random=random)
    assert busiest <= 3


# Listings that contradict themselves


def test_an_empty_listing_takes_one_request() -> None:
    serve = Asked(quiet(0))
    assert crawl(checked(), serve) == []
    assert serve.numbers == [1]


def test_an_empty_page_in_the_middle_is_passed() -> None:
    serve = scripted(
        page([1, 2], count=4, more=True),
        page([], count=4, more=True),
        page([3, 4], count=4, more=False),
    )
    assert crawl(unchecked(2), serve) == [1, 2, 3, 4]


def test_an_empty_page_that_hides_what_it_holds_leaves_nothing_proven() -> None:
    serve = scripted(
        page([1, 2], count=6, more=True),
        page([], count=6, more=True),
        page([5, 6], count=6, more=False),
    )
    with pytest.raises(ListingIncompleteError):
        crawl(checked(2), serve)


def test_an_empty_first_page_is_passed() -> None:
    serve = scripted(page([], count=2, more=True), page([1, 2], count=2, more=False))
    assert crawl(unchecked(2), serve, slots=SLOTS) == [1, 2]


@pytest.mark.parametrize("slots", [1, SLOTS])
@pytest.mark.parametrize("page_size", [100, LARGEST])
@pytest.mark.parametrize("nodes", [[], [1, 2]])
def test_an_end_that_count_speaks_against_is_an_error_after_few_requests(
    nodes: list[int], page_size: int, slots: int
) -> None:
    serve = Asked(scripted(page(nodes, count=1000, more=False), page([], count=1000, more=False)))
    with pytest.raises(ListingIncompleteError, match="`count` says that there are more"):
        crawl(checked(page_size), serve, slots=slots)
    assert len(serve.numbers) <= 1 + 2 * HIDDEN_LIMIT


@pytest.mark.parametrize("nodes", [[], [1, 2]])
def test_unchecked_an_end_that_count_speaks_against_is_looked_behind_once(
    nodes: list[int],
) -> None:
    serve = Asked(scripted(page(nodes, count=1000, more=False), page([], count=1000, more=False)))
    walk = unchecked()
    assert crawl(walk, serve) == nodes
    assert (walk.status, len(serve.numbers)) == ("unverified", 1 + bool(nodes))


def capped(size: int, cap: int) -> Serve:
    """A listing in pages of `cap`, of which `has_next_page` goes by the size asked for."""

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        true = page_of([*range(size)], request.number, min(request.size, cap))
        return page(true.nodes, count=size, more=request.number * request.size < size)

    return serve


@pytest.mark.parametrize("slots", [1, SLOTS])
@pytest.mark.parametrize("walk", [checked, unchecked])
@pytest.mark.parametrize("size", [51, 60, 100, 149])
def test_a_capped_page_that_says_it_is_the_last_is_not_believed(
    size: int, walk: NewWalk, slots: int
) -> None:
    assert crawl(walk(100), capped(size, 50), slots=slots) == list(range(size))


def test_a_page_that_comes_without_its_elements_once_is_asked_for_again() -> None:
    walk, honest = checked(10), quiet(25)
    glitches = [2]

    def serve(request: PageRequest, now: float) -> PageRead[int]:
        true = honest(request, now)
        if request.number in glitches:
            glitches.remove(request.number)
            return page([], count=true.count, more=true.has_next_page)
        return true

    assert crawl(walk, serve) == list(range(25))
    assert walk.status == "exact"


def test_a_full_page_that_says_it_is_the_last_is_not_believed_against_count() -> None:
    listing = list(range(25))

    def ends_early(request: PageRequest, _now: float) -> PageRead[int]:
        true = page_of(listing, request.number, request.size)
        return page(true.nodes, count=25, more=False)

    assert crawl(checked(10), ends_early) == listing


def lying(size: int, *counts: int) -> Serve:
    """A listing that does not change, whose pages state these counts in turn."""
    honest = quiet(size)

    def serve(request: PageRequest, now: float) -> PageRead[int]:
        true = honest(request, now)
        return page(true.nodes, count=counts[request.number % len(counts)], more=true.has_next_page)

    return serve


@pytest.mark.parametrize("slots", [1, SLOTS])
@pytest.mark.parametrize("count", [-(10**30), -1, 0, 1, 3, 24])
def test_a_count_that_is_too_low_is_found_out_and_overlap_proves_without_it(
    count: int, slots: int
) -> None:
    walk, serve = checked(5), Asked(lying(25, count))
    assert crawl(walk, serve, slots=slots) == list(range(25))
    assert (walk.status, len(serve.numbers) <= 2 * (5 + slots)) == ("repaired", True)


@pytest.mark.parametrize("slots", [1, SLOTS])
@pytest.mark.parametrize("count", [26, 10**12, 10**30])
def test_a_count_that_is_too_high_is_an_error_once_all_have_come(count: int, slots: int) -> None:
    serve = Asked(lying(25, count))
    pages, came = drive(checked(5), serve, slots=slots), list[int]()
    with pytest.raises(ListingIncompleteError) as caught:
        came.extend(node for nodes in pages for node in nodes)
    assert caught.value.covered == 25
    assert len(serve.numbers) <= 2 * (5 + slots) + HIDDEN_LIMIT


@pytest.mark.parametrize("count", [-(10**30), -1, 0, 1, 3, 24, 26, 10**12, 10**30])
def test_unchecked_a_wrong_count_neither_loops_nor_floods_nor_loses_anything(count: int) -> None:
    serve = Asked(lying(25, count))
    assert crawl(unchecked(5), serve, slots=SLOTS) == list(range(25))
    assert len(serve.numbers) <= 5 + SLOTS


@given(counts=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8), random=randoms)
def test_counts_that_change_at_every_page_neither_loop_nor_lose_anything(
    counts: list[int], random: Random
) -> None:
    serve, nodes = Asked(lying(25, *counts)), list[int]()
    with suppress(ListingIncompleteError):
        for each in drive(checked(5), serve, slots=SLOTS, random=random):
            nodes += each
    assert sorted(nodes) == list(range(25))
    assert len(serve.numbers) <= 3 * (5 + SLOTS)


def same_page_for_ever(_request: PageRequest, _now: float) -> PageRead[int]:
    return page([1, 2, 3], count=1000, more=True)


def empty_for_ever(_request: PageRequest, _now: float) -> PageRead[int]:
    return page([], count=1000, more=True)


def last_page_for_ever(request: PageRequest, _now: float) -> PageRead[int]:
    nodes = page_of(list(range(25)), min(request.number, 5), 5).nodes
    return page(nodes, count=10**9, more=True)


@pytest.mark.parametrize("slots", [1, SLOTS])
@pytest.mark.parametrize("walk", [checked, unchecked])
@pytest.mark.parametrize("serve", [same_page_for_ever, empty_for_ever, last_page_for_ever])
@given(random=randoms)
def test_pages_that_stop_moving_are_given_up_within_the_limit_and_a_few_windows(
    serve: Serve, walk: NewWalk, slots: int, random: Random
) -> None:
    asked = Asked(serve)
    with pytest.raises(ListingIncompleteError):
        crawl(walk(5), asked, slots=slots, random=random)
    assert len(asked.numbers) <= 5 + STALL_LIMIT + 4 * slots


def test_giving_up_names_the_page_and_what_came() -> None:
    with pytest.raises(ListingIncompleteError) as caught:
        crawl(unchecked(3), same_page_for_ever)
    assert (caught.value.page, caught.value.covered) == (1 + STALL_LIMIT, 3)


def test_a_new_node_now_and_then_is_a_listing_that_moves() -> None:
    gap = STALL_LIMIT - 1
    listing: list[list[int]] = [*([[]] * gap), [1], *([[]] * gap), [2], *([[]] * gap), [3]]
    serve = scripted(
        *(page(nodes, count=3, more=True) for nodes in listing[:-1]),
        page(listing[-1], count=3, more=False),
    )
    assert crawl(unchecked(), serve) == [1, 2, 3]


def test_nodes_that_arrived_before_the_pages_stopped_moving_are_not_lost() -> None:
    walk = unchecked(1)
    answers = [page([1], count=100, more=True), *[page([2], count=100, more=True)] * 25]
    released = nodes_of(walk.answer(walk.ask(), answers[0]))
    requests = [walk.ask() for _ in answers[1:]]
    # Page 2 is the last to arrive: it frees all the others, and itself is new.
    for request in reversed(requests):
        released += nodes_of(walk.answer(request, answers[request.number - 1]))
    assert [node for nodes in released for node in nodes] == [1, 2]


# Which nodes are new


def test_a_node_that_shifted_to_the_next_page_is_dropped_there() -> None:
    walk = checked(2)
    serve = scripted(page([3, 2], count=3, more=True), page([2, 1], count=4, more=False))
    assert crawl(walk, serve) == [3, 2, 1]
    assert walk.duplicates_dropped == 1


def test_a_page_that_repeats_itself_is_thinned() -> None:
    walk = unchecked()
    assert crawl(walk, scripted(page([1, 2, 1, 2, 3], count=3, more=False))) == [1, 2, 3]
    assert walk.duplicates_dropped == 2


def test_a_page_that_repeats_itself_proves_nothing() -> None:
    with pytest.raises(ListingIncompleteError):
        crawl(checked(), scripted(page([1, 2, 1, 2, 3], count=5, more=False)))


@given(pages=st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=8))
def test_nodes_are_the_first_of_each_identity_in_listing_order(pages: list[list[int]]) -> None:
    serve = scripted(
        *(page(nodes, count=0, more=n < len(pages)) for n, nodes in enumerate(pages, 1))
    )
    walk = unchecked()
    everything = [node for nodes in pages for node in nodes]
    assert crawl(walk, serve) == list(dict.fromkeys(everything))
    assert walk.duplicates_dropped == len(everything) - len(set(everything))


def test_pages_that_come_early_are_held_back_until_their_turn() -> None:
    walk, serve = unchecked(2), quiet(6)
    answer(walk, serve)
    second, third = walk.ask(), walk.ask()
    assert walk.answer(third, serve(third, 0.0)) == []
    assert walk.held_back == 1
    assert nodes_of(walk.answer(second, serve(second, 0.0))) == [[2, 3], [4, 5]]
    assert walk.held_back == 0


def test_a_walk_is_done_when_nothing_is_to_be_asked_awaited_or_released() -> None:
    walk = checked()
    done = [walk.done]
    request = walk.ask()
    done.append(walk.done)
    walk.answer(request, page([1], count=1, more=False))
    assert [*done, walk.done] == [False, False, True]


# What is proven


@pytest.mark.parametrize("walk", [checked, unchecked])
def test_a_single_page_is_exact_by_itself(walk: NewWalk) -> None:
    one = walk(100)
    crawl(one, quiet(7))
    assert one.status == "exact"


@pytest.mark.parametrize("slots", [1, SLOTS])
def test_a_quiet_listing_is_exact(slots: int) -> None:
    walk = checked(10)
    crawl(walk, quiet(250), slots=slots)
    assert walk.status == "exact"


def test_unchecked_pages_prove_nothing() -> None:
    walk = unchecked(10)
    crawl(walk, quiet(250))
    assert walk.status == "unverified"


class Moving:
    """A listing, newest first, that `change` is made to before so many requests are answered."""

    def __init__(self, size: int, *changes: int, before: int = 2, cap: int = 100) -> None:
        self.listing = list(range(size))
        self.asked: list[tuple[int, int]] = []
        self._changes = list(changes)
        self._before = before
        self._cap = cap

    def __call__(self, request: PageRequest, _now: float) -> PageRead[int]:
        self.asked.append((request.number, request.size))
        if len(self.asked) >= self._before and self._changes:
            change = self._changes.pop(0)
            if change in self.listing:
                self.listing.remove(change)
            else:
                self.listing.insert(0, change)
        return page_of(self.listing, request.number, min(request.size, self._cap))


def test_in_sequence_inserts_leave_it_exact_at_no_cost() -> None:
    walk, serve = checked(2), Moving(5, 101, 102)
    assert crawl(walk, serve) == [0, 1, 2, 3, 4]
    assert (walk.status, serve.asked) == ("exact", [(1, 2), (2, 2), (3, 2), (4, 2)])


def test_in_sequence_what_a_delete_moved_is_fetched_by_a_page_that_overlaps() -> None:
    walk, serve = checked(10), Moving(25, 3)
    assert crawl(walk, serve) == list(range(25))
    assert walk.status == "repaired"
    assert serve.asked[:2] == [(1, 10), (2, 10)]
    number, size = serve.asked[2]
    assert (number - 1) * size < 9 < number * size


def test_in_sequence_a_delete_costs_little_more_than_the_page_that_was_not_linked() -> None:
    serve = Moving(1000, 3, before=5)
    crawl(checked(100), serve)
    assert len(serve.asked) <= 10 + 2


def test_a_count_that_falls_and_recovers_is_repaired_too() -> None:
    walk, serve = checked(10), Moving(50, 3, 100)
    assert set(crawl(walk, serve)) >= {*range(50)}
    assert walk.status == "repaired"


def test_ahead_a_change_is_repaired_from_where_pages_were_linked() -> None:
    walk, serve = checked(10), Moving(200, 3, before=4)
    assert sorted(crawl(walk, serve, slots=4)) == list(range(200))
    assert walk.status == "repaired"


def test_a_walk_that_went_ahead_is_closed_by_its_head_again() -> None:
    walk, serve = checked(20), Moving(200)
    crawl(walk, serve, slots=4)
    assert (walk.status, serve.asked[-1], len(serve.asked)) == ("exact", (1, 20), 11)


def test_the_closing_request_asks_for_ten_elements_at_least() -> None:
    walk, serve = checked(2), Moving(40)
    crawl(walk, serve, slots=4)
    assert (walk.status, serve.asked[-1]) == ("exact", (1, HEAD))


@pytest.mark.parametrize(("page_size", "cap"), [(1, 1), (1, 3), (2, 9), (3, 3), (3, 7), (4, 11)])
def test_a_server_of_small_pages_is_asked_for_the_head_in_several(page_size: int, cap: int) -> None:
    walk, serve = checked(page_size), Asked(quiet(60, cap=cap))
    assert crawl(walk, serve, slots=4) == list(range(60))
    assert walk.status == "exact"
    again = serve.numbers[-(-60 // page_size) :]  # of the listing each page is asked for once
    assert again[0] == 1
    assert len(again) <= HEAD <= max(cap, again[-1] * page_size)


def closing(head: Iterable[int], *, count: int) -> tuple[str, list[int]]:
    """What comes of a walk ahead over 60 elements, of which the closing request shows this."""
    walk, serve = checked(10), quiet(60)
    asked: list[int] = []

    def served(request: PageRequest, now: float) -> PageRead[int]:
        asked.append(request.number)
        if asked.count(1) == 2 and request.number == 1 and len(asked) == 7:
            return page(head, count=count, more=True)
        return serve(request, now)

    nodes = crawl(walk, served, slots=4)
    assert sorted(nodes) == list(range(60))
    return walk.status, asked


@pytest.mark.parametrize(
    ("head", "count"),
    [
        ([99, *range(9)], 60),
        (range(1, 11), 60),
        ([1, 0, *range(2, 10)], 60),
        (range(10), 59),
        (range(10), 61),
        (range(9), 60),
        ([], 60),
    ],
    ids=["inserted", "deleted", "moved", "fewer", "more", "shorter", "empty"],
)
def test_a_closing_answer_that_differs_starts_a_repair(head: Iterable[int], count: int) -> None:
    status, asked = closing(head, count=count)
    assert (status, len(asked) > 7) == ("repaired", True)


def test_a_closing_answer_that_is_the_same_ends_the_walk() -> None:
    assert closing(range(10), count=60) == ("exact", [1, 2, 3, 4, 5, 6, 1])


def test_an_answer_that_a_repair_has_overtaken_brings_nothing() -> None:
    walk, serve = checked(10), quiet(100)
    answer(walk, serve)
    second, third, _ = walk.ask(), walk.ask(), walk.ask()
    walk.answer(second, page(range(9, 19), count=101, more=True))
    assert walk.answer(third, serve(third, 0.0)) == []


def test_a_request_that_a_repair_has_overtaken_is_known_as_such() -> None:
    walk, serve = checked(10), quiet(100)
    answer(walk, serve)
    second, third, _ = walk.ask(), walk.ask(), walk.ask()
    before = walk.is_overtaken(third)
    walk.answer(second, page(range(9, 19), count=101, more=True))
    assert (before, walk.is_overtaken(third)) == (False, True)


def test_a_node_that_moved_to_the_head_unseen_is_found_by_going_over_it_again() -> None:
    """As a collection does that an NFT is added to: it was there all along, and nobody saw it."""
    walk = checked(2)
    moved = False

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        nonlocal moved
        listing = [1, 6, 5, 4, 3, 2] if moved else [6, 5, 4, 3, 2, 1]
        moved = True
        return page_of(listing, request.number, request.size)

    assert sorted(crawl(walk, serve)) == [1, 2, 3, 4, 5, 6]
    assert walk.status == "repaired"


def lost_between(back: int) -> set[int]:
    """What is lost of a listing of which one element leaves and comes back between two pages.

    The two are in flight together. The later is looked at first; then its element `back` leaves,
    and comes back to where the earlier page shows it.
    """
    walk, listing = checked(50), [*range(250)]
    serve: Serve = lambda request, _now: page_of(listing, request.number, request.size)  # noqa: E731
    released = answer(walk, serve)
    ahead = [walk.ask() for _ in range(3)]
    listing.insert(0, 1000)
    for each in ahead:  # which makes the walk go on with pages that overlap
        released += nodes_of(walk.answer(each, serve(each, 0.0)))
    first, second = walk.ask(), walk.ask()
    later = serve(second, 0.0)
    listing.remove(later.nodes[back])
    listing[:0] = [*range(1010, 1000, -1), later.nodes[back]]
    released += nodes_of(walk.answer(first, serve(first, 0.0)))
    released += nodes_of(walk.answer(second, later))
    came = {*crawl(walk, serve), *(node for nodes in released for node in nodes)}
    return {*range(250)} - came


@pytest.mark.parametrize("back", [0, 1, 60])
def test_what_leaves_and_comes_back_between_two_pages_hides_nothing(back: int) -> None:
    assert not lost_between(back)


def test_such_an_element_would_hide_others_if_it_linked_the_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        Overlapping, "_goes_on", lambda way, keys: any(key in way._last_page for key in keys)
    )
    assert lost_between(60)


def test_where_inserts_come_anywhere_pages_overlap_from_the_second_on() -> None:
    walk, serve = Walk[int](100, check=True, trust_count=False), Moving(250)
    assert crawl(walk, serve) == list(range(250))
    assert walk.status == "repaired"
    assert serve.asked[0] == (1, 100)
    assert all((number - 1) * size < 100 * n for n, (number, size) in enumerate(serve.asked) if n)


def test_where_inserts_come_anywhere_a_single_page_is_exact_all_the_same() -> None:
    walk, serve = Walk[int](100, check=True, trust_count=False), Moving(50)
    crawl(walk, serve)
    assert (walk.status, len(serve.asked)) == ("exact", 1)


@pytest.mark.parametrize("cap", [1, 2])
def test_where_pages_are_too_small_to_overlap_low_water_repairs(cap: int) -> None:
    walk, serve = checked(cap), Moving(20, 3, before=6, cap=cap)
    assert crawl(walk, serve) == list(range(20))
    assert walk.status == "repaired"


def test_a_listing_that_never_stands_still_is_given_up() -> None:
    listing = list(range(100, 400))

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        del listing[::3]
        listing[:0] = range(listing[0] + 1000, listing[0] + 1100)
        return page_of(listing, request.number, min(request.size, 10))

    with pytest.raises(ListingIncompleteError):
        crawl(checked(10), serve)


# Pages that are too many bytes


def heavy(
    walk: Walk[int], size: int, giants: set[int], *, most: int = 10**6, slots: int = 1
) -> list[int]:
    """What comes of a listing whose pages may hold `most` elements, and none of the `giants`.

    Those that are left out are negative.
    """
    came, queue = list[int](), deque[PageRequest]()
    while not walk.done:
        while len(queue) < slots and walk.next_request(ahead=slots > 1):
            queue.append(walk.ask())
        request = queue.popleft()
        true = page_of(
            [*range(size)], request.number, min(request.size, 100) if request.size > 0 else 100
        )
        if len(true.nodes) > most or not giants.isdisjoint(true.nodes):
            if not walk.shrink(request):
                released = walk.leave_out(request, -true.nodes[0], hash(("giant", *true.nodes)))
                came.extend(chain.from_iterable(nodes_of(released)))
        else:
            came.extend(chain.from_iterable(nodes_of(walk.answer(request, true))))
    assert walk.done
    return came


@pytest.mark.parametrize("page_size", [100, LARGEST])
@pytest.mark.parametrize("walk", [checked, unchecked])
@pytest.mark.parametrize("most", [1, 3, 50, 99])
def test_pages_that_are_too_many_bytes_are_asked_for_in_smaller_ones(
    most: int, walk: NewWalk, page_size: int
) -> None:
    assert heavy(walk(page_size), 230, set(), most=most) == list(range(230))


@pytest.mark.parametrize("page_size", [100, LARGEST])
@pytest.mark.parametrize("walk", [checked, unchecked])
@given(giants=st.sets(st.integers(1, 249), max_size=4))
def test_an_element_that_is_too_many_bytes_by_itself_is_left_out_alone(
    walk: NewWalk, page_size: int, giants: set[int]
) -> None:
    came = heavy(walk(page_size), 250, giants)
    assert came == [-each if each in giants else each for each in range(250)]


def test_where_an_element_was_left_out_nothing_is_proven() -> None:
    walk = checked(100)
    heavy(walk, 250, {0})
    assert walk.status == "unverified"


@pytest.mark.parametrize(("page_size", "giants"), [(20, {200}), (50, {398}), (5, {77}), (1, {5})])
def test_small_pages_around_such_an_element_are_no_reason_to_give_up(
    page_size: int, giants: set[int]
) -> None:
    assert len(heavy(checked(page_size), 400, giants, slots=4)) == 400


def test_a_listing_that_grows_around_such_an_element_is_read_to_its_end() -> None:
    walk, listing, came = checked(1), [1, 2, 3], list[int]()
    with suppress(ListingIncompleteError):
        while (request := walk.next_request(ahead=False)) is not None:
            request = walk.ask()
            true = page_of(listing, request.number, request.size)
            if true.nodes == [2]:
                listing[:0] = [0] if 0 not in listing else []
                released = (
                    walk.leave_out(request, -2, hash("giant")) if not walk.shrink(request) else []
                )
            else:
                released = walk.answer(request, true)
            came.extend(chain.from_iterable(nodes_of(released)))
    assert 3 in came or not walk.done


def test_a_listing_of_nothing_but_such_elements_is_given_up() -> None:
    with pytest.raises(ListingIncompleteError, match=f"{STALL_LIMIT} pages in a row"):
        heavy(checked(100), 250, {*range(250)})


def test_a_listing_that_moves_around_such_an_element_is_given_up() -> None:
    walk, listing = checked(1), [*range(30)]
    for _ in range(10):
        answer(walk, lambda request, _: page_of(listing, request.number, request.size))
    listing.remove(3)
    answer(walk, lambda request, _: page_of(listing, request.number, request.size))
    request = walk.ask()
    while request.size > 1:
        walk.shrink(request)
        request = walk.ask()
    with pytest.raises(ListingIncompleteError, match="moves around it"):
        walk.leave_out(request, -1, -1)


# Pages that are longer than all before them, so that nobody knows where they begin


def walked(
    listing: list[int], cap: int, leaves: dict[int, Iterable[int]], *, more_as_asked: bool
) -> tuple[str, list[int]]:
    """How a walk ends where these leave before so many requests, and what is lost."""
    walk, came, asked = checked(50), set[int](), 0
    while not walk.done:
        request = walk.ask()
        asked += 1
        for element in leaves.get(asked, ()):
            listing.remove(element)
        true = page_of(listing, request.number, min(request.size, cap))
        more = request.number * request.size < len(listing) if more_as_asked else true.has_next_page
        answered = page(true.nodes, count=true.count, more=more)
        came.update(chain.from_iterable(nodes_of(walk.answer(request, answered))))
    return walk.status, sorted({*listing} - came)


@pytest.mark.parametrize(
    ("size", "cap", "leaves", "more_as_asked"),
    [
        (149, 50, {3: [148]}, True),
        (177, 84, {3: range(1), 4: range(1, 40)}, False),
    ],
    ids=["capped, and the last one leaves", "a cap between the sizes, and forty leave"],
)
def test_a_page_whose_place_is_not_known_hides_nothing(
    size: int, cap: int, leaves: dict[int, Iterable[int]], *, more_as_asked: bool
) -> None:
    assert walked([*range(size)], cap, leaves, more_as_asked=more_as_asked) == ("repaired", [])


# Long listings that move while pages are asked for ahead


def changing(size: int, change: Callable[[list[int]], object], after: int) -> Serve:
    """A listing that changes once, when so many requests were answered."""
    listing, answers = [*range(size)], 0

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        nonlocal answers
        answers += 1
        if answers == after:
            change(listing)
        return page_of(listing, request.number, min(request.size, 100))

    return serve


def mixed(listing: list[int]) -> None:
    """Three come in, and ten leave."""
    listing[50:60] = []
    listing[:0] = [-3, -2, -1]


CHANGES: dict[str, Callable[[list[int]], object]] = {
    "one comes in": lambda listing: listing.insert(0, -1),
    "one leaves that has come": lambda listing: listing.remove(70),
    "one leaves that is to come": lambda listing: listing.remove(29_900),
    "some come in and some leave": mixed,
}


@pytest.mark.parametrize("after", [10, 150, 250])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_a_long_listing_costs_few_requests_more(change: str, after: int) -> None:
    walk, asked = checked(), Asked(changing(30_000, CHANGES[change], after))
    nodes = crawl(walk, asked, slots=SLOTS)
    listing = [*range(30_000)]
    CHANGES[change](listing)
    assert {*nodes} >= {each for each in listing if each >= 0}
    assert len(nodes) == len({*nodes})
    assert walk.status == "repaired"
    assert len(asked.numbers) <= 1.15 * 300


def test_changes_one_after_another_cost_few_requests_each() -> None:
    listing, answers = [*range(30_000)], 0

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        nonlocal answers
        answers += 1
        if answers in {60, 120, 180}:
            listing.insert(0, -answers)
        return page_of(listing, request.number, min(request.size, 100))

    nodes = crawl(checked(), serve, slots=SLOTS)
    assert [each for each in nodes if each >= 0] == [*range(30_000)]
    assert answers <= 1.3 * 300


def hidden(during: list[int], after: list[int]) -> list[int]:
    """The new nodes of 200 elements where the server shows these while it looks at page 2 of 20.

    It looked at all other pages before, and from the closing on it shows those.
    """
    answers = 0

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        nonlocal answers
        answers += 1
        listing = [*range(200)] if answers <= 10 else after
        is_late = (request.number, request.size) == (2, 20) and answers <= 10
        return page_of(during if is_late else listing, request.number, min(request.size, 100))

    return crawl(checked(20), serve, slots=SLOTS)


def test_as_many_that_come_in_and_leave_as_others_leave_hide_nothing() -> None:
    staying = [*range(160)]
    nodes = hidden([*range(-40, 0), *staying], staying)
    assert {*nodes} >= {*staying}


def test_the_first_element_that_comes_back_alone_hides_nothing() -> None:
    staying = [*range(1, 161)]
    shown = [0, *range(-39, 0), *staying]
    assert {*hidden(shown, shown)} >= {*staying}


# Servers that repeat what came long ago


def swapped_halfway(size: int) -> Serve:
    """A listing in which two elements, far apart, change places after a hundred answers."""
    before, answers = [*range(size)], 0
    after = [*before]
    after[2500], after[-2500] = after[-2500], after[2500]

    def serve(request: PageRequest, _now: float) -> PageRead[int]:
        nonlocal answers
        answers += 1
        return page_of(before if answers <= 100 else after, request.number, request.size)

    return serve


@pytest.mark.parametrize("slots", [1, SLOTS])
def test_elements_that_change_places_far_apart_are_read_once_more(slots: int) -> None:
    walk = checked()
    nodes = crawl(walk, swapped_halfway(20_000), slots=slots)
    assert sorted(nodes) == [*range(20_000)]
    assert walk.status == "repaired"


def starting_over(request: PageRequest, _now: float) -> PageRead[int]:
    """A listing of ten thousand, which come twice."""
    return page_of([*range(10_000)] * 2, request.number, request.size)


@pytest.mark.parametrize("slots", [1, SLOTS])
def test_a_server_that_starts_over_is_an_error(slots: int) -> None:
    with pytest.raises(ListingIncompleteError, match="10000 elements came, and nothing proves"):
        crawl(checked(), starting_over, slots=slots)


def test_nothing_is_handed_on_twice_however_far_apart() -> None:
    walk, came = checked(), list[int]()

    def read_on() -> None:
        while True:
            came.extend(chain.from_iterable(answer(walk, starting_over)))

    with pytest.raises(ListingIncompleteError):
        read_on()
    assert came == [*range(10_000)]


def test_an_unchecked_walk_repeats_nothing_however_far_apart() -> None:
    listing = [*range(10_000), *range(1000)]
    nodes = crawl(unchecked(), lambda request, _now: page_of(listing, request.number, request.size))
    assert nodes == [*range(10_000)]
