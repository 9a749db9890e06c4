"""The rate limit that a sandbox plays: a fixed window, its headers and its refusals."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from math import ceil
from typing import TYPE_CHECKING, Literal

from ledger_async.errors import ConfigurationError

from .clock import http_date

if TYPE_CHECKING:
    from .clock import Clock


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`requests` in each window of `seconds`, and how the server words it.

    A window opens with the first request after the last one ended; a refused request uses up
    nothing. The documentation leaves the wording open, so each form can be played: `reset` as
    seconds to wait or as Unix time, `retry_after` as seconds, as an HTTP date or not at all,
    seconds whole (rounded up, at least 1) or `fractional`, all these `headers` or none of
    them, and the refusal's `status`: 420, or 429 as gateways have it.
    """

    requests: int
    seconds: float = 1.0
    _: KW_ONLY
    reset: Literal["seconds", "unix"] = "seconds"
    retry_after: Literal["seconds", "date"] | None = "seconds"
    fractional: bool = False
    headers: bool = True
    status: int = 420

    def __post_init__(self) -> None:
        if self.requests < 1 or self.seconds <= 0:
            raise ConfigurationError("a rate limit lets at least 1 request pass in a time above 0")

    @classmethod
    def per_second(cls, rate: float) -> RateLimit:
        """Return the shortest window of whole requests that comes to `rate` a second."""
        if rate <= 0:
            raise ConfigurationError(f"rate_limit must be above 0 requests a second, not {rate}")
        return cls(ceil(rate), ceil(rate) / rate)


class Window:
    """The requests still free under a limit, and the headers that tell."""

    def __init__(self, limit: RateLimit, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._left = 0
        self._ends = -1.0

    def admit(self) -> bool:
        """Take one request from the window; false when none is left."""
        self._roll()
        if not self._left:
            return False
        self._left -= 1
        return True

    def headers(self) -> dict[str, str]:
        """Return what every answer says of the limit, as it stands when the answer leaves."""
        if not self.limit.headers:
            return {}
        wait = self._roll()
        unix = self._clock.unix(self._ends)
        return {
            "X-RateLimit-Limit": str(self.limit.requests),
            "X-RateLimit-Remaining": str(self._left),
            "X-RateLimit-Reset": self._number(unix if self.limit.reset == "unix" else wait),
        }

    def retry_after(self) -> dict[str, str]:
        """Return what a refusal says on top."""
        if not self.limit.headers or self.limit.retry_after is None:
            return {}
        wait = self._roll()
        if self.limit.retry_after == "date":
            return {"Retry-After": http_date(ceil(self._clock.unix(self._ends)))}
        return {"Retry-After": self._number(wait)}

    def _roll(self) -> float:
        """Open a new window if the last one is over; return the seconds left in this one."""
        now = self._clock.now()
        if now >= self._ends:
            self._ends = now + self.limit.seconds
            self._left = self.limit.requests
        return self._ends - now

    def _number(self, seconds: float) -> str:
        return f"{seconds:.3f}" if self.limit.fractional else str(max(1, ceil(seconds)))
