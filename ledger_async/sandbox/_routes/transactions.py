"""Transactions: searched, estimated, rejected, and through a LAM created and approved."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from ledger_async.models.base.values import InteractionType, TransactionStatus, TransactionType
from ledger_async.models.payloads.lam import LamApproval, LamFeesRequest, LamTransaction
from ledger_async.models.payloads.requests import TransactionCreationRequestDataV2
from ledger_async.sandbox._data.fees import estimate
from ledger_async.sandbox._governance import lam
from ledger_async.sandbox._governance.answers import answer_transaction
from ledger_async.sandbox._governance.creation import speed, tag
from ledger_async.sandbox._governance.proposals import payer
from ledger_async.sandbox._http.query import Search

from .accounts import has_contract
from .history import history
from .route import Asked, PageOf, Route, get, post
from .search import found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger_async.models.transactions.transactions import Transaction
    from ledger_async.models.workspace.labels import Label
    from ledger_async.sandbox._data.workspace import Workspace

    from .search import Predicate

Amount = Annotated[str, msgspec.Meta(pattern=r"^[0-9]+(\.[0-9]+)?$|^\.[0-9]+$")]


class TransactionSearch(Search, frozen=True, kw_only=True):
    """The parameters of `GET /transactions`."""

    account: list[int] | None = None
    currency: list[str] | None = None
    destination_tag: int | None = None
    interaction_type: InteractionType | None = None
    label: str | None = None
    max_amount: Amount | None = None
    memo: str | None = None
    min_amount: Amount | None = None
    order_by: Literal["account_id", "created_on", "currency", "id", "status", "type"] = "created_on"
    recipient: str | None = None
    status: list[TransactionStatus] | None = None
    title: str | None = None
    tx_hash: str | None = None
    tx_label: list[str] | None = None
    type: TransactionType | None = None


def _transactions(workspace: Workspace, asked: Asked) -> PageOf:
    query = asked.search(TransactionSearch)
    everything = workspace.transactions.newest_first()
    return PageOf(found(everything, query, _predicates(workspace)), query)


def _predicates(workspace: Workspace) -> Mapping[str, Predicate]:
    return {
        "account": lambda each, keys: each.account_id in keys,
        "currency": lambda each, names: any(_in(workspace, each, name) for name in names),
        "destination_tag": lambda each, tag: _own(each, "destination_tag") == tag,
        "label": _says,
        "max_amount": lambda each, most: _amount(each) <= Decimal(most),
        "memo": lambda each, text: text in _memos(each),
        "min_amount": lambda each, least: _amount(each) >= Decimal(least),
        "title": _says,
        "tx_label": lambda each, ids: any(str(label.id) in ids for label in each.labels),
    }


def _in(workspace: Workspace, each: Transaction, wanted: str) -> bool:
    """Compare with a currency's name, or with `name:contract` for a token."""
    currency, _, contract = wanted.partition(":")
    return each.currency == currency and (
        not contract or has_contract(workspace.account(each.account_id), contract)
    )


def _own(each: Transaction, name: str) -> Any:
    return getattr(each.coin_fields, name, None)


def _says(each: Transaction, text: str) -> bool:
    return any(text in note.title or text in note.content for note in each.notes)


def _amount(each: Transaction) -> Decimal:
    return Decimal(each.amount or 0)


def _memos(each: Transaction) -> set[str]:
    """Return every spelling of a memo: as text, in hexadecimal, and as a number."""
    memo = msgspec.to_builtins(_own(each, "memo")) or {}
    value = next((memo[key] for key in memo if key.startswith("MEMO_")), None)
    match value:
        case None:
            return set()
        case int():
            return {str(value), f"{value:x}"}
        case _ if len(value) == 64:  # noqa: PLR2004 - a hash in hexadecimal
            return {value, str(int(value, 16))}
        case _:
            return {value, value.encode().hex(), str(int.from_bytes(value.encode(), "big"))}


def _transaction(workspace: Workspace, asked: Asked) -> Transaction:
    return workspace.transactions[asked.id("transaction_id")]


def _labels(workspace: Workspace, asked: Asked) -> list[Label]:
    return [workspace.labels[label.id] for label in _transaction(workspace, asked).labels]


def _reject(workspace: Workspace, asked: Asked) -> Transaction:
    return answer_transaction(workspace, asked.id("transaction_id"), "REJECT")


def _estimate(workspace: Workspace, asked: Asked) -> object:
    creation = asked.payload(TransactionCreationRequestDataV2).data
    chain, sends = payer(workspace, creation).chain, tag(creation).endswith("_SEND")
    return estimate(workspace.seed, chain, speed(creation), sends=sends)


def _create(workspace: Workspace, asked: Asked) -> Transaction:
    return lam.create(workspace, asked.payload(LamTransaction))


def _fees(workspace: Workspace, asked: Asked) -> object:
    return lam.fees(workspace, asked.payload(LamFeesRequest))


def _approve(workspace: Workspace, asked: Asked) -> Transaction:
    return lam.approve(workspace, asked.id("transaction_id"), asked.payload(LamApproval))


_TRANSACTION = "/transactions/{transaction_id}"

ROUTES: tuple[Route, ...] = (
    get("/transactions", _transactions),
    get(_TRANSACTION, _transaction),
    history(_TRANSACTION, _transaction),
    get(f"{_TRANSACTION}/labels", _labels),
    post(f"{_TRANSACTION}/reject", _reject),
    post("/transactions/estimate-fees", _estimate),
    post("/transactions", _create, lam=True),
    post("/transactions/fees", _fees, lam=True),
    post(f"{_TRANSACTION}/approve", _approve, lam=True),
)
