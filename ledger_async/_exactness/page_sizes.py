"""The sizes that the server gives its pages, and where each page stands because of them."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeVar

from .pages import LARGEST, PageRead, PageRequest, Place

T = TypeVar("T")

OVERLAPPING = 100
"""Elements that a page may hold to overlap another, should the others be smaller."""

# So many sizes are tried for a page that is to reach far: very large ones differ little.
_CHOICES = 1000


class PageSizes:
    """The sizes of pages, learnt from those that were asked for and those that came.

    `first` is the length of the first page. Pages that overlap may be as large as the others, or
    `OVERLAPPING` if that is more, and as the server allows. `barrier` is the position behind an
    element that no page can hold: no page is to begin before it.
    """

    def __init__(self, asked_for: int) -> None:
        self.first = self.barrier = 0
        self._asked_for = asked_for
        self._longest = 0
        self._smallest, self._largest = 1, max(asked_for, OVERLAPPING)
        # Where pages were too many bytes: the size that may do, and the largest one before.
        self._bearable: float = math.inf
        self._largest_before = 0

    @property
    def largest(self) -> int:
        """Elements that a page can hold, as far as is known."""
        return self._largest

    @property
    def largest_is_known(self) -> bool:
        """True once pages of about that size have come."""
        return 2 * self._longest >= self._largest

    @property
    def usual(self) -> int:
        """The size to ask for: of the first page what the caller wants, then what came of it."""
        usual = self.first or self._asked_for
        return usual if usual <= self._bearable else self._largest

    def of(self, request: PageRequest) -> int:
        """Elements in a page such as `request` asks for."""
        return self.first if request.size == LARGEST else min(request.size, self._largest)

    def place(self, request: PageRequest, page: PageRead[T]) -> Place:
        """Learn from a page how large the server makes such pages; returns where it stands.

        The place is uncertain where the page is shorter than it was asked for, because the server
        makes none longer, or longer than that. It begins where the size that was asked for puts it,
        or where its own length does. Then the later of the two is its start, and the earlier one
        counts for its end, so that nothing hides before it or behind it.
        """
        came, before = len(page.nodes), request.number - 1
        if request.number == 1 and not self.first:
            self.first = came
        size = self.of(request)
        is_capped = self._is_capped(request, page, size)
        if came > size:
            self._smallest = self._largest = came  # the server makes pages as it likes
        else:
            if is_capped:
                self._smallest, self._largest = min(self._smallest, came), came
            self._longest = max(self._longest, came)
        if came <= size and not is_capped:
            return _placed(request.number, size, page)
        fits = _placed(request.number, came, page).fits
        return Place(before * max(size, came), before * min(size, came) + came, fits)

    def _is_capped(self, request: PageRequest, page: PageRead[T], size: int) -> bool:
        """True if a page may be shorter than it was asked for because the server makes none longer.

        Servers may work out `has_next_page` from the size that was asked for, so that it is false
        though a page was capped: then `count` tells. Where longer ones came, it was not.
        """
        came = len(page.nodes)
        if not self._longest <= came < size or not came:
            return False
        return page.has_next_page or (
            came < page.count and _placed(request.number, came, page).fits
        )

    def halve(self, request: PageRequest) -> bool:
        """Ask for pages of half the size, as this one is too many bytes; false if none is half."""
        size = 2 * OVERLAPPING if request.size == LARGEST else self.of(request)
        if size == 1:
            return False
        self._largest_before = self._largest_before or self._largest
        self._smallest, self._largest, self._bearable = 1, size // 2, size // 2
        if request.size == LARGEST:
            self._asked_for = self._largest
        return True

    def pass_by(self, end: int) -> None:
        """No page can hold the element before `end`: only what stands behind it can be read."""
        self.barrier = end
        self._largest, self._largest_before = self._largest_before or self._largest, 0
        self._bearable = math.inf

    def following(self, end: int) -> tuple[int, int]:
        """Number and size of the page of the usual size that holds what comes at `end`."""
        size = self.usual
        return self.page_over(end) if self.barrier else (end // size + 1 if size > 0 else 1, size)

    def page_over(self, start: int) -> tuple[int, int]:
        """Number and size of the page that begins at `start` or before, and reaches furthest."""
        start = max(start, self.barrier)
        return _page_over(start, self._smallest, self._largest, self.barrier)


def _placed(number: int, size: int, page: PageRead[T]) -> Place:
    start = (number - 1) * size
    end = start + len(page.nodes)
    fits = end - start == min(size, max(0, page.count - start))
    return Place(start, end, fits and page.has_next_page <= (end < page.count))


@lru_cache(maxsize=1024)  # a walk is asked again and again for the page that comes next
def _page_over(start: int, smallest: int, largest: int, barrier: int) -> tuple[int, int]:
    # Half the largest size divides the positions finely enough, but for those behind a barrier.
    least = 1 if barrier else max(smallest, -(-largest // 2), largest - _CHOICES)
    sizes = range(min(largest, start, _CHOICES) if barrier else largest, least - 1, -1)
    fitting = (each for each in sizes if start - start % each >= barrier)
    size = max(fitting, key=lambda each: (start // each + 1) * each)
    return start // size + 1, size
