"""The keys that have come of a listing, and which of them are linked to its head.

A page is *linked* once everything that was there throughout and stood before its last element, when
the server looked, has come. `ways` proves which pages are; here is the bookkeeping behind it.

An untouched listing may be very long, so a key costs 8 bytes and only the latest few thousand can
be looked up. That is enough: an element comes again only after newer ones pushed it down, and long
before that shift exceeds `RECENT`, `count` changes or a page repeats a few recent keys. From then
on every key is kept in a set. Where neither happens, because elements changed places or the server
lied, those that came twice are counted in the end.
"""

from __future__ import annotations

from array import array
from itertools import chain
from typing import TypeVar

from .checkpoints import Ranges
from .pages import PageRead

T = TypeVar("T")

RECENT = 4096
"""Keys after which older ones are found again only once the listing has moved."""

_PARTS = 32


class Coverage:
    """The keys that have come, and the linked part of the listing.

    As of the answer that said `count`, everything that was there throughout and stood before
    position `end` has come. `duplicates` counts elements that came again. `loose` are the ranges of
    elements, by the order in which they came, that are not linked or were not when they came.
    """

    def __init__(self, *, remembers_all: bool = False) -> None:
        self.end = self.count = 0
        self.duplicates = 0
        self.loose: Ranges = ()
        self._order = array("q")
        self._recent: set[int] = set()
        self._less_recent: set[int] = set()
        self._first_count: int | None = None
        # All keys, once the listing has moved, and those of pages that are not linked.
        self._seen: set[int] | None = set() if remembers_all else None
        self._loose: set[int] = set()

    def __len__(self) -> int:
        return len(self._order)

    def find_repeats(self, page: PageRead[T]) -> bool:
        """Look the page's keys up; true if any has come before, or comes twice in it.

        The first page that shows that the listing has moved has all keys remembered.
        """
        keys = {*page.keys}
        if self._first_count is None:
            self._first_count = page.count
        if len(keys) < len(page.keys):
            return True
        # The listing has moved where `count` says so, or what came lately.
        if (
            self._seen is None
            and page.count == self._first_count
            and self._recent.isdisjoint(keys)
            and self._less_recent.isdisjoint(keys)
        ):
            return False
        return not self.remember_all().isdisjoint(keys)

    def append(self, keys: list[int]) -> bool:
        """Add the keys of a page if none has come before, nor comes twice in it; else add nothing.

        For listings that have not moved as far as is known, so that only what came lately could
        come again. If it does, all keys are remembered from then on.
        """
        recent = self._recent
        if self._seen is not None:
            if len({*keys}) < len(keys) or not self._seen.isdisjoint(keys):
                return False
        else:
            before = len(recent)
            recent.update(keys)  # which is put aside where a key turns out to come again
            if len(recent) < before + len(keys) or not self._less_recent.isdisjoint(keys):
                self.remember_all()
                return False
        self._note(keys)
        return True

    def fallen(self, page: PageRead[T]) -> int:
        """Elements of the linked part that may have gone: `count` is lower by as many."""
        return min(max(0, self.count - page.count), self.end)

    def reaches(self, start: int, page: PageRead[T]) -> bool:
        """True if the linked part still reaches `start`, now that `count` is what the page says."""
        return start <= self.end - self.fallen(page)

    def holds(self, key: int) -> bool:
        """True if this key came on a page that is linked."""
        return key in self.remember_all() and key not in self._loose

    def link(self, page: PageRead[T], end: int) -> None:
        """Let a page that is linked, and will be added, be the end of the linked part."""
        self.end, self.count = end, page.count
        if self._loose:
            self._loose.difference_update(page.keys)

    def pass_by(self, end: int, key: int) -> None:
        """Take the element before `end` for this one, though it could not be read."""
        self.end = end
        self._note([key])

    def add(self, page: PageRead[T], *, repeats: bool) -> list[T]:
        """The nodes of a page that have not come before, which are all unless it `repeats`."""
        if not repeats:
            self._note(page.keys)
            return page.nodes
        seen = self.remember_all()
        fresh = []
        for key, node in zip(page.keys, page.nodes, strict=True):
            if key not in seen:
                self._note([key])
                fresh.append(node)
        self.duplicates += len(page.nodes) - len(fresh)
        return fresh

    def has_at(self, place: int, keys: list[int]) -> bool:
        """True if these keys came in this order, after `place` others."""
        return array("q", keys) == self._order[place : place + len(keys)]

    def unnoticed(self) -> int:
        """Count those that came again too far from where they first came to be noticed then."""
        if self._seen is not None or len(self._order) <= RECENT:
            return 0
        # In parts, since a set of all would be large, and in two passes, since so are the parts.
        different = 0
        for even_or_odd in (0, 1):
            parts = [array("q") for _ in range(_PARTS)]
            for key in self._order:
                if key & 1 == even_or_odd:
                    parts[(key >> 1) % _PARTS].append(key)
            different += sum(len({*part}) for part in parts)
        return len(self._order) - different

    @property
    def linked(self) -> int:
        """Keys that came on pages that are linked."""
        return len(self._order) - len(self._loose)

    def restart(self) -> None:
        """Take nothing for linked."""
        self.end = 0
        self.loosen(0)

    def loosen(self, linked: int) -> None:
        """Take all but the first `linked` keys for not linked."""
        self._loose = {*self._order[linked:]}
        self.loose = ((linked, len(self._order)),)

    def carry(self, keys: array[int]) -> None:
        """Begin with these, which came in walks before, and take none of them for linked."""
        self._order, self._seen = keys[:], {*keys}
        self.loosen(0)

    def put_first(self, start: int) -> None:
        """Let the keys from this index on stand before the others, as their elements do."""
        self._order = self._order[start:] + self._order[:start]

    def relink(self, loose: Ranges) -> None:
        """Take all for linked but what is in these ranges, and on no page that was linked since."""
        self.loose = loose
        keys = chain.from_iterable(self._order[start:end] for start, end in loose)
        self._loose.intersection_update(keys)

    def remember_all(self) -> set[int]:
        """Every key that came, which can be looked up from now on."""
        if self._seen is None:
            self._seen = {*self._order}
            self._recent, self._less_recent = set(), set()
        return self._seen

    def _note(self, keys: list[int]) -> None:
        self._order.fromlist(keys)
        if self._seen is not None:
            self._seen.update(keys)
            return
        self._recent.update(keys)
        if len(self._recent) >= RECENT:
            self._recent, self._less_recent = set(), self._recent
