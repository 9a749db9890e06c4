"""Transactions of the workspace's accounts."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, TypedDict, Unpack

from msgspec import Meta, Struct, structs

from ledger_async._pages.endpoint import Endpoint
from ledger_async._pages.options import Consistency, OnInvalid, PageSize, StreamOptions
from ledger_async._streaming.stream import NodeStream
from ledger_async._support import checks
from ledger_async.errors import ConfigurationError, ProtocolError
from ledger_async.models.base.history import APIHistoryResult
from ledger_async.models.base.paging import Page
from ledger_async.models.base.values import (
    InteractionType,
    Order,
    TransactionStatus,
    TransactionType,
)
from ledger_async.models.payloads.creation import TransactionCreation
from ledger_async.models.payloads.lam import LamApproval, LamFeesRequest, LamTransaction
from ledger_async.models.payloads.requests import TransactionCreationRequestDataV2
from ledger_async.models.transactions.approvals import differing
from ledger_async.models.transactions.fees import FeeEstimation, fee_estimation_of
from ledger_async.models.transactions.transactions import Transaction
from ledger_async.models.workspace.labels import Label
from ledger_async.sections._base.listing import ListingSection

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


class _Named(Struct, frozen=True):
    name: str


class Transactions(ListingSection):
    """Transactions, in and out: `GET /transactions` and what hangs on each.

    `create`, `approve`, `approve_if` and `fees` go through a LAM, which signs for its API user.
    The hosted gateway does not serve them: there, `requests.create` and `requests.approve_with`
    do the same.
    """

    _endpoint = Endpoint(
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
        for what never changes: see `ledger_async.sections`. `GET /transactions`.
        """
        _warn_of_label(filters)
        options = StreamOptions.of(self._endpoint, page_size, consistency, on_invalid, filters)
        return self._stream(options)

    async def page(
        self, number: int = 1, *, page_size: PageSize = 100, **filters: Unpack[TransactionFilters]
    ) -> Page[Transaction]:
        """One page of the transactions that match, numbered from 1. `GET /transactions`."""
        _warn_of_label(filters)
        options = StreamOptions.of(self._endpoint, page_size, filters=filters)
        return await self._page(options, number)

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
        """The most that a transaction will cost, `max_fees` in base units such as wei.

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

    async def create(self, transaction: LamTransaction) -> Transaction:
        """The transaction, created through a LAM; it then waits for approval.

        `BadRequestError` for one that the API refuses. Sent once: an error other than that may
        leave it created, and `stream(created_after=…)` tells. `POST /transactions`.
        """
        checks.typed("transaction", transaction, LamTransaction)
        return await self._send("POST", "/transactions", Transaction, transaction)

    async def fees(self, transaction: LamTransaction) -> Mapping[str, object]:
        """The cost of a transaction through a LAM, unverified: `fees` and `max_fees`.

        The API's reference lists this call, and says nowhere what it takes and answers. All of
        `transaction` is sent but its `max_fees`, and the answer is handed on as it is, taken to
        have at least these two, as decimal strings in base units. Sent once, as all that is
        posted. `POST /transactions/fees`.
        """
        checks.typed("transaction", transaction, LamTransaction)
        body = _without_max_fees(transaction)
        return await self._send("POST", "/transactions/fees", dict[str, object], body)

    async def approve(self, transaction_id: int, approval: LamApproval) -> Transaction:
        """The transaction, approved through a LAM, which signs for its API user.

        `approval` has exactly the values that the transaction was created with, from your own
        record of them: never fill it from what the API answers, which whoever forged that would
        have signed. `BadRequestError` where they differ. Others may have to approve as well before
        it is sent to the chain. Sent once: an error may leave it approved, and `get` tells.
        `POST /transactions/{transaction_id}/approve`.
        """
        checks.typed("approval", approval, LamApproval)
        path = "/transactions/{transaction_id}/approve"
        return await self._send("POST", path, Transaction, approval, transaction_id=transaction_id)

    async def approve_if(self, transaction_id: int, expected: LamApproval) -> Transaction:
        """The transaction, approved as `expected` if what the API shows of it is that.

        The transaction and the name of its account are fetched, and compared: amounts as numbers,
        `0x…` addresses in any case. `ConfigurationError` names all fields that differ, and nothing
        is approved. A field that the answer does not show is not compared, and of `coin_fields`
        only those that are expected, and tags, memos and contract data that nobody expects.
        `expected` is from your own record, never from what the API answers, and nothing else is
        approved: see `approve`. `GET /transactions/{transaction_id}`, `GET /accounts/{account_id}`
        and `POST /transactions/{transaction_id}/approve`.
        """
        checks.typed("expected", expected, LamApproval)
        transaction_id = checks.identifier("transaction_id", transaction_id)
        shown = await self.get(transaction_id)
        if shown.id != transaction_id:
            raise ProtocolError(f"this is transaction {shown.id}, not {transaction_id}")
        path = "/accounts/{account_id}"
        account = await self._get(path, _Named, account_id=shown.account_id)
        if names := differing(expected, shown, account.name):
            raise ConfigurationError(
                f"transaction {transaction_id} is not approved, since it is not as expected in "
                f"{', '.join(names)}"
            )
        return await self.approve(transaction_id, expected)


def _without_max_fees(transaction: LamTransaction) -> LamFeesRequest:
    fields = structs.asdict(transaction)
    del fields["max_fees"]
    return LamFeesRequest(**fields)


def _warn_of_label(filters: TransactionFilters) -> None:
    if filters.get("label") is not None:
        message = "the filter label is deprecated by the API: use title"
        warnings.warn(message, DeprecationWarning, stacklevel=3)
