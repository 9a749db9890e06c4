"""One client, wired together: its transport, its gate, its caller and its live streams."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from copy import copy
from typing import Any, Self

from ._caller import Caller
from ._config import CallOptions, Config
from ._governor.gate import Gate
from ._streaming.feed import Feed
from ._support.live import Live
from ._support.observer import Watch
from ._transport.choosing_transport import transport_to
from ._transport.transport import Transport
from .errors import ConfigurationError, StreamClosedError


class Runtime:
    """Everything that the sections of one client share."""

    def __init__(self, config: Config) -> None:
        self.slots = config.max_concurrency
        self.gate = Gate(
            config.max_concurrency,
            max_wait=config.options.retry.max_wait,
            probe_first=True,
            limiter=config.limiter,
        )
        self.live = Live[Feed[Any]]()
        self._closes_transport = config.transport is None
        self.transport: Transport = (
            transport_to(config.base_url, config.network, timeout=config.options.timeout)
            if config.transport is None
            else config.transport
        )
        self.watch = Watch(config.observer)
        self.caller = Caller(
            self.transport,
            config.auth,
            self.gate,
            config.options,
            live=self.live,
            watch=self.watch,
        )
        self.loop = self.caller.loop

    def with_options(self, options: CallOptions) -> Self:
        """The same for calls with other options: all that is shared stays shared."""
        view = copy(self)
        view.caller = self.caller.with_options(options)
        return view

    async def drain(self, timeout: float) -> None:  # noqa: ASYNC109 - it raises nothing
        """Begin nothing more, and return once all is over that had begun, or after so long."""
        self.loop.leave()
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.live.drain()

    async def close(self) -> None:
        """End the live streams, turn further requests away, then close the transport.

        In this order, because a transport that is closed under a request would cancel it. One that
        was passed in stays open: whoever opened it closes it. A limiter is closed last. Raises
        `ConfigurationError` on another event loop than that of the client.
        """
        self.loop.leave()
        # All of it, though this task may be cancelled meanwhile.
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self.gate.pace.aclose)
            if self._closes_transport:
                closing.push_async_callback(self.transport.close)
            for feed in self.live.streams:
                feed.end(StreamClosedError("the client was closed under the stream"))
                closing.push_async_callback(feed.reap)
            self.gate.shut(_closed)


def _closed() -> ConfigurationError:
    return ConfigurationError("the client is closed")
