"""The endpoints: each reads the workspace and returns a true answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from aiohttp import web

from ._journal import SEEN
from ._query import AccountSearch, Paging, parse
from ._replies import reply

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ._clock import Clock
    from ._credentials import Gatekeeper
    from ._script import Script
    from ._workspace import Workspace

T = TypeVar("T")


class KeyCredentials(msgspec.Struct):
    """The body of `POST /auth/token`."""

    api_key_id: str
    api_key_secret: str


class Refresh(msgspec.Struct):
    """The body of `POST /auth/token/refresh`."""

    refresh_token: str


class Api:
    """Handlers over one workspace."""

    def __init__(
        self,
        workspace: Workspace,
        gatekeeper: Gatekeeper,
        script: Script,
        clock: Clock,
        max_page_size: int,
    ) -> None:
        self._workspace = workspace
        self._gatekeeper = gatekeeper
        self._script = script
        self._clock = clock
        self._max_page_size = max_page_size

    def routes(self) -> list[web.RouteDef]:
        """Return every endpoint with its handler."""
        account = "/accounts/{account_id:[0-9]{1,18}}"
        return [
            web.get("/accounts", self.accounts),
            web.get(account, self.account),
            web.get(f"{account}/nfts", self.nfts),
            web.get(f"{account}/nft-collections", self.nft_collections),
            web.get(f"{account}/nft-portfolio", self.nft_portfolio),
            web.post("/auth/token", self.token),
            web.post("/auth/token/refresh", self.refresh),
        ]

    async def accounts(self, request: web.Request) -> web.Response:
        """Search accounts; 404 for a filter that does not exist."""
        unknown = request.query.keys() - set(AccountSearch.__struct_fields__)
        if unknown:
            raise web.HTTPNotFound(text=f"no such filter: {min(unknown)}")
        query = parse(request.query, AccountSearch)
        return self._page(request, query, self._workspace.search(query), _itself)

    async def account(self, request: web.Request) -> web.Response:
        """Show one account."""
        return reply(_find(request, self._workspace.account).body)

    async def nfts(self, request: web.Request) -> web.Response:
        """List the NFTs of an account."""
        holdings = _find(request, self._workspace.holdings)
        query = parse(request.query, Paging)
        return self._page(request, query, holdings.serials, holdings.nft)

    async def nft_collections(self, request: web.Request) -> web.Response:
        """List the collections that an account holds NFTs of."""
        holdings = _find(request, self._workspace.holdings)
        query = parse(request.query, Paging)
        return self._page(request, query, holdings.collections(), _itself)

    async def nft_portfolio(self, request: web.Request) -> web.Response:
        """Say what the NFTs of an account are worth."""
        return reply(_find(request, self._workspace.holdings).portfolio())

    async def token(self, request: web.Request) -> web.Response:
        """Trade a key for a pair of tokens."""
        key = await _body(request, KeyCredentials)
        if not self._gatekeeper.knows(key.api_key_id, key.api_key_secret):
            raise web.HTTPUnauthorized(text="unknown api_key_id or wrong api_key_secret")
        return reply(self._gatekeeper.issue(self._clock.now()))

    async def refresh(self, request: web.Request) -> web.Response:
        """Trade a refresh token for a new pair; each works once."""
        old = await _body(request, Refresh)
        if not self._gatekeeper.redeem(old.refresh_token):
            raise web.HTTPUnauthorized(text="unknown or used refresh_token")
        return reply(self._gatekeeper.issue(self._clock.now()))

    def _page(
        self,
        request: web.Request,
        query: Paging,
        listing: Sequence[T],
        node: Callable[[T], dict[str, Any]],
    ) -> web.Response:
        span = query.span(self._max_page_size)
        page = {
            "edges": [
                {"cursor": cursor, "node": node(item)} for cursor, item in enumerate(listing[span])
            ],
            "page_info": {"count": len(listing), "has_next_page": span.stop < len(listing)},
        }
        return reply(self._script.rewritten(request[SEEN], page))


def _itself(node: dict[str, Any]) -> dict[str, Any]:
    return node


def _find(request: web.Request, lookup: Callable[[int], T]) -> T:
    account_id = int(request.match_info["account_id"])
    try:
        return lookup(account_id)
    except KeyError:
        raise web.HTTPNotFound(text=f"no account {account_id}") from None


async def _body(request: web.Request, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=str(error)) from error
