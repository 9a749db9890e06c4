"""What forbids every request for a while: a pause for the rate limit, and an outage."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from functools import partial

from .errors import LedgerError, RateLimitError

MakeError = Callable[[], LedgerError]


class Barrier:
    """Down until the longest pause and the last suspension are over.

    Nobody is to wait for a pause of more than `max_wait` seconds, nor in a hopeless outage.
    """

    def __init__(self, max_wait: float) -> None:
        self.pauses_in_a_row = 0
        self._max_wait = max_wait
        self._paused_until = -math.inf
        self._suspended_until = -math.inf
        self._outage: MakeError | None = None
        self._hopeless = False

    @property
    def until(self) -> float:
        """When it is up."""
        return max(self._paused_until, self._suspended_until)

    def pause(self, seconds: float, now: float) -> None:
        """Come down, because the rate limit asks for it; a longer pause stays."""
        self._paused_until = max(self._paused_until, now + seconds)

    def suspend(self, seconds: float, now: float, error: LedgerError, *, hopeless: bool) -> None:
        """Come down, because of an outage in which `error` came last."""
        self._suspended_until = now + seconds
        # A copy has no frames, which would keep whatever they know alive.
        self._outage = partial(copy, copy(error))
        self._hopeless = hopeless

    def passed(self) -> None:
        """A request that was sent since has had a good answer."""
        self.pauses_in_a_row = 0
        self._outage = None
        self._hopeless = False

    def pause_left(self, now: float) -> float:
        """Seconds of the pause that are left."""
        return max(0.0, self._paused_until - now)

    def suspension_left(self, now: float) -> float:
        """Seconds of the suspension that are left."""
        return max(0.0, self._suspended_until - now)

    def refusal(self, now: float) -> MakeError | None:
        """What everyone is told who would have to wait, `None` to let them wait."""
        if self._hopeless and self.suspension_left(now):
            return self._outage
        # A clock's (t + wait) - t may be a little more than the wait.
        if (left := self.pause_left(now)) > self._max_wait + now * 1e-9 + 1e-6:
            return partial(_too_long, left)
        return None

    def excuse(self, hold: float, now: float) -> MakeError:
        """What those are told who cannot wait until it is up, nor for a `hold` of the quota."""
        if self._outage is not None and self.suspension_left(now) > hold:
            return self._outage
        return partial(_too_long, hold)


def _too_long(delay: float) -> RateLimitError:
    return RateLimitError(f"the rate limit asks for {delay:.0f} s of waiting", retry_after=delay)
