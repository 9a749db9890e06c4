"""The steps of a request on its way to its handler and back, one middleware each."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import hdrs, web

from .clock import http_date
from .journal import SEEN
from .replies import error, packed

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

    from .clock import Clock
    from .credentials import Gatekeeper
    from .journal import Journal, SeenRequest
    from .limit import Window
    from .script import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The steps around every handler, outermost first in `middlewares`.

    The API's documentation is silent on their order. Here a stranger's 401 costs the owner no
    quota, a fault does, as it would behind a gateway, and callbacks see only what is answered
    from the data.
    """

    journal: Journal
    gatekeeper: Gatekeeper
    window: Window | None
    script: Script
    clock: Clock
    latency: float
    compress: bool

    @property
    def middlewares(self) -> list[Middleware]:
        """Return the steps, outermost first."""
        return [self.watch, self.explain, self.authenticate, self.limit, self.fail, self.serve]

    @web.middleware
    async def watch(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Record the request, and send the answer while it still counts as under way."""
        with self.journal.watch(request, self.clock.now()) as seen:
            response = await handler(request)
            await self._send(request, response, seen)
            return response

    @web.middleware
    async def explain(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Give refusals the contract's error body."""
        try:
            return await handler(request)
        except web.HTTPException as refusal:
            return error(refusal.status, refusal.text or refusal.reason)

    @web.middleware
    async def authenticate(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn away whoever brings no valid credentials."""
        if not request.path.startswith("/auth/"):
            objection = self.gatekeeper.objection(request.headers, self.clock.now())
            if objection:
                raise web.HTTPUnauthorized(text=objection)
        return await handler(request)

    @web.middleware
    async def limit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Turn away what is over the rate limit."""
        if self.window is None or self.window.admit():
            return await handler(request)
        self.journal.refusals += 1
        limit = self.window.limit
        message = f"over the limit of {limit.requests} requests in {limit.seconds:g} s"
        return error(limit.status, message, headers=self.window.retry_after())

    @web.middleware
    async def fail(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Play the fault whose turn it is."""
        fault = self.script.take(request[SEEN])
        return await (fault.play(request, handler) if fault else handler(request))

    @web.middleware
    async def serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Take the time that an answer takes, and answer."""
        await asyncio.sleep(self.latency)
        self.script.notify(request[SEEN])
        response = await handler(request)
        wanted = self.compress and "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        return packed(response) if wanted else response

    async def _send(
        self, request: web.Request, response: web.StreamResponse, seen: SeenRequest
    ) -> None:
        if request.transport is None or request.transport.is_closing():
            return
        seen.status = response.status
        for name, value in self._stamps().items():
            response.headers.setdefault(name, value)
        with suppress(ConnectionError):  # the client may leave at any time
            await response.prepare(request)
            await response.write_eof()

    def _stamps(self) -> dict[str, str]:
        date = {"Date": http_date(self.clock.unix(self.clock.now()))}
        return date if self.window is None else date | self.window.headers()
