"""The pace of a client that shares a limit with other processes."""

from __future__ import annotations

from collections.abc import Callable

from ledger_async._protocol.rate_limit_headers import Quota

from .leaves import Leaves
from .limiter import Limiter
from .pace import Pace


class SharedPace(Pace):
    """Starts requests by the leave of a limiter, and at the client's own pace where that fails.

    The own pace goes on learning meanwhile, so that it can take over at any moment. Those who wait
    for leave are let in by `admit`.
    """

    def __init__(self, limiter: Limiter, admit: Callable[[], None], believed: float) -> None:
        super().__init__(believed)
        self._leaves = Leaves(limiter, admit)

    @property
    def is_shared(self) -> bool:
        """True while the limiter sets the pace, because it works."""
        return self._leaves.is_in_force

    @property
    def needs_leave(self) -> bool:
        """True if nobody may start before the limiter gives leave."""
        return not self._leaves.has_one

    def ask_leave(self, number: int, *, interactive: bool) -> bool:
        """Ask leave for so many; true if somebody waits for it."""
        return self._leaves.want(number, interactive=interactive)

    def enter(self, now: float) -> None:
        """A request starts."""
        super().enter(now)
        self._leaves.take(now)

    def wait(self, in_flight: int, now: float) -> float:
        """Seconds until one more may start, as far as that is known without a limiter."""
        return self.shortage(in_flight, now) if self.is_shared else super().wait(in_flight, now)

    def shortage(self, in_flight: int, now: float) -> float:
        """Seconds until there is quota again; with a limiter only where it was heard to be gone."""
        return self._window.gone_for(now) if self.is_shared else super().shortage(in_flight, now)

    def learn(
        self, quota: Quota, *, sent: float, now: float, in_flight: int, passed: bool = True
    ) -> None:
        """An answer tells its quota, to both."""
        super().learn(quota, sent=sent, now=now, in_flight=in_flight, passed=passed)
        self._leaves.tell_quota(quota)

    def refuse(self, now: float, *, until: float, is_news: bool) -> bool:
        """A request was refused `until` then; true if there is a pace to go on with after that."""
        is_taught = super().refuse(now, until=until, is_news=is_news)
        self._leaves.tell_pause(until - now)
        return self.is_shared or is_taught

    async def aclose(self) -> None:
        """Close the limiter."""
        await self._leaves.aclose()
