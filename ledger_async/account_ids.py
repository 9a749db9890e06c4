"""Account ids, pulled one at a time from whatever holds them, and checked as they come."""

from __future__ import annotations

import asyncio
import operator
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from enum import Enum
from typing import Final, Literal, Protocol

import anyio

from .errors import ConfigurationError

# Ids that may be known ahead of need, so that a slot does not wait for an async source.
_PREFETCH = 16

# Seconds that the caller's generator of ids may take to close.
_CLOSING_TIME = 10.0


def account_id_of(value: object) -> int:
    """`value` as an account id; `ConfigurationError` if it is not an integer of 0 or more."""
    try:
        number = operator.index(value)  # type: ignore[arg-type] # it raises for what it cannot take
    except TypeError:
        number = -1
    if number < 0 or isinstance(value, bool):
        raise ConfigurationError(f"account_id must be an integer of 0 or more, got {value!r:.50}")
    return number


class Drawn(Enum):
    """What a source draws where there is no id; `None` is the id of a listing of no account."""

    NOTHING = "nothing"


NOTHING: Final = Drawn.NOTHING
Draw = int | None | Literal[Drawn.NOTHING]


class Source(Protocol):
    """Where account ids come from."""

    @property
    def exhausted(self) -> bool:
        """Whether every id has been drawn."""
        ...

    def draw(self) -> Draw:
        """The next id, or `NOTHING` while or because there is none."""
        ...

    async def pump(self, arrived: Callable[[], None]) -> None:
        """Fetch ids until there are no more; `arrived` is called after each, and at the end."""
        ...


class ReadyIds:
    """Ids from an iterator that never has to be awaited."""

    def __init__(self, ids: Iterator[int | None]) -> None:
        self._ids = ids
        self.exhausted = False

    def draw(self) -> Draw:
        """The next id, or `NOTHING` at the end."""
        for each in self._ids:
            return each
        self.exhausted = True
        return NOTHING

    async def pump(self, arrived: Callable[[], None]) -> None:
        """Nothing has to be fetched."""


class AwaitedIds:
    """Ids from an async iterable, fetched by `pump` and never far ahead of need."""

    def __init__(self, ids: AsyncIterable[object]) -> None:
        self._ids = ids
        self._ready: deque[int] = deque()
        self._room = asyncio.Event()
        self._ended = False

    @property
    def exhausted(self) -> bool:
        """Whether every id has been drawn."""
        return self._ended and not self._ready

    def draw(self) -> Draw:
        """The next id, or `NOTHING` while or because there is none."""
        if not self._ready:
            return NOTHING
        self._room.set()
        return self._ready.popleft()

    async def pump(self, arrived: Callable[[], None]) -> None:
        """Fetch ids until there are no more; `arrived` is called after each, and at the end."""
        ids = aiter(self._ids)
        try:
            async for each in ids:
                self._ready.append(account_id_of(each))
                arrived()
                while len(self._ready) >= _PREFETCH:
                    self._room.clear()
                    await self._room.wait()
        finally:
            await _close(ids)
        self._ended = True
        arrived()


async def _close(ids: AsyncIterator[object]) -> None:
    # An async generator that is left midway would be closed later, by the garbage collector, in
    # another task. It may await while it closes, though this task is being cancelled.
    aclose = getattr(ids, "aclose", None)
    if aclose is not None:
        with anyio.move_on_after(_CLOSING_TIME, shield=True):
            await aclose()


def source_of(ids: Iterable[object] | AsyncIterable[object]) -> Source:
    """A source for these ids. A list, tuple or set is checked now, anything else as it is pulled.

    Raises `ConfigurationError` for what holds no ids at all, or holds a wrong one.
    """
    if isinstance(ids, AsyncIterable):
        return AwaitedIds(ids)
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        kind = type(ids).__name__
        raise ConfigurationError(f"account_ids must be an iterable of integers, got {kind}")
    if isinstance(ids, list | tuple | set | frozenset):
        for each in ids:
            account_id_of(each)
    return ReadyIds(map(account_id_of, ids))
