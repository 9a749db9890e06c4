"""Transactions on Bitcoin, to be created."""

from ledger_async.models.base.payload import Payload
from ledger_async.models.base.values import BitcoinCurrency

from .fees_strategies import BitcoinFeesStrategy, GenericFeesStrategy

__all__ = ["BitcoinSendTransactionCreationData", "BitcoinSendTransactionData"]


class BitcoinSendTransactionData(Payload, frozen=True, kw_only=True):
    """A transfer on Bitcoin, in satoshi; `max_fees` is `"0"` for an estimate."""

    account_name: str
    amount: str
    currency: BitcoinCurrency
    max_fees: str
    recipient: str


class BitcoinSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="BITCOIN_LIKE_SEND"
):
    """A transfer on Bitcoin from the account `account_id`."""

    account_id: int
    fees_strategy: BitcoinFeesStrategy | GenericFeesStrategy
    transaction_data: BitcoinSendTransactionData
