"""Pages of a listing, fetched and decoded as one caller wants them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import msgspec

from ledger_async._caller import Caller
from ledger_async._exactness.pages import PageRead, PageRequest
from ledger_async._protocol import codec
from ledger_async._protocol.messages import RawPage, Request
from ledger_async.errors import DecodeError, ResponseTooLargeError, without_frames
from ledger_async.models.base.paging import Page, page_of

from .invalid_nodes import decode_page, raw_page
from .node_keys import node_keys_of
from .options import StreamOptions


class PageSource:
    """Fetches and decodes the pages of a listing as its options say.

    In pages for a walk, nodes that do not decode become an `InvalidNode` each, unless
    `on_invalid` is `"raise"`.
    """

    def __init__(self, caller: Caller, options: StreamOptions) -> None:
        endpoint, node_type = options.endpoint, options.node_type
        self._caller = caller
        self._path, self._filters = endpoint.path, options.query
        self._page_size = options.page_size
        self._node_type = node_type
        self._decode = codec.decoder(page_of(node_type))
        self._identity = node_keys_of(node_type, endpoint.identity)
        self._lenient = options.on_invalid != "raise"

    async def page(self, account_id: int | None, number: int) -> Page[Any]:
        """One page as it came."""
        request = self._request(account_id, PageRequest(number, self._page_size))
        try:
            return await self._caller.call(request, lambda body: self._page(body, request))
        except ResponseTooLargeError as error:
            error.message += ": ask for fewer elements, by page_size"
            raise

    def fetch(self, account_id: int | None, ask: PageRequest) -> Awaitable[RawPage]:
        """One page for a walk, which `read` decodes."""
        return self._caller.fetch(self._request(account_id, ask))

    def read(self, answer: RawPage) -> PageRead[Any]:
        """The nodes and keys of a page, or `DecodeError`, `truncated` if it was cut off."""
        return self._caller.decoded(answer, self._read)

    async def fetch_again(self, answer: RawPage) -> PageRead[Any]:
        """The nodes and keys of a page that was cut off, from another request."""
        request = answer.request
        return await self._caller.fetch_again(answer, lambda body: self._read(body, request))

    def _request(self, account_id: int | None, ask: PageRequest) -> Request:
        query = f"page={ask.number}&page_size={ask.size}"
        return Request(
            path=self._path.format(account_id=account_id),
            query=f"{query}&{self._filters}" if self._filters else query,
            account_id=account_id,
            page=ask.number,
        )

    def _page(self, body: bytes, request: Request) -> Page[Any]:
        try:
            return self._decode(body)
        except DecodeError as exc:
            error = without_frames(exc)
        return self._one_by_one(raw_page(body, error), body, request)

    def _read(self, body: bytes, request: Request) -> PageRead[Any]:
        try:
            page = self._decode(body)
            nodes: list[Any] = [edge.node for edge in page.edges]
            keys = self._identity.of_nodes(nodes, body)
        except DecodeError as exc:
            error = without_frames(exc)
        else:
            return PageRead(nodes, keys, page.page_info.count, page.page_info.has_next_page)
        return self._read_again(raw_page(body, error), body, request)

    def _read_again(self, raw: Page[msgspec.Raw], body: bytes, request: Request) -> PageRead[Any]:
        page = self._one_by_one(raw, body, request)
        nodes: list[Any] = page.nodes
        if self._lenient:
            keys = self._identity.of_raw_nodes(map(bytes, raw.nodes))
        else:
            keys = self._identity.of_nodes(nodes, codec.encode(raw))
        return PageRead(nodes, keys, page.page_info.count, page.page_info.has_next_page)

    def _one_by_one(self, raw: Page[msgspec.Raw], body: bytes, request: Request) -> Page[Any]:
        # No node is handed on, or logged, that may hold a secret.
        hands_on = self._lenient and not self._caller.echoes_secret(body)
        return decode_page(raw, self._node_type, request, hands_on=hands_on)
