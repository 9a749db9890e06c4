"""The keys that have come of a listing, and which of them are linked to its head.

A page is *linked* once everything that was there throughout and stood before its last element, when
the server looked, has come. `ways` proves which pages are; here is the bookkeeping behind it.
"""

from __future__ import annotations

from array import array
from itertools import chain, compress
from typing import TypeVar

from .checkpoints import Carried, Ranges
from .key_set import KeySet
from .pages import PageRead

T = TypeVar("T")

# Keys within which elements come again that a shift of the listing pushed down.
_NEAR = 4096


class Coverage:
    """The keys that have come, and the linked part of the listing.

    As of the answer that said `count`, everything that was there throughout and stood before
    position `end` has come. `duplicates` counts elements that came again. `loose` are the ranges of
    elements, by the order in which they came, that are not linked or were not when they came.
    """

    def __init__(self) -> None:
        self.end = self.count = 0
        self.duplicates = 0
        self.loose: Ranges = ()
        self._order = array("q")
        self._seen = KeySet()
        # Keys that are not linked; after a restart all, but for those that were linked since.
        self._loose: set[int] = set()
        self._linked_since: KeySet | None = None

    def __len__(self) -> int:
        return len(self._order)

    def find_repeats(self, page: PageRead[T]) -> bool:
        """True if any of the page's keys has come before, or comes twice in it."""
        self._seen.foreseen = page.count
        return len({*page.keys}) < len(page.keys) or not self._seen.isdisjoint(page.keys)

    def repeats_from_afar(self, page: PageRead[T]) -> bool:
        """True if any of the page's keys came long before the latest ones."""
        lately = {*self._order[-_NEAR:]}
        held = self._seen.held(page.keys)
        return not lately.issuperset(compress(page.keys, held))

    def append(self, page: PageRead[T]) -> bool:
        """Add the page if none of its keys has come before, nor comes twice in it."""
        if self.find_repeats(page):
            return False
        self._note(page.keys)
        return True

    def fallen(self, page: PageRead[T]) -> int:
        """Elements of the linked part that may have gone: `count` is lower by as many."""
        return min(max(0, self.count - page.count), self.end)

    def reaches(self, start: int, page: PageRead[T]) -> bool:
        """True if the linked part still reaches `start`, now that `count` is what the page says."""
        return start <= self.end - self.fallen(page)

    def holds(self, key: int) -> bool:
        """True if this key came on a page that is linked."""
        if self._linked_since is not None:
            return key in self._linked_since
        return key in self._seen and key not in self._loose

    def link(self, page: PageRead[T], end: int) -> None:
        """Let a page that is linked, and will be added, be the end of the linked part."""
        self.end, self.count = end, page.count
        self._link_keys(page.keys)

    def pass_by(self, end: int, key: int) -> None:
        """Take the element before `end` for this one, though it could not be read."""
        self.end = end
        self._link_keys([key])
        self._note([key])

    def add(self, page: PageRead[T], *, repeats: bool) -> list[T]:
        """The nodes of a page that have not come before, which are all unless it `repeats`."""
        if not repeats:
            self._note(page.keys)
            return page.nodes
        fresh: dict[int, T] = {}
        for key, node, held in zip(page.keys, page.nodes, self._seen.held(page.keys), strict=True):
            if not held:
                fresh.setdefault(key, node)
        self._note([*fresh])
        self.duplicates += len(page.nodes) - len(fresh)
        return [*fresh.values()]

    @property
    def first(self) -> int | None:
        """The key that came first."""
        return self._order[0] if self._order else None

    def has_at(self, place: int, keys: list[int]) -> bool:
        """True if these keys came in this order, after `place` others."""
        return array("q", keys) == self._order[place : place + len(keys)]

    @property
    def linked(self) -> int:
        """Keys that came on pages that are linked."""
        if self._linked_since is not None:
            return len(self._linked_since)
        return len(self._order) - len(self._loose)

    def restart(self) -> None:
        """Take nothing for linked."""
        self.end = 0
        self.loose = ((0, len(self._order)),)
        self._linked_since = KeySet()

    def loosen(self, linked: int) -> None:
        """Take all but the first `linked` keys for not linked."""
        self.loose = ((linked, len(self._order)),)
        self._loose, self._linked_since = {*self._order[linked:]}, None

    def carry(self, carried: Carried) -> None:
        """Begin with what came in walks before, and take nothing of it for linked."""
        self._order, self._seen = carried.keys[:], carried.key_set()
        self.restart()

    def put_first(self, start: int) -> None:
        """Let the keys from this index on stand before the others, as their elements do."""
        self._order = self._order[start:] + self._order[:start]

    def relink(self, loose: Ranges) -> None:
        """Take all for linked but what is in these ranges, and on no page that was linked since."""
        self.loose = loose
        keys = {*chain.from_iterable(self._order[start:end] for start, end in loose)}
        if self._linked_since is None:
            self._loose &= keys
        else:
            self._loose = {key for key in keys if key not in self._linked_since}
            self._linked_since = None

    def _link_keys(self, keys: list[int]) -> None:
        if self._linked_since is not None:
            held = self._linked_since.held(keys)
            fresh = {key: None for key, is_held in zip(keys, held, strict=True) if not is_held}
            self._linked_since.add([*fresh])
        elif self._loose:
            self._loose.difference_update(keys)

    def _note(self, keys: list[int]) -> None:
        self._order.fromlist(keys)
        self._seen.add(keys)
