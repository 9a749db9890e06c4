"""Settlements, to be created and recovered."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from ledger_async.models.base.fields import union_by
from ledger_async.models.base.payload import Payload, UuidText
from ledger_async.models.governance.pledges import InboundTransactionIntent, RepledgeIntent

from .creation import TransactionCreation
from .fees_strategies import BitcoinFeesStrategy, EthereumFeesStrategy, GenericFeesStrategy

__all__ = ["CreateSettlement", "RecoveryFeesStrategy", "SettlementRecoveryData"]


class CreateSettlement(Payload, frozen=True, kw_only=True):
    """A settlement of the pledge `from_pledge_id`; `id` is a UUID of your own."""

    from_pledge_id: UuidText
    id: UuidText
    meta: Mapping[str, object]
    inbound_transaction_intent: InboundTransactionIntent | None = None
    outbound_transaction_intent: TransactionCreation | None = None
    repledge_intent: RepledgeIntent | None = None


def _strategy_of(value: object) -> type:
    match value:
        case {"type": "CUSTOM", "data": {"fees_per_byte": _}}:
            return BitcoinFeesStrategy
        case {"type": "CUSTOM"}:
            return EthereumFeesStrategy
    return GenericFeesStrategy


if TYPE_CHECKING:
    RecoveryFeesStrategy: TypeAlias = (
        BitcoinFeesStrategy | EthereumFeesStrategy | GenericFeesStrategy
    )
else:
    RecoveryFeesStrategy = union_by(
        _strategy_of, BitcoinFeesStrategy, EthereumFeesStrategy, GenericFeesStrategy
    )
"""The way in which the fees of a settlement's transaction are worked out anew."""


class SettlementRecoveryData(Payload, frozen=True, kw_only=True):
    """Fees for a settlement's transaction that no block has taken so far."""

    fee_strategy: RecoveryFeesStrategy
    max_fee: str
