"""Requests by way of aiohttp's session, with all that others may have put into it.

That is slower, and shows aiohttp the headers and the body: whatever fails here is to lose its
frames.
"""

from __future__ import annotations

import aiohttp
from yarl import URL

from ledger_async._protocol.messages import Headers, Request

from .http_transport import HttpTransport


class AiohttpTransport(HttpTransport):
    """Sends as aiohttp's session does, and asks no more of aiohttp than it promises."""

    async def begin(self, request: Request, headers: Headers) -> aiohttp.ClientResponse:
        """Send the request and wait for the head of its answer."""
        kind = {} if request.content is None else {"Content-Type": "application/json"}
        return await self.http.opened().request(
            request.method,
            self._url(request),
            headers={**headers.reveal(), **kind},
            data=request.content,
            allow_redirects=False,
            raise_for_status=False,
        )

    def _url(self, request: Request) -> URL:
        base = self.http.base
        # Not parsed, and not quoted again.
        return URL.build(
            scheme=base.scheme,
            authority=base.raw_authority,
            path=base.raw_path.rstrip("/") + request.path,
            query_string=request.query,
            encoded=True,
        )
