"""Whitelists of recipients."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, Unpack

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._streaming.stream import NodeStream
from ledger_async.models.base.history import APIHistoryResult
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import GovernanceStatus, Order
from ledger_async.models.governance.whitelists import Whitelist
from ledger_async.sections._base.listing import ListingSection


class WhitelistFilters(TypedDict, total=False):
    """Filters of `GET /whitelists`, all of which a whitelist must match; `None` is no filter.

    `account` takes the ids of accounts whose rules refer to it, `address` one that is on it, and
    `description` a text that it contains.
    """

    account: Iterable[int] | None
    address: str | None
    created_after: datetime | None
    created_before: datetime | None
    description: str | None
    id: int | None
    name: str | None
    order: Order | None
    order_by: str | None
    status: Iterable[GovernanceStatus] | None


class Whitelists(ListingSection):
    """Addresses that accounts may send to: `GET /whitelists` and what hangs on each."""

    _endpoint = Endpoint("/whitelists", Whitelist, filters=WhitelistFilters)

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[WhitelistFilters],
    ) -> NodeStream[Whitelist]:
        """Every whitelist that matches the filters, newest first unless `order` says otherwise.

        What filters cost, and the other arguments: see `ledger_async.sections`.
        `GET /whitelists`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[WhitelistFilters]
    ) -> Page[Whitelist]:
        """One page of the whitelists that match the filters, numbered from 1. `GET /whitelists`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, whitelist_id: int) -> Whitelist:
        """One whitelist; `NotFoundError` if there is none. `GET /whitelists/{whitelist_id}`."""
        return await self._get("/whitelists/{whitelist_id}", Whitelist, whitelist_id=whitelist_id)

    async def history(self, whitelist_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on a whitelist. `GET /whitelists/{whitelist_id}/history`."""
        return await self._history("/whitelists/{whitelist_id}/history", whitelist_id=whitelist_id)
