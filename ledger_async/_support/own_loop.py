"""The event loop that a client belongs to: futures and tasks of another loop would wake nobody."""

from __future__ import annotations

import asyncio
import os

from ledger_async.errors import ConfigurationError

_NONE = "no event loop runs here: use the client in a coroutine, and let a handler be `async def`"
_FORKED = (
    "a client belongs to the event loop of its first use, and this process was forked since: "
    "make a client in each process, such as in the lifespan of a web application"
)
_ENDED = (
    "a client belongs to the event loop of its first use, which has ended: make a client for each "
    "loop, or have one loop for all, as a TestClient has inside `with TestClient(app)`"
)
_ANOTHER = (
    "a client belongs to the event loop of its first use, which is not this one: make a client for "
    "each loop, or hand the work to that one by `asyncio.run_coroutine_threadsafe`"
)


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of this thread; raise `ConfigurationError` where none runs."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(_NONE) from None


class OwnLoop:
    """Belongs to the event loop on which it was first entered."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0

    def enter(self) -> asyncio.AbstractEventLoop:
        """Return the running loop; raise `ConfigurationError` unless the first use was on it."""
        loop = running_loop()
        if self._loop is not loop:
            if self._loop is not None:
                raise ConfigurationError(self._complaint(self._loop))
            self._loop, self._process = loop, os.getpid()
        return loop

    def leave(self) -> None:
        """Enter in order to close; where the own loop has ended, any other may do that."""
        if self._loop is not None and not self._loop.is_closed():
            self.enter()

    def _complaint(self, own: asyncio.AbstractEventLoop) -> str:
        """The reason why this loop is not the own one, and the remedy."""
        if self._process != os.getpid():
            return _FORKED
        return _ENDED if own.is_closed() else _ANOTHER
