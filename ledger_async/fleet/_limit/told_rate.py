"""The rate that the API's headers tell: so many requests in each window, and how long one lasts."""

from __future__ import annotations

import math
from typing import NamedTuple

from ledger_async import Quota

# Windows that are told to last longer, in seconds, are not believed: nobody waits so long.
_LONGEST = 120.0

# Windows last whole seconds: what falls short by less than this part was heard a little late.
_HEARD_LATE = 0.1

# A window has opened when the quota has grown by more than this part of the limit. Less may be
# answers out of order.
_OPENED = 1 / 4


class Told(NamedTuple):
    """So many requests pass in each window of so many seconds."""

    limit: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.limit / self.seconds


def longer(one: Told | None, other: Told | None) -> Told | None:
    """Of what two have heard, the slower."""
    if one is None or other is None:
        return one or other
    return min(one, other, key=lambda each: each.per_second)


class Hearing:
    """Listens to quotas: what remains, and for how long, says how long a window lasts.

    Until the first window was seen to open, that is a `guess`, by which what remains would last
    until its end; from then on it is `told`.
    """

    def __init__(self) -> None:
        self.guess: Told | None = None
        self.told: Told | None = None
        self._remaining = 0
        self._longest = self._longest_before = 0.0

    def hear(self, quota: Quota) -> None:
        """Take in what an answer told."""
        if not quota.limit or not 0 < quota.resets_in <= _LONGEST:
            return
        if self.guess is None or self.guess.limit != quota.limit:
            self._begin(quota, quota.limit)
        elif quota.remaining - self._remaining > quota.limit * _OPENED:
            # A window that was told too long is forgotten with the next but one.
            self._longest_before, self._longest = self._longest, 0.0
            self._follow(quota, quota.limit)
        elif self.told is not None:
            self._follow(quota, quota.limit)
        self._remaining = quota.remaining

    def _begin(self, quota: Quota, limit: int) -> None:
        lasts = quota.resets_in * limit / (quota.remaining + 1)
        self.guess, self.told = Told(limit, whole(lasts)), None
        self._longest = self._longest_before = 0.0

    def _follow(self, quota: Quota, limit: int) -> None:
        self._longest = max(self._longest, quota.resets_in)
        self.told = Told(limit, whole(max(self._longest, self._longest_before)))


def whole(seconds: float) -> float:
    """Seconds as they were meant, if a little less was heard."""
    meant = math.ceil(seconds)
    return float(meant) if meant - seconds <= _HEARD_LATE * meant else seconds
