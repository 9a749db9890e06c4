"""Digests that were signed or are to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, Unpack

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._streaming.stream import NodeStream
from ledger_async.models.base.history import APIHistoryResult
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import Order, SigningStatus
from ledger_async.models.governance import digests as models
from ledger_async.sections._base.listing import ListingSection


class DigestFilters(TypedDict, total=False):
    """Filters of `GET /digests`, all of which digests must match; `None` is no filter.

    `account` takes the ids of accounts that signed.
    """

    account: Iterable[int] | None
    created_after: datetime | None
    created_before: datetime | None
    id: int | None
    order: Order | None
    order_by: str | None
    status: Iterable[SigningStatus] | None


class Digests(ListingSection):
    """Digests that were signed or are to be: `GET /digests` and what hangs on each.

    Each element is a set of digests that are signed together.
    """

    _endpoint = Endpoint(
        "/digests",
        models.Digests,
        filters=DigestFilters,
        # Not `account`: "signed by" may leave out what an account has yet to sign.
        settled=frozenset({"created_after", "created_before", "id"}),
    )

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[DigestFilters],
    ) -> NodeStream[models.Digests]:
        """All digests that match the filters, once, newest first unless `order` says otherwise.

        `created_after`, `created_before` and `id` ask for what never changes: see
        `ledger_async.sections`. `GET /digests`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[DigestFilters]
    ) -> Page[models.Digests]:
        """One page of the digests that match, numbered from 1. `GET /digests`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, digests_id: int) -> models.Digests:
        """One set of digests; `NotFoundError` if there is none. `GET /digests/{digests_id}`."""
        return await self._get("/digests/{digests_id}", models.Digests, digests_id=digests_id)

    async def history(self, digests_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on a set of digests. `GET /digests/{digests_id}/history`."""
        return await self._history("/digests/{digests_id}/history", digests_id=digests_id)
