"""The one place where a client's requests wait: for a permit, for quota, for a pause to end."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from .errors import LedgerError, RateLimitError
from .ratelimit import Quota

Permit = int
"""The number of pauses that came before it, which tells the probe from older requests."""


class Gate:
    """Admits requests in the order they came, as many at once as there are permits.

    A throttled answer closes it for everyone; it opens again with one probe, and once that
    has passed, for all. With `probe_first` it begins so: refused credentials and servers that
    are not there then cost one request. Waiting here costs no request any of its timeout.
    """

    def __init__(
        self, permits: int, *, max_wait: float = math.inf, probe_first: bool = False
    ) -> None:
        self._permits = permits
        self._max_wait = max_wait
        self._in_flight = 0
        self._waiters: deque[asyncio.Future[Permit]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._paused_until = -math.inf
        self._pauses = 0
        self._probing = probe_first
        self._probe_is_out = False
        self._quota_left = math.inf
        self._quota_until = -math.inf
        self._closed: Callable[[], LedgerError] | None = None
        self._closing = asyncio.Event()
        self._quota_spent = 0
        self._held_seconds = 0.0
        self._held_from = self._held_until = 0.0

    @property
    def held_seconds(self) -> float:
        """Seconds during which requests stood here because of the rate limit, since the start."""
        return self._held_seconds + self._held_lately()

    @property
    def opens_in(self) -> float:
        """Seconds until the rate limit lets the next request pass, 0 when it does not hold any."""
        return self._held(_now())

    @property
    def is_paused(self) -> bool:
        """Whether a throttled answer forbids every request now, admitted ones too."""
        return _now() < self._paused_until

    def has_paused_since(self, permit: Permit) -> bool:
        """Whether a pause began after this permit was given, which makes it worthless."""
        return permit != self._pauses

    async def rest(self, seconds: float) -> None:
        """Wait for so long, outside of the line; less if the gate is closed meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def acquire(self) -> Permit:
        """Wait for a permit, to be given back with `release`.

        Raises `RateLimitError` at once where the rate limit's wait would pass `max_wait`.
        """
        if self._closed is not None:
            raise self._closed()
        if not self._waiters and self._delay() == 0.0:
            return self._enter()
        waiter: asyncio.Future[Permit] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        self._admit()
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.cancelled():
                with suppress(ValueError):
                    self._waiters.remove(waiter)
                self._admit()
            elif waiter.exception() is None:
                # Granted in the moment of the cancellation: the next in line may have it.
                self.release(waiter.result(), passed=False)
            raise

    def release(self, permit: Permit, *, passed: bool) -> None:
        """Give a permit back; `passed` says that an answer came which was no throttle.

        The probe's passing opens the gate; a request from before the pause proves nothing.
        """
        self._in_flight -= 1
        if permit == self._pauses:
            self._probe_is_out = False
            self._probing &= not passed
        self._admit()

    def pause(self, seconds: float) -> None:
        """Close the gate for everyone for so many seconds; a longer pause stays."""
        self._paused_until = max(self._paused_until, _now() + seconds)
        self._pauses += 1
        self._probing = True
        self._probe_is_out = False

    def learn(self, quota: Quota) -> None:
        """Hold requests back before the limit: no more than `remaining` until the reset.

        Answers may arrive out of order, so within one window the lowest number counts.
        """
        now = _now()
        if now >= self._quota_until or quota.remaining <= self._quota_left:
            self._quota_left = quota.remaining
            self._quota_spent = 0
            self._quota_until = now + quota.reset_in

    def close(self, error: Callable[[], LedgerError]) -> None:
        """Turn away everyone who waits, and everyone who comes, with an error of their own."""
        self._closed = error
        self._closing.set()
        self._turn_away(error)
        self._admit()

    def _delay(self) -> float:
        """Seconds until one more may start; infinite where only a release can tell."""
        now = _now()
        if self._in_flight >= self._permits or self._probe_is_out:
            return math.inf
        return self._held(now)

    def _held(self, now: float) -> float:
        delay = max(0.0, self._paused_until - now)
        # Requests in flight may not be counted in the server's number yet, and those that came
        # back without a number have used up quota all the same.
        if self._quota_left <= max(self._in_flight, self._quota_spent):
            delay = max(delay, self._quota_until - now)
        return delay

    def _admit(self) -> None:
        """Let in whoever may start now, and set a timer for the next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        delay = 0.0
        while self._waiters and (delay := self._delay()) == 0.0:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(self._enter())
        # A clock's (t + wait) - t may be a little more than the wait.
        if (held := self._held(_now())) > self._max_wait + _now() * 1e-9 + 1e-6:
            self._turn_away(partial(_too_long, held))
        if self._waiters and math.isfinite(delay):
            self._timer = asyncio.get_running_loop().call_later(delay, self._admit)
        self._keep_time(held)

    def _enter(self) -> Permit:
        self._in_flight += 1
        self._quota_spent += 1
        self._probe_is_out = self._probing
        return self._pauses

    def _turn_away(self, error: Callable[[], LedgerError]) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(error())

    def _keep_time(self, held: float) -> None:
        self._held_seconds += self._held_lately()
        self._held_from = _now()
        self._held_until = self._held_from + (held if self._waiters else 0.0)

    def _held_lately(self) -> float:
        """Seconds for which the rate limit held anyone back since the last change."""
        if self._held_until <= self._held_from:
            return 0.0
        return min(_now(), self._held_until) - self._held_from


def _now() -> float:
    return asyncio.get_running_loop().time()


def _too_long(delay: float) -> RateLimitError:
    return RateLimitError(f"the rate limit asks for {delay:.0f} s of waiting", retry_after=delay)
