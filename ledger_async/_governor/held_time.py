"""The time for which the rate limit has held requests back, counted once for all of them."""

from __future__ import annotations


class HeldTime:
    """Adds up the times during which somebody waited for the rate limit."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._since = self._until = 0.0

    def seconds(self, now: float) -> float:
        """All seconds of waiting until `now`."""
        return self._seconds + max(0.0, min(now, self._until) - self._since)

    def note(self, now: float, hold: float) -> None:
        """From now on somebody is held for so many seconds, unless another note comes first."""
        self._seconds = self.seconds(now)
        self._since, self._until = now, now + hold
