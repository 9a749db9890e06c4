"""What the sections of one client share: its API, and the streams that are live on it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any

from ._caller import Caller
from ._config import Config
from ._governor.gate import Gate
from ._streaming.feed import Feed
from ._transport.transport import Session
from .errors import ConfigurationError, StreamClosedError


class Runtime:
    """One session, one gate and the live streams of one client."""

    def __init__(self, config: Config) -> None:
        self.slots = config.max_concurrency
        self.gate = Gate(config.max_concurrency, max_wait=config.retry.max_wait, probe_first=True)
        self.live: set[Feed[Any]] = set()
        self._session = Session(config.base_url, timeout=config.timeout)
        self.caller = Caller(
            self._session, config.auth, self.gate, config.retry, timeout=config.timeout
        )
        self.loop = self.caller.loop

    async def close(self) -> None:
        """End the live streams, turn further requests away, then close the session.

        In this order, because a session that is closed under a request would cancel it. Raises
        `ConfigurationError` on another event loop than that of the client.
        """
        self.loop.leave()
        # All of it, though this task may be cancelled meanwhile.
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._session.close)
            for feed in self.live:
                feed.end(StreamClosedError("the client was closed under the stream"))
                closing.push_async_callback(feed.reap)
            self.gate.shut(_closed)


def _closed() -> ConfigurationError:
    return ConfigurationError("the client is closed")
