"""Users of the workspace."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._streaming.stream import NodeStream
from ledger_async.models.base.history import APIHistoryResult
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import Order, UserRole, UserStatus
from ledger_async.models.workspace.organization import User
from ledger_async.sections._base.listing import ListingSection


class UserFilters(TypedDict, total=False):
    """Filters of `GET /users`, all of which a user must match; `None` is no filter.

    `account` and `group` take one id each.
    """

    account: int | None
    created_after: datetime | None
    created_before: datetime | None
    group: int | None
    id: int | None
    order: Order | None
    order_by: str | None
    role: UserRole | None
    status: UserStatus | None
    username: str | None


class Users(ListingSection):
    """The users of the workspace: `GET /users` and what hangs on each."""

    _endpoint = Endpoint("/users", User, filters=UserFilters)

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[UserFilters],
    ) -> NodeStream[User]:
        """Every user that matches the filters, newest first unless `order` says otherwise.

        What filters cost, and the other arguments: see `ledger_async.sections`. `GET /users`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[UserFilters]
    ) -> Page[User]:
        """One page of the users that match the filters, numbered from 1. `GET /users`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, user_id: int) -> User:
        """One user; `NotFoundError` if there is none. `GET /users/{user_id}`."""
        return await self._get("/users/{user_id}", User, user_id=user_id)

    async def history(self, user_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on a user. `GET /users/{user_id}/history`."""
        return await self._history("/users/{user_id}/history", user_id=user_id)
