"""Stakes on Solana and what they earn."""

from typing import Annotated

from msgspec import Struct

from .fields import Timestamp
from .stakes import FullStake, LightStake
from .values import SolanaStakeState

__all__ = [
    "FullSolanaStake",
    "SolanaStake",
    "SolanaStakeBlockchainState",
    "SolanaStakeReward",
    "SolanaStakeRewardInfo",
]


class SolanaStakeBlockchainState(Struct, frozen=True):
    """TODO."""

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
    """TODO."""

    blockchain_state: SolanaStakeBlockchainState


class FullSolanaStake(FullStake, frozen=True, kw_only=True):
    """TODO."""

    blockchain_state: SolanaStakeBlockchainState


class SolanaStakeRewardInfo(Struct, frozen=True):
    """TODO."""

    effective_slot: str
    epoch: str
    post_balance: str
    date: Timestamp | None = None


class SolanaStakeReward(Struct, frozen=True):
    """TODO."""

    amount: str
    created_on: Timestamp
    info: SolanaStakeRewardInfo
    stake_uid: str
