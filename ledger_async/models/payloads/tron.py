"""Transactions on Tron, to be created."""

from typing import Literal

from ledger_async.models.base.payload import Payload, constant

from .fees_strategies import GenericFeesStrategy

__all__ = ["TronSendTransactionCreationData", "TronSendTransactionData"]


class TronSendTransactionData(Payload, frozen=True, kw_only=True):
    """A transfer on Tron, in sun; `max_fees` is `"0"` for an estimate."""

    account_name: str
    amount: str
    currency: Literal["tron"] = constant("tron")
    max_fees: str
    recipient: str


class TronSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="TRON_LIKE_SEND"
):
    """A transfer on Tron from the account `account_id`."""

    account_id: int
    fees_strategy: GenericFeesStrategy
    transaction_data: TronSendTransactionData
