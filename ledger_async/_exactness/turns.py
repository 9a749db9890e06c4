"""Requests in the order of the listing, whose answers come in any order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from .pages import PageRead, PageRequest

T = TypeVar("T")


class Turns(Generic[T]):
    """Lets pages pass in the order of their requests, and holds back those that come early."""

    def __init__(self) -> None:
        self.queue: deque[PageRequest] = deque()
        """Requests whose pages have not passed yet."""
        self._early: dict[PageRequest, PageRead[T]] = {}

    @property
    def held_back(self) -> int:
        """Pages that came before one that stands earlier in the listing."""
        return len(self._early)

    def arrive(
        self, request: PageRequest, page: PageRead[T]
    ) -> Iterable[tuple[PageRequest, PageRead[T]]]:
        """Each page whose turn it is now that this one is here; none follows after a `clear`."""
        if not self._early and self.queue and request is self.queue[0]:
            return [(self.queue.popleft(), page)]  # as nearly all do
        self._early[request] = page
        return self._pass()

    def _pass(self) -> Iterator[tuple[PageRequest, PageRead[T]]]:
        while self.queue and (page_in_turn := self._early.pop(self.queue[0], None)) is not None:
            yield self.queue.popleft(), page_in_turn

    def early(self) -> list[PageRead[T]]:
        """The pages that are held back, in the order of their requests."""
        return [self._early[each] for each in self.queue if each in self._early]

    def clear(self) -> None:
        """Heed no answer any more to what was asked for so far."""
        self.queue.clear()
        self._early.clear()
