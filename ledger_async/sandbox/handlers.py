"""Handlers between HTTP and the workspace: routes as aiohttp knows them, answers, refusals."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web

from ledger_async.models.base.payload import Payload

from ._data.shelf import RefusedError, UnknownError
from ._http.journal import SEEN
from ._http.payload import decoded
from ._http.replies import reply
from ._routes import ROUTES
from ._routes.route import Asked, PageOf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiohttp.typedefs import Handler

    from ._data.workspace import Workspace
    from ._http.clock import Clock
    from ._http.credentials import Credentials, Gatekeeper
    from ._http.script import Script
    from ._routes.route import Route

# Pledges and settlements are known by UUID as well.
_WHOLE_NUMBER = re.compile(r"\{(index|(?!pledge_id|settlement_id|url_id)\w+_id)\}")


class KeyCredentials(Payload, frozen=True, kw_only=True):
    """The body of `POST /auth/token`."""

    api_key_id: str
    api_key_secret: str


class Refresh(Payload, frozen=True, kw_only=True):
    """The body of `POST /auth/token/refresh`."""

    refresh_token: str


class Api:
    """Handlers over one workspace."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        credentials: Credentials,
        gatekeeper: Gatekeeper,
        script: Script,
        clock: Clock,
        max_page_size: int,
    ) -> None:
        self._workspace = workspace
        self._credentials = credentials
        self._gatekeeper = gatekeeper
        self._script = script
        self._clock = clock
        self._max_page_size = max_page_size

    def routes(self) -> list[web.RouteDef]:
        """Return every endpoint with its handler."""
        return [
            *map(self._route, ROUTES),
            web.post("/auth/token", self.token),
            web.post("/auth/token/refresh", self.refresh),
        ]

    def _route(self, route: Route) -> web.RouteDef:
        path = _WHOLE_NUMBER.sub(r"{\1:[0-9]{1,18}}", route.path)
        handler = self._serving(route)
        if route.method == "GET":
            return web.get(path, handler)
        return web.route(route.method, path, handler)

    def _serving(self, route: Route) -> Handler:
        async def serve(request: web.Request) -> web.Response:
            if route.lam and not self._gatekeeper.is_through_lam(request.headers):
                raise web.HTTPForbidden(text=f"only a LAM serves {route.method} {route.path}")
            body = await request.read()
            asked = Asked(request.match_info, request.query, body, self._credentials)
            with _explained():
                found = route.handler(self._workspace, asked)
                return self._page(request, found) if isinstance(found, PageOf) else reply(found)

        return serve

    async def token(self, request: web.Request) -> web.Response:
        """Trade a key for a pair of tokens."""
        with _explained():
            key = decoded(await request.read(), KeyCredentials)
        if not self._gatekeeper.knows(key.api_key_id, key.api_key_secret):
            raise web.HTTPUnauthorized(text="unknown api_key_id or wrong api_key_secret")
        return reply(self._gatekeeper.issue(self._clock.now()))

    async def refresh(self, request: web.Request) -> web.Response:
        """Trade a refresh token for a new pair; each works once."""
        with _explained():
            old = decoded(await request.read(), Refresh)
        if not self._gatekeeper.redeem(old.refresh_token):
            raise web.HTTPUnauthorized(text="unknown or used refresh_token")
        return reply(self._gatekeeper.issue(self._clock.now()))

    def _page(self, request: web.Request, listed: PageOf) -> web.Response:
        span, items = listed.query.span(self._max_page_size), listed.items
        page: dict[str, Any] = {
            "edges": [
                {"cursor": cursor, "node": listed.show(item)}
                for cursor, item in enumerate(items[span])
            ],
            "page_info": {"count": len(items), "has_next_page": span.stop < len(items)},
        }
        return reply(self._script.rewritten(request[SEEN], page))


@contextmanager
def _explained() -> Iterator[None]:
    """Give refusals of the workspace their status."""
    try:
        yield
    except UnknownError as unknown:
        raise web.HTTPNotFound(text=str(unknown)) from unknown
    except RefusedError as refused:
        if refused.status == web.HTTPNotImplemented.status_code:
            raise web.HTTPNotImplemented(text=str(refused)) from refused
        raise web.HTTPBadRequest(text=str(refused)) from refused
