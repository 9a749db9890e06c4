"""Accounts that were begun, without a loop: their turn at the outbox, and how each one ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random

import still_gate
from hypothesis import given
from hypothesis import strategies as st
from simulator import page_of, take_any

from ledger_async import NFT, LedgerError, PermissionDeniedError
from ledger_async._exactness.walk import Walk
from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import OnError, StreamOptions
from ledger_async._streaming.account_ids import source_of
from ledger_async._streaming.open_accounts import OpenAccounts
from ledger_async._streaming.outbox import Delivery, Outbox
from ledger_async._streaming.schedule import Job
from ledger_async._streaming.workers import Workers


async def nothing() -> None:
    """Do nothing: these workers are never started."""


class Desk:
    """Accounts with so many pages of one node each, whose ids count from 1."""

    def __init__(
        self,
        sizes: Iterable[int],
        *,
        ordered: bool = False,
        on_error: OnError = "skip",
        slots: int = 8,
    ) -> None:
        self.listings = {each: list(range(size)) for each, size in enumerate(sizes, 1)}
        self.progress = still_gate.progress()
        self.outbox = Outbox[int](self.progress)
        self.workers = Workers(nothing, nothing, size=slots, over=lambda: None)
        self.accounts = OpenAccounts[int](
            source_of(list(self.listings)),
            lambda _: Walk(1, check=False),
            StreamOptions.of(Endpoint("/", NFT), ordered=ordered, on_error=on_error),
            outbox=self.outbox,
            progress=self.progress,
            workers=self.workers,
            slots=slots,
            known=0,
        )
        self.in_flight: list[Job[int]] = []
        self.taken: list[Delivery[int]] = []

    def ask(self) -> None:
        """Take every page that there is to ask for."""
        self.in_flight += iter(self.accounts.take, None)

    def job(self, account_id: int) -> Job[int]:
        """What is in flight of this account."""
        place = [each.account.account_id for each in self.in_flight].index(account_id)
        return self.in_flight.pop(place)

    def answer(self, job: Job[int]) -> None:
        listing = self.listings[job.account.account_id or 0]
        self.accounts.answered(job, page_of(listing, job.ask.number, 1))

    def fail(self, job: Job[int]) -> LedgerError:
        error = PermissionDeniedError("no")
        self.accounts.missed(job, error)
        return error

    def consume(self) -> None:
        """Take what is in the outbox, and give its places back."""
        for delivery in iter(self.outbox.take, None):
            self.taken.append(delivery)
            self.accounts.give_back(delivery.places)

    def run(self, random: Random, *, failures: float = 0.0) -> None:
        """Answer and fail in random order until all accounts have ended."""
        self.ask()
        while self.in_flight:
            job = take_any(self.in_flight, random)
            if random.random() < failures:
                self.fail(job)
            else:
                self.answer(job)
            self.consume()
            self.ask()


EVENTS = given(
    sizes=st.lists(st.integers(0, 6), max_size=8),
    ordered=st.booleans(),
    random=st.randoms(use_true_random=False),
)


@EVENTS
def test_each_account_ends_with_one_delivery_without_nodes(
    sizes: list[int], *, ordered: bool, random: Random
) -> None:
    desk = Desk(sizes, ordered=ordered)
    desk.run(random, failures=0.2)
    ends = Counter(each.account_id for each in desk.taken if not each.nodes)
    assert ends == dict.fromkeys(desk.listings, 1)
    last = {each.account_id: each for each in desk.taken}
    assert not any(each.nodes for each in last.values())


@EVENTS
def test_each_delivery_has_the_report_of_its_account(
    sizes: list[int], *, ordered: bool, random: Random
) -> None:
    desk = Desk(sizes, ordered=ordered)
    desk.run(random, failures=0.2)
    assert all(each.report is desk.accounts.reports[each.account_id] for each in desk.taken)


@EVENTS
def test_all_are_done_when_each_has_ended(
    sizes: list[int], *, ordered: bool, random: Random
) -> None:
    desk = Desk(sizes, ordered=ordered)
    desk.run(random, failures=0.2)
    assert desk.accounts.are_done
    assert desk.progress.accounts_done == len(sizes)


def test_ordered_accounts_wait_for_their_turn() -> None:
    desk = Desk([1, 1], ordered=True)
    desk.ask()
    desk.answer(desk.job(2))
    assert len(desk.outbox) == 0
    desk.answer(desk.job(1))
    desk.consume()
    assert [each.account_id for each in desk.taken] == [1, 1, 2, 2]


def test_an_account_that_fails_passes_its_turn_on() -> None:
    desk = Desk([1, 1], ordered=True)
    desk.ask()
    desk.answer(desk.job(2))
    error = desk.fail(desk.job(1))
    desk.consume()
    assert [each.account_id for each in desk.taken] == [1, 2, 2]
    assert desk.accounts.reports[1].error is error


def test_an_error_stops_the_workers_if_the_caller_wants_it_raised() -> None:
    desk = Desk([1, 1], on_error="raise")
    desk.ask()
    error = desk.fail(desk.job(1))
    assert desk.workers.error is error
    assert len(desk.outbox) == 0


def test_an_error_that_meets_every_account_stops_the_workers_all_the_same() -> None:
    desk = Desk([1, 1], on_error="skip")
    desk.ask()
    error = LedgerError("the server is down")
    error.outage = 60.0
    desk.accounts.missed(desk.job(1), error)
    assert desk.workers.error is error
