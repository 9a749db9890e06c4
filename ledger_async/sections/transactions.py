"""Transactions of the workspace's accounts."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, TypedDict, Unpack

from msgspec import Meta

from ledger_async import checks
from ledger_async.lenient import OnInvalid
from ledger_async.listing import Consistency, Listed
from ledger_async.models.fees import FeeEstimation, fee_estimation_of
from ledger_async.models.history import APIHistoryResult
from ledger_async.models.labels import Label
from ledger_async.models.paging import Page
from ledger_async.models.payloads.creation import TransactionCreation
from ledger_async.models.payloads.requests import TransactionCreationRequestDataV2
from ledger_async.models.transactions import Transaction
from ledger_async.models.values import InteractionType, Order, TransactionStatus, TransactionType
from ledger_async.reader import Listing, PageSize
from ledger_async.stream import NodeStream

_Amount = Annotated[str, Meta(pattern=r"^[0-9]*(\.[0-9]+)?\Z")]


class TransactionFilters(TypedDict, total=False):
    """Filters of `GET /transactions`, all of which a transaction must match; `None` is no filter.

    `account` takes ids, `tx_label` ids of labels as strings (`["7"]`), `currency` names or
    `name:contract_address`; amounts are decimal strings. `label` is deprecated: use `title`.
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
        """Every transaction that matches, once, newest first unless `order` says otherwise.

        `account`, `created_after`, `created_before`, `currency`, `id`, `recipient` and `type` ask
        for what never changes: see Listings in docs/reference.md. `GET /transactions`.
        """
        _warn_of_label(filters)
        return self._stream(None, page_size, consistency, on_invalid, filters)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[TransactionFilters]
    ) -> Page[Transaction]:
        """One page of the transactions that match, numbered from 1. `GET /transactions`."""
        _warn_of_label(filters)
        return await self._page(None, number, page_size, filters)

    async def get(self, transaction_id: int) -> Transaction:
        """One transaction; `NotFoundError` if there is none.

        `GET /transactions/{transaction_id}`.
        """
        path = "/transactions/{transaction_id}"
        return await self._get(path, Transaction, transaction_id=transaction_id)

    async def history(self, transaction_id: int) -> tuple[tuple[APIHistoryResult, ...], ...]:
        """The requests on a transaction. `GET /transactions/{transaction_id}/history`."""
        path = "/transactions/{transaction_id}/history"
        return await self._history(path, transaction_id=transaction_id)

    async def labels(self, transaction_id: int) -> tuple[Label, ...]:
        """The labels of a transaction. `GET /transactions/{transaction_id}/labels`."""
        path = "/transactions/{transaction_id}/labels"
        return await self._get(path, tuple[Label, ...], transaction_id=transaction_id)

    async def estimate_fees(
        self, creation: TransactionCreationRequestDataV2 | TransactionCreation
    ) -> FeeEstimation:
        """What a transaction will cost at most, `max_fees` in base units such as wei.

        `creation` is what `requests.create` would take, or only its `data`; its own `max_fees` is
        `"0"` where nothing but the estimate is wanted. The answer is the struct of the
        transaction's family, for families without one (Tron) a mapping. `BadRequestError` for a
        transaction that the API refuses. Sent once, as all that is posted, though it changes
        nothing. `POST /transactions/estimate-fees`.
        """
        if not isinstance(creation, TransactionCreationRequestDataV2):
            checks.typed("creation", creation, TransactionCreation)
            creation = TransactionCreationRequestDataV2(data=creation)
        answer = fee_estimation_of(str(creation.data.__struct_config__.tag))
        estimation: FeeEstimation = await self._send(
            "POST", "/transactions/estimate-fees", answer, creation
        )
        return estimation

    async def reject(self, transaction_id: int) -> Transaction:
        """The transaction, rejected while it waited for approval.

        Sent once: an error may leave it rejected, and `get` tells.
        `POST /transactions/{transaction_id}/reject`.
        """
        path = "/transactions/{transaction_id}/reject"
        return await self._send("POST", path, Transaction, transaction_id=transaction_id)


def _warn_of_label(filters: TransactionFilters) -> None:
    if filters.get("label") is not None:
        message = "the filter label is deprecated by the API: use title"
        warnings.warn(message, DeprecationWarning, stacklevel=3)
