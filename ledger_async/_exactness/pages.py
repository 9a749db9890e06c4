"""Pages of a listing: what is asked for, what came, and where in the listing it stands."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import msgspec

T = TypeVar("T")

LARGEST = -1
"""Stands for the size of the largest page that the server allows; 0 would do too."""


class PageRequest(msgspec.Struct, frozen=True, eq=False):
    """One page to ask for: the `number`-th, from 1, of those with `size` elements each.

    `after_all` says that every page taken before it had been answered when it was asked for, so
    that the server looked at the listing later than for any of those.
    """

    number: int
    size: int
    after_all: bool = True


class PageRead(msgspec.Struct, Generic[T], frozen=True):
    """One answer: its nodes, the key that tells each node from the others, and the page info."""

    nodes: list[T]
    keys: list[int]
    count: int
    has_next_page: bool


def past_end(request: PageRequest) -> PageRead[T]:
    """The page that a refusal past the end stands for: an empty one, before which the end is."""
    return PageRead([], [], (request.number - 1) * max(request.size, 0), has_next_page=False)


class Place(NamedTuple):
    """Where a page stands: it holds the elements from `start` up to `end`.

    `fits` tells whether these are as many as there must be by its own `count`, and whether
    `has_next_page` is no more than that allows.
    """

    start: int
    end: int
    fits: bool
