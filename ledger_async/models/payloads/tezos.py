"""Transactions on Tezos, to be created."""

from typing import Literal

from ledger_async.models.base.payload import Payload, constant

from .fees_strategies import GenericFeesStrategy

__all__ = ["TezosSendTransactionCreationData", "TezosSendTransactionData"]


class TezosSendTransactionData(Payload, frozen=True, kw_only=True):
    """A transfer on Tezos, in mutez; `max_fees` is `"0"` for an estimate."""

    account_name: str
    amount: str
    currency: Literal["tezos"] = constant("tezos")
    max_fees: str
    recipient: str


class TezosSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="TEZOS_LIKE_SEND"
):
    """A transfer on Tezos from the account `account_id`."""

    account_id: int
    fees_strategy: GenericFeesStrategy
    transaction_data: TezosSendTransactionData
