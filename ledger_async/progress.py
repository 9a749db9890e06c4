"""What a stream says of itself while it runs: totals, and a report for each account."""

from __future__ import annotations

import msgspec

from .errors import LedgerError
from .gate import Gate
from .walk import Status


class AccountReport(msgspec.Struct):
    """What is known about one account's listing.

    `status` is `"exact"` once it is proven that every node that was there throughout has been
    yielded, else `"unverified"`. `nodes` counts those released to the reader, `pages` the
    answers; `error` is what ended the account early.
    """

    status: Status = "unverified"
    nodes: int = 0
    pages: int = 0
    duplicates_dropped: int = 0
    error: LedgerError | None = None


class Progress:
    """Running totals of one stream: accounts, pages answered, and nodes handed to the reader.

    `accounts_known` is how many ids there are, where their container tells, else how many have
    been met so far.
    """

    def __init__(self, gate: Gate, accounts_known: int) -> None:
        self.accounts_done = 0
        self.accounts_known = accounts_known
        self.pages = 0
        self.nodes = 0
        self._gate = gate
        self._waited_before = gate.held_seconds
        self._waited: float | None = None

    @property
    def waited(self) -> float:
        """Seconds for which the rate limit held requests of the client back meanwhile."""
        if self._waited is not None:
            return self._waited
        return self._gate.held_seconds - self._waited_before

    @property
    def wait_left(self) -> float:
        """Seconds until the rate limit lets the next request pass, 0 when it holds none."""
        return 0.0 if self._waited is not None else self._gate.opens_in

    def stop(self) -> None:
        """Keep the totals as they are now."""
        self._waited = self.waited

    def __repr__(self) -> str:
        return (
            f"Progress(accounts={self.accounts_done}/{self.accounts_known}, pages={self.pages}, "
            f"nodes={self.nodes}, waited={self.waited:.1f})"
        )
