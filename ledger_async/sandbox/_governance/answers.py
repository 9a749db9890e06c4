"""Answers to requests, and their effect on the objects that requests are about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ledger_async.sandbox._data.people import OPERATOR
from ledger_async.sandbox._data.requests import PENDING, Governed
from ledger_async.sandbox._data.shelf import RefusedError
from ledger_async.sandbox._data.signing import signature, signed
from ledger_async.sandbox._data.tradelink import number_of
from ledger_async.sandbox._data.transactions import tx_hash

from .challenges import challenge, check

if TYPE_CHECKING:
    from ledger_async.models.governance.requests import Request
    from ledger_async.models.transactions.transactions import Transaction
    from ledger_async.sandbox._data.workspace import Workspace

    from .challenges import Answer


def answer(
    workspace: Workspace, key: int, kind: Answer, jws: str | None, public_key: str | None
) -> Governed:
    """Take one more answer to a request; the last approval, or any rejection, settles it."""
    governed = workspace.requests[key]
    if jws is not None:
        check(jws, challenge(workspace, governed.request, kind), public_key)
    given = "APPROVE" if kind == "APPROVE" else "ABORT"
    after = governed.with_answer(given, workspace.now(), OPERATOR)
    workspace.requests.put(key, after)
    if after.request.status == "APPROVED":
        _carry_out(workspace, after.request)
    elif after.request.status == "REJECTED":
        _drop(workspace, after.request)
    return after


def answer_transaction(workspace: Workspace, key: int, kind: Answer) -> Transaction:
    """Take one more answer to the request of a transaction, without a challenge to sign."""
    sent = workspace.transactions[key]
    if sent.status != PENDING or sent.last_request is None:
        raise RefusedError(f"transaction {key} does not wait for approval")
    answer(workspace, sent.last_request, kind, None, None)
    return workspace.transactions[key]


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
