"""After a failed attempt: a pause for all, an outage, another attempt, or the error."""

from __future__ import annotations

import asyncio
import logging
import random
from copy import copy
from typing import Any, Self

import msgspec

from ledger_async._support.log import facts, logger
from ledger_async._support.observer import Watch
from ledger_async.errors import LedgerError, RequestTimeoutError
from ledger_async.events import Throttled, WaitReason

from . import retry
from .gate import Gate, Permit
from .outage import Failures, Outage
from .retry import Kind, RetryPolicy


class Tally(msgspec.Struct):
    """The attempts and failures of one call so far."""

    attempts: int = 0
    throttles: int = 0
    signing_failures: int = 0
    failures: Failures = msgspec.field(default_factory=Failures)
    sent: float = 0.0
    renewed: bool = False
    is_repeatable: bool = True
    is_bulk: bool = False


class Recovery:
    """Says what follows a failed attempt of a call by one policy, and tells the gate.

    Outages are of the whole client, and last as the first policy has it. Calls whose time-out is
    shorter than is usual are `is_hasty`: what takes too long for them says nothing of the server.
    """

    def __init__(self, gate: Gate, watch: Watch, policy: RetryPolicy) -> None:
        self._gate = gate
        self._watch = watch
        self.policy = policy
        self._outage = Outage(policy)
        self._is_hasty = False

    def by(self, policy: RetryPolicy, *, is_hasty: bool) -> Self:
        """The same for calls by another policy: gate and outages are shared."""
        other = copy(self)
        other.policy, other._is_hasty = policy, is_hasty  # noqa: SLF001 - one of its own
        return other

    def answered(self, sent: float) -> None:
        """A request that was sent at `sent` had a good answer."""
        self._outage.answered(sent)

    def give_up(self, tally: Tally) -> None:
        """A call ends with its error."""
        self._outage.give_up(tally.failures)

    def wait_after_cut(self) -> float:
        """The seconds to wait before a page that came cut off is asked for once more."""
        return retry.backoff(self.policy, 1) * _jitter()

    def wait_before_retry(self, error: LedgerError, permit: Permit, tally: Tally) -> float | None:
        """The seconds to wait outside of the gate before another attempt, `None` to give up."""
        match retry.classify(error):
            case Kind.THROTTLED:
                return self._after_throttle(error, permit, tally)
            case Kind.TRANSIENT:
                return self._after_failure(error, permit, tally)
            case Kind.FINAL:
                return None

    def _after_throttle(self, error: LedgerError, permit: Permit, tally: Tally) -> float | None:
        tally.throttles += 1
        wait = self._policy_says(error, tally)
        is_news = not self._gate.has_closed_since(permit)
        # Even if this call gives up: the limit holds for the next call, too.
        seconds = max(wait or 0.0, error.retry_after or 0.0)
        self._gate.pause(seconds, permit, max_wait=self.policy.max_wait)
        if error.retry_after is None:
            error.retry_after = self._gate.opens_in
        if is_news:
            _tell_pause(self._watch, error, self._gate.opens_in)
        return None if wait is None else 0.0

    def _after_failure(self, error: LedgerError, permit: Permit, tally: Tally) -> float | None:
        sits_out, asked = self._records(error, permit, tally), error.retry_after or 0.0
        if self._outage.is_under_way and asked <= self.policy.max_wait:
            # Whoever the probe was for: the next one is not to follow at once.
            hopeless = self._suspend(error, permit, asked)
            if sits_out:
                return None if hopeless else 0.0
        wait = self._policy_says(error, tally)
        if wait is not None and tally.is_repeatable:
            extra = _facts(error, wait=wait, reason="backoff")
            logger.debug("again in %.2f s: %s", wait, error, extra=extra)
        return wait

    def _records(self, error: LedgerError, permit: Permit, tally: Tally) -> bool:
        """Count a failure; true if the call sits out the outage that it belongs to."""
        failures = tally.failures
        before = failures.count
        if self._is_hasty and isinstance(error, RequestTimeoutError):
            failures.count += 1
            return False
        if not before:
            self._gate.fail(permit)  # repeats of the call are no news of the server
        is_of_outage = self._outage.record(
            error, failures, tally.sent, attempts=self.policy.max_attempts
        )
        if is_of_outage and not self.policy.sits_outages_out:
            failures.count = before + 1
            return False
        return is_of_outage

    def _suspend(self, error: LedgerError, permit: Permit, asked: float) -> bool:
        """Close the gate until the next probe of an outage; true if the outage is hopeless."""
        now = _now()
        hopeless = self._outage.is_hopeless(now)
        if hopeless:
            error.outage = self._outage.seconds(now)
        if not self._gate.has_closed_since(permit):
            wait = self._outage.next_probe_in(now, asked=asked, jitter=_jitter())
            self._gate.suspend(wait, error, hopeless=hopeless)
            level = logging.WARNING if self._outage.has_just_begun else logging.INFO
            extra = _facts(error, wait=wait, reason="outage")
            logger.log(level, "outage: every request waits %.1f s: %s", wait, error, extra=extra)
        return hopeless

    def _policy_says(self, error: LedgerError, tally: Tally) -> float | None:
        return retry.wait_before_retry(
            self.policy,
            error,
            failures=tally.failures.count,
            throttles=tally.throttles,
            pauses=self._gate.pauses_in_a_row + 1,
            jitter=_jitter(),
        )


def _facts(error: LedgerError, *, wait: float, reason: WaitReason) -> dict[str, Any]:
    return facts(
        account_id=error.account_id,
        page=error.page,
        attempt=error.attempts,
        wait=wait,
        reason=reason,
    )


def _tell_pause(watch: Watch, error: LedgerError, wait: float) -> None:
    extra = _facts(error, wait=wait, reason="rate limit")
    logger.info("rate limit: every request waits %.1f s", wait, extra=extra)
    if watch.is_observed:
        watch.tell(Throttled(error.status, wait))


def _now() -> float:
    return asyncio.get_running_loop().time()


def _jitter() -> float:
    return random.random()  # noqa: S311 - spreads load, keeps no secret
