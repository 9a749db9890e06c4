"""The server's two clocks, both driven by the event loop so that a virtual loop moves both."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate


class Clock:
    """Loop time for durations, and the wall time that belongs to it for dates."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._epoch = time.time() - self._loop.time()

    def now(self) -> float:
        """Return the loop's time in seconds."""
        return self._loop.time()

    def unix(self, now: float) -> float:
        """Return the Unix time that belongs to the loop time `now`."""
        return self._epoch + now


def http_date(unix: float) -> str:
    """Return `unix` as HTTP writes it, to the second, rounded down."""
    return formatdate(int(unix), usegmt=True)
