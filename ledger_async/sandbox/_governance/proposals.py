"""Proposals: new requests, made together with the objects that they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_async.models.governance.messages import Message
from ledger_async.models.payloads.requests import (
    ForcedUnpledgeRequestData,
    MessageSigningRequestData,
    PledgeIncrementRequestData,
    TransactionCreationRequestDataV2,
)
from ledger_async.models.transactions.transactions import Transaction, TransactionNote
from ledger_async.sandbox._data.people import OPERATOR
from ledger_async.sandbox._data.requests import PENDING, Governed, request
from ledger_async.sandbox._data.shelf import RefusedError, UnknownError
from ledger_async.sandbox._data.tradelink import number_of
from ledger_async.sandbox._data.transactions import outgoing

from . import creation as creations
from .relations import governance

if TYPE_CHECKING:
    from ledger_async.models.governance.messages import TransactionOrMessageNote
    from ledger_async.models.payloads.creation import TransactionCreation
    from ledger_async.sandbox._data.accounts import Account
    from ledger_async.sandbox._data.workspace import Workspace

CREATIONS = (
    TransactionCreationRequestDataV2,
    MessageSigningRequestData,
    PledgeIncrementRequestData,
    ForcedUnpledgeRequestData,
)


def create(workspace: Workspace, creation: Any) -> Governed:
    """Make what a creation asks for, and the request for its approval."""
    match creation:
        case TransactionCreationRequestDataV2():
            sent = create_transaction(workspace, creation.data, notes(creation.note))
            return workspace.requests[sent.last_request or 0]
        case MessageSigningRequestData():
            return _create_message(workspace, creation)
        case PledgeIncrementRequestData():
            details = creation.data
            changes = {"pending": _whole(details.pledge_data.amount)}
            return _ask_of_pledge(
                workspace, "PLEDGE_INCREMENT", details.pledge_subaccount_id, changes
            )
        case _:
            subaccount = creation.data.pledge_subaccount_id
            return _ask_of_pledge(workspace, "FORCED_UNPLEDGE", subaccount, {})


def create_transaction(
    workspace: Workspace, creation: TransactionCreation, said: tuple[TransactionNote, ...] = ()
) -> Transaction:
    """Make a transaction that waits for approval, and the request for it."""
    account = payer(workspace, creation)
    fields = creations.fields(creation, account.chain)
    type_ = creations.transaction_type(creation)
    return propose_transaction(workspace, account, type_, notes=said, **fields)


def propose_transaction(
    workspace: Workspace, account: Account, type_: str, **fields: Any
) -> Transaction:
    """Make a transaction of these fields, and the request for its approval."""
    now = workspace.now()
    sent = workspace.transactions.add(
        lambda key: outgoing(
            workspace.seed,
            key,
            account,
            type_=type_,
            created_on=now,
            created_by=OPERATOR,
            **fields,
        )
    )
    asked = propose(workspace, account, "CREATE_TRANSACTION", "TRANSACTION", sent.id)
    return workspace.transactions.change(sent.id, last_request=asked.request.id)


def notes(said: TransactionOrMessageNote | None) -> tuple[TransactionNote, ...]:
    """Return what a creator says of a transaction, as the transaction shows it."""
    return (TransactionNote(content=said.content, title=said.title),) if said else ()


def payer(workspace: Workspace, creation: TransactionCreation) -> Account:
    """Return the account that a creation names, if it can send such a transaction."""
    account = account_of(workspace, creation.account_id)
    if not creations.suits(creation, account.chain):
        raise RefusedError(
            f"{creations.tag(creation)} in {creation.transaction_data.currency} is nothing for"
            f" account {account.id}, whose currency is {account.chain.name}"
        )
    return account


def propose(
    workspace: Workspace, account: Account, type_: str, target_type: str, target: int
) -> Governed:
    """Make a request that goes through the governance of the account."""
    now = workspace.now()
    return workspace.requests.add(
        lambda key: Governed(
            request(key, type_, (target_type, target), created_by=OPERATOR, created_on=now),
            governance(workspace, account),
        )
    )


def _create_message(workspace: Workspace, creation: MessageSigningRequestData) -> Governed:
    data = creation.data
    account, now = account_of(workspace, data.account_id), workspace.now()
    if not account.chain.signs_messages:
        raise RefusedError(f"an account on {account.chain.name} signs no messages")
    message = workspace.messages.add(
        lambda key: Message(
            account_id=account.id,
            created_by=OPERATOR,
            created_on=now,
            data=data.message_data.raw_message,
            id=key,
            message_type=data.message_type,
            notes=(creation.note,) if creation.note else (),
            status=PENDING,
            address=data.message_data.address or account.address,
        )
    )
    asked = propose(workspace, account, "MESSAGE_SIGNING", "MESSAGE", message.id)
    workspace.messages.change(message.id, last_request=asked.request.id)
    return asked


def _ask_of_pledge(
    workspace: Workspace, target_type: str, subaccount: int, changes: dict[str, Any]
) -> Governed:
    key = number_of(subaccount)
    if key not in workspace.pledges:
        raise RefusedError(f"no pledge_subaccount_id {subaccount}")
    pledge = workspace.pledges[key]
    state = {"FORCED_UNPLEDGE": "UNPLEDGE"}.get(target_type, target_type)
    workspace.pledges.change(key, state=f"{state}_PENDING_APPROVAL", **changes)
    account = workspace.account(pledge.account_id)
    return propose(workspace, account, f"CREATE_{target_type}", target_type, subaccount)


def account_of(workspace: Workspace, key: int) -> Account:
    """Return the account that a body names."""
    try:
        return workspace.account(key)
    except UnknownError as error:
        raise RefusedError(str(error)) from None


def _whole(amount: str) -> int:
    if not amount.isdecimal():
        raise RefusedError(f"{amount} is no amount in the base unit")
    return int(amount)
