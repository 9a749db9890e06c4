"""Transactions of the workspace's accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, TypedDict, Unpack

from msgspec import Meta

from ledger_async.lenient import OnInvalid
from ledger_async.listing import Consistency, Listed
from ledger_async.models.history import APIHistoryResult, APIHistoryResults
from ledger_async.models.labels import Label
from ledger_async.models.paging import Page
from ledger_async.models.transactions import Transaction
from ledger_async.models.values import InteractionType, Order, TransactionStatus, TransactionType
from ledger_async.reader import Listing, PageSize
from ledger_async.stream import NodeStream

_Amount = Annotated[str, Meta(pattern=r"^[0-9]*(\.[0-9]+)?$")]


class TransactionFilters(TypedDict, total=False):
    """Filters of `GET /transactions`, all of which a transaction must match; `None` is no filter.

    `account` and `tx_label` take ids, `currency` names or `name:contract_address`; amounts are
    decimal strings. `label` is deprecated: use `title`.
    """

    account: Iterable[int] | None
    created_after: datetime | None
    created_before: datetime | None
    currency: Iterable[str] | None
    destination_tag: int | None
    id: int | None
    interaction_type: InteractionType | None
    label: str | None
    max_amount: _Amount | None
    memo: str | None
    min_amount: _Amount | None
    order: Order | None
    order_by: str | None
    recipient: str | None
    status: Iterable[TransactionStatus] | None
    title: str | None
    tx_hash: str | None
    tx_label: Iterable[str] | None
    type: TransactionType | None


class Transactions(Listed):
    """Transactions, in and out: `GET /transactions` and what hangs on each."""

    _listing = Listing(
        "/transactions",
        Transaction,
        filters=TransactionFilters,
        settled=frozenset(
            {"account", "created_after", "created_before", "currency", "id", "recipient", "type"}
        ),
    )

    def stream(
        self,
        *,
        page_size: PageSize = 100,
        consistency: Consistency = "exact",
        on_invalid: OnInvalid = "raise",
        **filters: Unpack[TransactionFilters],
    ) -> NodeStream[Transaction]:
        """Every transaction that matches the filters, newest first unless `order` says otherwise.

        Filters on what never changes (`account`, `created_after`, `created_before`, `currency`,
        `id`, `recipient`, `type`) leave new ones at the head; with others, and with `order`, pages
        overlap, which costs some requests more. With `order_by` a listing of more than one page
        stays `"unverified"`. `GET /transactions`.
        """
        return self._stream(None, page_size, consistency, on_invalid, filters)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[TransactionFilters]
    ) -> Page[Transaction]:
        """One page of the transactions that match, numbered from 1. `GET /transactions`."""
        return await self._page(None, number, page_size, filters)

    async def get(self, transaction_id: int) -> Transaction:
        """One transaction. `GET /transactions/{transaction_id}`."""
        path = "/transactions/{transaction_id}"
        return await self._get(path, Transaction, transaction_id=transaction_id)

    async def history(self, transaction_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on a transaction. `GET /transactions/{transaction_id}/history`."""
        path = "/transactions/{transaction_id}/history"
        answer = await self._get(path, APIHistoryResults, transaction_id=transaction_id)
        return answer.history

    async def labels(self, transaction_id: int) -> tuple[Label, ...]:
        """The labels of a transaction. `GET /transactions/{transaction_id}/labels`."""
        path = "/transactions/{transaction_id}/labels"
        return await self._get(path, tuple[Label, ...], transaction_id=transaction_id)

    async def reject(self, transaction_id: int) -> Transaction:
        """The transaction, rejected while it waited for approval; sent once.

        `POST /transactions/{transaction_id}/reject`.
        """
        path = "/transactions/{transaction_id}/reject"
        return await self._send("POST", path, Transaction, transaction_id=transaction_id)
