"""Transactions on Ripple, to be created."""

from typing import Literal

from ledger_async.models.base.payload import Payload, constant

from .fees_strategies import GenericFeesStrategy

__all__ = ["RippleSendTransactionCreationData", "RippleSendTransactionData"]


class RippleSendTransactionData(Payload, frozen=True, kw_only=True):
    """A transfer on Ripple, in drops; `max_fees` is `"0"` for an estimate.

    `tag` is the destination tag.
    """

    account_name: str
    amount: str
    currency: Literal["ripple"] = constant("ripple")
    max_fees: str
    recipient: str
    tag: int | None = None


class RippleSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="RIPPLE_LIKE_SEND"
):
    """A transfer on Ripple from the account `account_id`."""

    account_id: int
    fees_strategy: GenericFeesStrategy
    transaction_data: RippleSendTransactionData
