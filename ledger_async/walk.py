"""One listing, page by page: which page to ask for next, which nodes are new, what is proven.

No I/O: a walk is told each answer and says what follows from it. Two facts of the API carry its
checks: every page states the `count` of the whole listing, and new elements come in at its head.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, Literal, TypeVar

import msgspec

from .errors import ListingIncompleteError

T = TypeVar("T")

Status = Literal["exact", "repaired", "unverified"]

CLOSING = 0
"""Stands for the request of the listing's head that closes a walk which went ahead."""

HEAD = 10
"""Elements that the closing request asks for at least, should the pages be smaller."""

# So many pages in a row that bring nothing new, and say that more follow, are a listing that
# does not move. An honest server shows a few: emptied pages, or a page full of repeats.
STALL_LIMIT = 20


class Slice(msgspec.Struct, Generic[T], frozen=True):
    """What one answer held: nodes, the identity of each, and the page info."""

    nodes: list[T]
    keys: list[Hashable]
    count: int
    has_next_page: bool


class Walk(Generic[T]):
    """The walk over one listing; without `check` it proves nothing beyond a single page."""

    def __init__(self, *, check: bool) -> None:
        self.in_flight = 0
        self.duplicates_dropped = 0
        self._check = check
        self._asked = 0
        self._foreseen = 1
        self._regular = True
        self._ended = False
        self._size = 0
        self._head: list[Hashable] = []
        self._closing: Slice[T] | None = None
        self._went_ahead = False
        self._counts: tuple[int, int] | None = None
        self._first_count = self._latest_count = 0
        self._count_strayed = False
        self._seen: set[Hashable] = set()
        self._early: dict[int, Slice[T]] = {}
        self._released = 0
        self._stalled = 0

    @property
    def held_back(self) -> int:
        """Pages that arrived before one that comes earlier in the listing."""
        return len(self._early)

    @property
    def done(self) -> bool:
        """Whether there is nothing left to ask for, to wait for or to release."""
        return not self.in_flight and self.next_page(ahead=False) is None

    def next_page(self, *, ahead: bool) -> int | None:
        """The next page to ask for now, if any: its number, or `CLOSING`.

        Without `ahead` only once every earlier one has been answered. With it also earlier, as
        far as `count` lets the listing's end be foreseen.
        """
        if not self._ended:
            may = self.in_flight == 0 or (ahead and self._asked < self._foreseen)
            return self._asked + 1 if may else None
        return CLOSING if self.in_flight == 0 and self._closing_would_prove() else None

    def ask(self) -> int:
        """Take the next page to ask for, which there must be."""
        number = self.next_page(ahead=True)
        if number is None:
            raise ValueError("this walk has no page to ask for")
        if number != CLOSING:
            self._asked = number
            self._went_ahead |= self.in_flight > 0
        self.in_flight += 1
        return number

    def answer(self, number: int, answer: Slice[T]) -> list[list[T]]:
        """Take an answer; returns the new nodes of each page that is now in its turn.

        Raises `ListingIncompleteError` when the pages stop moving.
        """
        self.in_flight -= 1
        if number == CLOSING:
            self._closing = answer
            return []
        if number == 1:
            # The size that came back, not the one that was asked for: the server may cap it.
            self._size = len(answer.nodes)
        self._note_count(answer.count)
        self._note_place(number, answer)
        self._ended |= not answer.has_next_page
        self._early[number] = answer
        return self._release()

    def status(self) -> Status:
        """What a finished walk has proven."""
        return "exact" if self._is_exact() else "unverified"

    def _note_count(self, count: int) -> None:
        if self._counts is None:
            self._first_count = self._latest_count = count
            self._counts = count, count
        lowest, highest = self._counts
        self._counts = min(lowest, count), max(highest, count)
        # More new elements than have been walked past could be met further on, and pass for
        # others that are missing.
        self._count_strayed |= not 0 <= count - self._latest_count <= len(self._seen)
        self._latest_count = count

    def _note_place(self, number: int, answer: Slice[T]) -> None:
        if self._size:
            self._foreseen = -(-answer.count // self._size)
        if answer.has_next_page:
            self._regular &= len(answer.nodes) == self._size
        else:
            self._regular &= (number - 1) * self._size + len(answer.nodes) == answer.count

    def _release(self) -> list[list[T]]:
        released = []
        while (page := self._early.pop(self._released + 1, None)) is not None:
            self._released += 1
            if len(self._head) < HEAD:
                self._head += page.keys
            fresh = self._fresh(page)
            self._stalled = 0 if fresh or not page.has_next_page else self._stalled + 1
            released.append(fresh)
        # Not while there is something to hand over: the next answer comes to the same end.
        if self._stalled >= STALL_LIMIT and not any(released):
            raise ListingIncompleteError(
                f"{self._stalled} pages in a row brought nothing new and say that more follow",
                page=self._released,
            )
        return released

    def _fresh(self, page: Slice[T]) -> list[T]:
        known = len(self._seen)
        if self._seen.isdisjoint(page.keys):
            self._seen.update(page.keys)
            if len(self._seen) - known == len(page.keys):
                return page.nodes
            # The page repeats itself: forget it, and go through it node by node.
            self._seen.difference_update(page.keys)
        self._regular &= len({*page.keys}) == len(page.keys)
        fresh = []
        for key, node in zip(page.keys, page.nodes, strict=True):
            if key not in self._seen:
                self._seen.add(key)
                fresh.append(node)
        self.duplicates_dropped += len(page.nodes) - len(fresh)
        return fresh

    def _count_held(self) -> bool:
        """Whether every page stated one count, and that many elements came."""
        return self._counts == (len(self._seen), len(self._seen))

    def _closing_would_prove(self) -> bool:
        return self._check and self._went_ahead and self._closing is None and self._count_held()

    def _is_exact(self) -> bool:
        # Pages of one length that repeat nothing within themselves, the last of which ends where
        # `count` says: nothing is hidden.
        if not self._regular:
            return False
        if self._asked == 1:
            return True  # one answer is one moment of the server
        if not self._check:
            return False
        if not self._went_ahead:
            # Low water. Between two answers, an element not yet seen moves by the inserts less
            # the deletes before it, which is no less than the change of `count`. If that never
            # fell, none of them slipped to a page already passed. As many as there were at first
            # must have come, or some went, or moved to the head unseen.
            return not self._count_strayed and len(self._seen) >= self._first_count
        # Closing check. Nothing was inserted, or page 1 would show it; so nothing was deleted,
        # or `count` would. An element that came and went in between would show in the count of
        # every page that it shifted. Only a head that left and came back, all of it and in its
        # order, could hide an insert: with `HEAD` elements that is taken for impossible.
        closing = self._closing
        return (
            closing is not None
            and self._count_held()
            and closing.count == len(self._seen)
            and len(closing.keys) >= self._size
            and closing.keys == self._head[: len(closing.keys)]
        )
