"""The event loop that a client belongs to: futures and tasks of another loop would wake nobody."""

from __future__ import annotations

import asyncio

from ledger_async.errors import ConfigurationError


class OwnLoop:
    """Belongs to the event loop on which it was first entered."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None

    def enter(self) -> asyncio.AbstractEventLoop:
        """Return the running loop; raise `ConfigurationError` unless the first use was on it."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                raise ConfigurationError("a client belongs to the event loop of its first use")
            self._loop = loop
        return loop

    def leave(self) -> None:
        """Enter in order to close; where the own loop has ended, any other may do that."""
        if self._loop is not None and not self._loop.is_closed():
            self.enter()
