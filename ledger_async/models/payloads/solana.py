"""Transactions on Solana, to be created."""

from ledger_async.models.base.payload import Payload
from ledger_async.models.base.values import SolanaCurrency

__all__ = [
    "SolanaCreateAssociatedTokenAccountCreationData",
    "SolanaCreateAssociatedTokenAccountTransactionData",
    "SolanaSendSplTokenTransactionCreationData",
    "SolanaSendSplTokenTransactionData",
    "SolanaSendTransactionCreationData",
    "SolanaSendTransactionData",
]


class _Data(Payload, frozen=True, kw_only=True):
    account_name: str
    currency: SolanaCurrency
    max_priority_fee: str | None = None


class _Transfer(_Data, frozen=True, kw_only=True):
    amount: str
    recipient: str


class SolanaCreateAssociatedTokenAccountTransactionData(_Data, frozen=True, kw_only=True):
    """An account for the token minted at `token_mint`.

    `max_priority_fee` is one of the fees that an estimate recommends, or your own; the API will ask
    for it some day.
    """

    token_mint: str


class SolanaCreateAssociatedTokenAccountCreationData(
    Payload,
    frozen=True,
    kw_only=True,
    tag_field="transaction_type",
    tag="SOLANA_LIKE_CREATE_SPL_TOKEN_ACCOUNT",
):
    """Opens a token account under the account `account_id`."""

    account_id: int
    transaction_data: SolanaCreateAssociatedTokenAccountTransactionData


class SolanaSendSplTokenTransactionData(_Transfer, frozen=True, kw_only=True):
    """A transfer of the token minted at `token_mint`, in its base unit.

    `max_priority_fee` is one of the fees that an estimate recommends, or your own; the API will ask
    for it some day.
    """

    token_mint: str


class SolanaSendSplTokenTransactionCreationData(
    Payload,
    frozen=True,
    kw_only=True,
    tag_field="transaction_type",
    tag="SOLANA_LIKE_SEND_SPL_TOKEN_CHECKED",
):
    """A transfer of a token from the account `account_id`."""

    account_id: int
    transaction_data: SolanaSendSplTokenTransactionData


class SolanaSendTransactionData(_Transfer, frozen=True, kw_only=True):
    """A transfer on Solana, in lamport.

    `max_priority_fee` is one of the fees that an estimate recommends, or your own; the API will ask
    for it some day.
    """


class SolanaSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="SOLANA_LIKE_SEND"
):
    """A transfer on Solana from the account `account_id`."""

    account_id: int
    transaction_data: SolanaSendTransactionData
