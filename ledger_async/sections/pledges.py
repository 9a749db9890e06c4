"""Pledges of Tradelink."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, TypedDict, Unpack

from msgspec import Meta

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._streaming.stream import NodeStream
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import PledgeState
from ledger_async.models.governance.pledges import Pledge
from ledger_async.sections._base.listing import ListingSection

_Id = Annotated[int, Meta(ge=0)]


class PledgeFilters(TypedDict, total=False):
    """Filters of `GET /pledges`, all of which a pledge must match; `None` is no filter."""

    account_id: _Id | None
    asset_manager_id: _Id | None
    exchange_id: _Id | None
    state: Iterable[PledgeState] | None


class Pledges(ListingSection):
    """The pledges of Tradelink: `GET /pledges` and each of them."""

    _endpoint = Endpoint(
        "/pledges",
        Pledge,
        filters=PledgeFilters,
        settled=frozenset({"account_id", "asset_manager_id", "exchange_id"}),
    )

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[PledgeFilters],
    ) -> NodeStream[Pledge]:
        """Every pledge that matches the filters, once, newest first.

        All filters but `state` ask for what never changes: see `ledger_async.sections`.
        `GET /pledges`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[PledgeFilters]
    ) -> Page[Pledge]:
        """One page of the pledges that match, numbered from 1. `GET /pledges`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, pledge_id: str) -> Pledge:
        """The pledge of this UUID; `NotFoundError` if there is none. `GET /pledges/{pledge_id}`."""
        return await self._get("/pledges/{pledge_id:s}", Pledge, pledge_id=pledge_id)
