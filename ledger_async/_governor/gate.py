"""The one place where a client's requests wait: for a permit, for quota, for a pause to end."""

from __future__ import annotations

import asyncio
import math
from contextlib import suppress
from copy import copy
from functools import partial

from ledger_async._protocol.rate_limit_headers import Quota
from ledger_async._support import anyio_scopes
from ledger_async._support.own_loop import running_loop
from ledger_async.errors import LedgerError

from .barrier import Barrier
from .held_time import HeldTime
from .limiter import Limiter
from .pace import Pace
from .permits import Permits
from .recall import before_sending
from .shared_pace import SharedPace
from .waiter import MakeError, Permit, waiter_here
from .waiting_line import WaitingLine

__all__ = ["Gate", "Permit"]


class Gate:
    """Admits requests in the order of their line, as many at once as the server copes with.

    A throttled answer or an outage closes it for everyone; it opens again with one probe, and
    once that has passed, at the pace that the server is known to let pass, or else to more and
    more. With `probe_first` it begins with a probe: refused credentials and servers that are not
    there then cost one request. Waiting here costs no request any of its timeout. A `limiter`
    takes the place of the client's own pace, as long as it works.
    """

    def __init__(
        self,
        permits: int,
        *,
        max_wait: float = math.inf,
        probe_first: bool = False,
        limiter: Limiter | None = None,
    ) -> None:
        self._permits = Permits(permits, probe_first=probe_first)
        self.pace = SharedPace(limiter, self._admit, max_wait) if limiter else Pace(max_wait)
        self._barrier = Barrier(max_wait)
        self._max_wait = max_wait
        self._line = WaitingLine()
        self._timer: asyncio.TimerHandle | None = None
        self._refuse: MakeError | None = None
        self._shutting = asyncio.Event()
        self._held_time = HeldTime()

    @property
    def held_seconds(self) -> float:
        """Seconds during which requests stood here because of the rate limit, since the start."""
        return self._held_time.seconds(_now())

    @property
    def opens_in(self) -> float:
        """Seconds until the rate limit lets the next request pass, 0 when it does not hold any."""
        return self._hold(_now())

    @property
    def concurrency(self) -> int:
        """Requests that may be in flight now."""
        return self._permits.most

    @property
    def concurrency_reason(self) -> str:
        """The cause that keeps `concurrency` low: "probing", "rate limit", "failures", or ""."""
        return self._permits.reason

    @property
    def is_held(self) -> bool:
        """True while a pause or an outage forbids every request, admitted ones too."""
        return self._barrier.until > _now()

    @property
    def pauses_in_a_row(self) -> int:
        """Pauses since a request passed."""
        return self._barrier.pauses_in_a_row

    def has_closed_since(self, permit: Permit) -> bool:
        """True if the gate closed after this permit was given, which makes the permit worthless."""
        return not self._permits.count(permit)

    def can_wait(self, seconds: float) -> bool:
        """True if the caller's deadline leaves time to wait so long, and until the gate may open.

        The deadline is that of the anyio scopes around; `asyncio.timeout` keeps its own to itself.
        """
        now = _now()
        wait = max(seconds, self._hold(now), self._barrier.suspension_left(now))
        return now + wait <= anyio_scopes.deadline()

    async def rest(self, seconds: float) -> None:
        """Wait for so long, outside of the line; less if the gate is shut meanwhile."""
        with before_sending(), suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._shutting.wait()

    def enter_at_once(self, now: float) -> Permit | None:
        """A permit, as `acquire` gives it, where nothing has to be waited for; else `None`."""
        if self._line or self._refuse is not None or self._delay(now):
            return None
        return self._enter(now)

    async def acquire(
        self,
        *,
        interactive: bool = True,
        max_wait: float | None = None,
        sits_outages_out: bool = True,
    ) -> Permit:
        """Wait for a permit, to be given back with `release`; `interactive` ones pass the others.

        Raises at once where waiting is in vain: `RateLimitError` if a pause would pass `max_wait`,
        the gate's own unless it is given, or the caller's deadline (see `can_wait`); the failure
        behind an outage if that would, or nobody wants to sit it out.
        """
        if (permit := self.enter_at_once(_now())) is not None:
            return permit
        max_wait = self._max_wait if max_wait is None else max_wait
        waiter = waiter_here(max_wait, interactive=interactive, sits_outages_out=sits_outages_out)
        with before_sending():
            self._line.join(waiter)
            self._admit()
            try:
                return await waiter.permit
            except asyncio.CancelledError:
                if waiter.permit.cancelled():
                    self._line.leave(waiter)
                    self._admit()
                elif waiter.permit.exception() is None:
                    # Granted in the moment of the cancellation: the next in line may have it.
                    self.release(waiter.permit.result(), passed=False)
                raise

    def release(self, permit: Permit, *, passed: bool) -> None:
        """Give a permit back; `passed` says that the server answered, and well.

        The probe's passing opens the gate; a request from before it closed proves nothing.
        """
        if self._permits.take_back(permit) and passed:
            if self._permits.is_probing:
                self._permits.is_probing = False
                self.pace.pass_again(_now())
            self._barrier.passed()
            self._permits.rise()
        if self._line:
            self._admit()

    def fail(self, permit: Permit) -> None:
        """The request with this permit failed, for a reason that may pass."""
        if self._permits.count(permit):
            self._permits.fall()

    def pause(
        self, seconds: float, permit: Permit | None = None, *, max_wait: float | None = None
    ) -> None:
        """The request with this permit was throttled: close for everyone for so many seconds.

        A longer pause stays; others that were in flight may lengthen it, and are no news else. It
        is `max_wait` seconds at most, the gate's own unless it is given.
        """
        now = _now()
        self._barrier.pause(seconds, now, max_wait=max_wait)
        is_news = permit is None or self._permits.count(permit)
        # A wait that nobody believes says nothing of how fast the server may be asked.
        is_paced = seconds <= self._max_wait and self.pace.refuse(
            now, until=self._barrier.until, is_news=is_news
        )
        if is_news:
            self._barrier.pauses_in_a_row += 1
            self._permits.close("rate limit", restart=not is_paced)

    def suspend(self, seconds: float, error: LedgerError, *, hopeless: bool = False) -> None:
        """Close for everyone for so many seconds, because of an outage in which `error` came last.

        If that is `hopeless`, nobody is to wait: all get a copy of the error.
        """
        self._barrier.suspend(seconds, _now(), error, hopeless=hopeless)
        self._permits.close("failures", restart=True)
        if hopeless:
            self._line.refuse_all(partial(copy, copy(error)))
            self._admit()

    def learn(self, quota: Quota, sent: float | None = None, *, passed: bool = True) -> None:
        """An answer to a request that was sent at `sent` told what the server allows.

        `passed` says that the request was not refused by the rate limit.
        """
        now, others = _now(), self._permits.given - 1
        sent = now if sent is None else sent
        self.pace.learn(quota, sent=sent, now=now, in_flight=others, passed=passed)

    def shut(self, error: MakeError) -> None:
        """Turn away everyone who waits, and everyone who comes, with an error of their own."""
        self._refuse = error
        self._shutting.set()
        self._admit()

    def _delay(self, now: float) -> float:
        """Seconds until one more may start; infinite where only a release can tell."""
        if self._permits.is_out:
            return math.inf
        return self._blocked(now) or (math.inf if self.pace.needs_leave else 0.0)

    def _blocked(self, now: float) -> float:
        """Seconds for which nobody may start, permit or not."""
        wait, closed = self._quota_wait(now), self._barrier.until - now
        return wait if wait > closed else closed  # noqa: FURB136 - see `Window`

    def _quota_wait(self, now: float) -> float:
        wait = self.pace.wait(self._permits.given, now)
        if wait <= self._max_wait:
            return wait
        # Nobody was refused yet, and a number may lie: one at a time may try.
        return math.inf if self._permits.given else 0.0

    def _hold(self, now: float) -> float:
        """Seconds for which the rate limit is known to hold the next one."""
        wait = self._quota_wait(now)
        return max(self._barrier.pause_left(now), wait if wait < math.inf else 0.0)

    def _admit(self) -> None:
        """Let in whoever may start now, turn away who waits in vain, set a timer for the next."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._refuse is not None:
            self._line.refuse_all(self._refuse)
        now, delay = _now(), 0.0
        while self._line and (delay := self._delay(now)) == 0.0:
            waiter = self._line.next()
            if not waiter.permit.done():
                waiter.permit.set_result(self._enter(now))
        hold = self._hold(now) if self._line else 0.0
        if self._line:
            self._turn_away_in_vain(now, hold)
        could_start = 0 if self._blocked(now) else min(self._permits.left, len(self._line))
        if self.pace.ask_leave(could_start, interactive=self._line.has_interactive):
            hold = math.inf  # until there is leave
        if self._line and delay < math.inf:
            self._timer = asyncio.get_running_loop().call_later(delay, self._admit)
        self._held_time.note(now, hold if self._line else 0.0)

    def _enter(self, now: float) -> Permit:
        self.pace.enter(now)
        if self._permits.is_probing:
            self.pace.probe(now)
        return self._permits.give()

    def _turn_away_in_vain(self, now: float, hold: float) -> None:
        """Turn away those for whom the next one may start too late."""
        barrier, suspension = self._barrier, self._barrier.suspension_left(now)
        wait, shortage = max(hold, suspension), self.pace.shortage(self._permits.given, now)
        shortage = shortage if shortage <= self._max_wait else 0.0  # or a number nobody believes
        held, in_outage = max(shortage, barrier.asked_left(now)), suspension > 0
        is_worth_it = self._line.all_may_wait(until=now + wait, held=held, in_outage=in_outage)
        if wait and (barrier.is_hopeless or not is_worth_it):
            self._line.turn_away(partial(barrier.refusal, now=now, hold=hold, shortage=shortage))


def _now() -> float:
    return running_loop().time()
