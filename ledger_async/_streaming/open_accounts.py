"""The accounts of a stream that were begun, and the turn of each at the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Generic, TypeVar

from ledger_async._exactness.checkpoints import Carried
from ledger_async._exactness.pages import PageRead, past_end
from ledger_async._exactness.walk import Fresh, Walk
from ledger_async._pages.invalid_nodes import InvalidNode
from ledger_async._pages.options import OnInvalid, StreamOptions
from ledger_async._support.log import facts, logger
from ledger_async._support.observer import Watch
from ledger_async.errors import (
    DecodeError,
    LedgerError,
    ListingIncompleteError,
    ResponseTooLargeError,
    concerns_all,
    without_frames,
)
from ledger_async.events import AccountDone, AccountReport, Status
from ledger_async.events import PageRead as PageReadEvent

from .account_ids import NOTHING, Source
from .outbox import Delivery, Outbox
from .progress import Progress
from .schedule import Job, OpenAccount, Schedule
from .workers import Workers

N = TypeVar("N")

# Ids known already that are skipped before the event loop has its turn.
_REPEATS_AT_ONCE = 1000

# How servers refuse a page past the end. If the account is there is what its first page says.
_PAST_END = {400, 404, 416}


class OpenAccounts(Generic[N]):
    """Opens accounts as there is room, and puts what their walks release into the outbox.

    If accounts are `ordered`, only the first of them has its turn at the outbox; the others keep
    a backlog until theirs comes. An account that fails is left out, or stops the workers, as
    `on_error` says. `known` is how many ids there are, 0 if nobody can tell.
    """

    def __init__(
        self,
        ids: Source,
        walk: Callable[[Carried | None], Walk[N]],
        options: StreamOptions,
        *,
        outbox: Outbox[N],
        progress: Progress,
        workers: Workers,
        slots: int,
        known: int,
        watch: Watch | None = None,
    ) -> None:
        self.reports: dict[int | None, AccountReport] = {}
        self.is_stopped = False
        self._ids = ids
        self._walk = walk
        # Stands in the place of walks that are over, so that what they remembered may go.
        self._nothing = walk(None)
        self._outbox = outbox
        self._options = options
        self._progress = progress
        self._workers = workers
        # The account whose nodes a callable of the caller's is given, which may stop the stream.
        self._in_hand: OpenAccount[N] | None = None
        self._watch = watch or Watch()
        # Ordered accounts fill the window with pages whose turn has not come.
        window = slots * (4 if options.ordered else 2)
        self._schedule = Schedule[N](
            self._open_next, window=window, ordered=options.ordered, known=known
        )

    @property
    def are_done(self) -> bool:
        """True if every account there is was begun and has ended; no more are once stopped."""
        return (self.is_stopped or self._ids.exhausted) and self._schedule.first is None

    def take(self) -> Job[N] | None:
        """The page to fetch next, `None` while there is none or no place for it."""
        return None if self.is_stopped else self._schedule.take()

    def give_back(self, places: int = 1) -> None:
        """Free so many places of the window."""
        self._schedule.give_back(places)

    def close(self) -> None:
        """Open no more accounts."""
        self._schedule.close()

    def stop(self, unanswered: Iterable[Job[N]]) -> None:
        """Ask for nothing more, and cut short each account as soon as no answer is awaited."""
        self.is_stopped = True
        try:
            for job in unanswered:
                self.withdraw(job)
            for account in self._schedule.unfinished:
                self._cut_short(account)
        except Exception as exc:  # noqa: BLE001 - of `on_invalid`, for the consumer
            self._workers.stop(exc)
        self._workers.call()

    def withdraw(self, job: Job[N]) -> None:
        """Do without this answer, if that is because the stream was stopped."""
        if self.is_stopped and not (self._workers.is_stopping or job.account.closed):
            job.account.withdraw()
            self._cut_short(job.account)
            self._workers.call()

    def answered(self, job: Job[N], page: PageRead[N]) -> None:
        """Take the answer to a page of this account."""
        if not job.account.report.pages:
            self._progress.nodes_known += page.count
        self._advance(job, partial(job.account.answer, job.ask, page, keeps=self.is_stopped))

    def missed(self, job: Job[N], error: LedgerError) -> None:
        """Do without this answer where that is possible; else the account cannot go on."""
        account, ask = job
        if account.closed or concerns_all(error):
            self._fail(account, error)
        elif account.walk.is_overtaken(ask):
            self.answered(job, past_end(ask))
        elif isinstance(error, ResponseTooLargeError):
            self._go_smaller(job, error)
        elif ask.number > 1 and error.status in _PAST_END:
            account.refusal = without_frames(error)
            self.answered(job, past_end(ask))
        else:
            self._fail(account, error)

    def _go_smaller(self, job: Job[N], error: ResponseTooLargeError) -> None:
        """Ask for the same in smaller pages; a single element that is too large is not valid."""
        account, ask = job
        if account.walk.shrink(ask):
            self._hand_over(account, [])
            return
        error.message = f"one element alone (page_size=1) is too large: {error.message}"
        if self._options.on_invalid == "raise":
            self._fail(account, error)
            return
        node: Any = InvalidNode(account.account_id, ask.number, 0, b"", _undecodable(error))
        key = hash((error.message, ask.number))
        self._advance(job, partial(account.walk.leave_out, ask, node, key))

    def _advance(self, job: Job[N], step: Callable[[], list[Fresh[N]]]) -> None:
        """Take an account's walk one step further, and hand over the pages that it releases."""
        account = job.account
        if account.closed:
            self.give_back()
            return
        try:
            pages = step()
        except ListingIncompleteError as error:
            error.__cause__ = account.refusal
            self._fail(account, error)
            return
        pages = self._all_valid(account, pages)
        self._progress.pages += 1
        account.report.pages += 1
        event = _page_read(job, pages) if self._watch.is_observed else None
        account.report.duplicates_dropped = account.walk.duplicates_dropped
        self._hand_over(account, pages)
        self._watch.tell(event)  # now, as an observer may stop the stream

    def _all_valid(self, account: OpenAccount[N], pages: list[Fresh[N]]) -> list[Fresh[N]]:
        if self._options.on_invalid == "raise":
            return pages
        before, self._in_hand = self._in_hand, account
        try:
            return [_valid(account, page, self._options.on_invalid) for page in pages]
        finally:
            self._in_hand = before

    def _hand_over(self, account: OpenAccount[N], pages: list[Fresh[N]]) -> None:
        """Put these pages, and free the places that the answered request and the walk let go."""
        free, put = 1 + account.let_go(), 0
        for page in pages:
            if page.nodes:
                self._put(account, account.delivery(page))
                put += 1
        if not account.walk.done:
            self._go_on(account, free - put)
            return
        # An account without nodes keeps a place too, or a stalled consumer would not stop those.
        kept = int(not put)
        self._schedule.give_back(free - put - kept)
        self._retire(account, account.walk.status, places=kept)

    def _go_on(self, account: OpenAccount[N], free: int) -> None:
        if self.is_stopped:
            self._cut_short(account)
        else:
            self._schedule.give_back(free)
            self._schedule.answered(account)

    def _cut_short(self, account: OpenAccount[N]) -> None:
        """Close an account of which no answer is awaited, after all nodes that were fetched."""
        if account.closed or account.walk.in_flight or account is self._in_hand:
            return
        # Nothing more is asked for, so that places of the window need not be given back.
        left = account.walk.give_up(account.late)
        for page in self._all_valid(account, left):
            if page.nodes:
                self._put(account, account.delivery(page))
        self._close(account, None, places=1)

    def _fail(self, account: OpenAccount[N], error: LedgerError) -> None:
        """One account cannot go on: end the stream, or leave this account out, as asked."""
        if account.closed:
            self.give_back()
            return
        error.account_id = account.account_id
        account.report.error = error
        on_error = self._options.on_error
        if on_error == "raise" or concerns_all(error):
            self._watch.tell(AccountDone(account.account_id, account.report))
            self._workers.stop(error)
            return
        without_frames(error)  # it stays in the report
        # It keeps a place as one without nodes does, or a stalled consumer would not stop these.
        self._schedule.give_back(account.held_back)
        self._retire(account, None, places=1)
        if callable(on_error) and account.account_id is not None:
            on_error(account.account_id, error)
        else:
            _log_left_out(error)

    def _put(self, account: OpenAccount[N], delivery: Delivery[N]) -> None:
        waits = self._options.ordered and account is not self._schedule.first
        (account.backlog.append if waits else self._outbox.put)(delivery)

    def _retire(self, account: OpenAccount[N], status: Status | None, *, places: int) -> None:
        """Count an account as done, and close it."""
        self._progress.accounts_done += 1
        self._close(account, status, places=places)

    def _close(self, account: OpenAccount[N], status: Status | None, *, places: int) -> None:
        """Close an account with its last delivery, which keeps so many places."""
        self._put(account, Delivery(account.account_id, account.report, [], status, places))
        account.close(self._nothing)
        if self._options.ordered:
            self._pass_turn_on()
        else:
            self._schedule.drop(account)

    def _pass_turn_on(self) -> None:
        """Give the outbox to the first account that is open, after those closed before it."""
        while (first := self._schedule.first) is not None:
            self._outbox.put_all(first.backlog)
            first.backlog.clear()
            if not first.closed:
                break
            self._schedule.drop(first)

    def _open_next(self) -> OpenAccount[N] | None:
        for _ in range(_REPEATS_AT_ONCE):
            account_id = self._ids.draw()
            if account_id is NOTHING:
                if self._ids.exhausted:
                    self._schedule.close()
                return None
            if account_id not in self.reports:
                return self._opened(account_id)
        asyncio.get_running_loop().call_soon(self._workers.call)
        return None

    def _opened(self, account_id: int | None) -> OpenAccount[N]:
        self.reports[account_id] = report = AccountReport()
        self._progress.accounts_known = max(self._progress.accounts_known, len(self.reports))
        accepted = self._options.resume.get(account_id)
        walk = self._walk(accepted.carried if accepted else None)
        return OpenAccount(account_id, walk, report)


