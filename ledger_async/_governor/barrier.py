"""The two things that forbid every request for a while: a pause, and an outage."""

from __future__ import annotations

import math
from copy import copy
from functools import partial

from ledger_async.errors import LedgerError, RateLimitError

from .waiter import MakeError, Waiter

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
        self.until = -math.inf
        """The time from which the barrier is up."""
        self._outage: MakeError | None = None
        self._hopeless = False

    def pause(self, seconds: float, now: float, *, max_wait: float | None = None) -> None:
        """Come down, because the rate limit asks for it; a longer pause stays."""
        if not self.pause_left(now):
            self._asked_until = now  # the last pause is over, whatever it had been asked to be
        seconds = max(seconds, _SHORTEST)
        self._asked_until = max(self._asked_until, now + seconds)
        longest = max(self._max_wait if max_wait is None else max_wait, _SHORTEST)
        self._paused_until = max(self._paused_until, now + min(seconds, longest))
        self.until = max(self._paused_until, self._suspended_until)

    def suspend(self, seconds: float, now: float, error: LedgerError, *, hopeless: bool) -> None:
        """Come down, because of an outage in which `error` came last."""
        self._suspended_until = now + seconds
        self.until = max(self._paused_until, self._suspended_until)
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

    def asked_left(self, now: float) -> float:
        """Seconds that are left of what the rate limit asks for, however long that may be."""
        return max(0.0, self._asked_until - now) if self.pause_left(now) else 0.0

    @property
    def is_hopeless(self) -> bool:
        """True in an outage of which nobody is to see the end."""
        return self._hopeless

    def refusal(
        self, waiter: Waiter, now: float, *, hold: float, shortage: float = 0.0
    ) -> MakeError | None:
        """The error of a request that waits in vain, `None` for one that may wait.

        The limit holds it for `hold` seconds, some of which may be a `shortage` of quota. Who comes
        during a pause that is shorter than what the server asked for is told that at once: most
        servers mean it, and who waited would most likely hear the same again.
        """
        deadline, max_wait, suspension = waiter.deadline, waiter.max_wait, self.suspension_left(now)
        if suspension and (self._hopeless or not waiter.sits_outages_out):
            return self._outage
        longest = max(shortage, self.asked_left(now))
        # A clock's (t + wait) - t may be a little more than the wait.
        if longest > max_wait + now * 1e-9 + 1e-6:
            return partial(_too_long, longest)
        if deadline >= now + max(hold, suspension):
            return None
        return self._outage if self._outage and suspension > hold else partial(_too_long, hold)


def _too_long(delay: float) -> RateLimitError:
    return RateLimitError(f"the rate limit asks for {delay:.0f} s of waiting", retry_after=delay)
