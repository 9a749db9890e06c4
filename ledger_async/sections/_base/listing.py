"""Paged endpoints: read page by page, or walked as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterable, Callable, Iterable, Mapping, Sized
from functools import partial
from types import MappingProxyType
from typing import Any, Literal

from ledger_async._exactness.walk import Walk
from ledger_async._pages.account_node import AccountNode
from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.invalid_nodes import OnInvalid
from ledger_async._pages.page_source import PageSize, PageSource
from ledger_async._streaming.account_ids import ReadyIds, Source, source_of
from ledger_async._streaming.feed import Feed, OnError
from ledger_async._streaming.stream import NodeStream
from ledger_async._support import checks
from ledger_async.errors import ConfigurationError
from ledger_async.models.base.paging import Page

from .section import Section

Consistency = Literal["exact", "fast"]
Filters = Mapping[str, object]

_NO_FILTERS: Filters = MappingProxyType({})


class ListingSection(Section):
    """A section with a listing: of the workspace, or of each account.

    A stream yields each element once, newest first unless `order` says otherwise; `on_invalid` is
    as for NFTs, and `stream.reports` says what is proven. Filters on what never changes leave new
    elements at the head. With a filter on what may change, and with `order`, they can appear
    anywhere, so that pages overlap, which costs some requests more. With `order_by` they can also
    change places, and a listing of more than one page stays `"unverified"`.
    """

    _endpoint: Endpoint[Any]

    def _stream(
        self,
        account_id: int | None,
        page_size: PageSize,
        consistency: Consistency,
        on_invalid: OnInvalid,
        filters: Filters = _NO_FILTERS,
        *,
        node_type: type[Any] | None = None,
    ) -> NodeStream[Any]:
        """Every node of the workspace, or of one account."""
        if "{account_id}" in self._endpoint.path:
            account_id = checks.identifier("account_id", account_id)
        reader = self._reader(page_size, node_type, filters, on_invalid)
        return self._node_stream(
            reader,
            ReadyIds(iter([account_id])),
            self._walks(reader.page_size, consistency, filters),
            on_invalid=on_invalid,
            accounts_known=int(account_id is not None),
        )

    def _stream_accounts(
        self,
        account_ids: Iterable[int] | AsyncIterable[int],
        *,
        page_size: PageSize,
        consistency: Consistency,
        ordered: bool,
        on_error: OnError,
        on_invalid: OnInvalid,
        filters: Filters = _NO_FILTERS,
        node_type: type[Any] | None = None,
    ) -> NodeStream[AccountNode[Any]]:
        """`(account_id, node)` for every node of many accounts."""
        checks.handler("on_error", on_error)
        reader = self._reader(page_size, node_type, filters, on_invalid, tagged=True)
        return self._node_stream(
            reader,
            source_of(account_ids),
            # Of many accounts only the last go ahead, and no slot is to wait for them.
            self._walks(reader.page_size, consistency, filters, ramp=ordered),
            ordered=ordered,
            on_error=on_error,
            on_invalid=on_invalid,
            accounts_known=len(account_ids) if isinstance(account_ids, Sized) else 0,
        )

    async def _page(
        self,
        account_id: int | None,
        number: int,
        page_size: PageSize,
        filters: Filters = _NO_FILTERS,
        *,
        node_type: type[Any] | None = None,
    ) -> Page[Any]:
        """One page of the listing of the workspace, or of one account."""
        if "{account_id}" in self._endpoint.path:
            account_id = checks.identifier("account_id", account_id)
        reader = self._reader(page_size, node_type, filters)
        return await reader.page(account_id, checks.count("page number", number))

    def _reader(
        self,
        page_size: PageSize,
        node_type: type[Any] | None,
        filters: Filters,
        on_invalid: OnInvalid = "raise",
        *,
        tagged: bool = False,
    ) -> PageSource[Any]:
        return PageSource(
            self._runtime.caller,
            self._endpoint,
            self._endpoint.node_type if node_type is None else node_type,
            page_size=page_size,
            on_invalid=on_invalid,
            filters=filters,
            tagged=tagged,
        )

    def _walks(
        self, page_size: int, consistency: object, filters: Filters, *, ramp: bool = True
    ) -> Callable[[], Walk[Any]]:
        """What makes the walk of each account; `ConfigurationError` for another `consistency`."""
        if consistency not in ("exact", "fast"):
            shown = checks.shown(consistency)
            raise ConfigurationError(f'consistency must be "exact" or "fast", got {shown}')
        given = {name for name, value in filters.items() if value is not None}
        return partial(
            Walk,
            page_size,
            # Sorted by what may change, nodes can change places.
            check=consistency == "exact" and "order_by" not in given,
            # A node that comes to match appears at its age's place, and in another order each new
            # one does: not at the head, where a walk that goes by `count` wants it.
            trust_count=given <= self._endpoint.settled,
            ramp=ramp,
        )

    def _node_stream(
        self,
        reader: PageSource[Any],
        ids: Source,
        walk: Callable[[], Walk[Any]],
        *,
        accounts_known: int,
        ordered: bool = False,
        on_error: OnError = "raise",
        on_invalid: OnInvalid,
    ) -> NodeStream[Any]:
        feed = Feed(
            reader,
            ids,
            walk,
            gate=self._runtime.gate,
            live=self._runtime.live,
            loop=self._runtime.loop,
            slots=self._runtime.slots,
            ordered=ordered,
            on_error=on_error,
            on_invalid=on_invalid,
            accounts_known=accounts_known,
        )
        return NodeStream(feed)
