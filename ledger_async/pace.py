"""When the next request may start, as the quota in the last answers has it."""

from __future__ import annotations

import math

from .ratelimit import Quota

# The first half of a window, and these few, are spent as fast as it goes. The rest is spread over
# the window's time, so that whoever comes later does not find it empty: another process with the
# same key would be refused over and over.
_FEW = 4

# How many requests a guess of our share of the last windows is worth.
_MEMORY = 8

# From this share on we are alone. Who is not leaves a small part of each window unused, because
# the last to spend it would meet, and a refusal costs them a pause.
_ALONE = 0.97
_UNUSED = 1 / 64


class Pace:
    """Keeps requests within a quota that is counted in windows, and shared with strangers.

    The server says with each answer how many requests remain until when. Its numbers may be
    late, out of order or rounded, and other processes may spend from the same quota: what
    remains for us is the share of it that we had lately.
    """

    def __init__(self) -> None:
        # What the server said: how large a window is, how many it had left when we found it and
        # has left now, and when it ends.
        self._limit = math.inf
        self._size = self._found = 1.0
        self._remaining = math.inf
        self._ends = -math.inf
        # When it was said: the request that found the window was sent, the lowest number came.
        self._opened = self._heard = -math.inf
        # What we did: the last start, those since we heard, and those in this window.
        self._last = -math.inf
        self._unheard = self._ours = 0
        self._usual_share = 1.0

    @property
    def share(self) -> float:
        """The part of what is spent that is spent by us, 0 to 1."""
        spent = max(0.0, self._found - self._remaining)
        return min(1.0, (self._ours + _MEMORY * self._usual_share) / (spent + _MEMORY))

    @property
    def allowance(self) -> int:
        """How many of those that remain are ours."""
        if self.share >= _ALONE:
            return int(self._remaining)
        return int(self._remaining * self.share) - int(self._size * _UNUSED)

    def enter(self, now: float) -> None:
        """A request starts."""
        if self._last < self._ends <= now:
            self._unheard = 0
        self._last = now
        self._unheard += 1
        self._ours += 1

    def learn(self, quota: Quota, *, sent: float, now: float, in_flight: int) -> None:
        """An answer to a request that was sent at `sent` tells its quota."""
        # What remains only falls: if it did not for a request that was sent after we heard of
        # it, the server has begun another window, whatever it said of the last one's end.
        if sent >= self._ends or (sent > self._heard and quota.remaining >= self._remaining):
            self._open(quota, sent, in_flight)
        elif not (self._opened <= sent and now < self._ends and quota.remaining <= self._remaining):
            return  # overtaken on its way, or of another window
        self._remaining = quota.remaining
        # Resets are rounded up: the earliest of a window's ends is nearest to the truth.
        self._ends = min(self._ends, now + quota.reset_in)
        self._heard = now
        self._unheard = 0

    def _open(self, quota: Quota, sent: float, in_flight: int) -> None:
        self._usual_share = self.share
        self._found = quota.remaining + 1
        self._limit = math.inf if quota.limit is None else max(quota.limit, self._found)
        self._size = self._found if quota.limit is None else self._limit
        self._ours = max(1, in_flight)
        self._opened = sent
        self._ends = math.inf

    def wait(self, in_flight: int, now: float) -> float:
        """Seconds until one more may start; infinite where the next answer has to tell."""
        if now >= self._ends:
            return self._wait_for_news(in_flight)
        # Requests in flight may not be counted in the server's number yet, and those that came
        # back without a number have used up quota all the same.
        taken = max(in_flight, self._unheard)
        free = self.allowance - taken
        if free <= 0:
            return self._ends - now
        if self._remaining - taken > self._size // 2 - _FEW:
            return 0.0
        last = max(self._last, self._opened)
        return max(0.0, last + (self._ends - last) / (free + 1) - now)

    def _wait_for_news(self, in_flight: int) -> float:
        """Infinite where all that a window may hold for us has started, and nothing is heard."""
        if self._limit == math.inf or not in_flight or self._last < self._ends:
            return 0.0
        return math.inf if self._unheard >= max(1.0, self._limit * self.share) else 0.0
