"""The permits of a gate: how many are out, how many may be, and which still count."""

from __future__ import annotations

from .concurrency import Concurrency
from .waiter import Permit


class Permits:
    """Gives as many as the server copes with; one at a time while probing.

    Each closing makes those that are out worthless: what comes of them is no news, and the next
    one is for a probe.
    """

    def __init__(self, most: int, *, probe_first: bool) -> None:
        self._concurrency = Concurrency(most)
        self._closings = 0
        self.is_probing = probe_first
        self.given = self._given_since_closing = 0

    @property
    def most(self) -> int:
        """Requests that may be in flight now."""
        return 1 if self.is_probing else self._concurrency.now

    @property
    def left(self) -> int:
        """Permits that may be given now."""
        free = self.most - self._given_since_closing
        return max(0, min(free, self._concurrency.most - self.given))

    @property
    def is_out(self) -> bool:
        """True if none is left."""
        return self._given_since_closing >= self.most or self.given >= self._concurrency.most

    @property
    def reason(self) -> str:
        """The cause that keeps their number low: "probing", "rate limit", "failures", or ""."""
        is_closed = self.is_probing and self._closings
        return "probing" if is_closed else self._concurrency.reason

    def count(self, permit: Permit) -> bool:
        """True if the gate has not closed since this permit was given."""
        return permit == self._closings

    def give(self) -> Permit:
        """Give one more."""
        self.given += 1
        self._given_since_closing += 1
        return self._closings

    def take_back(self, permit: Permit) -> bool:
        """Take one back; true if it still counts."""
        self.given -= 1
        counts = self.count(permit)
        self._given_since_closing -= counts
        return counts

    def rise(self) -> None:
        """A request succeeded."""
        self._concurrency.rise()

    def fall(self) -> None:
        """A request failed, for a reason that may pass; probes are no news."""
        if not self.is_probing:
            self._concurrency.fall()

    def close(self, cause: str, *, restart: bool) -> None:
        """From now on a probe is next; after a `restart`, few follow."""
        if restart:
            self._concurrency.restart(cause)
        self._closings += 1
        self._given_since_closing = 0
        self.is_probing = True
