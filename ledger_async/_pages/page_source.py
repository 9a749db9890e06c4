"""Pages of a listing, fetched and decoded as one caller wants them."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from functools import partial
from itertools import repeat
from typing import Any, Generic, Literal, TypeVar

import msgspec

from ledger_async._caller import Caller
from ledger_async._exactness.pages import LARGEST, PageRead, PageRequest
from ledger_async._protocol import codec
from ledger_async._protocol.messages import RawPage, Request
from ledger_async._support import checks
from ledger_async.errors import (
    ConfigurationError,
    DecodeError,
    ResponseTooLargeError,
    without_frames,
)
from ledger_async.models.base.paging import Page, page_of

from .account_node import AccountNode
from .endpoint import Endpoint
from .invalid_nodes import InvalidNode, OnInvalid, decode_page, raw_page
from .node_keys import node_keys_of

T = TypeVar("T", bound=msgspec.Struct)
N = TypeVar("N")

PageSize = int | Literal["max"]


class PageSource(Generic[T]):
    """Reads the pages of a listing as one caller wants them.

    In pages for a walk, nodes that do not decode become an `InvalidNode` each, unless
    `on_invalid` is `"raise"`, and the others an `AccountNode` each, if they are to be `tagged`.
    """

    def __init__(
        self,
        caller: Caller,
        listing: Endpoint[Any],
        node_type: type[T],
        *,
        page_size: PageSize,
        on_invalid: OnInvalid = "raise",
        filters: Mapping[str, object] | None = None,
        tagged: bool = False,
    ) -> None:
        checks.handler("on_invalid", on_invalid)
        self._caller = caller
        self._path = listing.path
        # A listing's own may be a stand-in for several structs.
        is_own = node_type is listing.node_type
        self._node_type = node_type if is_own else checked_node_type(node_type)
        self._decode = codec.decoder(page_of(node_type))
        self._identity = node_keys_of(node_type, listing.identity)
        self._lenient = on_invalid != "raise"
        self._tagged = tagged
        self._filters = listing.query(filters or {})
        self.page_size = checked_page_size(page_size)

    async def page(self, account_id: int | None, number: int) -> Page[T]:
        """One page as it came."""
        request = self._request(account_id, PageRequest(number, self.page_size))
        try:
            return await self._caller.call(request, lambda body: self._page(body, request))
        except ResponseTooLargeError as error:
            error.message += ": ask for fewer elements, by page_size"
            raise

    def fetch(self, account_id: int | None, ask: PageRequest) -> Awaitable[RawPage]:
        """One page for a walk, which `read` decodes."""
        if account_id is None and self._tagged:
            raise ValueError("this listing belongs to no account")
        return self._caller.fetch(self._request(account_id, ask))

    def read(self, answer: RawPage) -> PageRead[Any]:
        """What a page holds; `DecodeError` where that cannot be read, `truncated` if cut off."""
        return self._caller.decoded(answer, self._slice)

    async def fetch_again(self, answer: RawPage) -> PageRead[Any]:
        """What a page that was cut off should have held, from another request."""
        request = answer.request
        return await self._caller.call(
            request, lambda body: self._slice(body, request), attempts=answer.attempts
        )

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

    def _slice(self, body: bytes, request: Request) -> PageRead[Any]:
        try:
            page = self._decode(body)
            nodes: list[Any] = [edge.node for edge in page.edges]
            keys = self._identity.of_nodes(nodes, body)
        except DecodeError as exc:
            error = without_frames(exc)
        else:
            if self._tagged:
                nodes = _tagged(request.account_id, nodes)
            return PageRead(nodes, keys, page.page_info.count, page.page_info.has_next_page)
        return self._slice_again(raw_page(body, error), body, request)

    def _slice_again(self, raw: Page[msgspec.Raw], body: bytes, request: Request) -> PageRead[Any]:
        page = self._one_by_one(raw, body, request)
        nodes: list[Any] = page.nodes
        if self._lenient:
            keys = self._identity.of_raw_nodes(map(bytes, raw.nodes))
        else:
            keys = self._identity.of_nodes(nodes, codec.encode(raw))
        if self._tagged:
            nodes = [
                node
                if isinstance(node, InvalidNode)
                else _new_account_node((request.account_id, node))
                for node in nodes
            ]
        return PageRead(nodes, keys, page.page_info.count, page.page_info.has_next_page)

    def _one_by_one(self, raw: Page[msgspec.Raw], body: bytes, request: Request) -> Page[Any]:
        # No node is handed on, or logged, that may hold a secret.
        hands_on = self._lenient and not self._caller.echoes_secret(body)
        return decode_page(raw, self._node_type, request, hands_on=hands_on)


# What a class of NamedTuple does when it is called, without a call of Python's for each node.
_new_account_node = partial(tuple.__new__, AccountNode)


def _tagged(account_id: int | None, nodes: list[Any]) -> list[Any]:
    """The nodes, each with its account."""
    return list(map(_new_account_node, zip(repeat(account_id), nodes)))


def checked_page_size(value: object) -> int:
    """The number to send for this `page_size`; `ConfigurationError` for what is none."""
    if value == "max":
        return LARGEST
    try:
        return checks.count("page_size", value)
    except ConfigurationError as error:
        raise ConfigurationError(f'{error.message}; or "max"') from None


def checked_node_type(value: object) -> type[Any]:
    """`value`, if it is a msgspec Struct type; else `ConfigurationError`."""
    if not (isinstance(value, type) and issubclass(value, msgspec.Struct)):
        raise ConfigurationError(f"node_type must be a msgspec Struct type, got {value!r:.80}")
    return value
