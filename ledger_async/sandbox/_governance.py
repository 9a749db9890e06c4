"""Requests: how they are made and answered, and what an answer does to what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_async.models.messages import Message
from ledger_async.models.payloads.requests import (
    ForcedUnpledgeRequestData,
    MessageSigningRequestData,
    PledgeIncrementRequestData,
    TransactionCreationRequestDataV2,
)
from ledger_async.models.transactions import Transaction, TransactionNote

from . import _creation as creations
from ._challenges import challenge, check
from ._people import OPERATOR
from ._relations import governance
from ._requests import PENDING, Governed, request
from ._shelf import RefusedError, UnknownError
from ._signing import signature, signed
from ._tradelink import number_of
from ._transactions import outgoing, tx_hash

if TYPE_CHECKING:
    from ledger_async.models.payloads.creation import TransactionCreation
    from ledger_async.models.requests import Request

    from ._accounts import Account
    from ._challenges import Answer
    from ._workspace import Workspace

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
            note = creation.note
            notes = (TransactionNote(content=note.content, title=note.title),) if note else ()
            sent = create_transaction(workspace, creation.data, notes)
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
    workspace: Workspace, creation: TransactionCreation, notes: tuple[TransactionNote, ...] = ()
) -> Transaction:
    """Make a transaction that waits for approval, and the request for it."""
    account = payer(workspace, creation)
    now, fields = workspace.now(), creations.fields(creation)
    sent = workspace.transactions.add(
        lambda key: outgoing(
            workspace.seed,
            key,
            account,
            type_=creations.transaction_type(creation),
            created_on=now,
            created_by=OPERATOR,
            notes=notes,
            **fields,
        )
    )
    asked = propose(workspace, account, "CREATE_TRANSACTION", "TRANSACTION", sent.id)
    return workspace.transactions.change(sent.id, last_request=asked.request.id)


def payer(workspace: Workspace, creation: TransactionCreation) -> Account:
    """Return the account that a creation names, if it can send such a transaction."""
    account = _account(workspace, creation.account_id)
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


def answer(
    workspace: Workspace, key: int, kind: Answer, jws: str | None, public_key: str | None
) -> Governed:
    """Take one more answer to a request; the last approval, or any rejection, settles it."""
    governed = workspace.requests[key]
    if jws is not None:
        check(jws, challenge(workspace.seed, governed.request, kind), public_key)
    after = governed.with_answer("APPROVE" if kind == "APPROVE" else "ABORT", workspace.now())
    workspace.requests.put(key, after)
    if after.request.status == "APPROVED":
        _carry_out(workspace, after.request)
    elif after.request.status == "REJECTED":
        _drop(workspace, after.request)
    return after


def reject_transaction(workspace: Workspace, key: int) -> Transaction:
    """Reject a transaction and its request."""
    sent = workspace.transactions[key]
    if sent.status != PENDING or sent.last_request is None:
        raise RefusedError(f"transaction {key} does not wait for approval")
    answer(workspace, sent.last_request, "REJECT", None, None)
    return workspace.transactions[key]


def _create_message(workspace: Workspace, creation: MessageSigningRequestData) -> Governed:
    data = creation.data
    account, now = _account(workspace, data.account_id), workspace.now()
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
    try:
        pledge = workspace.pledges[key]
    except UnknownError:
        raise RefusedError(f"no pledge_subaccount_id {subaccount}") from None
    state = {"FORCED_UNPLEDGE": "UNPLEDGE"}.get(target_type, target_type)
    workspace.pledges.change(key, state=f"{state}_PENDING_APPROVAL", **changes)
    account = workspace.account(pledge.account_id)
    return propose(workspace, account, f"CREATE_{target_type}", target_type, subaccount)


def _carry_out(workspace: Workspace, request: Request) -> None:
    target = request.target_id
    match request.target_type:
        case "TRANSACTION":
            _broadcast(workspace, target)
        case "MESSAGE":
            workspace.messages.change(
                target, status="SIGNED", signature=signature(workspace.seed, target)
            )
        case "DIGESTS":
            digests = workspace.digests[target]
            new = signed(workspace.seed, digests)
            workspace.digests.change(target, status="SIGNED", digests_data=new)
        case "PLEDGE_INCREMENT":
            pledge = workspace.pledges[number_of(target)]
            _pledge(workspace, target, "PLEDGE_APPROVED", amount=pledge.amount + pledge.pending)
        case "FORCED_UNPLEDGE":
            _pledge(workspace, target, "UNPLEDGE_APPROVED", amount=0)
        case "REPLEDGE":
            _pledge(workspace, target, "REPLEDGE_APPROVED")
        case kind:
            workspace.set_status(kind, target, "ACTIVE")


def _drop(workspace: Workspace, request: Request) -> None:
    target = request.target_id
    match request.target_type:
        case "MESSAGE":
            workspace.messages.change(target, status="ABORTED")
        case "DIGESTS":
            workspace.digests.change(target, status="ABORTED")
        case "TRANSACTION":
            workspace.transactions.change(target, status="REJECTED")
        case "PLEDGE_INCREMENT":
            _pledge(workspace, target, "PLEDGE_REJECTED")
        case "FORCED_UNPLEDGE":
            _pledge(workspace, target, "UNPLEDGE_REJECTED")
        case "REPLEDGE":
            _pledge(workspace, target, "REPLEDGE_REJECTED")
        case kind:
            workspace.set_status(kind, target, "REJECTED")


def _broadcast(workspace: Workspace, key: int) -> None:
    sent = workspace.transactions[key]
    account = workspace.account(sent.account_id)
    workspace.transactions.change(
        key,
        status="SUBMITTED",
        tx_hash=tx_hash(workspace.seed, key),
        broadcast_on=workspace.now(),
        fees=sent.max_fees,
        senders=(account.address or account.chain.address(bytes(64)),),
    )


def _pledge(workspace: Workspace, subaccount: int, state: str, **fields: Any) -> None:
    workspace.pledges.change(number_of(subaccount), state=state, pending=0, **fields)


def _account(workspace: Workspace, key: int) -> Account:
    try:
        return workspace.account(key)
    except UnknownError as error:
        raise RefusedError(str(error)) from None


def _whole(amount: str) -> int:
    if not amount.isdecimal():
        raise RefusedError(f"{amount} is no amount in the base unit")
    return int(amount)
