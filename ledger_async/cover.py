"""What has come of a listing, and how far from its head nothing can have slipped through.

Elements come in at the head of a listing and go anywhere, so that some may slip from one page to
another unseen. A page is linked to those before it, so that none can have, in one of two ways:

- Low water: it was asked for once those were answered, and begins no later than where they ended
  less what `count` has fallen by. That costs nothing, and hangs on a true `count`.
- Overlap: it holds an element of theirs. Whatever moved, all that follows this element is in the
  page or behind it. That costs a part of each page, and hangs on nothing.

A listing that nobody touches may be long, so that of its keys eight bytes each are kept, and only
the last ones so that they are found again: what comes again has moved by as much as came in since,
and before that is more than a few pages, `count` or a page that repeats a little tells. Where it
does not, because elements changed places or the server lied, they are counted in the end.
"""

from __future__ import annotations

from array import array
from typing import TypeVar

from .pages import Slice

T = TypeVar("T")

RECENT = 4096
"""Keys after which older ones are found again only once the listing has moved."""

_PARTS = 32


class Cover:
    """The keys that have come, and the linked part of the listing.

    As of the answer that said `count`, everything that was there throughout and stood before
    position `end` has come. `duplicates` counts elements that came again.
    """

    def __init__(self, *, remembers_all: bool = False) -> None:
        self.end = self.count = 0
        self.duplicates = 0
        self._order = array("q")
        self._recent: set[int] = set()
        self._less_recent: set[int] = set()
        self._first_count: int | None = None
        # All keys, once the listing has moved, and those of pages that are not linked.
        self._seen: set[int] | None = set() if remembers_all else None
        self._loose: set[int] = set()

    def __len__(self) -> int:
        return len(self._order)

    def repeats(self, page: Slice[T]) -> bool:
        """Whether anything of the page has come before, or comes twice in it."""
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
        return not self._remember_all().isdisjoint(keys)

    def follow(self, page: Slice[T], end: int) -> bool:
        """Link and add a page that goes on where the others end, if the listing has not moved.

        If it may have, the page is left alone, for the methods that look closer.
        """
        has_moved = page.count != self.count or end - len(page.keys) > self.end
        if has_moved or self.repeats(page):
            return False
        self.end = end
        self._note(page.keys)
        return True

    def is_linked(self, page: Slice[T], start: int, *, repeats: bool, by_count: bool) -> bool:
        """Whether nothing can have slipped between the linked part and a page from `start` on.

        `repeats` is what is said of the page above, `by_count` that low water will do.
        """
        if repeats and len({*page.keys}) < len(page.keys):
            return False  # in no order that could be relied on
        fallen = max(0, self.count - page.count)
        if start == 0 or (by_count and start <= self.end - fallen):
            return True
        return repeats and any(map(self._is_linked_key, page.keys))

    def link(self, page: Slice[T], end: int) -> None:
        """Let a page that is linked, and has been added, be the end of the linked part."""
        self.end, self.count = end, page.count
        if self._loose:
            self._loose.difference_update(page.keys)

    def add(self, page: Slice[T], *, repeats: bool) -> list[T]:
        """The nodes of a page that have not come before, which are all unless it `repeats`."""
        if not repeats:
            self._note(page.keys)
            return page.nodes
        seen = self._remember_all()
        fresh = []
        for key, node in zip(page.keys, page.nodes, strict=True):
            if key not in seen:
                self._note([key])
                fresh.append(node)
        self.duplicates += len(page.nodes) - len(fresh)
        return fresh

    def begins_with(self, keys: list[int]) -> bool:
        """Whether these keys were the first that came, in this order."""
        return array("q", keys) == self._order[: len(keys)]

    def unnoticed(self) -> int:
        """How many came again, too far from where they first came for that to be noticed."""
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
        """How many keys came on pages that are linked."""
        return len(self._order) - len(self._loose)

    def restart(self) -> None:
        """Take nothing for linked."""
        self.end = 0
        self.loosen(0)

    def loosen(self, linked: int) -> None:
        """Take all but the first `linked` keys for not linked."""
        self._loose = {*self._order[linked:]}

    def _note(self, keys: list[int]) -> None:
        self._order.fromlist(keys)
        if self._seen is not None:
            self._seen.update(keys)
            return
        self._recent.update(keys)
        if len(self._recent) >= RECENT:
            self._recent, self._less_recent = set(), self._recent

    def _remember_all(self) -> set[int]:
        if self._seen is None:
            self._seen = {*self._order}
            self._recent, self._less_recent = set(), set()
        return self._seen

    def _is_linked_key(self, key: int) -> bool:
        return key in self._remember_all() and key not in self._loose
