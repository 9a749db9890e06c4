"""Entities of the workspace."""

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
from ledger_async.models.workspace.organization import Entity, User, Users
from ledger_async.sections._base.listing import ListingSection


class EntityFilters(TypedDict, total=False):
    """Filters of `GET /entities`, all of which an entity must match; `None` is no filter.

    `account` takes ids.
    """

    account: Iterable[int] | None
    created_after: datetime | None
    created_before: datetime | None
    id: int | None
    name: str | None
    order: Order | None
    order_by: str | None
    status: Iterable[GovernanceStatus] | None


class Entities(ListingSection):
    """Entities, each of some accounts: `GET /entities` and what hangs on each."""

    _endpoint = Endpoint("/entities", Entity, filters=EntityFilters)

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[EntityFilters],
    ) -> NodeStream[Entity]:
        """Every entity that matches the filters, newest first unless `order` says otherwise.

        What filters cost, and the other arguments: see `ledger_async.sections`.
        `GET /entities`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[EntityFilters]
    ) -> Page[Entity]:
        """One page of the entities that match the filters, numbered from 1. `GET /entities`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, entity_id: int) -> Entity:
        """One entity; `NotFoundError` if there is none. `GET /entities/{entity_id}`."""
        return await self._get("/entities/{entity_id}", Entity, entity_id=entity_id)

    async def history(self, entity_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on an entity. `GET /entities/{entity_id}/history`."""
        return await self._history("/entities/{entity_id}/history", entity_id=entity_id)

    async def users(self, entity_id: int) -> tuple[User, ...]:
        """The users who are operators of an account of this entity.

        `GET /entities/{entity_id}/users`.
        """
        return (await self._get("/entities/{entity_id}/users", Users, entity_id=entity_id)).users
