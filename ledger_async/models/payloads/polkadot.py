"""Transactions on Polkadot, to be created."""

from ledger_async.models.values import PolkadotCurrency, PolkadotPayee

from .payload import Payload

__all__ = [
    "PolkadotBondExtraStakingTransactionData",
    "PolkadotBondExtraTransactionCreationData",
    "PolkadotChillStakingTransactionData",
    "PolkadotChillTransactionCreationData",
    "PolkadotRebondStakingTransactionData",
    "PolkadotRebondTransactionCreationData",
    "PolkadotSendTransactionCreationData",
    "PolkadotSendTransactionData",
    "PolkadotSetPayeeStakingTransactionData",
    "PolkadotSetPayeeTransactionCreationData",
    "PolkadotUnbondStakingTransactionData",
    "PolkadotUnbondTransactionCreationData",
    "PolkadotWithdrawStakingTransactionData",
    "PolkadotWithdrawTransactionCreationData",
]


class PolkadotBondExtraStakingTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: PolkadotCurrency


class PolkadotBondExtraTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_BONDEXTRA"
):
    """TODO."""

    account_id: int
    transaction_data: PolkadotBondExtraStakingTransactionData


class PolkadotChillStakingTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    currency: PolkadotCurrency


class PolkadotChillTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_CHILL"
):
    """TODO."""

    account_id: int
    transaction_data: PolkadotChillStakingTransactionData


class PolkadotRebondStakingTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: PolkadotCurrency


class PolkadotRebondTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_REBOND"
):
    """TODO."""

    account_id: int
    transaction_data: PolkadotRebondStakingTransactionData


class PolkadotSendTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: PolkadotCurrency
    recipient: str


class PolkadotSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_SEND"
):
    """TODO."""

    account_id: int
    transaction_data: PolkadotSendTransactionData


class PolkadotSetPayeeStakingTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    currency: PolkadotCurrency
    payee: PolkadotPayee


class PolkadotSetPayeeTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_SETPAYEE"
):
    """TODO."""

    account_id: int
    transaction_data: PolkadotSetPayeeStakingTransactionData


class PolkadotUnbondStakingTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    amount: str
    currency: PolkadotCurrency


class PolkadotUnbondTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_UNBOND"
):
    """TODO."""

    account_id: int
    transaction_data: PolkadotUnbondStakingTransactionData


class PolkadotWithdrawStakingTransactionData(Payload, frozen=True, kw_only=True):
    """TODO."""

    account_name: str
    currency: PolkadotCurrency


class PolkadotWithdrawTransactionCreationData(
    Payload,
    frozen=True,
    kw_only=True,
    tag_field="transaction_type",
    tag="POLKADOT_LIKE_WITHDRAWUNBONDED",
):
    """TODO."""

    account_id: int
    transaction_data: PolkadotWithdrawStakingTransactionData
