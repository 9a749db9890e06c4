"""A set of keys that takes some 20 bytes for each of a million, and grows without a stall.

A set of Python's takes 80 bytes for each, and moves all of them whenever it has to grow: for a
million, the event loop stands still for tens of milliseconds. So one holds the first few thousand
only. From then on keys are kept as bytes, in buckets by the lowest of these.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from struct import Struct
from typing import Any

FEW = 4096
"""Keys up to which they are in a set of Python's, which is quicker."""

# Where so many are foreseen, there are more buckets.
_MANY = 32_768

# The size of a key, and of the pages in which the first few thousand move.
_BYTES = 8
_PAGE = 256


class KeySet:
    """Integers of 64 bits with a sign, which come a page at a time, and none of which leaves.

    `foreseen` is how many there will be, as far as anybody knows.
    """

    def __init__(self) -> None:
        self.foreseen = 0
        self._few: set[int] = set()
        self._many: _Buckets | None = None

    def __contains__(self, key: int) -> bool:
        return any(self.held([key]))

    def __len__(self) -> int:
        return len(self._few) if self._many is None else len(self._many)

    def isdisjoint(self, keys: list[int]) -> bool:
        """True if none of these keys is here."""
        if self._many is None:
            return self._few.isdisjoint(keys)
        return not (self._many.may_hold(keys) and any(self._many.held(keys)))

    def held(self, keys: list[int]) -> Iterable[bool]:
        """True for each of these keys that is here, else false."""
        if self._many is None:
            return map(self._few.__contains__, keys)
        return self._many.held(keys)

    def add(self, keys: list[int]) -> None:
        """Add keys that are not here, each of them once."""
        if self._many is not None:
            self._many.add(keys)
            return
        self._few.update(keys)
        if len(self._few) > FEW:
            self._many = _Buckets(is_wide=self.foreseen >= _MANY)
            for some in _slices([*self._few]):
                self._many.add(some)
            self._few = set()

    def copy(self) -> KeySet:
        """Another set of the same keys."""
        copied = KeySet()
        copied._few = {*self._few}
        copied._many = self._many and self._many.copy()
        return copied


class _Buckets:
    """Keys as bytes: a bucket for each value of a key's lowest byte, or of two where it is wide.

    To look a page up takes no step of Python's for each of its keys; to add it takes one.
    """

    def __init__(self, *, is_wide: bool) -> None:
        self._is_wide = is_wide
        self._buckets = [b""] * (0x10000 if is_wide else 0x100)
        self._length = 0
        # A page is looked up, and then added.
        self._latest: tuple[list[int], list[int], tuple[bytes, ...]] = ([], [], ())

    def __len__(self) -> int:
        return self._length

    def add(self, keys: list[int]) -> None:
        buckets = self._buckets
        for number, piece in zip(*self._split(keys), strict=True):
            buckets[number] += piece
        self._length += len(keys)

    def may_hold(self, keys: list[int]) -> bool:
        """False if none of these is here; true also where the ends of two look like one."""
        numbers, pieces = self._split(keys)
        return max(map(bytes.find, self._of(numbers), pieces), default=-1) >= 0

    def held(self, keys: list[int]) -> Iterable[bool]:
        numbers, pieces = self._split(keys)
        return map(_holds, self._of(numbers), pieces)

    def copy(self) -> _Buckets:
        copied = _Buckets(is_wide=self._is_wide)
        copied._buckets, copied._length = self._buckets[:], self._length
        return copied

    def _of(self, numbers: list[int]) -> Iterable[bytes]:
        return map(self._buckets.__getitem__, numbers)

    def _split(self, keys: list[int]) -> tuple[list[int], tuple[bytes, ...]]:
        """The number of the bucket of each key, and its bytes."""
        if self._latest[0] is not keys:
            raw = array("q", keys).tobytes()
            view = memoryview(raw).cast("H")[::4] if self._is_wide else memoryview(raw)[::8]
            self._latest = keys, view.tolist(), _pieces(len(keys))(raw)
        return self._latest[1:]


def _holds(bucket: bytes, piece: bytes) -> bool:
    """True if a key of the bucket has these bytes; where two keys meet, they look like others."""
    place = bucket.find(piece)
    while place % _BYTES and place > 0:
        place = bucket.find(piece, place + 1)
    return place >= 0


@lru_cache(maxsize=1024)
def _pieces(count: int) -> Callable[[bytes], tuple[Any, ...]]:
    return Struct(f"{_BYTES}s" * count).unpack


def _slices(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + _PAGE] for start in range(0, len(keys), _PAGE))
