"""Transactions on Cardano, to be created."""

from typing import Literal

from ledger_async.models.base.payload import Payload, constant

from .fees_strategies import GenericFeesStrategy

__all__ = ["CardanoSendTransactionCreationData", "CardanoSendTransactionData"]


class CardanoSendTransactionData(Payload, frozen=True, kw_only=True):
    """A transfer on Cardano, in lovelace; `max_fees` is `"0"` for an estimate."""

    account_name: str
    amount: str
    currency: Literal["cardano"] = constant("cardano")
    max_fees: str
    recipient: str


class CardanoSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="CARDANO_LIKE_SEND"
):
    """A transfer on Cardano from the account `account_id`."""

    account_id: int
    fees_strategy: GenericFeesStrategy
    transaction_data: CardanoSendTransactionData
