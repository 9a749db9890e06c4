"""Stakes on Ethereum and what they earn."""

from decimal import Decimal

from msgspec import Struct

from .fields import Timestamp

__all__ = [
    "EthereumAccountReward",
    "EthereumBlockchainStake",
    "EthereumStakeBlockchainState",
    "EthereumStakeReward",
    "EthereumStakeRewardInfo",
]


class EthereumStakeBlockchainState(Struct, frozen=True):
    """TODO."""

    delegated_at: str
    state: str
    validator_address: str
    activated_at: str | None = None
    balance: str | None = None
    consensus_rewards: str | None = None
    deposit_tx_sender: str | None = None
    effective_balance: str | None = None
    execution_rewards: str | None = None
    fee_recipient: str | None = None
    gross_apy: Decimal | None = None
    withdrawal_credentials: str | None = None


class EthereumBlockchainStake(Struct, frozen=True):
    """TODO."""

    account_id: int
    account_name: str
    blockchain_state: EthereumStakeBlockchainState
    created_on: str
    currency: str
    status: str
    total_reward: str
    uid: str


class EthereumStakeRewardInfo(Struct, frozen=True):
    """TODO."""

    cl_apy: Decimal
    consensus_rewards: str
    el_apy: Decimal
    execution_rewards: str
    gross_apy: Decimal
    stake_balance: str


class EthereumAccountReward(Struct, frozen=True):
    """TODO."""

    amount: str
    created_on: Timestamp
    info: EthereumStakeRewardInfo


class EthereumStakeReward(Struct, frozen=True):
    """TODO."""

    amount: str
    created_on: Timestamp
    info: EthereumStakeRewardInfo
    stake_uid: str
