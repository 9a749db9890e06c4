"""Transactions on Solana, to be created."""

from ledger_async.models.values import SolanaCurrency

from .payload import Payload

__all__ = [
    "SolanaCreateAssociatedTokenAccountCreationData",
    "SolanaCreateAssociatedTokenAccountTransactionData",
    "SolanaSendSplTokenTransactionCreationData",
    "SolanaSendSplTokenTransactionData",
    "SolanaSendTransactionCreationData",
    "SolanaSendTransactionData",
]


class SolanaCreateAssociatedTokenAccountTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    currency: SolanaCurrency
    token_mint: str
    max_priority_fee: str | None = None


class SolanaCreateAssociatedTokenAccountCreationData(
    Payload,
    frozen=True,
    kw_only=True,
    tag_field="transaction_type",
    tag="SOLANA_LIKE_CREATE_SPL_TOKEN_ACCOUNT",
):
    """TODO."""

    account_id: int
    transaction_data: SolanaCreateAssociatedTokenAccountTransactionData


class SolanaSendSplTokenTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: SolanaCurrency
    recipient: str
    token_mint: str
    max_priority_fee: str | None = None


class SolanaSendSplTokenTransactionCreationData(
    Payload,
    frozen=True,
    kw_only=True,
    tag_field="transaction_type",
    tag="SOLANA_LIKE_SEND_SPL_TOKEN_CHECKED",
):
    """TODO."""

    account_id: int
    transaction_data: SolanaSendSplTokenTransactionData


class SolanaSendTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: SolanaCurrency
    recipient: str
    max_priority_fee: str | None = None


class SolanaSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="SOLANA_LIKE_SEND"
):
    """TODO."""

    account_id: int
    transaction_data: SolanaSendTransactionData
