"""Objects of one kind by id, made when somebody first asks for them."""

from __future__ import annotations

from itertools import chain, count
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class UnknownError(KeyError):
    """There is no object of this kind with this id."""

    def __str__(self) -> str:
        return str(self.args[0])


class RefusedError(Exception):
    """The workspace cannot do what it is asked for: 400, or another `status`."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


class Shelf(Generic[T]):
    """Objects by id; larger ids are newer.

    `make` makes the object with one of the seeded `ids`, or returns `None` where the seed has
    none. Objects are replaced, never touched, so that readers on other threads see whole states.
    """

    def __init__(self, noun: str, ids: range, make: Callable[[int], T | None]) -> None:
        self._noun = noun
        self._seeded = ids
        self._make = make
        self._made: dict[int, T | None] = {}
        self._later: tuple[int, ...] = ()
        self._next = count(ids.stop)
        self._adding = Lock()

    def __getitem__(self, key: int) -> T:
        found = self._find(key)
        if found is None:
            raise UnknownError(f"no {self._noun} {key}")
        return found

    def __contains__(self, key: int) -> bool:
        return self._find(key) is not None

    def newest_first(self) -> Iterator[T]:
        """Every object, made now if it was not made before."""
        return (each for _, each in self.items())

    def items(self) -> Iterator[tuple[int, T]]:
        """Every id with its object, newest first."""
        keys = chain(reversed(self._later), reversed(self._seeded))
        return ((key, found) for key in keys if (found := self._find(key)) is not None)

    def add(self, make: Callable[[int], T]) -> T:
        """Put a new object at the head, which `make` makes for its id."""
        with self._adding:
            key = next(self._next)
            self._made[key] = made = make(key)
            self._later = (*self._later, key)
            return made

    def put(self, key: int, new: T) -> T:
        """Replace the object with this id."""
        self[key]
        self._made[key] = new
        return new

    def change(self, key: int, **fields: Any) -> T:
        """Replace fields of the object with this id."""
        changed: T = msgspec.structs.replace(self[key], **fields)  # type: ignore[type-var]
        return self.put(key, changed)

    def remove(self, key: int) -> T:
        """Take the object with this id away."""
        gone = self[key]
        self._made[key] = None
        return gone

    def _find(self, key: int) -> T | None:
        if key not in self._made and key in self._seeded:
            self._made.setdefault(key, self._make(key))
        return self._made.get(key)
