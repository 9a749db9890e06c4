"""Labels of accounts and transactions."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._streaming.stream import NodeStream
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import Order
from ledger_async.models.workspace.labels import Label
from ledger_async.sections._base.listing import ListingSection


class LabelFilters(TypedDict, total=False):
    """Filters of `GET /labels`, all of which a label must match; `None` is no filter."""

    created_after: datetime | None
    created_before: datetime | None
    id: int | None
    name: str | None
    order: Order | None
    order_by: str | None


class Labels(ListingSection):
    """The labels that accounts and transactions can have: `GET /labels`."""

    _endpoint = Endpoint("/labels", Label, filters=LabelFilters)

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[LabelFilters],
    ) -> NodeStream[Label]:
        """Every label that matches the filters, newest first unless `order` says otherwise.

        What filters cost, and the other arguments: see `ledger_async.sections`.
        `GET /labels`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[LabelFilters]
    ) -> Page[Label]:
        """One page of the labels that match the filters, numbered from 1. `GET /labels`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, label_id: int) -> Label:
        """One label; `NotFoundError` if there is none. `GET /labels/{label_id}`."""
        return await self._get("/labels/{label_id}", Label, label_id=label_id)
