"""The two things that forbid every request for a while: a pause, and an outage."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from functools import partial

from ledger_async.errors import LedgerError, RateLimitError

MakeError = Callable[[], LedgerError]


# However short a pause anybody would wait for: a server that refuses is not asked again at once.
_SHORTEST = 0.1


class Barrier:
    """Down until the longest pause for the rate limit, and the last suspension, are over.

    Nobody is to wait where the rate limit asks for more than `max_wait` seconds, nor in a hopeless
    outage. But a server's number may be wrong, so that no pause is longer than `max_wait`: then one
    request may try. A server that means an hour is asked once in `max_wait` seconds.
    """

    def __init__(self, max_wait: float) -> None:
        self.pauses_in_a_row = 0
        self._max_wait = max_wait
        self._paused_until = self._asked_until = -math.inf
        self._suspended_until = -math.inf
        self._outage: MakeError | None = None
        self._hopeless = False

    @property
    def until(self) -> float:
        """The time from which the barrier is up."""
        return max(self._paused_until, self._suspended_until)

    def pause(self, seconds: float, now: float) -> None:
        """Come down, because the rate limit asks for it; a longer pause stays."""
        if not self.pause_left(now):
            self._asked_until = now  # the last pause is over, whatever it had been asked to be
        self._asked_until = max(self._asked_until, now + seconds)
        longest = max(self._max_wait, _SHORTEST)
        self._paused_until = max(self._paused_until, now + min(seconds, longest))

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
        """The error for everyone who would have to wait; `None` lets them wait.

        A pause that the server wanted longer than `max_wait` refuses all who come during it: most
        servers mean their number, and who waited would most likely hear it again.
        """
        if self._hopeless and self.suspension_left(now):
            return self._outage
        asked = self._asked_until - now
        # A clock's (t + wait) - t may be a little more than the wait.
        if self.pause_left(now) and asked > self._max_wait + now * 1e-9 + 1e-6:
            return partial(_too_long, asked)
        return None

    def excuse(self, hold: float, now: float) -> MakeError:
        """The error for those who cannot wait until the barrier and a `hold` of quota are over."""
        if self._outage is not None and self.suspension_left(now) > hold:
            return self._outage
        return partial(_too_long, hold)


def _too_long(delay: float) -> RateLimitError:
    return RateLimitError(f"the rate limit asks for {delay:.0f} s of waiting", retry_after=delay)
