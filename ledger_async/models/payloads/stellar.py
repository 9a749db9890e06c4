"""Transactions on Stellar, to be created."""

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from msgspec import Meta

from ledger_async.errors import ConfigurationError
from ledger_async.models.base.fields import keyed_union
from ledger_async.models.base.payload import Payload, constant

from .fees_strategies import GenericFeesStrategy

__all__ = [
    "StellarMemo1",
    "StellarMemoHash1",
    "StellarMemoId1",
    "StellarMemoReturn1",
    "StellarMemoText1",
    "StellarSendTransactionCreationData",
    "StellarSendTransactionData",
]


_LARGEST_ID = 2**64 - 1
_LONGEST_TEXT = 28


class StellarMemoHash1(Payload, frozen=True, kw_only=True, rename={"memo_hash": "MEMO_HASH"}):
    """A memo that is a hash: 64 hexadecimal characters."""

    memo_hash: Annotated[str, Meta(min_length=64, max_length=64)]


class StellarMemoId1(Payload, frozen=True, kw_only=True, rename={"memo_id": "MEMO_ID"}):
    """A memo that is an unsigned integer of 64 bits."""

    # msgspec checks no bound beyond 63 bits.
    memo_id: Annotated[int, Meta(ge=0, extra_json_schema={"maximum": _LARGEST_ID})]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.memo_id > _LARGEST_ID:
            raise ConfigurationError("StellarMemoId1 memo_id must be below 2**64")


class StellarMemoReturn1(Payload, frozen=True, kw_only=True, rename={"memo_return": "MEMO_RETURN"}):
    """The hash of the transaction being refunded: 64 hexadecimal characters."""

    memo_return: Annotated[str, Meta(min_length=64, max_length=64)]


class StellarMemoText1(Payload, frozen=True, kw_only=True, rename={"memo_text": "MEMO_TEXT"}):
    """A memo that is a text of up to 28 bytes."""

    # msgspec counts characters.
    memo_text: Annotated[str, Meta(min_length=0, max_length=_LONGEST_TEXT)]

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.memo_text.encode()) > _LONGEST_TEXT:
            raise ConfigurationError(
                f"StellarMemoText1 memo_text must be of {_LONGEST_TEXT} bytes at most, as UTF-8"
            )


if TYPE_CHECKING:
    StellarMemo1: TypeAlias = (
        StellarMemoHash1 | StellarMemoId1 | StellarMemoReturn1 | StellarMemoText1
    )
else:
    StellarMemo1 = keyed_union(
        {
            "MEMO_HASH": StellarMemoHash1,
            "MEMO_ID": StellarMemoId1,
            "MEMO_RETURN": StellarMemoReturn1,
            "MEMO_TEXT": StellarMemoText1,
        }
    )
"""The mark by which a transfer on Stellar is told apart."""


class StellarSendTransactionData(Payload, frozen=True, kw_only=True):
    """A transfer on Stellar, in stroops; `max_fees` is `"0"` for an estimate."""

    account_name: str
    amount: str
    currency: Literal["stellar"] = constant("stellar")
    max_fees: str
    recipient: str
    memo: StellarMemo1 | None = None


class StellarSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="STELLAR_LIKE_SEND"
):
    """A transfer on Stellar from the account `account_id`."""

    account_id: int
    fees_strategy: GenericFeesStrategy
    transaction_data: StellarSendTransactionData