def _valid(account: OpenAccount[N], page: Fresh[N], on_invalid: OnInvalid) -> Fresh[N]:
    """Those of the nodes that decoded; the others go to `on_invalid`.

    Then nothing is proven any more: a walk that goes on from here is to meet the others again.
    """
    for invalid in (node for node in page.nodes if isinstance(node, InvalidNode)):
        account.report.invalid += 1
        (on_invalid if callable(on_invalid) else _log_invalid)(invalid)
    if not account.report.invalid:
        return page
    return Fresh([node for node in page.nodes if not isinstance(node, InvalidNode)])


def _log_invalid(node: InvalidNode) -> None:
    extra = facts(account_id=node.account_id, page=node.page)
    logger.warning("node left out: %s", node.error, extra=extra)


def _log_left_out(error: LedgerError) -> None:
    extra = facts(account_id=error.account_id, page=error.page, attempt=error.attempts)
    logger.warning("account %s left out: %s", error.account_id, error, extra=extra)


def _page_read(job: Job[N], released: list[Fresh[N]]) -> PageReadEvent:
    """The event of an answer, before its repeats are noted in the report."""
    account, ask = job
    nodes = sum(len(page.nodes) for page in released)
    repeats = account.walk.duplicates_dropped - account.report.duplicates_dropped
    return PageReadEvent(account.account_id, ask.number, nodes, repeats)


def _undecodable(error: ResponseTooLargeError) -> DecodeError:
    """The error of a node that is too large to be read, in the words for any other node."""
    undecodable = DecodeError(error.message)
    undecodable.__dict__.update(vars(error), json_path="$.edges[0].node")
    return undecodable
