"""The protocol of limiters, which keep one rate for the clients of many processes."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ledger_async._protocol.rate_limit_headers import Quota


@runtime_checkable
class Limiter(Protocol):
    """Says when each request of a client may start, because others spend from the same limit.

    One that works takes the place of the client's own pace. As soon as `acquire` raises, whatever
    it raises, the client goes back to its own pace, says so in the log, and asks again a second
    later: no request fails because of a limiter. The client that was given it closes it.
    """

    async def acquire(self, *, interactive: bool) -> None:
        """Wait until one more request may start; `interactive` ones pass the others.

        Called for several requests at once, and cancelled for those that nobody waits for any more.
        """

    def learn(self, quota: Quota) -> None:
        """An answer told what the API allows: a hint, which is to take no time."""

    def throttled(self, seconds: float) -> None:
        """The API refused a request, and the client will ask nothing for so long: a hint, too."""

    async def aclose(self) -> None:
        """Let go of whatever is held; nothing is asked afterwards."""
