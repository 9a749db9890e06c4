"""Transactions, in and out."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp, open_union
from ledger_async.models.base.values import (
    TransactionFamily,
    TransactionSpeed,
    TransactionStatus,
    TransactionType,
)
from ledger_async.models.compliance import TransactionCompliance
from ledger_async.models.currency_names import CurrencyName
from ledger_async.models.workspace.labels import LiteLabel

from .transaction_fields import TransactionFields

__all__ = [
    "Block",
    "CardanoTxMetadata",
    "SolanaTxMetadata",
    "Transaction",
    "TransactionFailureReasons",
    "TransactionMetadata",
    "TransactionNote",
]


class Block(Struct, Described, frozen=True):
    """The block that a transaction is in; `details` depend on the chain."""

    hash: str
    height: int
    time: Timestamp
    details: Mapping[str, object] | None = None


class TransactionFailureReasons(Struct, Described, frozen=True):
    """The reason for which a transaction failed."""

    client_reason: str
    reason: str


class TransactionNote(Struct, Described, frozen=True):
    """Notes of people on a transaction."""

    content: str
    title: str


class SolanaTxMetadata(Struct, Described, frozen=True):
    """The stake account that a transaction on Solana belongs to."""

    stake_pubkey: str | None = None


class CardanoTxMetadata(Struct, Described, frozen=True):
    """The effect of a transaction on Cardano on a stake."""

    amount: int | None = None
    change_path: str | None = None
    stake_path: str | None = None


if TYPE_CHECKING:
    TransactionMetadata: TypeAlias = CardanoTxMetadata | SolanaTxMetadata | Mapping[str, object]
else:
    TransactionMetadata = open_union(
        {
            "stake_pubkey": SolanaTxMetadata,
            **dict.fromkeys(("amount", "change_path", "stake_path"), CardanoTxMetadata),
        }
    )


class Transaction(Struct, Described, frozen=True):
    """A transaction, in or out; amounts are decimal strings in the base unit.

    Of a token, `amount` is in the token's base unit, `fees` and `max_fees` in that of the network.
    `fees` is what was paid, `max_fees` the most that it can be. `block` and `senders` are `None`
    until the transaction is on the chain.
    """

    account_id: int
    account_index: int
    confirmations: int
    created_by: int
    created_on: Timestamp
    currency: Annotated[str, CurrencyName]
    currency_family: Annotated[str, TransactionFamily]
    id: int
    min_confirmations: int
    notes: tuple[TransactionNote, ...]
    status: Annotated[str, TransactionStatus]
    type: Annotated[str, TransactionType]
    amount: str | None = None
    block: Block | None = None
    broadcast_on: Timestamp | None = None
    coin_fields: TransactionFields | None = None
    compliance: TransactionCompliance | None = None
    failure_reasons: TransactionFailureReasons | None = None
    fees: str | None = None
    interaction_type: str | None = None
    labels: tuple[LiteLabel, ...] = ()
    last_request: int | None = None
    max_fees: str | None = None
    metadata: TransactionMetadata | None = None
    recipient: str | None = None
    senders: tuple[str, ...] | None = None
    speed: Annotated[str, TransactionSpeed] | None = None
    tx_hash: str | None = None
    uid: str | None = None
