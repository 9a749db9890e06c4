"""Transactions on Polkadot, to be created."""

from ledger_async.models.base.payload import Payload
from ledger_async.models.base.values import PolkadotCurrency, PolkadotPayee

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


class _Data(Payload, frozen=True, kw_only=True):
    account_name: str
    currency: PolkadotCurrency


class _Amount(_Data, frozen=True, kw_only=True):
    amount: str


class PolkadotBondExtraStakingTransactionData(_Amount, frozen=True, kw_only=True):
    """More to stake, in planck."""


class PolkadotBondExtraTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_BONDEXTRA"
):
    """Stakes more of the account `account_id`."""

    account_id: int
    transaction_data: PolkadotBondExtraStakingTransactionData


class PolkadotChillStakingTransactionData(_Data, frozen=True, kw_only=True):
    """A stop to nominating."""


class PolkadotChillTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_CHILL"
):
    """Stops the account `account_id` from nominating."""

    account_id: int
    transaction_data: PolkadotChillStakingTransactionData


class PolkadotRebondStakingTransactionData(_Amount, frozen=True, kw_only=True):
    """An amount to stake again while it unbonds, in planck."""


class PolkadotRebondTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_REBOND"
):
    """Stakes again what the account `account_id` unbonds."""

    account_id: int
    transaction_data: PolkadotRebondStakingTransactionData


class PolkadotSendTransactionData(_Amount, frozen=True, kw_only=True):
    """A transfer on Polkadot, in planck."""

    recipient: str


class PolkadotSendTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_SEND"
):
    """A transfer on Polkadot from the account `account_id`."""

    account_id: int
    transaction_data: PolkadotSendTransactionData


class PolkadotSetPayeeStakingTransactionData(_Data, frozen=True, kw_only=True):
    """Another destination of rewards from now on."""

    payee: PolkadotPayee


class PolkadotSetPayeeTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_SETPAYEE"
):
    """Sends the rewards of the account `account_id` elsewhere."""

    account_id: int
    transaction_data: PolkadotSetPayeeStakingTransactionData


class PolkadotUnbondStakingTransactionData(_Amount, frozen=True, kw_only=True):
    """An amount to stake no longer, in planck."""


class PolkadotUnbondTransactionCreationData(
    Payload, frozen=True, kw_only=True, tag_field="transaction_type", tag="POLKADOT_LIKE_UNBOND"
):
    """Unbonds a part of what the account `account_id` stakes."""

    account_id: int
    transaction_data: PolkadotUnbondStakingTransactionData


class PolkadotWithdrawStakingTransactionData(_Data, frozen=True, kw_only=True):
    """A withdrawal of what was unbonded."""


class PolkadotWithdrawTransactionCreationData(
    Payload,
    frozen=True,
    kw_only=True,
    tag_field="transaction_type",
    tag="POLKADOT_LIKE_WITHDRAWUNBONDED",
):
    """Withdraws what the account `account_id` has unbonded."""

    account_id: int
    transaction_data: PolkadotWithdrawStakingTransactionData
