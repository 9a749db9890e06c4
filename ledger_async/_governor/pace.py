"""The moment for the next request: evenly, as headers tell or as refusals have taught."""

# ruff: noqa: FURB136 - `min` and `max` take longer than all that they are given here

from __future__ import annotations

import math

from ledger_async._protocol.rate_limit_headers import Quota

from .tempo import Tempo
from .window import Window


class Pace:
    """Spaces the starts of requests once a limit is known; late ones catch up a little.

    Headers tell when each window ends and how much of it remains (`Window`); without headers, the
    pace is learnt from refusals (`Tempo`). What headers tell is believed for so many seconds.
    """

    def __init__(self, believed: float = math.inf) -> None:
        self._window = Window(believed)
        self._tempo = Tempo()
        self._is_limited = False
        # When the last start was due, when it was, and since when missed starts may be caught up.
        self._slot = self._last = self._caught_up = -math.inf
        self._starts = self._starts_heard = 0

    @property
    def is_shared(self) -> bool:
        """True while a limiter sets the pace, as that of a `SharedPace` may."""
        return False

    @property
    def needs_leave(self) -> bool:
        """True if nobody may start before a limiter gives leave."""
        return False

    def ask_leave(self, number: int, *, interactive: bool) -> bool:  # noqa: ARG002 - see `SharedPace`
        """Ask leave for so many; true if somebody waits for it, which nobody does here."""
        return False

    async def aclose(self) -> None:
        """Let go of whatever sets the pace."""

    def enter(self, now: float) -> None:
        """A request starts."""
        self._starts += 1
        if now - self._last > self._tempo.idle_after:
            self._tempo.begin(now, self._starts)
        self._last = now
        if self._is_limited:
            due, slack = self._due_and_slack(now)
            latest = now - slack
            due = due if due > latest else latest
            due = due if due > self._caught_up else self._caught_up
            self._slot = due if due < now else now

    def wait(self, in_flight: int, now: float) -> float:
        """Seconds until one more may start."""
        if not self._is_limited:
            return 0.0
        if now >= self._window.known_until:
            return max(0.0, self._tempo.due(self._slot, now) - now)
        wait, shortage = self._window.due(self._slot) - now, self._window_wait(in_flight, now)
        return wait if wait > shortage else shortage

    def shortage(self, in_flight: int, now: float) -> float:
        """Seconds until there is quota again, where it is known to be used up."""
        if not (self._is_limited and now < self._window.known_until):
            return 0.0
        return self._window_wait(in_flight, now)

    def learn(
        self, quota: Quota, *, sent: float, now: float, in_flight: int, passed: bool = True
    ) -> None:
        """An answer to a request that was sent at `sent`, `passed` or refused, tells its quota."""
        if self._window.learn(quota, sent=sent, now=now, in_flight=in_flight, passed=passed):
            self._is_limited = True
            self._starts_heard = self._starts

    def probe(self, now: float) -> None:
        """The request that starts is a probe."""
        self._tempo.probe(now, self._starts)

    def refuse(self, now: float, *, until: float, is_news: bool) -> bool:
        """A request was refused `until` then; true if there is a pace to go on with after that."""
        self._tempo.refuse(now, self._starts, until=until, is_news=is_news)
        if now >= self._window.known_until:
            return self._tempo.is_taught
        if is_news:
            self._window.refuse()
        return self._window.is_in_time

    def pass_again(self, now: float) -> None:
        """The probe has passed."""
        if self._tempo.is_refused:
            self._tempo.pass_again()
            self._is_limited = True
            # In a window that headers tell, other processes waited too: leave them their part.
            is_told = now < self._window.known_until
            self._caught_up = now if is_told else self._tempo.since

    def _window_wait(self, in_flight: int, now: float) -> float:
        # Those that came back without a number have used up quota all the same.
        unheard = self._starts - self._starts_heard
        return self._window.wait(in_flight if in_flight > unheard else unheard, now)

    def _due_and_slack(self, now: float) -> tuple[float, float]:
        if now < self._window.known_until:
            return self._window.due(self._slot), self._window.slack
        return self._tempo.due(self._slot, now), self._tempo.slack(now)
