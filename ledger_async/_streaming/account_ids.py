"""Account ids, pulled one at a time from whatever holds them, and checked as they come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Collection,
    Iterable,
    Iterator,
    Sized,
)
from enum import Enum
from functools import partial
from typing import Annotated, Final, Literal, Protocol

import msgspec

from ledger_async._support import cancellation, checks
from ledger_async.errors import ConfigurationError

# An async source is asked for so many ids ahead of need, so that no slot waits for it.
_PREFETCH = 16

# Seconds that the caller's generator of ids may take to close.
_CLOSING_TIME = 10.0


_PLAIN_IDS = list[Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]]

_account_id = partial(checks.identifier, "account_id")


def length_of(account_ids: object) -> int:
    """The number of ids, as far as their container tells; else 0."""
    return len(account_ids) if isinstance(account_ids, Sized) else 0


class Drawn(Enum):
    """Stands for no id: `None` is already the id of a listing of no account."""

    NOTHING = "nothing"


NOTHING: Final = Drawn.NOTHING
Draw = int | None | Literal[Drawn.NOTHING]


class Source(Protocol):
    """Hands out account ids, one at a time."""

    @property
    def exhausted(self) -> bool:
        """True if every id has been drawn."""
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
        """Return at once, as nothing has to be fetched."""


class AwaitedIds:
    """Ids from an async iterable, fetched by `pump` and never far ahead of need."""

    def __init__(self, ids: AsyncIterable[object]) -> None:
        self._ids = ids
        self._ready: deque[int] = deque()
        self._room = asyncio.Event()
        self._ended = False

    @property
    def exhausted(self) -> bool:
        """True if every id has been drawn."""
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
                self._ready.append(_account_id(each))
                arrived()
                if cancellation.is_asked_for():
                    # The caller's generator lost the cancellation, as does `wait_for` of 3.11.
                    raise asyncio.CancelledError
                while len(self._ready) >= _PREFETCH:
                    self._room.clear()
                    await self._room.wait()
        finally:
            await _close(ids)
        self._ended = True
        arrived()


async def _close(ids: AsyncIterator[object]) -> None:
    # An async generator that is left midway would be closed later, by the garbage collector and
    # in another task. The generator may await while it closes, though this task is being
    # cancelled. The time limit is asyncio's, since a scope of anyio's would lie within the scopes
    # that the generator has entered, and outlive them.
    aclose = getattr(ids, "aclose", None)
    if aclose is None:
        return
    try:
        async with asyncio.timeout(_CLOSING_TIME) as limit:
            await aclose()
    except TimeoutError:
        if not limit.expired():
            raise


def _are_plain(ids: Collection[object]) -> bool:
    """True if each is an `int` that is an id: a million are looked at in 15 ms, not in 150."""
    try:
        msgspec.convert(ids, _PLAIN_IDS)
    except msgspec.ValidationError:
        return False
    return True


def source_of(ids: Iterable[object] | AsyncIterable[object]) -> Source:
    """A source for these ids. A list, tuple or set is checked now, anything else as it is pulled.

    Raises `ConfigurationError` for what holds no ids at all, or holds a wrong one.
    """
    if isinstance(ids, AsyncIterable):
        return AwaitedIds(ids)
    if isinstance(ids, str | bytes) or not isinstance(ids, Iterable):
        kind = type(ids).__name__
        raise ConfigurationError(f"account_ids must be an iterable of integers, got {kind}")
    if isinstance(ids, list | tuple | set | frozenset) and not _are_plain(ids):
        for each in ids:
            _account_id(each)
    return ReadyIds(map(_account_id, ids))
