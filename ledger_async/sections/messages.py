"""Messages that were signed or are to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict, Unpack

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._streaming.stream import NodeStream
from ledger_async.models.base.history import APIHistoryResult
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import MessageTypeFilter, Order, SigningStatus
from ledger_async.models.governance.messages import Message
from ledger_async.sections._base.listing import ListingSection


class MessageFilters(TypedDict, total=False):
    """Filters of `GET /messages`, all of which a message must match; `None` is no filter.

    `account` takes the ids of accounts that signed. `message_type` is `EIP191` or `EIP712` here,
    where a `Message` has `EIP-191` or `EIP-712`.
    """

    account: Iterable[int] | None
    created_after: datetime | None
    created_before: datetime | None
    id: int | None
    message_type: MessageTypeFilter | None
    order: Order | None
    order_by: str | None
    status: Iterable[SigningStatus] | None


class Messages(ListingSection):
    """Messages that were signed or are to be: `GET /messages` and what hangs on each."""

    _endpoint = Endpoint(
        "/messages",
        Message,
        filters=MessageFilters,
        # Not `account`: "signed by" may leave out what an account has yet to sign.
        settled=frozenset({"created_after", "created_before", "id", "message_type"}),
    )

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[MessageFilters],
    ) -> NodeStream[Message]:
        """Every message that matches the filters, once, newest first unless `order` says otherwise.

        `created_after`, `created_before`, `id` and `message_type` ask for what never changes: see
        `ledger_async.sections`. `GET /messages`.
        """
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[MessageFilters]
    ) -> Page[Message]:
        """One page of the messages that match, numbered from 1. `GET /messages`."""
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

    async def get(self, message_id: int) -> Message:
        """One message; `NotFoundError` if there is none. `GET /messages/{message_id}`."""
        return await self._get("/messages/{message_id}", Message, message_id=message_id)

    async def history(self, message_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on a message. `GET /messages/{message_id}/history`."""
        return await self._history("/messages/{message_id}/history", message_id=message_id)
