"""One listing, page by page: which page to ask for next, which nodes are new, what is proven.

No I/O: a walk is told each answer and says what follows from it. It goes one of three ways, each
with a proof of its own (see `ways`):

- in sequence, as it begins;
- ahead, as soon as it may ask for more pages than one at a time, while nothing has moved;
- with pages that overlap, once either proof fails. That is a repair: what came so far stays, and
  reading goes on from where pages are linked.

A walk may go on where others before it were cut off: it begins at the head, until it meets what
they have accepted (see `resumption`).
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Generic, TypeVar

import msgspec

from ledger_async.errors import ListingIncompleteError
from ledger_async.events import Status

from .checkpoints import Carried, Checkpoint
from .coverage import Coverage
from .pages import PageRead, PageRequest
from .route import Route
from .survey import Survey
from .turns import Turns
from .walk_limits import WalkLimits
from .ways import Way

T = TypeVar("T")

_NODES = attrgetter("nodes")


class Fresh(msgspec.Struct, Generic[T], frozen=True):
    """The new nodes of one page, and what is proven once they have been handed over."""

    nodes: list[T]
    checkpoint: Checkpoint | None = None


class Walk(Generic[T]):
    """The walk over one listing, in pages of `page_size` elements or `LARGEST`.

    Without `check` it proves nothing beyond a single page. Without `trust_count` it overlaps from
    the start, as it must where elements come in elsewhere than at the head. With `ramp` it goes
    ahead step by step, so that little was asked for in vain where the listing moves. What was
    `carried` over from walks before is not released again; where elements come in elsewhere than
    at the head, all of the listing is read all the same.
    """

    def __init__(
        self,
        page_size: int,
        *,
        check: bool,
        trust_count: bool = True,
        ramp: bool = True,
        carried: Carried | None = None,
    ) -> None:
        self.in_flight = 0
        self._check = check
        self._survey = Survey(page_size, trusts_count=trust_count)
        if carried is not None:
            self._survey.cover.carry(carried)
        self._limits = WalkLimits(self._survey, check=check)
        self._route = Route(self._survey, check=check, ramp=ramp, carried=carried)
        self._turns: Turns[T] = Turns()
        # The next page to ask for, until anything happens.
        self._foreseen: PageRequest | None = None
        self._ended = False  # but for the close
        self._left_out = False

    @property
    def held_back(self) -> int:
        """Pages that arrived before one that comes earlier in the listing."""
        return self._turns.held_back

    @property
    def duplicates_dropped(self) -> int:
        """Elements that came again."""
        return self._survey.cover.duplicates

    @property
    def done(self) -> bool:
        """True once there is nothing left to ask for, to wait for or to release."""
        return self._ended and not self.in_flight and self._route.is_closed

    @property
    def status(self) -> Status:
        """The proof that a walk has once it is done."""
        if not self._left_out and self._limits.asked == 1 and self._survey.regular:
            return "exact"  # one answer is one moment of the server
        if self._left_out or not self._check:
            return "unverified"
        return "repaired" if self._route.is_repair or self._survey.has_shifted else "exact"

    def next_request(self, *, ahead: bool) -> PageRequest | None:
        """The next page to ask for now, if any.

        Without `ahead` only once every request has been answered. With it also earlier, as far
        as `count` lets the listing's end be foreseen, where that saves time.
        """
        if self.in_flight and not ahead:
            return None
        if self._foreseen is None:
            self._foreseen = self._route.next_request(self._turns.queue, ended=self._ended)
        return self._foreseen

    def ask(self) -> PageRequest:
        """Take the next page to ask for, which there must be."""
        request = self.next_request(ahead=True)
        if request is None:
            raise ValueError("this walk has no page to ask for")
        self._foreseen = None
        self.in_flight += 1
        route, queue = self._route, self._turns.queue
        if self._ended or (request.number == 1 and route.way is route.ahead):
            route.ahead.ask_for_head(request, is_last=self._ended)
            return request
        self._go(route.next_way(queue))
        queue.append(request)
        self._limits.asked += 1
        return request

    def answer(self, request: PageRequest, page: PageRead[T]) -> list[Fresh[T]]:
        """Take an answer; returns the new nodes of each page that is now in its turn.

        Raises `ListingIncompleteError` when the pages stop moving, or cannot be linked.
        """
        self._foreseen = None
        self.in_flight -= 1
        if request is self._route.ahead.closing:
            self._close(request, page)
            return []
        if self.is_overtaken(request):
            return []
        released = [self._take(*in_turn) for in_turn in self._turns.arrive(request, page)]
        # Not while there is something to hand over: the next answer comes to the same end.
        if not any(map(_NODES, released)) and (reason := self._limits.reason()) is not None:
            raise _incomplete(reason, request, self._survey.cover)
        return released

    def shrink(self, request: PageRequest) -> bool:
        """Go on with smaller pages, as this one is too many bytes; false if it holds one element.

        That one can only be left out.
        """
        self._foreseen = None
        if not self.is_overtaken(request):
            if not self._survey.sizes.halve(request):
                return False
            self._ask_for_smaller()
            if self._survey.sizes.first and self._check:
                self._repair()
        self.in_flight -= 1
        return True

    def leave_out(self, request: PageRequest, node: T, key: int) -> list[Fresh[T]]:
        """Take `node` for the only element of a page that cannot be read, and go on behind it.

        Nothing is proven then, as nobody can tell which element that was. Raises
        `ListingIncompleteError` where nothing but an overlap could link what follows.
        """
        self._foreseen = None
        self.in_flight -= 1
        survey = self._survey
        if self._check and self._route.is_ahead:
            self._repair()
            return []
        self._limits.record(moves=False)
        reason = self._limits.reason()
        if self._check and not (survey.links_by_count and survey.cover.end == request.number - 1):
            reason = "an element is too large, and the listing moves around it"
        if reason is not None:
            raise _incomplete(reason, request, self._survey.cover)
        self._ask_for_smaller()
        self._left_out = True
        survey.sizes.pass_by(request.number)
        survey.cover.pass_by(request.number, key)
        return [Fresh([node])]

    def give_up(self, late: Iterable[PageRead[T]]) -> list[Fresh[T]]:
        """End the walk: the nodes not handed on of pages that were held back, or came `late`."""
        pages = [*self._turns.early(), *late]
        return [Fresh(self._survey.cover.add(page, repeats=True)) for page in pages]

    def is_overtaken(self, request: PageRequest) -> bool:
        """True if no answer to this request is needed, as the walk has taken another turn since."""
        return request not in self._turns.queue and request is not self._route.ahead.closing

    def _go(self, way: Way) -> None:
        if way is not self._route.way and self._route.take(way):
            self._limits.begin_repair()

    def _repair(self) -> None:
        """Go on from where pages are linked, overlapping."""
        self._route.doubt()
        self._ended = False
        self._go(self._route.overlapping)
        self._turns.clear()

    def _take(self, request: PageRequest, page: PageRead[T]) -> Fresh[T]:
        """The new nodes of a page in its turn; none if it sends the walk another way."""
        survey, cover = self._survey, self._survey.cover
        route = self._route
        if route.way.append(request, page):
            self._limits.record(moves=True)
            self._ended = not page.has_next_page
            return self._fresh(page.nodes)
        if self._limits.is_spent:
            return Fresh([])
        place = survey.sizes.place(request, page)
        if self._check and not page.nodes and page.count > place.start:
            self._ask_again()
            return Fresh([])
        repeats = cover.find_repeats(page)
        if repeats and not route.is_repair and survey.is_reordered(page):
            survey.regular = False
        survey.note(page, place, repeats=repeats)
        covered = cover.linked
        if not route.way.link(request, page, place):
            self._limits.record(moves=False)
            self._miss(page)
            return Fresh([])
        fresh = self._fresh(cover.add(page, repeats=repeats))
        moves = cover.linked > covered
        hides = not page.has_next_page and survey.lacks(page, place)
        self._limits.record(moves=moves, hides=hides and not moves)
        if not (page.has_next_page or (hides and (moves or self._check))):
            self._finish()
        elif place.end < cover.end:  # it has met what came in walks before
            self._turns.clear()
            if survey.calm and cover.end >= page.count:
                self._finish()
        return fresh

    def _miss(self, page: PageRead[T]) -> None:
        """A page was not linked: repair the walk, if need be once the head was looked at."""
        if self._route.is_ahead and self._route.ahead.doubt():
            self._turns.clear()
            return
        if not self._route.is_ahead:
            self._route.overlapping.miss(page)
        self._repair()

    def _fresh(self, nodes: list[T]) -> Fresh[T]:
        return Fresh(nodes, None if self._left_out else self._route.way.checkpoint())

    def _ask_again(self) -> None:
        """A page came without the elements that its own `count` says are there."""
        self._limits.record(moves=False, hides=True)
        self._turns.clear()
        if self._route.is_ahead:
            self._repair()

    def _ask_for_smaller(self) -> None:
        """Smaller pages will stand in the place of those that are awaited."""
        self._limits.asked -= len(self._turns.queue)
        self._turns.clear()

    def _finish(self) -> None:
        """The listing ends here; going ahead, if its head has not changed either."""
        self._ended = True
        self._turns.clear()
        # As many as at first must have come, or some went, or moved to the head unseen.
        if self._route.is_in_sequence and self._survey.is_short:
            self._survey.regular = False
            self._repair()

    def _close(self, request: PageRequest, page: PageRead[T]) -> None:
        """Compare the head of the listing with what it was, and repair the walk if it changed."""
        if not self._route.ahead.confirm(request, page):
            is_linked = self._route.ahead.link_by_head(request, page)
            self._repair()
            if is_linked:
                self._route.overlapping.rejoin()


def _incomplete(reason: str, request: PageRequest, cover: Coverage) -> ListingIncompleteError:
    error = ListingIncompleteError(
        f"{reason}: {len(cover)} elements came, and nothing proves that these are all",
        page=request.number,
    )
    error.covered = len(cover)
    return error
