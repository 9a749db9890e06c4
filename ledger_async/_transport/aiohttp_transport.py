"""Requests by way of aiohttp's session, with all that others may have put into it.

That is slower, and shows aiohttp the headers and the body: whatever fails here is to lose its
frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import aiohttp
from yarl import URL

from ledger_async._protocol.messages import Headers, Request

from .failures import refused_by_proxy
from .http_transport import HttpTransport
from .pool import Sending, sending
from .proxy import Proxy


class AiohttpTransport(HttpTransport):
    """Sends as aiohttp's session does, and asks no more of aiohttp than it promises."""

    async def begin(
        self, request: Request, headers: Headers, attempt: Sending
    ) -> aiohttp.ClientResponse:
        """Send the request and wait for the head of its answer."""
        sending.set(attempt)
        proxy = self.http.network.proxy
        answer = await self.http.opened().request(
            request.method,
            self._url(request),
            headers=self._headers(request, headers),
            data=request.content,
            allow_redirects=False,
            raise_for_status=False,
            proxy=None if proxy is None else proxy.url,
            proxy_headers=None if proxy is None else proxy.headers(),
        )
        if answer.status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and self._reader():
            answer.close()
            raise refused_by_proxy(answer.status, proxy)
        return answer

    def _headers(self, request: Request, headers: Headers) -> Mapping[str, str]:
        kind = {} if request.content is None else {"Content-Type": "application/json"}
        reader = self._reader()
        return {**headers.reveal(), **kind, **({} if reader is None else reader.headers())}

    def _reader(self) -> Proxy | None:
        """The proxy, if requests are in plain http: it reads them, and finds its headers there.

        To others aiohttp gives their headers when it asks for the tunnel.
        """
        return self.http.network.proxy if self.http.base.scheme == "http" else None

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
