"""Requests by way of aiohttp's session, with all that others may have put into it.

That is slower, and shows aiohttp what it is given: whatever fails here is to lose its frames.
"""

from __future__ import annotations

import aiohttp
from yarl import URL

from ledger_async._protocol.messages import Headers, Request


class Plain:
    """Sends requests to one origin as aiohttp's session does."""

    def __init__(self, http: aiohttp.ClientSession, base: URL) -> None:
        self._http = http
        self._scheme, self._authority = base.scheme, base.raw_authority
        self._path = base.raw_path.rstrip("/")

    async def send(self, request: Request, headers: Headers) -> aiohttp.ClientResponse:
        """The beginning of the answer."""
        # Not parsed, and not quoted again.
        url = URL.build(
            scheme=self._scheme,
            authority=self._authority,
            path=self._path + request.path,
            query_string=request.query,
            encoded=True,
        )
        kind = {} if request.content is None else {"Content-Type": "application/json"}
        return await self._http.request(
            request.method,
            url,
            headers={**headers.reveal(), **kind},
            data=request.content,
            allow_redirects=False,
            raise_for_status=False,
        )
