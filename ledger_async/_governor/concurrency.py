"""The number of requests in flight: few where the server suffers, more where it copes."""

from __future__ import annotations

# A tenth of random failures costs less than the successes between them give back.
_PER_FAILURE = 0.5


class Concurrency:
    """A number between 1 and `most`: it rises with each success, and falls by what goes wrong.

    After a `restart` it doubles with each round of successes up to half of where it was, and
    from there on grows by one a round.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._level = self._threshold = float(most)
        self._cause = ""

    @property
    def now(self) -> int:
        """Requests that may be in flight."""
        return int(self._level)

    @property
    def reason(self) -> str:
        """The cause that keeps the number below `most`; "" if it is not below."""
        return self._cause if self.now < self.most else ""

    def rise(self) -> None:
        """A request succeeded."""
        if self._level < self.most:
            step = 1.0 if self._level < self._threshold else 1 / self._level
            self._level = min(self.most, self._level + step)

    def fall(self) -> None:
        """A request failed for a passing reason."""
        self._level = max(1.0, self._level - _PER_FAILURE)
        self._cause = "failures"

    def restart(self, cause: str) -> None:
        """The server wants nothing for now: begin with one, later."""
        if self._level > 1:  # else this is not the first restart in a row
            self._threshold = self._level / 2
            self._level = 1.0
        self._cause = cause
