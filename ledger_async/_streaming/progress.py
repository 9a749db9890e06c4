"""Running totals of a stream, and how the client's limits hold it back."""

from __future__ import annotations

import msgspec

from ledger_async._governor.gate import Gate
from ledger_async._transport.attempts import Traffic


class _Standstill(msgspec.Struct, frozen=True):
    """The figures of a gate when the stream ended, in place of the gate, which goes on."""

    held_seconds: float
    opens_in: float
    concurrency: int
    concurrency_reason: str


class Progress:
    """Running totals of one stream: accounts, pages answered, and nodes handed to the consumer.

    `accounts_known` is how many ids there are, where their container tells, else how many have
    been met so far. `nodes_known` is how many nodes the accounts that were begun said to have.

    `concurrency` is how many requests of the client may be in flight. Where that is less than the
    client was given, `concurrency_reason` says why: "rate limit" or "failures" some time ago, or
    "probing" just now, to find out whether requests pass again. Else the reason is "".

    `attempts` and the totals beside it are of the stream's own requests, and of no other.
    """

    def __init__(self, gate: Gate, accounts_known: int, traffic: Traffic | None = None) -> None:
        self.accounts_done = 0
        self.accounts_known = accounts_known
        self.pages = 0
        self.nodes = 0
        self.nodes_known = 0
        self._traffic = traffic or Traffic()
        self._gate: Gate | _Standstill = gate
        self._held_before = gate.held_seconds

    @property
    def attempts(self) -> int:
        """Requests that were sent, repeats included."""
        return self._traffic.attempts

    @property
    def retries(self) -> int:
        """Those of the `attempts` that were repeats."""
        return self._traffic.retries

    @property
    def throttles(self) -> int:
        """Those of the `attempts` that the rate limit refused."""
        return self._traffic.throttles

    @property
    def resends(self) -> int:
        """Those of the `attempts` that were sent twice, as a kept connection had been closed."""
        return self._traffic.resends

    @property
    def waited(self) -> float:
        """Seconds for which the rate limit held requests of the client back meanwhile."""
        return self._gate.held_seconds - self._held_before

    @property
    def wait_left(self) -> float:
        """Seconds until the rate limit lets the next request pass, 0 when it holds none."""
        return self._gate.opens_in

    @property
    def concurrency(self) -> int:
        """Requests of the client that may be in flight at once."""
        return self._gate.concurrency

    @property
    def concurrency_reason(self) -> str:
        """The reason why `concurrency` is less than the client was given, else ""."""
        return self._gate.concurrency_reason

    def stop(self) -> None:
        """Keep every figure as it is now."""
        gate = self._gate
        self._gate = _Standstill(
            held_seconds=gate.held_seconds,
            opens_in=0.0,
            concurrency=gate.concurrency,
            concurrency_reason=gate.concurrency_reason,
        )

    def __repr__(self) -> str:
        reason = self.concurrency_reason
        concurrency = f", concurrency={self.concurrency} ({reason})" if reason else ""
        return (
            f"Progress(accounts={self.accounts_done}/{self.accounts_known}, pages={self.pages}, "
            f"nodes={self.nodes}, waited={self.waited:.1f}{concurrency})"
        )
