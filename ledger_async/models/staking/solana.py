"""Stakes on Solana and what they earn."""

from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp
from ledger_async.models.base.values import SolanaStakeState

from .stakes import FullStake, LightStake

__all__ = [
    "FullSolanaStake",
    "SolanaStake",
    "SolanaStakeBlockchainState",
    "SolanaStakeReward",
    "SolanaStakeRewardInfo",
]


class SolanaStakeBlockchainState(Struct, Described, frozen=True):
    """The state of a stake on the chain; balances in lamport.

    `active_balance` earns rewards; `rent_exempt_reserve`, part of `total_balance`, is locked so
    that the chain keeps the stake's account, whose address is `pub_key`; `withdrawable_balance` is
    the most that can be withdrawn.
    """

    active_balance: str
    inactive_balance: str
    pub_key: str
    rent_exempt_reserve: str
    status: Annotated[str, SolanaStakeState]
    total_balance: str
    validator_address: str
    withdrawable_balance: str
    activation_date: Timestamp | None = None
    activation_epoch: int | None = None
    deactivation_date: Timestamp | None = None
    deactivation_epoch: int | None = None


class SolanaStake(LightStake, frozen=True, kw_only=True):
    """A stake on Solana that names other objects by id; amounts in lamport."""

    blockchain_state: SolanaStakeBlockchainState


class FullSolanaStake(FullStake, frozen=True, kw_only=True):
    """A stake on Solana with the objects that belong to it; amounts in lamport."""

    blockchain_state: SolanaStakeBlockchainState


class SolanaStakeRewardInfo(Struct, Described, frozen=True):
    """The chain's side of a reward: `post_balance` is the stake's after it.

    `date` is when it was received, `None` where Solana does not tell.
    """

    effective_slot: str
    epoch: str
    post_balance: str
    date: Timestamp | None = None


class SolanaStakeReward(Struct, Described, frozen=True):
    """A reward of a stake; `created_on` is when Ledger indexed it, not when the chain paid it."""

    amount: str
    created_on: Timestamp
    info: SolanaStakeRewardInfo
    stake_uid: str
