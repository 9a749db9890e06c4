"""Settlements, to be created and recovered."""

from collections.abc import Mapping

from ledger_async.models.base.payload import Payload, UuidText
from ledger_async.models.governance.pledges import InboundTransactionIntent, RepledgeIntent

from .creation import TransactionCreation
from .fees_strategies import BitcoinFeesStrategy, EthereumFeesStrategy, GenericFeesStrategy

__all__ = ["CreateSettlement", "SettlementRecoveryData"]


class CreateSettlement(Payload, frozen=True, kw_only=True):
    """A settlement of the pledge `from_pledge_id`; `id` is a UUID of your own."""

    from_pledge_id: UuidText
    id: UuidText
    meta: Mapping[str, object]
    inbound_transaction_intent: InboundTransactionIntent | None = None
    outbound_transaction_intent: TransactionCreation | None = None
    repledge_intent: RepledgeIntent | None = None


class SettlementRecoveryData(Payload, frozen=True, kw_only=True):
    """Fees for a settlement's transaction that no block has taken so far."""

    fee_strategy: BitcoinFeesStrategy | EthereumFeesStrategy | GenericFeesStrategy
    max_fee: str
