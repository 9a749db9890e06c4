"""Transactions: in and out of each account, in every state."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from ledger_async.models.compliance import (
    ChainalysisTransactionAlert,
    ProviderRegistrationIds,
    ProviderTransactionRiskDetails,
    TransactionCompliance,
    TransactionRisk,
)
from ledger_async.models.transactions.transactions import (
    Block,
    Transaction,
    TransactionFailureReasons,
    TransactionNote,
)

from .calendar import on_day
from .ids import TRANSACTIONS, transaction_request
from .people import LABELS, OPERATORS, lite_label
from .seeded import number, pick, seeded
from .transaction_fields import coin_fields, metadata, special_type

if TYPE_CHECKING:
    from .accounts import Account

_CONFIRMED = {"CONFIRMED"}
_ON_CHAIN = {"CONFIRMED", "DROPPED", "FAILED", "REPLACED", "SUBMITTED"}
_FAILED = {"FAILED", "FAILED_TO_BROADCAST", "FAILED_TO_CRAFT", "FAILED_TO_SIGN"}
# Of each account the fifth transaction went wrong, or is on its way.
_FIFTH = (
    "FAILED_TO_BROADCAST",
    "REJECTED",
    "APPROVED",
    "DROPPED",
    "FAILED",
    "FAILED_TO_CRAFT",
    "FAILED_TO_SIGN",
    "PENDING_CREATE_IN_HSM",
    "REPLACED",
    "SIGNED",
)
_REASONS = ("Payroll", "Rebalancing", "Invoice", "Collateral")


def seeded_transaction(seed: int, key: int, account: Account) -> Transaction:
    """Return one of the transactions that an account begins with."""
    index, place = TRANSACTIONS.split(key)
    status = ("CONFIRMED", "CONFIRMED", "SUBMITTED", "CONFIRMED", pick(index, _FIFTH))
    types = ("RECEIVE", "SEND", "SEND", special_type(account.chain), "SEND", "SEND")
    return _transaction(
        seed,
        key,
        account,
        type_=types[place],
        status=(*status, "PENDING_APPROVAL")[place],
        created_on=on_day(index, place + 1),
        request=transaction_request(index, place),
    )


def incoming(seed: int, key: int, account: Account, now: datetime) -> Transaction:
    """Return a transaction that arrives now."""
    return _transaction(
        seed, key, account, type_="RECEIVE", status="CONFIRMED", created_on=now, request=None
    )


def outgoing(
    seed: int,
    key: int,
    account: Account,
    *,
    type_: str,
    created_on: datetime,
    **fields: Any,
) -> Transaction:
    """Return a transaction that waits for approval, with the fields that its creator chose."""
    drawn = _transaction(
        seed,
        key,
        account,
        type_=type_,
        status="PENDING_APPROVAL",
        created_on=created_on,
        request=None,
    )
    plain: dict[str, Any] = {"notes": (), "labels": (), "compliance": None}
    return msgspec.structs.replace(drawn, **plain | fields)


def tx_hash(*key: object) -> str:
    """Return the hash under which a chain knows a transaction."""
    return f"0x{seeded(*key, 'hash')[:32].hex()}"


def _transaction(
    seed: int,
    key: int,
    account: Account,
    *,
    type_: str,
    status: str,
    created_on: datetime,
    request: int | None,
) -> Transaction:
    noise = seeded(seed, "transaction", key)
    chain, came = account.chain, type_ == "RECEIVE"
    ours, theirs = account.address or chain.address(noise[3:]), chain.address(noise)
    fees = chain.amount(noise[40:], parts=1_000_000)
    on_chain = status in _ON_CHAIN
    broadcast = created_on + timedelta(minutes=30) if on_chain else None
    return Transaction(
        account_id=account.id,
        account_index=account.index,
        confirmations=chain.confirmations if status in _CONFIRMED else 0,
        created_by=pick(noise[20], OPERATORS),
        created_on=created_on,
        currency=chain.name,
        currency_family=chain.family.name,
        id=key,
        min_confirmations=chain.confirmations,
        notes=() if came else (_note(noise),),
        status=status,
        type=type_,
        amount=str(chain.amount(noise[21:], parts=100)),
        block=_block(noise, created_on) if status in _CONFIRMED else None,
        broadcast_on=broadcast,
        coin_fields=coin_fields(chain, type_, noise),
        compliance=_compliance(noise) if noise[50] % 3 == 0 else None,
        failure_reasons=_failure(status) if status in _FAILED else None,
        fees=str(fees) if on_chain else None,
        interaction_type="SWAP" if type_ == "EXECUTE_CONTRACT" else None,
        labels=(lite_label(pick(noise[51], LABELS)),) if noise[52] % 2 else (),
        last_request=request,
        max_fees=str(fees * 2),
        metadata=metadata(chain, type_, noise),
        recipient=ours if came else theirs,
        senders=(theirs if came else ours,) if on_chain else None,
        speed=None if came else pick(noise[53], ("FAST", "NORMAL", "SLOW")),
        tx_hash=tx_hash(seed, key) if on_chain else None,
        uid=noise[:16].hex(),
    )


def _note(noise: bytes) -> TransactionNote:
    reason = pick(noise[54], _REASONS)
    return TransactionNote(content=f"{reason} number {noise[55]}", title=reason)


def _block(noise: bytes, created_on: datetime) -> Block:
    return Block(
        hash=f"0x{noise[32:].hex()}",
        height=1_000_000 + number(noise, 56, 3),
        time=created_on + timedelta(hours=1),
        details=None,
    )


def _failure(status: str) -> TransactionFailureReasons:
    reason = status.replace("_", " ").lower()
    return TransactionFailureReasons(client_reason=reason, reason=f"{reason}: scripted")


def _compliance(noise: bytes) -> TransactionCompliance:
    risk = noise[57] % 3
    alert = ChainalysisTransactionAlert(
        exposure_type=("DIRECT", "INDIRECT")[noise[58] % 2],
        provider_id=noise[:16].hex(),
        risk=("Low", "Medium", "High")[risk],
        value=Decimal(number(noise, 59, 3)).scaleb(-2),
        category_id=noise[60],
        service=None,
    )
    return TransactionCompliance(
        registration_ids=ProviderRegistrationIds(chainalysis=noise[16:32].hex()),
        risk=TransactionRisk(
            risk=("LOW", "MEDIUM", "HIGH")[risk],
            provider_details=ProviderTransactionRiskDetails(chainalysis=(alert,)),
        ),
    )
