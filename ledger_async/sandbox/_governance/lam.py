"""Transactions as a LAM has them: created and approved in one call each, and priced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ledger_async._support.hex_addresses import folded
from ledger_async.models.base.fields import dec_hook
from ledger_async.models.payloads.lam import LamApproval
from ledger_async.models.transactions.approvals import CHOSEN
from ledger_async.models.transactions.transaction_fields import TransactionFields
from ledger_async.sandbox._data.fees import estimate
from ledger_async.sandbox._data.shelf import RefusedError

from .answers import answer_transaction
from .proposals import account_of, notes, propose_transaction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger_async.models.payloads.lam import LamFeesRequest, LamTransaction
    from ledger_async.models.transactions.transactions import Transaction
    from ledger_async.sandbox._data.accounts import Account
    from ledger_async.sandbox._data.workspace import Workspace

_SHOWN: Any = TransactionFields
_EITHER = {"gas_price": "priority_fees", "priority_fees": "gas_price"}


def create(workspace: Workspace, creation: LamTransaction) -> Transaction:
    """Make a transaction that waits for approval, and remember what it is to be approved with."""
    account = _payer(workspace, creation)
    made = propose_transaction(
        workspace,
        account,
        "SEND",
        amount=creation.amount or "0",
        max_fees=creation.max_fees,
        notes=notes(creation.note),
        recipient=creation.recipient,
        speed=creation.speed,
    )
    names = LamApproval.__struct_fields__
    workspace.approvable[made.id] = {name: getattr(creation, name) for name in names}
    fields = _coin_fields(made.coin_fields, creation.coin_fields)
    return workspace.transactions.change(made.id, coin_fields=fields)


def approve(workspace: Workspace, key: int, approval: LamApproval) -> Transaction:
    """Approve a transaction with the values that it was created with."""
    wanted = _approvable(workspace, workspace.transactions[key])
    if wrong := [name for name in wanted if not _same(getattr(approval, name), wanted[name])]:
        raise RefusedError(f"transaction {key} was created with another {', '.join(wrong)}")
    return answer_transaction(workspace, key, "APPROVE")


def fees(workspace: Workspace, creation: LamFeesRequest) -> Mapping[str, str]:
    """Return what a transaction costs, and the most that it can cost."""
    chain = _payer(workspace, creation).chain
    most = estimate(workspace.seed, chain, creation.speed).max_fees
    return {"fees": str(int(most) // 2), "max_fees": most}


def _same(given: object, wanted: object) -> bool:
    are_texts = isinstance(given, str) and isinstance(wanted, str)
    return folded(given) == folded(wanted) if are_texts else given == wanted


def _payer(workspace: Workspace, creation: LamFeesRequest) -> Account:
    """Return the account of this name, and of this id if one is given."""
    key, name = creation.account_id, creation.account_name
    candidates = workspace.accounts() if key is None else [account_of(workspace, key)]
    found = [account for account in candidates if account.name == name]
    if len(found) != 1:
        raise RefusedError("account_name, with account_id, is that of no account or of several")
    return found[0]


def _approvable(workspace: Workspace, sent: Transaction) -> Mapping[str, object]:
    """Return what a transaction was created with; if not through a LAM, what it shows of that."""
    if sent.id in workspace.approvable:
        return workspace.approvable[sent.id]
    return {
        "account_name": workspace.account(sent.account_id).name,
        "amount": sent.amount,
        "max_fees": sent.max_fees,
        "recipient": sent.recipient,
    }


def _coin_fields(drawn: TransactionFields | None, given: Any) -> Any:
    """Return the chain's own part of a transaction, with what its creator says of it."""
    said: dict[str, Any] = msgspec.to_builtins(given) or {}
    own: dict[str, Any] = {
        name: value
        for name, value in msgspec.to_builtins(drawn).items()
        if name not in CHOSEN and _EITHER.get(name) not in said
    }
    # Solana's kinds are sent as they are, and shown as parameters.
    if own["type"] == "Solana" and "tx_parameters" not in said:
        said = {"tx_parameters": said or None}
    return msgspec.convert(own | said, _SHOWN, dec_hook=dec_hook)
