"""A tempo for servers that say nothing of their limit, learnt from what they refuse."""

from __future__ import annotations

import math

# Seconds in which the tempo doubles while nothing is refused: slow at first, so that a limit that
# is known is passed seldom, and then ever faster, so that one that was a mistake is forgotten.
_DOUBLES_IN = 20.0

# Starts that are farther apart, in seconds and in starts that were due, are not measured together.
_IDLE_SECONDS = 1.0
_IDLE_STARTS = 8

# Late starts may catch up by so many seconds, and by so many starts at the least.
_SLACK_SECONDS = 0.5
_SLACK_STARTS = 4

# A clock need not have moved between two events.
_INSTANT = 1e-3


class Tempo:
    """Requests a second, between those that were too many and those that were let pass.

    When requests pass again after some were refused, two tempos are known: the one at which they
    were refused, and the average of what passed since they had passed again before. The first is
    too high; the second has the wait in it. So it goes on at their geometric mean, which finds the
    limit in few steps from however far, and then faster and faster until something is refused.
    """

    def __init__(self) -> None:
        self.since = 0.0
        """When what passed again was sent."""
        self.idle_after = _IDLE_SECONDS
        """Seconds without a start after which the next one has to `begin`."""
        self._base = self._too_high = math.inf
        # From when, and from which start on, what passes is counted; and the last probe.
        self._began = self._probe = (0.0, 0)
        self._refusals = 0
        self._until = 0.0

    @property
    def is_refused(self) -> bool:
        """True if something was refused, and nothing has passed again."""
        return self._refusals > 0

    @property
    def is_taught(self) -> bool:
        """True if requests had passed before, so that there is a tempo to go on with."""
        return self._too_high < math.inf

    def at(self, now: float) -> float:
        """Requests a second, infinite where no limit is known."""
        return self._base * (1 + ((now - self.since) / _DOUBLES_IN) ** 2)

    def due(self, last: float, now: float) -> float:
        """When the next start is due after one that was due at `last`."""
        return last + 1 / self.at(now)

    def slack(self, now: float) -> float:
        """Seconds by which starts may be late and still catch up."""
        return max(_SLACK_SECONDS, _SLACK_STARTS / self.at(now))

    def begin(self, now: float, number: int) -> None:
        """The first start after none for a while, and its number."""
        if not self.is_refused:
            self._began = (now, number)

    def probe(self, now: float, number: int) -> None:
        """A probe starts, and its number."""
        self._probe = (now, number)

    def refuse(self, now: float, number: int, *, until: float, is_news: bool) -> None:
        """A request was refused when so many had started, and none is to start `until` then.

        The first of a storm is news.
        """
        self._refusals += 1
        self._until = until
        has_passed = self._base < math.inf or self._passed(number) > 0
        if is_news and has_passed and not self.is_taught:
            self._too_high = min(self.at(now), self._average(now, number))

    def pass_again(self) -> None:
        """The probe has passed."""
        if self.is_taught:
            probed, number = self._probe
            average = self._average(min(probed, self._until), number)
            self._base = min(self._too_high, math.sqrt(self._too_high * average))
            self.idle_after = max(_IDLE_SECONDS, _IDLE_STARTS / self._base)
        self._began, self._refusals, self._too_high = self._probe, 0, math.inf
        self.since = self._probe[0]

    def _passed(self, number: int) -> int:
        """Count those that passed of all that started before the one of this number."""
        return number - self._began[1] - self._refusals

    def _average(self, now: float, number: int) -> float:
        return max(1, self._passed(number)) / max(_INSTANT, now - self._began[0])
