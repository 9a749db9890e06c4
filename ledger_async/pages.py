"""Pages of a listing: what is asked for, what came, and which sizes the server goes along with."""

from __future__ import annotations

from functools import lru_cache
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

LARGEST = -1
"""Stands for the size of the largest page that the server allows; 0 would do too."""

OVERLAPPING = 100
"""Elements that a page may hold to overlap another, should the others be smaller."""


class Ask(msgspec.Struct, frozen=True, eq=False):
    """One page to ask for: the `number`-th, from 1, of those with `size` elements each.

    `by_count` says that all pages before it had been answered, so that `count` may link it.
    """

    number: int
    size: int
    by_count: bool = True


class Slice(msgspec.Struct, Generic[T], frozen=True):
    """What one answer held: nodes, the key that tells each from the others, and the page info."""

    nodes: list[T]
    keys: list[int]
    count: int
    has_next_page: bool


class Sizes:
    """How many elements the server puts in a page, by what it was asked for and what came.

    `first` is the length of the first page. Pages that overlap may be as large as the others, or
    `OVERLAPPING` if that is more, and as the server allows.
    """

    def __init__(self, asked_for: int) -> None:
        self.first = 0
        self._smallest, self._largest = 1, max(asked_for, OVERLAPPING)

    @property
    def largest(self) -> int:
        """Elements that a page can hold, as far as is known."""
        return self._largest

    def of(self, ask: Ask) -> int:
        """Elements in a page such as `ask` asks for."""
        return self.first if ask.size == LARGEST else min(ask.size, self._largest)

    def observe(self, ask: Ask, page: Slice[T]) -> int:
        """Elements in a page such as `ask` asked for, now that one has come."""
        came = len(page.nodes)
        ignored = came > ask.size != LARGEST
        if ignored:
            self._smallest = self._largest = came
        elif came and page.has_next_page and came != ask.size:
            self._largest = came if ask.size == LARGEST else min(self._largest, came)
        if ask.number == 1 and not self.first:
            self.first = came
        return came if came and (page.has_next_page or ignored) else self.of(ask)

    def page_over(self, start: int) -> tuple[int, int]:
        """Number and size of the page that begins at `start` or before, and reaches furthest."""
        return _page_over(start, self._smallest, self._largest)


@lru_cache(maxsize=1024)  # a walk is asked again and again for the page that comes next
def _page_over(start: int, smallest: int, largest: int) -> tuple[int, int]:
    # Half the largest size divides the positions finely enough.
    sizes = range(largest, max(smallest, -(-largest // 2)) - 1, -1)
    size = max(sizes, key=lambda each: (start // each + 1) * each)
    return start // size + 1, size
