"""Decide to ask again, and after how long: plain functions of an error and a policy."""

from __future__ import annotations

from enum import Enum

import msgspec

from ledger_async._protocol.messages import Request
from ledger_async._support import checks
from ledger_async.errors import (
    DecodeError,
    LedgerError,
    RateLimitError,
    ServerError,
    TransportError,
)

_REQUEST_TIMEOUT = 408
_NOT_OFFERED = 501
_UNAVAILABLE = frozenset({502, 503, 504})


class RetryPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The patience of a client: how often a request is repeated, and how long it waits.

    `max_attempts` bounds the tries of a request that fails for a passing reason (connection,
    cut body, 408, 5xx); `max_throttles` bounds how often it may be refused by the rate limit,
    which does not count as a failure. Between failures it waits a random time of up to
    `backoff_base` seconds, doubled each time, never above `backoff_cap` seconds. A rate limit
    that asks for more than `max_wait` seconds raises `RateLimitError` at once, for all calls until
    as many seconds have passed; then one request tries whether the server meant it.

    A server that vanishes in the middle, or answers 502, 503 or 504 from the first request on, is
    another matter: all requests of the client wait, while one at a time probes whether it is back,
    for up to `max_outage` seconds; 0, or a `max_attempts` of 1, turns that off. One that was never
    reached is probed `max_attempts` times.

    A call whose wait would end after the deadline of the caller's anyio scopes raises at once;
    that of `asyncio.timeout` cannot be seen, and cancels the wait. Streams fetch in tasks of
    their own, which no scope of their consumer's reaches.
    """

    max_attempts: int = 5
    max_throttles: int = 20
    backoff_base: float = 0.1
    backoff_cap: float = 20.0
    max_wait: float = 120.0
    max_outage: float = 300.0

    def __post_init__(self) -> None:
        for name in ("max_attempts", "max_throttles"):
            checks.count(f"RetryPolicy {name}", getattr(self, name))
        for name in ("backoff_base", "backoff_cap", "max_wait", "max_outage"):
            checks.seconds(f"RetryPolicy {name}", getattr(self, name))

    @property
    def sits_outages_out(self) -> bool:
        """True if calls wait for the end of an outage."""
        return self.max_outage > 0 and self.max_attempts > 1


class Kind(Enum):
    """The three kinds of failed attempts: each says something else about the next one."""

    THROTTLED = "throttled"
    TRANSIENT = "transient"
    FINAL = "final"


def classify(error: LedgerError) -> Kind:
    """The kind of failure that this error is."""
    match error:
        case RateLimitError():
            return Kind.THROTTLED
        case ServerError():
            return Kind.FINAL if error.status == _NOT_OFFERED else Kind.TRANSIENT
        case TransportError():
            return Kind.TRANSIENT if error.transient else Kind.FINAL
        case DecodeError():
            return Kind.TRANSIENT if error.truncated else Kind.FINAL
        case _:
            return Kind.TRANSIENT if error.status == _REQUEST_TIMEOUT else Kind.FINAL


def is_unavailable(error: LedgerError) -> bool:
    """True if this failure says that the server is not there, rather than that it stumbled."""
    return isinstance(error, TransportError) or error.status in _UNAVAILABLE


def may_repeat(request: Request, error: LedgerError) -> bool:
    """True if nothing can be done twice by sending `request` again after `error`."""
    if request.is_repeatable or classify(error) is Kind.THROTTLED:
        return True
    return isinstance(error, TransportError) and not error.sent


def wait_before_retry(
    policy: RetryPolicy,
    error: LedgerError,
    *,
    failures: int,
    throttles: int,
    pauses: int = 1,
    jitter: float,
) -> float | None:
    """Seconds to wait before asking again, or `None` to give up and raise `error`.

    `failures` and `throttles` count this request's attempts so far, this one included; `pauses`
    counts those of the whole client since a request passed. `jitter` is random, in [0, 1).
    """
    asked = error.retry_after or 0.0
    if asked > policy.max_wait:
        return None
    match classify(error):
        case Kind.TRANSIENT if failures < policy.max_attempts:
            return max(asked, backoff(policy, failures) * jitter)
        case Kind.THROTTLED if throttles < policy.max_throttles and asked:
            return min(policy.max_wait, asked + policy.backoff_base * jitter)
        case Kind.THROTTLED if throttles < policy.max_throttles:
            # The server said nothing that slows us down, but refusals are meant. Pauses that other
            # requests caused count half: doubling each time would sleep through half its windows.
            steps = max(throttles, (pauses + 1) // 2)
            return min(policy.max_wait, backoff(policy, steps) * (1 + jitter) / 2)
        case _:
            return None


def backoff(policy: RetryPolicy, failures: int) -> float:
    """The longest wait after this many failures, in seconds: doubling, up to the cap."""
    # The exponent is bounded because 2.0 ** 1024 does not fit a float.
    return min(policy.backoff_cap, policy.backoff_base * 2.0 ** min(failures - 1, 64))
