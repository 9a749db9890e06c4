"""One rate limit for the clients of many processes, kept in Redis or Valkey."""

from __future__ import annotations

import asyncio
import math
from typing import NoReturn

from ledger_async import ConfigurationError, Quota, StoreError
from ledger_async._support import checks
from ledger_async._support.secrets import Hidden, refuse_to_pickle

from ._limit.admission import BURST
from ._limit.limit_store import LimitStore
from ._limit.places import Places
from ._limit.told_rate import Hearing, Told, longer

# Answers of the store count so much in the average of how long they take.
_NEWS = 1 / 8

# A store that takes longer than the limit lets so many requests pass would slow a client down.
_TOO_SLOW = 8

# Seconds until what the headers tell is shared again.
_SHARED_EVERY = 1.0

# Shorter pauses than these seconds are one client's: a request came at the wrong moment. Longer
# ones are everybody's, but no longer than the other.
_PAUSE_OF_ALL = 2.0
_LONGEST_PAUSE = 60.0


class RedisLimiter:
    """Lets the clients of all processes that share a `key` in a store start at one rate.

    `url` is that of a Redis or a Valkey server, such as `redis://:password@host:6379/0`, and `key`
    the name of the limit in it: one for each API key. `rate` is the plan's limit, in requests a
    second, of which 98.5 % are admitted, two at once at the most. Without it, the limit is the one
    that the API's rate-limit headers tell to any of the processes.

    `LedgerClient(limiter=RedisLimiter(…))` closes it with the client. A store that is gone, full or
    slow fails no request: the client keeps its own pace until the store is back.
    """

    def __init__(self, url: str, *, key: str, rate: float | None = None) -> None:
        try:
            self._key = checks.text("key", key)
            self._rate = None if rate is None else _checked_rate(rate)
            self._store = LimitStore(url, key)
            self._url = Hidden(url)
        except ConfigurationError as error:  # without its frames, which hold the password
            raise error.with_traceback(None) from None
        finally:
            del url
        self._hearing = Hearing()
        self._shared: Told | None = None
        self._share_at = -math.inf
        self._has_passed_one = False
        self._places = Places(BURST)
        self._takes = 0.0
        self._pausing: set[asyncio.Task[None]] = set()

    @property
    def settings(self) -> tuple[Hidden[str], str, float | None]:
        """The URL, the key and the rate, for another one of the same limit."""
        return self._url, self._key, self._rate

    async def acquire(self, *, interactive: bool) -> None:
        """Wait for a turn; raises `StoreError` if the store has none to give."""
        async with self._places.one(interactive=interactive):
            per_second = await self._per_second()
            if per_second is not None:
                await self._wait_for_turn(per_second)

    def learn(self, quota: Quota) -> None:
        """An answer told what the API allows; without a `rate` of its own, it goes by that."""
        if self._rate is None:
            self._hearing.hear(quota)

    def throttled(self, seconds: float) -> None:
        """The API refused a request: where it asks for a long pause, all processes pause."""
        if seconds > _PAUSE_OF_ALL:
            pausing = asyncio.create_task(self._pause(min(seconds, _LONGEST_PAUSE)))
            self._pausing.add(pausing)
            pausing.add_done_callback(self._pausing.discard)

    async def aclose(self) -> None:
        """Close the connections to the store."""
        for pausing in self._pausing:
            pausing.cancel()
        await asyncio.gather(*self._pausing, return_exceptions=True)
        await self._store.aclose()

    async def _per_second(self) -> float | None:
        """The plan's rate; `None` for the one request that may find it out."""
        if self._rate is not None:
            return self._rate
        told = longer(self._hearing.told, await self._shared_by_all()) or self._hearing.guess
        if told is not None:
            return told.per_second
        if self._has_passed_one:
            raise StoreError("no answer told a rate limit: give RedisLimiter a rate")
        self._has_passed_one = True
        return None

    async def _shared_by_all(self) -> Told | None:
        now = _now()
        if now >= self._share_at or (self._shared is None and self._hearing.told is None):
            self._share_at = now + _SHARED_EVERY
            self._shared = await self._store.share(self._hearing.told)
        return self._shared

    async def _wait_for_turn(self, per_second: float) -> None:
        is_granted = False
        while not is_granted:
            asked = _now()
            wait, is_granted = await self._store.reserve(per_second)
            self._note(_now() - asked, per_second)
            await asyncio.sleep(wait)

    def _note(self, took: float, per_second: float) -> None:
        """Ask ahead by as much as the store is slow; raise `StoreError` if that is too much."""
        self._takes += (took - self._takes) * _NEWS  # one that is late is an accident
        lag = self._takes * per_second
        if lag > _TOO_SLOW:
            self._takes = 0.0
            raise StoreError(f"the store at {self._store.place} takes too long, now {took:.3f} s")
        self._places.most = BURST + math.ceil(lag)

    async def _pause(self, seconds: float) -> None:
        try:
            await self._store.hold(seconds)
        except StoreError:
            return  # whoever asks it next will say so

    def __repr__(self) -> str:
        rate = "" if self._rate is None else f", rate={self._rate}"
        return f"RedisLimiter({self._store.place!r}, key={self._key!r}{rate})"

    def __reduce__(self) -> NoReturn:
        refuse_to_pickle(self)


def _checked_rate(rate: object) -> float:
    is_number = isinstance(rate, int | float) and not isinstance(rate, bool)
    if not is_number or not 0 < rate < math.inf:  # type: ignore[operator] # it is a number
        raise ConfigurationError("rate must be a number of requests a second, above 0")
    return float(rate)  # type: ignore[arg-type] # as above


def _now() -> float:
    return asyncio.get_running_loop().time()
