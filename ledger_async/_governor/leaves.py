"""Leave to start requests, asked of a limiter for as many as could start now."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial

from ledger_async._protocol.rate_limit_headers import Quota
from ledger_async._support.log import facts, logger

from .limiter import Limiter

# A limiter that failed is asked again after so many seconds.
_AGAIN = 1.0


class Leaves:
    """Holds the leave that a limiter gave, for no longer than somebody can make use of it.

    It is in force until the limiter raises, and again when it has given leave since. While it is
    not, nobody waits for it: one request in a second asks beside what it does.
    """

    def __init__(self, limiter: Limiter, admit: Callable[[], None]) -> None:
        self._limiter = limiter
        self._admit = admit
        self.is_in_force = True
        self._in_hand = 0
        self._asking: list[asyncio.Task[None]] = []
        self._called_back: set[asyncio.Task[None]] = set()
        self._again_at = -math.inf

    @property
    def has_one(self) -> bool:
        """True if a request may start: it has leave, or needs none."""
        return self._in_hand > 0 or not self.is_in_force

    def take(self, now: float) -> None:
        """A request starts."""
        if self.is_in_force:
            self._in_hand -= 1
        elif now >= self._again_at and not self._asking:
            self._ask(interactive=False)

    def want(self, number: int, *, interactive: bool) -> bool:
        """Ask for so many and no more, and keep none in hand; true if somebody waits for one."""
        self._in_hand = 0  # one that is kept would be a request too many, later
        if not self.is_in_force:
            return False
        self._call_back(self._asking[number:])
        while len(self._asking) < number:
            self._ask(interactive=interactive)
        return number > 0

    def tell_quota(self, quota: Quota) -> None:
        """Pass on what an answer told."""
        self._tell(partial(self._limiter.learn, quota))

    def tell_pause(self, seconds: float) -> None:
        """Pass on that the client pauses."""
        self._tell(partial(self._limiter.throttled, seconds))

    async def aclose(self) -> None:
        """Take back whatever was asked, and close the limiter."""
        self._call_back([*self._asking])
        await asyncio.gather(*self._called_back, return_exceptions=True)
        await self._limiter.aclose()

    def _ask(self, *, interactive: bool) -> None:
        asking = asyncio.create_task(self._asked(interactive=interactive))
        self._asking.append(asking)

    def _call_back(self, asking: list[asyncio.Task[None]]) -> None:
        for each in asking:
            self._asking.remove(each)
            self._called_back.add(each)
            each.add_done_callback(self._called_back.discard)
            each.cancel()

    async def _asked(self, *, interactive: bool) -> None:
        try:
            await self._limiter.acquire(interactive=interactive)
        except asyncio.CancelledError:
            self._has_ended()  # whoever cancelled it
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, no request fails by it
            self._end(partial(self._lose, error))
        else:
            self._end(self._gain)

    def _has_ended(self) -> bool:
        """Take note that the current task has asked; true unless it was called back."""
        asking = asyncio.current_task()
        was_asking = asking in self._asking
        self._asking = [each for each in self._asking if each is not asking]
        return was_asking

    def _end(self, then: Callable[[], None]) -> None:
        if self._has_ended():
            then()
            self._admit()

    def _gain(self) -> None:
        if self.is_in_force:
            self._in_hand += 1
        else:
            self.is_in_force = True
            logger.info("the limiter is back", extra=facts(reason="rate limit"))

    def _lose(self, error: Exception) -> None:
        self._again_at = asyncio.get_running_loop().time() + _AGAIN
        self._call_back([*self._asking])
        if self.is_in_force:
            self.is_in_force = False
            _warn("the limiter fails, and the client keeps its own pace", error)

    def _tell(self, hint: Callable[[], None]) -> None:
        try:
            hint()
        except Exception as error:  # noqa: BLE001 - a hint changes nothing
            _warn("the limiter fails to take a hint", error)


def _warn(text: str, error: Exception) -> None:
    extra = facts(reason="rate limit")
    logger.warning("%s: %s: %s", text, type(error).__name__, error, extra=extra)
