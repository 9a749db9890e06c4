"""Stakes on Ethereum and what they earn."""

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import FiniteDecimal, Timestamp

__all__ = [
    "EthereumAccountReward",
    "EthereumBlockchainStake",
    "EthereumStakeBlockchainState",
    "EthereumStakeReward",
    "EthereumStakeRewardInfo",
]


class EthereumStakeBlockchainState(Struct, Described, frozen=True):
    """The state of a stake on the chain; balances and rewards in wei.

    `balance` is that of the consensus layer now, `effective_balance` what it counts as; the rewards
    are all that the stake has earned. `delegated_at` is the time of the staking transaction's
    block, `validator_address` the validator's public key, `gross_apy` a percentage, `state` in the
    words of the consensus layer, `fee_recipient` where the last execution reward went.
    """

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
    gross_apy: FiniteDecimal | None = None
    withdrawal_credentials: str | None = None


class EthereumBlockchainStake(Struct, Described, frozen=True):
    """A stake on Ethereum; `total_reward` in wei. `uid` comes from the chain."""

    account_id: int
    account_name: str
    blockchain_state: EthereumStakeBlockchainState
    created_on: str
    currency: str
    status: str
    total_reward: str
    uid: str


class EthereumStakeRewardInfo(Struct, Described, frozen=True):
    """The earnings of a stake of `stake_balance` wei in a day, in wei and as rates.

    The rates are annual percentages: of the consensus layer, of the execution layer, and of both.
    """

    cl_apy: FiniteDecimal
    consensus_rewards: str
    el_apy: FiniteDecimal
    execution_rewards: str
    gross_apy: FiniteDecimal
    stake_balance: str


class EthereumAccountReward(Struct, Described, frozen=True):
    """A reward of an account; `created_on` is when Ledger indexed it."""

    amount: str
    created_on: Timestamp
    info: EthereumStakeRewardInfo


class EthereumStakeReward(EthereumAccountReward, frozen=True):
    """A reward of a stake; `created_on` is when Ledger indexed it."""

    stake_uid: str
