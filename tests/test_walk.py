"""The walk over a listing, without a loop: which page is next, what is new, what is proven."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator import Outcome, Scenario, Serve, drive, page_of, simulate

from ledger_async.errors import ListingIncompleteError
from ledger_async.pages import Slice
from ledger_async.walk import STALL_LIMIT, Walk

SLOTS = 16
WINDOW = 2 * SLOTS
SIMULATIONS = 4000

sizes = st.integers(0, 400)
page_sizes = st.integers(1, 120)
randoms = st.randoms(use_true_random=False)


def page(nodes: Iterable[int], *, count: int, more: bool) -> Slice[int]:
    held = list(nodes)
    return Slice(held, list(held), count, more)


def quiet(size: int, page_size: int) -> Serve:
    """A listing that does not change."""
    listing = list(range(size))
    return lambda number: page_of(listing, 1 if number == CLOSING else number, page_size)


def scripted(*pages: Slice[int]) -> Serve:
    """These pages; the first once more to close."""
    return lambda number: pages[max(0, number - 1)]


class Asked:
    """Counts what a walk asks for, and hands it on."""

    def __init__(self, serve: Serve) -> None:
        self.numbers: list[int] = []
        self._serve = serve

    def __call__(self, number: int) -> Slice[int]:
        self.numbers.append(number)
        return self._serve(number)


def crawl(
    walk: Walk[int], serve: Serve, *, slots: int = 1, random: Random | None = None
) -> list[int]:
    """Every node that the walk releases."""
    pages = drive(walk, serve, slots=slots, random=random)
    return [node for nodes in pages for node in nodes]


def checked() -> Walk[int]:
    return Walk(check=True)


# Which page next


def test_pages_are_asked_for_in_turn_until_one_says_it_is_the_last() -> None:
    serve = Asked(quiet(250, 100))
    crawl(checked(), serve)
    assert serve.numbers == [1, 2, 3]


def test_the_next_page_waits_for_the_one_before() -> None:
    walk = checked()
    walk.ask()
    assert walk.next_page(ahead=False) is None


def test_nothing_is_foreseen_before_the_first_answer() -> None:
    walk = checked()
    walk.ask()
    assert walk.next_page(ahead=True) is None


def test_ahead_goes_as_far_as_count_foresees() -> None:
    walk = checked()
    walk.answer(walk.ask(), quiet(250, 100)(1))
    assert [walk.ask(), walk.ask()] == [2, 3]
    assert walk.next_page(ahead=True) is None


def test_pages_are_as_long_as_the_first_that_came_whatever_was_asked_for() -> None:
    walk = checked()
    walk.answer(walk.ask(), quiet(250, 50)(1))  # 100 were asked for
    assert [walk.ask() for _ in range(4)] == [2, 3, 4, 5]
    assert walk.next_page(ahead=True) is None


def test_a_server_that_ignores_the_page_size_is_read_in_one_request() -> None:
    serve = Asked(quiet(400, 500))
    assert crawl(checked(), serve, slots=SLOTS) == list(range(400))
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
    nodes = crawl(checked(), quiet(size, page_size), slots=slots, random=random)
    assert nodes == list(range(size))


@given(size=sizes, page_size=page_sizes)
def test_in_sequence_a_quiet_listing_costs_its_pages_and_nothing_more(
    size: int, page_size: int
) -> None:
    serve = Asked(quiet(size, page_size))
    crawl(checked(), serve)
    assert serve.numbers == [*range(1, pages(size, page_size) + 1)]


@given(size=sizes, page_size=page_sizes, random=randoms)
def test_ahead_a_quiet_listing_costs_at_most_one_request_more_than_its_pages(
    size: int, page_size: int, random: Random
) -> None:
    serve = Asked(quiet(size, page_size))
    crawl(checked(), serve, slots=SLOTS, random=random)
    assert Counter(serve.numbers) in (
        Counter(range(1, pages(size, page_size) + 1)),
        Counter([*range(1, pages(size, page_size) + 1), CLOSING]),
    )


@given(size=sizes, page_size=page_sizes, random=randoms)
def test_unchecked_a_quiet_listing_costs_its_pages(
    size: int, page_size: int, random: Random
) -> None:
    serve = Asked(quiet(size, page_size))
    crawl(Walk(check=False), serve, slots=SLOTS, random=random)
    assert sorted(serve.numbers) == [*range(1, pages(size, page_size) + 1)]


def pages(size: int, page_size: int) -> int:
    """How many pages a listing has: an empty one has one."""
    return -(-size // page_size) or 1


@given(
    size=st.integers(201, 400),
    page_size=st.integers(1, 100),
    random=randoms,
)
def test_no_more_pages_are_in_flight_than_there_are_slots(
    size: int, page_size: int, random: Random
) -> None:
    walk = checked()
    serve = quiet(size, page_size)
    busiest = 0

    def watched(number: int) -> Slice[int]:
        nonlocal busiest
        busiest = max(busiest, walk.in_flight)
        return serve(number)

    crawl(walk, watched, slots=3, random=random)
    assert busiest <= 3


# Listings that contradict themselves


def test_an_empty_listing_takes_one_request() -> None:
    serve = Asked(quiet(0, 100))
    assert crawl(checked(), serve) == []
    assert serve.numbers == [1]


def test_an_empty_page_in_the_middle_is_passed() -> None:
    serve = scripted(
        page([1, 2], count=4, more=True),
        page([], count=4, more=True),
        page([3, 4], count=4, more=False),
    )
    assert crawl(checked(), serve) == [1, 2, 3, 4]


def test_an_empty_first_page_is_passed() -> None:
    serve = scripted(page([], count=2, more=True), page([1, 2], count=2, more=False))
    assert crawl(checked(), serve, slots=SLOTS) == [1, 2]


def test_a_page_that_says_it_is_the_last_ends_the_walk_whatever_count_says() -> None:
    serve = Asked(scripted(page([1, 2], count=1000, more=False)))
    crawl(checked(), serve, slots=SLOTS)
    assert serve.numbers == [1]


@pytest.mark.parametrize("slots", [1, SLOTS])
@pytest.mark.parametrize("count", [-(10**30), -1, 0, 1, 3, 24, 26, 10**12, 10**30])
def test_a_wrong_count_neither_loops_nor_floods_nor_loses_anything(count: int, slots: int) -> None:
    honest = quiet(25, 5)

    def lying(number: int) -> Slice[int]:
        true = honest(number)
        return Slice(true.nodes, true.keys, count, true.has_next_page)

    serve = Asked(lying)
    assert crawl(checked(), serve, slots=slots) == list(range(25))
    assert len(serve.numbers) <= 5 + slots


@given(
    counts=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=8),
    random=randoms,
)
def test_counts_that_change_at_every_page_neither_loop_nor_lose_anything(
    counts: list[int], random: Random
) -> None:
    honest = quiet(25, 5)

    def lying(number: int) -> Slice[int]:
        true = honest(number)
        return Slice(true.nodes, true.keys, counts[number % len(counts)], true.has_next_page)

    serve = Asked(lying)
    assert crawl(checked(), serve, slots=SLOTS, random=random) == list(range(25))
    assert len(serve.numbers) <= 5 + SLOTS


def same_page_for_ever(_number: int) -> Slice[int]:
    return page([1, 2, 3], count=1000, more=True)


def empty_for_ever(_number: int) -> Slice[int]:
    return page([], count=1000, more=True)


def last_page_for_ever(number: int) -> Slice[int]:
    return page(page_of(list(range(25)), min(number, 5), 5).nodes, count=10**9, more=True)


@pytest.mark.parametrize(
    ("serve", "moving"), [(same_page_for_ever, 1), (empty_for_ever, 0), (last_page_for_ever, 5)]
)
def test_in_sequence_pages_that_stop_moving_are_given_up_after_the_limit(
    serve: Serve, moving: int
) -> None:
    asked = Asked(serve)
    with pytest.raises(ListingIncompleteError):
        crawl(checked(), asked)
    assert len(asked.numbers) == moving + STALL_LIMIT


@pytest.mark.parametrize("serve", [same_page_for_ever, empty_for_ever, last_page_for_ever])
@given(random=randoms)
def test_ahead_pages_that_stop_moving_are_given_up_within_one_window_more(
    serve: Serve, random: Random
) -> None:
    asked = Asked(serve)
    with pytest.raises(ListingIncompleteError):
        crawl(checked(), asked, slots=SLOTS, random=random)
    assert len(asked.numbers) <= 5 + STALL_LIMIT + WINDOW


def test_giving_up_names_the_page() -> None:
    with pytest.raises(ListingIncompleteError) as caught:
        crawl(checked(), same_page_for_ever)
    assert caught.value.page == 1 + STALL_LIMIT


def test_a_new_node_now_and_then_is_a_listing_that_moves() -> None:
    gap = STALL_LIMIT - 1
    listing: list[list[int]] = [*([[]] * gap), [1], *([[]] * gap), [2], *([[]] * gap), [3]]
    serve = scripted(
        *(page(nodes, count=3, more=True) for nodes in listing[:-1]),
        page(listing[-1], count=3, more=False),
    )
    assert crawl(checked(), serve) == [1, 2, 3]


def test_nodes_that_arrived_before_the_pages_stopped_moving_are_not_lost() -> None:
    walk, released = Walk[int](check=False), []
    answers = [
        page([1], count=100, more=True),
        page([2], count=100, more=True),
        *[page([2], count=100, more=True)] * STALL_LIMIT,
    ]
    for _ in answers:
        number = walk.ask()
        if number == 1:
            released += walk.answer(1, answers[0])
    for late in reversed(range(2, len(answers) + 1)):
        # Page 2 is the last to arrive: it frees all the others, and itself is new.
        try:
            released += walk.answer(late, answers[late - 1])
        except ListingIncompleteError:
            break
    assert [node for nodes in released for node in nodes] == [1, 2]


# Which nodes are new


def test_a_node_that_shifted_to_the_next_page_is_dropped_there() -> None:
    walk = checked()
    serve = scripted(page([3, 2], count=3, more=True), page([2, 1], count=4, more=False))
    assert crawl(walk, serve) == [3, 2, 1]
    assert walk.duplicates_dropped == 1


def test_a_page_that_repeats_itself_is_thinned() -> None:
    walk = checked()
    assert crawl(walk, scripted(page([1, 2, 1, 2, 3], count=3, more=False))) == [1, 2, 3]
    assert walk.duplicates_dropped == 2


def test_a_page_that_repeats_itself_does_not_forget_the_pages_before() -> None:
    serve = scripted(page([1, 2], count=3, more=True), page([2, 3, 3, 1], count=3, more=False))
    assert crawl(checked(), serve) == [1, 2, 3]


@given(pages=st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=8))
def test_nodes_are_the_first_of_each_identity_in_listing_order(pages: list[list[int]]) -> None:
    serve = scripted(
        *(page(nodes, count=10, more=n < len(pages)) for n, nodes in enumerate(pages, 1))
    )
    walk = Walk[int](check=False)
    everything = [node for nodes in pages for node in nodes]
    assert crawl(walk, serve) == list(dict.fromkeys(everything))
    assert walk.duplicates_dropped == len(everything) - len(set(everything))


def test_pages_that_come_early_are_held_back_until_their_turn() -> None:
    walk = checked()
    serve = quiet(6, 2)
    walk.answer(walk.ask(), serve(1))
    walk.ask()
    walk.ask()
    assert walk.answer(3, serve(3)) == []
    assert walk.held_back == 1
    assert walk.answer(2, serve(2)) == [[2, 3], [4, 5]]
    assert walk.held_back == 0


def test_a_walk_is_done_when_nothing_is_to_be_asked_awaited_or_released() -> None:
    walk = checked()
    done = [walk.done]
    number = walk.ask()
    done.append(walk.done)
    walk.answer(number, page([1], count=1, more=False))
    assert [*done, walk.done] == [False, False, True]


# What is proven


@pytest.mark.parametrize("check", [True, False])
def test_a_single_page_is_exact_by_itself(check: bool) -> None:  # noqa: FBT001 - a parameter
    walk = Walk[int](check=check)
    crawl(walk, quiet(7, 100))
    assert walk.status() == "exact"


@pytest.mark.parametrize("count", [0, 2, 4, 10**12])
def test_a_single_page_that_is_not_as_long_as_its_count_proves_nothing(count: int) -> None:
    walk = checked()
    crawl(walk, scripted(page([1, 2, 3], count=count, more=False)))
    assert walk.status() == "unverified"


@pytest.mark.parametrize("slots", [1, SLOTS])
def test_a_quiet_listing_is_exact(slots: int) -> None:
    walk = checked()
    crawl(walk, quiet(250, 10), slots=slots)
    assert walk.status() == "exact"


def test_unchecked_pages_prove_nothing() -> None:
    walk = Walk[int](check=False)
    crawl(walk, quiet(250, 10))
    assert walk.status() == "unverified"


def status_of(*pages: Slice[int]) -> str:
    """What a sequential walk over these pages says."""
    walk = checked()
    crawl(walk, scripted(*pages))
    return walk.status()


def test_in_sequence_inserts_leave_it_exact() -> None:
    pages = (page([5, 4], count=4, more=True), page([4, 3], count=5, more=True))
    assert status_of(*pages, page([2], count=5, more=False)) == "exact"


def test_in_sequence_a_count_that_falls_leaves_it_unverified() -> None:
    assert status_of(page([5, 4], count=5, more=True), page([2, 1], count=4, more=False)) == (
        "unverified"
    )


def test_a_count_that_falls_and_recovers_leaves_it_unverified() -> None:
    pages = (
        page([6, 5], count=6, more=True),
        page([3, 2], count=5, more=True),
        page([1, 0], count=6, more=False),
    )
    assert status_of(*pages) == "unverified"


def test_an_early_end_is_not_exact_though_the_count_rose() -> None:
    pages = (page([9, 8], count=9, more=True), page([8, 7], count=10, more=False))
    assert status_of(*pages) == "unverified"


def test_a_short_page_in_the_middle_is_not_exact_though_the_count_rose() -> None:
    pages = (
        page([5, 4], count=6, more=True),
        page([], count=7, more=True),  # 4 and 3 stand here, and the server hides them
        page([2, 1], count=7, more=True),
        page([0], count=7, more=False),
    )
    assert status_of(*pages) == "unverified"


def test_a_page_that_repeats_itself_proves_nothing() -> None:
    assert status_of(page([1, 2, 1, 2, 3], count=5, more=False)) == "unverified"


def test_in_sequence_a_node_that_moved_to_the_head_unseen_leaves_it_unverified() -> None:
    """As a collection does that an NFT is added to: it was there all along, and nobody saw it."""
    pages = (
        page([6, 5], count=6, more=True),
        page([5, 4], count=6, more=True),  # 1 has moved to the head
        page([3, 2], count=6, more=False),
    )
    assert status_of(*pages) == "unverified"


def went_ahead(
    *pages: Slice[int], closing: Slice[int] | None = None
) -> tuple[Walk[int], list[int]]:
    """A walk that asked for pages 2 and 3 at once; and what it asked for beyond."""
    walk, beyond = checked(), []
    walk.answer(walk.ask(), pages[0])
    numbers = [walk.ask() for _ in pages[1:]]
    for number in numbers:
        walk.answer(number, pages[number - 1])
    while not walk.done:
        beyond.append(walk.ask())
        walk.answer(beyond[-1], closing or pages[0])
    return walk, beyond


HEAD = page([6, 5], count=6, more=True)
MIDDLE = page([4, 3], count=6, more=True)
TAIL = page([2, 1], count=6, more=False)


def test_a_walk_that_went_ahead_is_closed_by_its_first_page_again() -> None:
    walk, beyond = went_ahead(HEAD, MIDDLE, TAIL)
    assert beyond == [CLOSING]
    assert walk.status() == "exact"


@pytest.mark.parametrize(
    "closing",
    [
        page([7, 6], count=6, more=True),
        page([5, 4], count=6, more=True),
        page([5, 6], count=6, more=True),
        page([6, 5], count=5, more=True),
        page([6, 5], count=7, more=True),
        page([6], count=6, more=True),
        page([], count=6, more=True),
    ],
    ids=["inserted", "deleted", "moved", "fewer", "more", "shorter", "empty"],
)
def test_a_closing_page_that_differs_leaves_it_unverified(closing: Slice[int]) -> None:
    assert went_ahead(HEAD, MIDDLE, TAIL, closing=closing)[0].status() == "unverified"


@pytest.mark.parametrize("count", [5, 7])
def test_counts_that_differ_leave_it_unverified_at_no_cost(count: int) -> None:
    walk, beyond = went_ahead(HEAD, page([4, 3], count=count, more=True), TAIL)
    assert (walk.status(), beyond) == ("unverified", [])


def test_a_repeat_in_a_walk_that_went_ahead_leaves_it_unverified_at_no_cost() -> None:
    walk, beyond = went_ahead(HEAD, page([5, 4], count=6, more=True), TAIL)
    assert (walk.status(), beyond) == ("unverified", [])


def test_the_closing_page_brings_no_nodes() -> None:
    walk = checked()
    walk.answer(walk.ask(), HEAD)
    for number in (walk.ask(), walk.ask()):
        walk.answer(number, (HEAD, MIDDLE, TAIL)[number - 1])
    assert walk.answer(walk.ask(), page([7, 6], count=7, more=True)) == []


def test_the_closing_request_sees_through_a_first_page_that_left_and_came_back() -> None:
    """With pages of one, an element that leaves and returns would hide an insert behind it."""
    pages = [page([each], count=12, more=each < 12) for each in range(1, 13)]
    head = page([1, 99, *range(2, 10)], count=12, more=True)
    walk, beyond = went_ahead(*pages, closing=head)
    assert (walk.status(), beyond) == ("unverified", [CLOSING])


# The simulator: thousands of walks under churn


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [simulate(Scenario.of(seed)) for seed in range(SIMULATIONS)]


def failing(outcomes: Iterable[Outcome]) -> str:
    """How to see the first of these again, and how many there are."""
    found = list(outcomes)
    return f"{len(found)} walks, the first: {found[0].replay}" if found else ""


def test_no_walk_yields_a_node_twice(outcomes: list[Outcome]) -> None:
    assert not failing(o for o in outcomes if len(o.yielded) != len(set(o.yielded)))


def test_every_walk_that_says_exact_has_missed_nothing(outcomes: list[Outcome]) -> None:
    assert not failing(o for o in outcomes if o.status == "exact" and o.missed)


def test_every_walk_over_a_quiet_listing_says_exact(outcomes: list[Outcome]) -> None:
    assert not failing(o for o in outcomes if not o.mutations and o.status != "exact")


def test_every_walk_ends_within_a_bounded_number_of_requests(outcomes: list[Outcome]) -> None:
    assert not failing(o for o in outcomes if len(o.asked) > 1500)


@pytest.mark.parametrize("ahead", [False, True])
def test_where_nothing_is_proven_nodes_are_missed_indeed(
    ahead: bool,  # noqa: FBT001 - a parameter
    outcomes: list[Outcome],
) -> None:
    unproven = [o for o in outcomes if o.scenario.ahead is ahead and o.status == "unverified"]
    assert sum(bool(o.missed) for o in unproven) > len(unproven) / 2 > 100


def test_in_sequence_much_is_proven_though_the_listing_changes(outcomes: list[Outcome]) -> None:
    changed = [o for o in outcomes if not o.scenario.ahead and o.mutations and len(o.asked) > 1]
    assert sum(o.status == "exact" for o in changed) > len(changed) / 10


def test_a_seed_replays_its_walk() -> None:
    assert simulate(Scenario.of(11)) == simulate(Scenario.of(11))


def simulated(
    *, slots: int, page_size: int, returns: float = 0.0, moves: float = 0.0
) -> list[Outcome]:
    """Walks over listings of a few pages, which change about once a request."""
    return [
        simulate(
            replace(
                Scenario.of(seed),
                size=3 * page_size + seed % 8,
                page_size=page_size,
                cap=100,
                mutations=0.9,
                inserts=0.5,
                slots=slots,
                returns=returns,
                moves=moves,
            )
        )
        for seed in range(2000)
    ]


@pytest.mark.parametrize("page_size", [1, 3])
@pytest.mark.parametrize("slots", [1, 4])
def test_nodes_that_leave_and_come_back_do_not_fool_a_check(slots: int, page_size: int) -> None:
    outcomes = simulated(slots=slots, page_size=page_size, returns=0.7)
    assert not failing(o for o in outcomes if o.status == "exact" and o.missed)


@pytest.mark.parametrize("page_size", [1, 3])
@pytest.mark.parametrize("slots", [1, 4])
def test_nodes_that_move_to_the_head_do_not_fool_a_check(slots: int, page_size: int) -> None:
    outcomes = simulated(slots=slots, page_size=page_size, moves=0.3)
    assert not failing(o for o in outcomes if o.status == "exact" and o.missed)
