"""Groups of users."""

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
from ledger_async.models.workspace.organization import Group
from ledger_async.sections._base.listing import ListingSection


class GroupFilters(TypedDict, total=False):
    """Filters of `GET /groups`, all of which a group must match; `None` is no filter.

    `description` is a text that it contains; `members` takes ids of users.
    """

    created_after: datetime | None
    created_before: datetime | None
    description: str | None
    id: int | None
    members: Iterable[int] | None
    name: str | None
    order: Order | None
    order_by: str | None
    status: Iterable[GovernanceStatus] | None


class Groups(ListingSection):
    """Groups of users: `GET /groups` and what hangs on each."""

    _endpoint = Endpoint("/groups", Group, filters=GroupFilters)

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[GroupFilters],
    ) -> NodeStream[Group]:
        """Every group that matches the filters, newest first unless `order` says otherwise.

        What filters cost, and the other arguments: see `ledger_async.sections`.
        `GET /groups`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[GroupFilters]
    ) -> Page[Group]:
        """One page of the groups that match the filters, numbered from 1. `GET /groups`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, group_id: int) -> Group:
        """One group; `NotFoundError` if there is none. `GET /groups/{group_id}`."""
        return await self._get("/groups/{group_id}", Group, group_id=group_id)

    async def history(self, group_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on a group. `GET /groups/{group_id}/history`."""
        return await self._history("/groups/{group_id}/history", group_id=group_id)
