"""Which page of which account the next free slot fetches: fair between accounts, bounded in pages.

No I/O. A slot goes first to an account of which nothing is in flight, in turn; then to a new
account; and only when there is neither, ahead in the account that has the fewest in flight. So
many accounts are each walked in sequence, which proves them at no cost, while the last ones and
a single one get all slots, and no more accounts are open than there are slots. An exception are
the last accounts, if it is known how many there are: they are opened beside the others, because
they would leave slots without work if they were begun when the others are through. Where accounts
are ordered, the earliest that can go on goes first.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

from ledger_async._exactness.pages import PageRead, PageRequest
from ledger_async._exactness.walk import Fresh, Walk
from ledger_async.errors import LedgerError
from ledger_async.events import AccountReport

from .outbox import Delivery

T = TypeVar("T")


class OpenAccount(Generic[T]):
    """An account whose walk has begun.

    `backlog` keeps deliveries until the account has its turn. `refusal` is how the server last
    refused a page past the end. The account is `closed` once it is done or has failed.
    """

    def __init__(self, account_id: int | None, walk: Walk[T], report: AccountReport) -> None:
        self.account_id = account_id
        self.walk = walk
        self.report = report
        self.backlog: deque[Delivery[T]] = deque()
        self.refusal: LedgerError | None = None
        self.closed = False
        # Pages that came after the stream was stopped, and of which the walk released nothing.
        self.late: list[PageRead[T]] = []
        # Pages that have a place of the window because the walk holds them back.
        self.held_back = 0

    def let_go(self) -> int:
        """The number of pages fewer that the walk holds back than after the answer before."""
        before, self.held_back = self.held_back, self.walk.held_back
        return before - self.held_back

    def answer(self, ask: PageRequest, page: PageRead[T], *, keeps: bool) -> list[Fresh[T]]:
        """The pages that the walk releases; it `keeps` this one if it releases nothing."""
        released = self.walk.answer(ask, page)
        if keeps and not any(page.nodes for page in released):
            self.late.append(page)
        return released

    def delivery(self, page: Fresh[T]) -> Delivery[T]:
        """The delivery of a page's new nodes."""
        return Delivery(self.account_id, self.report, page.nodes, checkpoint=page.checkpoint)

    def withdraw(self) -> None:
        """Await one answer less, as its request was called back; the walk will not go on."""
        self.walk.in_flight -= 1

    def close(self, nothing: Walk[T]) -> None:
        """Take no more pages; with `nothing` for a walk, what the old one remembered may go."""
        self.closed = True
        self.walk = nothing


class Job(NamedTuple, Generic[T]):
    """One page to fetch."""

    account: OpenAccount[T]
    ask: PageRequest


class Schedule(Generic[T]):
    """Hands out the pages of all accounts of one stream, and takes the window's places for them.

    `window` bounds the pages that are in flight or that the consumer is not through with. If
    `ordered`, the accounts behind the first leave half of it free, so that the first can always
    go on. `known` is how many accounts there are, 0 if nobody can tell.
    """

    def __init__(
        self,
        open_next: Callable[[], OpenAccount[T] | None],
        *,
        window: int,
        ordered: bool,
        known: int = 0,
    ) -> None:
        self._open_next = open_next
        self._window = self._free = window
        self._reserve = window // 2 if ordered else 0
        self._ordered = ordered
        self._left = known
        self._accounts: dict[OpenAccount[T], None] = {}
        self._idle: deque[OpenAccount[T]] = deque()

    @property
    def first(self) -> OpenAccount[T] | None:
        """The account that was opened before all others still open."""
        return next(iter(self._accounts), None)

    @property
    def unfinished(self) -> list[OpenAccount[T]]:
        """The accounts that are not closed, in the order in which they were opened."""
        return [account for account in self._accounts if not account.closed]

    def take(self) -> Job[T] | None:
        """The page to fetch next, `None` while there is none or no place for it."""
        account = self._choose()
        if account is None:
            return None
        self._free -= 1
        return Job(account, account.walk.ask())

    def answered(self, account: OpenAccount[T]) -> None:
        """Put an account that is not done back in line when nothing of it is in flight."""
        if not (self._ordered or account.walk.in_flight):
            self._idle.append(account)

    def give_back(self, places: int = 1) -> None:
        """Free so many places of the window."""
        self._free += places

    def drop(self, account: OpenAccount[T]) -> None:
        """Forget an account that is done or has failed."""
        self._accounts.pop(account, None)

    def close(self) -> None:
        """Open no more accounts."""
        self._open_next = _no_account

    def _choose(self) -> OpenAccount[T] | None:
        if self._free <= 0:
            return None
        if self._ordered:
            return self._earliest()
        are_last = 0 < self._left < self._window // 2
        account = self._opened() if are_last or not self._idle else None
        if account is None and self._idle:
            account = self._idle.popleft()
        return account or self._least_busy()

    def _earliest(self) -> OpenAccount[T] | None:
        """The earliest account that can go on, so that its turn is soon over."""
        scarce = self._free <= self._reserve
        accounts = islice(self._accounts, 1 if scarce else None)
        account = next(filter(_can_go_on, accounts), None)
        return account if account or scarce else self._opened()

    def _opened(self) -> OpenAccount[T] | None:
        # Only where accounts are ordered do closed ones stay, for their turn.
        account = self._open_next() if len(self._accounts) < self._window else None
        if account is not None:
            self._accounts[account] = None
            self._left -= 1
        return account

    def _least_busy(self) -> OpenAccount[T] | None:
        found, fewest = None, math.inf
        for account in self._accounts:
            in_flight = account.walk.in_flight
            if in_flight < fewest and _can_go_on(account):
                found, fewest = account, in_flight
        return found


def _can_go_on(account: OpenAccount[T]) -> bool:
    return not account.closed and account.walk.next_request(ahead=True) is not None


def _no_account() -> None:
    return None
