"""One listing, page by page: which page to ask for next, which nodes are new, what is proven.

No I/O: a walk is told each answer and says what follows from it. It goes in one of three ways:

- In sequence, each page linked to those before it by low water (see `cover`), at no cost.
- Ahead, all pages at once and linked to nothing. If nothing moved from the first to the last of
  them then nothing slipped, and the closing request, for the listing's head once more, tells.
- Overlapping, once either has failed: from where pages are linked to the end.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Generic, Literal, TypeVar

from .cover import Cover
from .errors import ListingIncompleteError
from .pages import LARGEST, Ask, Sizes, Slice

T = TypeVar("T")

Status = Literal["exact", "repaired", "unverified"]

HEAD = 10
"""Elements that the closing request asks for at least, should the pages be smaller."""

# So many pages in a row that bring nothing or are not linked are a listing that does not move, or
# moves too fast. An honest server shows a few: emptied pages, or a page full of repeats.
STALL_LIMIT = 20

# A walk may ask for so many times the pages of its listing, and some.
_REPAIR_LIMIT = 4

# So many pages that a listing grows by meanwhile are taken for pages of it.
_GROWTH_LIMIT = 100

# With a ramp, so many times as many pages may be in flight as have come.
_RAMP = 4


class Walk(Generic[T]):
    """The walk over one listing, in pages of `page_size` elements or `LARGEST`.

    Without `check` it proves nothing beyond a single page. Without `trust_count` it overlaps from
    the start, as it must where elements come in elsewhere than at the head. With `ramp` it goes
    ahead step by step, which makes little of it in vain where the listing moves.
    """

    def __init__(
        self, page_size: int, *, check: bool, trust_count: bool = True, ramp: bool = True
    ) -> None:
        self.in_flight = 0
        self._check = check
        self._ramp = _RAMP if ramp else math.inf
        self._trusts_count = trust_count
        # Unchecked, nothing else would keep repeats out.
        self._cover = Cover(remembers_all=not check)
        # What is asked for and not taken yet; other answers have been overtaken by a repair.
        self._queue: deque[Ask] = deque()
        self._early: dict[Ask, Slice[T]] = {}
        self._asked = 0
        self._foreseen_end = 0
        self._ended = False
        self._stalled = 0
        self._page_size = page_size
        self._sizes = Sizes(page_size)
        # Whether all was as if nothing moved, whether it was as `count` says, and its values.
        self._calm = self._regular = True
        self._first_count: int | None = None
        self._count = 0
        # Ahead: whether pages are, after how many keys they began, and what closed them.
        self._ahead = False
        self._keys_before_ahead = 0
        self._closing: Ask | None = None
        # Overlapping: whether pages do, by how many elements, and whether the last one failed to.
        self._overlaps = check and not trust_count
        self._overlap = 0
        self._broken = False
        # Elements that were handed on twice.
        self._repeated = 0
        # What bounds the walk: elements to cover, and requests before that was clear.
        self._elements = self._asked_before = 0

    @property
    def held_back(self) -> int:
        """Pages that arrived before one that comes earlier in the listing."""
        return len(self._early)

    @property
    def duplicates_dropped(self) -> int:
        """Elements that came again."""
        return self._cover.duplicates

    @property
    def done(self) -> bool:
        """Whether there is nothing left to ask for, to wait for or to release."""
        return self._ended and not self.in_flight and self._closing_ask() is None

    @property
    def status(self) -> Status:
        """What a walk that is done has proven."""
        if self._asked == 1:
            return "exact"  # one answer is one moment of the server
        if not self._check:
            return "unverified"
        return "repaired" if self._overlaps else "exact"

    def next_ask(self, *, ahead: bool) -> Ask | None:
        """The next page to ask for now, if any.

        Without `ahead` only once every request has been answered. With it also earlier, as far
        as `count` lets the listing's end be foreseen, where that saves time.
        """
        if self.in_flight and not ahead:
            return None
        if self._ended:
            return self._closing_ask()
        if self._asked and (self._overlaps or (self._queue and self._has_moved())):
            return self._overlapping_ask()
        if self._queue and not self._may_go_ahead():
            return None
        return Ask(self._asked + 1, self._page_size, by_count=not self._queue)

    def ask(self) -> Ask:
        """Take the next page to ask for, which there must be."""
        ask = self.next_ask(ahead=True)
        if ask is None:
            raise ValueError("this walk has no page to ask for")
        self.in_flight += 1
        if self._ended:
            self._closing = ask
            return ask
        if self._queue and self._check:
            self._leave_sequence()
        self._queue.append(ask)
        self._asked += 1
        self._foreseen_end = ask.number * self._sizes.of(ask)
        return ask

    def answer(self, ask: Ask, answer: Slice[T]) -> list[list[T]]:
        """Take an answer; returns the new nodes of each page that is now in its turn.

        Raises `ListingIncompleteError` when the pages stop moving, or cannot be linked, and when
        elements were handed on twice.
        """
        self.in_flight -= 1
        if self._repeated:
            raise self._incomplete(
                f"{self._repeated} elements came twice, far apart, and were handed on", ask
            )
        if ask is self._closing:
            self._close(answer)
            return []
        released = []
        if self._queue and ask is self._queue[0]:
            released.append(self._take(self._queue.popleft(), answer))
        elif self.is_overtaken(ask):
            return []
        else:
            self._early[ask] = answer
        while self._early and (page := self._early.pop(self._queue[0], None)) is not None:
            released.append(self._take(self._queue.popleft(), page))
        # Not while there is something to hand over: the next answer comes to the same end.
        if not any(released):
            self._give_up_without_progress(ask)
        return released

    def is_overtaken(self, ask: Ask) -> bool:
        """Whether a repair has overtaken this request, so that no answer to it is needed."""
        return ask not in self._queue and ask is not self._closing

    # What to ask for.

    def _has_moved(self) -> bool:
        return self._check and not self._calm

    def _may_go_ahead(self) -> bool:
        """Whether `count` foresees a page more, and asking for it now is worth it."""
        size = self._sizes.first
        left = -(-self._count // size) - self._asked if size else 0
        if not self._check or not left:
            return left > 0
        # In sequence a single page more takes no longer, for going ahead has to be closed.
        taken = self._asked - len(self._queue)
        return left >= (1 if self._ahead else 2) and len(self._queue) < self._ramp * taken

    def _overlapping_ask(self) -> Ask | None:
        end = self._foreseen_end if self._queue else self._cover.end
        foreseen = self._count if self._regular else len(self._cover)
        if self._queue and (self._broken or end >= foreseen):
            return None
        if self._queue and not self._overlaps and foreseen - end <= self._sizes.first:
            return None  # a single page more in sequence is cheaper
        overlap = max(self._overlap, self._least_overlap())
        number, size = self._sizes.page_over(max(0, end - overlap))
        if number * size > end or self._broken:
            return Ask(number, size, by_count=False)
        # Pages are too small to overlap and reach further: in sequence, low water may do.
        return None if self._queue else Ask(*self._sizes.page_over(end))

    def _least_overlap(self) -> int:
        return max(1, self._sizes.largest // 50)

    def _closing_ask(self) -> Ask | None:
        if not self._ahead or self._closing is not None:
            return None
        return Ask(1, LARGEST if self._page_size == LARGEST else max(self._page_size, HEAD))

    def _leave_sequence(self) -> None:
        if self._calm and not self._overlaps:
            self._keys_before_ahead = self._keys_before_ahead if self._ahead else len(self._cover)
            self._ahead = True
        else:
            self._begin_to_overlap()

    # What an answer means.

    def _take(self, ask: Ask, page: Slice[T]) -> list[T]:
        """The new nodes of a page in its turn; none if it sends the walk another way."""
        if self._is_as_foreseen(ask, page) and self._cover.follow(page, ask.number * ask.size):
            self._stalled = 0
            return page.nodes
        size = self._sizes.observe(ask, page)
        start = (ask.number - 1) * size
        end = start + (len(page.nodes) or size * page.has_next_page)
        repeats = self._cover.repeats(page)
        self._compare(page, end, repeats=repeats)
        covered = self._cover.linked
        if self._check and not self._accepts(ask, page, start, end, repeats=repeats):
            return []
        fresh = self._cover.add(page, repeats=repeats)
        moves = self._cover.linked > covered or not page.has_next_page
        self._stalled = 0 if moves else self._stalled + 1
        # A full page is not believed to be the last where `count` says that there are more.
        hides = self._check and page.count > end and len(page.nodes) >= size
        if not page.has_next_page and not hides:
            self._finish()
        return fresh

    def _is_as_foreseen(self, ask: Ask, page: Slice[T]) -> bool:
        """Whether it is one more whole page in sequence, as nearly all are.

        What is done for any page then comes to no more than `Cover.follow`.
        """
        return (
            self._calm
            and self._check
            and not (self._ahead or self._overlaps)
            and ask.by_count
            and page.has_next_page
            and len(page.nodes) == ask.size == self._sizes.first
        )

    def _compare(self, page: Slice[T], end: int, *, repeats: bool) -> None:
        """Note whether the page is as it would be if nothing moved, and as `count` says."""
        if self._first_count is None:
            self._first_count = self._count = self._elements = page.count
        whole = len(page.nodes) == self._sizes.first or self._overlaps
        self._regular &= whole if page.has_next_page else end == page.count
        # More new elements than have been walked past could be met further on, and pass for
        # others that are missing.
        self._regular &= page.count - self._count <= len(self._cover)
        self._count = page.count
        self._calm &= self._regular and page.count == self._first_count and not repeats

    def _accepts(self, ask: Ask, page: Slice[T], start: int, end: int, *, repeats: bool) -> bool:
        """Whether the walk goes on with this page the way it went."""
        if self._ahead:
            if not self._calm:
                self._repair()
            return self._calm
        if self._is_spent():
            if not self._overlaps:
                self._repair()
            return False
        by_count = self._trusts_count and ask.by_count
        if self._cover.is_linked(page, start, repeats=repeats, by_count=by_count):
            self._cover.link(page, end)
            self._broken = False
            self._overlap //= 2
            return True
        fallen = max(0, self._cover.count - page.count)
        self._overlap = max(2 * self._overlap, fallen + 1, self._least_overlap())
        self._broken = True
        self._stalled += 1
        self._repair()
        return False

    def _finish(self) -> None:
        self._ended = True
        self._overtake()
        if self._check and self._trusts_count and not self._ahead:
            # As many as at first must have come, or some went, or moved to the head unseen.
            self._regular &= self._overlaps or len(self._cover) >= (self._first_count or 0)
            if not self._regular:
                self._repair()
        self._count_repeats()

    def _count_repeats(self) -> None:
        """Look once more for what was handed on twice; then the next answer is an error."""
        if self._check and self._ended and (not self._ahead or self._closing is not None):
            self._repeated = self._cover.unnoticed()
            if self._repeated:
                self._repair()

    def _close(self, closing: Slice[T]) -> None:
        # Nothing was inserted, or the head would show it; so nothing was deleted, or `count`
        # would. An element that came and went in between would show in the count of every page
        # that it shifted. Only a head that left and came back, all of it and in its order, could
        # hide an insert: with `HEAD` elements that is taken for impossible.
        proven = (
            closing.count == len(self._cover)
            and len(closing.keys) >= self._sizes.first
            and self._cover.begins_with(closing.keys)
        )
        if not proven:
            self._repair()
        self._count_repeats()

    def _repair(self) -> None:
        """Go on from where pages are linked, overlapping."""
        if self._trusts_count and not self._regular:
            self._trusts_count = False
            self._cover.restart()
        elif self._ahead:
            self._cover.loosen(self._keys_before_ahead)
        self._ahead = self._ended = False
        self._begin_to_overlap()
        self._overtake()

    def _begin_to_overlap(self) -> None:
        if not self._overlaps:
            self._overlaps = True
            self._asked_before = self._asked
            self._elements = max(self._count, len(self._cover))

    def _overtake(self) -> None:
        """Heed no answer any more to what was asked for so far."""
        self._queue.clear()
        self._early.clear()

    def _is_spent(self) -> bool:
        """Whether more was asked for than covers a listing that can be covered."""
        if not self._overlaps and not self._has_grown():
            return False
        size = self._page_length()
        pages = self._elements // size + 1
        grown = min(self._count // size - pages, _GROWTH_LIMIT)
        allowed = STALL_LIMIT + _REPAIR_LIMIT * (pages + max(0, grown))
        return self._asked - self._asked_before > allowed

    def _has_grown(self) -> bool:
        return self._count > (self._first_count or 0)

    def _page_length(self) -> int:
        return self._sizes.largest if self._overlaps else self._sizes.first or 1

    def _give_up_without_progress(self, ask: Ask) -> None:
        # Many that come in at once push all that came before them to pages that are still ahead.
        pushed = len(self._cover) // self._page_length() if self._has_grown() else 0
        if self._stalled >= STALL_LIMIT + pushed:
            reason = f"{self._stalled} pages in a row brought nothing new, or were not linked"
        elif self._check and self._is_spent():
            reason = f"it changes too fast for {self._asked} pages to cover it"
        else:
            return
        raise self._incomplete(reason, ask)

    def _incomplete(self, reason: str, ask: Ask) -> ListingIncompleteError:
        covered = len(self._cover)
        error = ListingIncompleteError(
            f"{reason}: {covered} elements came, and nothing proves that these are all",
            page=ask.number,
        )
        error.covered = covered
        return error
