"""Settlements: how they are made, cancelled and recovered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ledger_async.models.governance.pledges import RepledgeIntent, RepledgeRequest, Settlement
from ledger_async.models.payloads.settlements import CreateSettlement, SettlementRecoveryData
from ledger_async.sandbox._data.seeded import seeded
from ledger_async.sandbox._data.shelf import RefusedError, Shelf, UnknownError
from ledger_async.sandbox._data.tradelink import number_of, outbound

from .proposals import create_transaction, propose

if TYPE_CHECKING:
    from typing import TypeVar

    from ledger_async.models.governance.pledges import Pledge
    from ledger_async.models.transactions.transactions import Transaction
    from ledger_async.sandbox._data.workspace import Workspace

    P = TypeVar("P", Pledge, Settlement)

_REPLACEABLE = {"bitcoin", "ethereum", "polygon"}  # by fee or by nonce


def keyed(shelf: Shelf[P], key: str) -> tuple[int, P]:
    """Return a pledge or settlement and its serial number, given its UUID or that number.

    The contract has a UUID in the object, but an integer in the path.
    """
    if key.isdecimal():
        return int(key), shelf[int(key)]
    for number, each in shelf.items():
        if each.id == key.lower():
            return number, each
    raise UnknownError(f"no pledge or settlement {key}")


def create(workspace: Workspace, creation: CreateSettlement) -> Settlement:
    """Settle a pledge: send, repledge, or both."""
    number, source = _pledge(workspace, creation.from_pledge_id)
    if any(each.id == creation.id.lower() for _, each in workspace.settlements.items()):
        raise RefusedError(f"settlement {creation.id} exists already")
    intent, repledge = creation.outbound_transaction_intent, creation.repledge_intent
    if repledge and number_of(repledge.pledge_subaccount_id) not in workspace.pledges:
        raise RefusedError(f"no pledge_subaccount_id {repledge.pledge_subaccount_id}")
    sent = create_transaction(workspace, intent) if intent else None
    settlement = Settlement(
        from_pledge_id=source.id,
        id=creation.id.lower(),
        meta=creation.meta,
        state="PENDING_APPROVAL",
        inbound_transaction_intent=creation.inbound_transaction_intent,
        outbound_transaction=outbound(sent) if sent else None,
        repledge=_repledge(workspace, source, repledge) if repledge else None,
        repledge_intent=repledge,
    )
    workspace.pledges.change(number, state="ASSIGNED_TO_SETTLEMENT")
    return workspace.settlements.add(lambda _: settlement)


def cancel(workspace: Workspace, key: str) -> Settlement:
    """Cancel a settlement whose transaction could not be broadcast."""
    number, settlement = keyed(workspace.settlements, key)
    _sent(workspace, settlement, "FAILED_TO_BROADCAST", "cancelled")
    return workspace.settlements.change(number, state="CANCELLED")


def recover(workspace: Workspace, key: str, data: SettlementRecoveryData) -> Settlement:
    """Send a settlement's transaction again, for other fees."""
    number, settlement = keyed(workspace.settlements, key)
    sent = _sent(workspace, settlement, "SUBMITTED", "recovered")
    if sent.currency_family not in _REPLACEABLE:
        raise RefusedError(f"transactions in {sent.currency} cannot be replaced")
    tx_hash = f"0x{seeded(workspace.seed, sent.tx_hash)[:32].hex()}"
    again = workspace.transactions.change(sent.id, tx_hash=tx_hash, max_fees=data.max_fee)
    return workspace.settlements.change(
        number, state="RECOVERING_FROM_FAILURE", outbound_transaction=outbound(again)
    )


def shown(workspace: Workspace, settlement: Settlement) -> Settlement:
    """Return a settlement with what its transaction is like now."""
    if settlement.outbound_transaction is None:
        return settlement
    sent = workspace.transactions[settlement.outbound_transaction.transaction_id]
    return replace(settlement, outbound_transaction=outbound(sent))


def _pledge(workspace: Workspace, key: str) -> tuple[int, Pledge]:
    try:
        return keyed(workspace.pledges, key)
    except UnknownError as error:
        raise RefusedError(str(error)) from None


def _repledge(workspace: Workspace, source: Pledge, intent: RepledgeIntent) -> RepledgeRequest:
    subaccount = intent.pledge_subaccount_id
    workspace.pledges.change(number_of(subaccount), state="REPLEDGE_PENDING_APPROVAL")
    account = workspace.account(source.account_id)
    asked = propose(workspace, account, "CREATE_REPLEDGE", "REPLEDGE", subaccount)
    return RepledgeRequest(repledge_id=subaccount, request_id=asked.request.id)


def _sent(workspace: Workspace, settlement: Settlement, status: str, done: str) -> Transaction:
    """Return the settlement's transaction, if it is in the one status that allows this."""
    part = settlement.outbound_transaction
    sent = workspace.transactions[part.transaction_id] if part else None
    if sent is None or sent.status != status or settlement.state == "CANCELLED":
        raise RefusedError(f"only a settlement whose transaction is {status} can be {done}")
    return sent
