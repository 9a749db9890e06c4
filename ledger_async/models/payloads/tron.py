"""Transactions on Tron, to be created."""

from typing import Literal

from .fees_strategies import GenericFeesStrategy
from .payload import Payload, constant

__all__ = ["TronSendTransactionCreationData", "TronSendTransactionData"]


class TronSendTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: Literal["tron"] = constant("tron")
    max_fees: str
    recipient: str


class TronSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="TRON_LIKE_SEND"
):
    """TODO."""

    account_id: int
    fees_strategy: GenericFeesStrategy
    transaction_data: TronSendTransactionData
