"""Which page of which account comes next, without a loop: fairness, the window, no dead end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulator import page_of, take_any

from ledger_async._exactness.walk import Walk
from ledger_async._streaming.schedule import Job, OpenAccount, Schedule
from ledger_async.events import AccountReport

MANY = 100


def account(account_id: int) -> OpenAccount[int]:
    return OpenAccount(account_id, Walk[int](1, check=False), AccountReport())


class Desk:
    """What open accounts do with a schedule, in one hand: it takes, answers, reads and fails.

    `sizes` are the accounts' pages, one node each; their ids count from 1.
    """

    def __init__(
        self, sizes: Iterable[int], *, window: int = MANY, ordered: bool = False, known: int = 0
    ) -> None:
        self.window = window
        self.ordered = ordered
        self.listings = {each: list(range(size)) for each, size in enumerate(sizes, 1)}
        self.new = deque(self.listings)
        self.opened: list[OpenAccount[int]] = []
        self.in_flight: list[Job[int]] = []
        self.outbox: deque[tuple[int, int]] = deque()
        self.read_nodes: list[tuple[int, int]] = []
        self.failed: set[int] = set()
        self.schedule = Schedule[int](self._open_next, window=window, ordered=ordered, known=known)

    def _open_next(self) -> OpenAccount[int] | None:
        if not self.new:
            return None
        self.opened.append(account(self.new.popleft()))
        return self.opened[-1]

    def take(self) -> tuple[int | None, int] | None:
        """The account and the page that is to be fetched next."""
        job = self.schedule.take()
        if job is None:
            return None
        self.in_flight.append(job)
        return names(job)

    def take_all(self) -> list[tuple[int | None, int] | None]:
        """Whatever there is to be fetched now."""
        return list(iter(self.take, None))

    def answer(self, account_id: int, number: int = 1) -> None:
        """The answer to what is in flight."""
        place = next(
            n for n, job in enumerate(self.in_flight) if names(job) == (account_id, number)
        )
        self.answer_job(self.in_flight.pop(place))

    def answer_job(self, job: Job[int]) -> None:
        account, ask = job
        if account.closed:
            self.schedule.give_back()
            return
        places = 1 + account.walk.held_back
        listing = self.listings[account.account_id or 0]
        released = account.walk.answer(ask, page_of(listing, ask.number, 1))
        pages = [page for page in released if page.nodes]
        self.schedule.give_back(places - account.walk.held_back - len(pages))
        account.backlog.extend(map(account.delivery, pages))
        if not self.ordered or account is self.schedule.first:
            self._hand_over(account)
        if account.walk.done:
            self._retire(account)
        else:
            self.schedule.answered(account)

    def fail_job(self, job: Job[int]) -> None:
        account = job.account
        self.schedule.give_back(1 if account.closed else 1 + account.walk.held_back)
        if not account.closed:
            self.failed.add(account.account_id or 0)
            self._retire(account)

    def read(self) -> None:
        """The consumer is through with a page."""
        self.read_nodes.append(self.outbox.popleft())
        self.schedule.give_back()

    def _hand_over(self, account: OpenAccount[int]) -> None:
        self.outbox += [
            (account.account_id or 0, node) for page in account.backlog for node in page.nodes
        ]
        account.backlog.clear()

    def _retire(self, account: OpenAccount[int]) -> None:
        account.closed = True
        if not self.ordered:
            self.schedule.drop(account)
        while self.ordered and (first := self.schedule.first) is not None:
            self._hand_over(first)
            if not first.closed:
                break
            self.schedule.drop(first)

    @property
    def held(self) -> int:
        """Pages in flight or not yet read."""
        kept = (len(each.backlog) + each.walk.held_back * (not each.closed) for each in self.opened)
        return len(self.in_flight) + len(self.outbox) + sum(kept)


def names(job: Job[int]) -> tuple[int | None, int]:
    return job.account.account_id, job.ask.number


# Fairness


def test_every_account_gets_its_first_page_before_any_gets_two() -> None:
    desk = Desk([9, 9, 9])
    assert desk.take_all() == [(1, 1), (2, 1), (3, 1)]


def test_an_account_that_waits_goes_before_a_new_one() -> None:
    desk = Desk([9, 9, 9])
    desk.take()
    desk.answer(1)
    assert desk.take() == (1, 2)


def test_the_last_accounts_go_before_one_that_waits() -> None:
    desk = Desk([9] * 4, window=8, known=4)
    desk.take()
    desk.answer(1)
    assert [desk.take() for _ in range(4)] == [(2, 1), (3, 1), (4, 1), (1, 2)]


def test_no_account_is_known_to_be_one_of_the_last_while_many_are_left() -> None:
    desk = Desk([9] * 5, window=8, known=5)
    desk.take()
    desk.answer(1)
    assert desk.take() == (1, 2)


def test_accounts_that_wait_go_in_turn() -> None:
    desk = Desk([9, 9, 9])
    desk.take_all()
    for each in (3, 1, 2):
        desk.answer(each)
    assert [desk.take(), desk.take(), desk.take()] == [(3, 2), (1, 2), (2, 2)]


def test_a_new_account_goes_before_a_second_page_of_one() -> None:
    desk = Desk([9, 9])
    desk.take()
    desk.answer(1)
    assert [desk.take(), desk.take()] == [(1, 2), (2, 1)]


def test_slots_that_are_left_go_ahead_in_the_account_with_the_fewest_in_flight() -> None:
    desk = Desk([9, 9])
    desk.take_all()
    desk.answer(1)
    desk.answer(2)
    taken = [desk.take() for _ in range(6)]
    assert taken == [(1, 2), (2, 2), (1, 3), (2, 3), (1, 4), (2, 4)]


def test_a_single_account_gets_every_slot() -> None:
    desk = Desk([9])
    desk.take()
    desk.answer(1)
    assert desk.take_all() == [(1, number) for number in range(2, 10)]


def test_an_account_that_went_ahead_does_not_wait_in_line_as_well() -> None:
    desk = Desk([9, 2], window=4, ordered=True)
    desk.take_all()
    desk.answer(1)  # its page is unread: with two places left, only the first goes on
    assert desk.take_all() == [(1, 2), (1, 3)]
    for number in (2, 3):
        desk.answer(1, number)
    for _ in range(3):
        desk.read()
    assert desk.take_all() == [(1, 4), (1, 5), (1, 6)]


# The window


def test_the_window_bounds_the_pages_in_flight() -> None:
    desk = Desk([1] * 10, window=4)
    assert len(desk.take_all()) == 4


def test_pages_that_nobody_has_read_keep_their_places() -> None:
    desk = Desk([1] * 10, window=2)
    desk.take_all()
    desk.answer(1)
    desk.answer(2)
    assert desk.take() is None


def test_a_page_that_was_read_makes_room_for_one() -> None:
    desk = Desk([1] * 10, window=2)
    desk.take_all()
    desk.answer(1)
    desk.read()
    assert desk.take_all() == [(3, 1)]


def test_a_page_without_nodes_makes_room_at_once() -> None:
    desk = Desk([0, 1, 1], window=1)
    desk.take()
    desk.answer(1)
    assert desk.take() == (2, 1)


def test_no_account_is_opened_while_there_is_no_room() -> None:
    desk = Desk([1] * 10, window=2)
    desk.take_all()
    assert len(desk.opened) == 2


# Accounts in order


@pytest.mark.parametrize("window", [2, 8, 32])
def test_accounts_behind_the_first_leave_half_of_the_window_free(window: int) -> None:
    desk = Desk([MANY] * MANY, window=window, ordered=True)
    desk.take_all()
    assert len(desk.in_flight) == window - window // 2


def test_the_first_account_may_take_the_half_that_is_kept_free() -> None:
    desk = Desk([MANY] * MANY, window=8, ordered=True)
    desk.take_all()
    desk.answer(1)
    assert desk.take_all() == [(1, number) for number in range(2, 6)]


def test_the_half_that_is_kept_free_passes_on_to_the_next_account() -> None:
    desk = Desk([1, MANY, MANY, MANY], window=4, ordered=True)
    assert desk.take_all() == [(1, 1), (2, 1)]
    desk.answer(2)
    desk.answer(1)
    assert desk.take_all() == [(2, 2), (2, 3)]


def test_nodes_behind_the_first_account_wait_for_their_turn() -> None:
    desk = Desk([1, 1], ordered=True)
    desk.take_all()
    desk.answer(2)
    assert not desk.outbox
    desk.answer(1)
    assert list(desk.outbox) == [(1, 0), (2, 0)]


def test_an_account_that_is_done_before_its_turn_is_not_asked_again() -> None:
    desk = Desk([MANY, 1], ordered=True)
    desk.take_all()
    desk.answer(2)
    desk.answer(1)
    assert (2, 1) not in desk.take_all()


def test_no_more_accounts_are_kept_for_their_turn_than_the_window_has_places() -> None:
    desk = Desk([1] + [0] * MANY, window=8, ordered=True)
    desk.take()
    while taken := desk.take():
        desk.answer(taken[0] or 0)
    assert len(desk.opened) == 8


# Whatever happens


@given(
    sizes=st.lists(st.integers(0, 12), max_size=12),
    slots=st.integers(1, 6),
    ordered=st.booleans(),
    random=st.randoms(use_true_random=False),
)
def test_whatever_the_order_of_events_every_page_is_read(
    sizes: list[int], slots: int, *, ordered: bool, random: Random
) -> None:
    desk = Desk(sizes, window=2 * slots, ordered=ordered)
    run(desk, slots, random, failures=0)
    assert sorted(desk.read_nodes) == [
        (each, node) for each, listing in desk.listings.items() for node in listing
    ]


@given(
    sizes=st.lists(st.integers(0, 12), max_size=12),
    slots=st.integers(1, 6),
    random=st.randoms(use_true_random=False),
)
def test_whatever_the_order_of_events_ordered_accounts_come_in_order(
    sizes: list[int], slots: int, random: Random
) -> None:
    desk = Desk(sizes, window=2 * slots, ordered=True)
    run(desk, slots, random, failures=0)
    assert desk.read_nodes == sorted(desk.read_nodes)


@given(
    sizes=st.lists(st.integers(0, 12), max_size=12),
    slots=st.integers(1, 6),
    ordered=st.booleans(),
    random=st.randoms(use_true_random=False),
)
def test_accounts_that_fail_hold_up_no_other(
    sizes: list[int], slots: int, *, ordered: bool, random: Random
) -> None:
    desk = Desk(sizes, window=2 * slots, ordered=ordered)
    run(desk, slots, random, failures=0.2)
    whole = {
        (each, node)
        for each, listing in desk.listings.items()
        for node in listing
        if each not in desk.failed
    }
    assert whole <= set(desk.read_nodes)


@given(
    sizes=st.lists(st.integers(0, 12), max_size=12),
    slots=st.integers(1, 6),
    ordered=st.booleans(),
    random=st.randoms(use_true_random=False),
)
def test_whatever_the_order_of_events_every_place_comes_back(
    sizes: list[int], slots: int, *, ordered: bool, random: Random
) -> None:
    desk = Desk(sizes, window=2 * slots, ordered=ordered)
    run(desk, slots, random, failures=0.2)
    desk.new.extend(range(1, MANY))
    desk.listings |= {each: [0] for each in range(1, MANY)}
    reserve = slots if ordered else 0
    assert len(desk.take_all()) == 2 * slots - reserve


@given(
    sizes=st.lists(st.integers(0, 12), max_size=12),
    slots=st.integers(1, 6),
    random=st.randoms(use_true_random=False),
)
def test_no_more_accounts_are_open_than_there_are_slots(
    sizes: list[int], slots: int, random: Random
) -> None:
    desk = Desk(sizes, window=2 * slots)
    for _ in steps(desk, slots, random, failures=0.1):
        assert sum(not each.closed for each in desk.opened) <= slots


@given(
    sizes=st.lists(st.integers(0, 12), max_size=12),
    slots=st.integers(1, 6),
    ordered=st.booleans(),
    random=st.randoms(use_true_random=False),
)
def test_never_are_more_pages_held_than_the_window_has_places(
    sizes: list[int], slots: int, *, ordered: bool, random: Random
) -> None:
    desk = Desk(sizes, window=2 * slots, ordered=ordered)
    for _ in steps(desk, slots, random, failures=0.1):
        assert desk.held <= desk.window


def run(desk: Desk, slots: int, random: Random, *, failures: float) -> None:
    """Let things happen until nothing can any more."""
    for _ in steps(desk, slots, random, failures=failures):
        pass


def steps(desk: Desk, slots: int, random: Random, *, failures: float) -> Iterable[None]:
    """Take, answer, fail and read in random order; a dead end is a stop with work left."""
    taking = True
    while taking or desk.in_flight or desk.outbox:
        may_take = taking and len(desk.in_flight) < slots
        step = random.choice("t" * may_take + "a" * bool(desk.in_flight) + "r" * bool(desk.outbox))
        if step == "t":
            taking = desk.take() is not None
        else:
            taking = True
            if step == "r":
                desk.read()
            elif random.random() < failures:
                desk.fail_job(take_any(desk.in_flight, random))
            else:
                desk.answer_job(take_any(desk.in_flight, random))
        yield
