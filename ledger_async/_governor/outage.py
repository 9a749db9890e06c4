"""Tell an outage from failures of single requests, by a budget for repeats."""

from __future__ import annotations

import math

import msgspec

from ledger_async.errors import LedgerError, TransportError

from . import retry
from .retry import RetryPolicy

_LEAST_CAPACITY = 10
_PER_SUCCESS = 0.2

# Seconds between probes, also for a policy without backoff: an outage is long, and an answer fast.
_LEAST_WAIT = 0.05


class Budget:
    """Tokens for repeats, earned by successes: few failures among many are free."""

    def __init__(self, capacity: float) -> None:
        self._capacity = self._tokens = capacity

    def take(self) -> bool:
        """Take a token out; false if there is none."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def add(self, tokens: float) -> None:
        """Put tokens in, up to the capacity."""
        tokens += self._tokens
        self._tokens = tokens if tokens < self._capacity else self._capacity  # noqa: FURB136 - as in `Window`


class Failures(msgspec.Struct):
    """The failures that count against one call, and the tokens that their repeats have taken.

    The first was sent at `since`, and its repeat at `repeated`.
    """

    count: int = 0
    since: float = math.inf
    repeated: float = math.inf
    tokens: int = 0


class Outage:
    """Tells a server that is gone from a request that fails, and says when to probe it.

    An outage begins where a call would give up on a server that is unavailable, or fails again
    while the budget is empty, and nothing that was sent since the call began to fail was answered
    well. It ends with a good answer, and is hopeless after `max_outage` seconds. Where nothing
    ever answered, not even that it cannot, as at a wrong address, it begins at once, and is
    hopeless after `max_attempts` requests of all calls together.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        # One call alone must not look like an outage, however often it may fail.
        self._budget = Budget(max(_LEAST_CAPACITY, policy.max_attempts))
        self._is_there = False
        self._last_good = -math.inf
        self._since: float | None = None
        self._probes = 0

    def answered(self, sent: float) -> None:
        """A request that was sent at `sent` had a good answer."""
        self._budget.add(_PER_SUCCESS)
        self._is_there = True
        self._last_good = max(sent, self._last_good)
        # A server that goes may still answer what it had taken on before.
        if self._since is None or sent > self._since:
            self._since = None
            self._probes = 0

    def record(
        self, error: LedgerError, failures: Failures, sent: float, *, attempts: int | None = None
    ) -> bool:
        """Count a failure of what was sent at `sent`; true if it belongs to an outage.

        If not, it counts against its call, which gives up after so many `attempts`.
        """
        attempts = self._policy.max_attempts if attempts is None else attempts
        self._is_there |= not isinstance(error, TransportError)
        failures.since = min(failures.since, sent)
        failures.count += 1
        if failures.count <= min(2, attempts - 1):
            failures.repeated = sent
        if self._since is None and self._begins(error, failures, attempts):
            self._since = failures.since
        if self._since is None:
            return False
        failures.count, failures.since, failures.repeated = 0, math.inf, math.inf
        return True

    def give_up(self, failures: Failures) -> None:
        """A call ends with its error: its repeats are over, and their tokens are for others."""
        self._budget.add(failures.tokens)

    def seconds(self, now: float) -> float:
        """Seconds that the outage has lasted; 0 if there is none."""
        return 0.0 if self._since is None else now - self._since

    @property
    def is_under_way(self) -> bool:
        """True from its beginning to the next good answer."""
        return self._since is not None

    @property
    def has_just_begun(self) -> bool:
        """True if there was one failure of this outage so far."""
        return self._probes == 1

    def is_hopeless(self, now: float) -> bool:
        """True if a failure now is one too many."""
        if not self._is_there:
            return self._probes + 1 >= self._policy.max_attempts
        return self.seconds(now) >= self._policy.max_outage

    def next_probe_in(self, now: float, *, asked: float, jitter: float) -> float:
        """Seconds to let the server alone, at least as long as it asked for."""
        self._probes += 1
        if not self._is_there and self._probes >= self._policy.max_attempts:
            # Whoever waits is told that nobody is there, and whoever comes next may see anew.
            self._since, self._probes = None, 0
            return asked
        wait = max(_LEAST_WAIT, retry.backoff(self._policy, self._probes) * jitter)
        left = self._policy.max_outage - self.seconds(now)
        return max(asked, min(wait, left) if left > 0 else wait)

    def _begins(self, error: LedgerError, failures: Failures, attempts: int) -> bool:
        policy = self._policy
        has_token = self._budget.take()
        failures.tokens += has_token
        if not policy.sits_outages_out:
            return False
        if not self._is_there:
            return True
        is_cut = isinstance(error, TransportError)
        # A server that goes cuts off what it took on long ago, beside what it still answered.
        if self._last_good >= (failures.repeated if is_cut else failures.since):
            return False  # others are answered
        is_spent = failures.count >= attempts and retry.is_unavailable(error)
        return is_spent or (failures.count > 1 and not has_token)
