"""Stakes on Tezos and what they earn."""

from msgspec import Struct

from .coin_fields import TezosStakeBlockchainState
from .stakes import FullStake, LightStake

__all__ = ["FullTezosStake", "TezosRewardInfo", "TezosRewards", "TezosStake"]


class TezosStake(LightStake, frozen=True, kw_only=True):
    """TODO."""

    blockchain_state: TezosStakeBlockchainState


class FullTezosStake(FullStake, frozen=True, kw_only=True):
    """TODO."""

    blockchain_state: TezosStakeBlockchainState


class TezosRewardInfo(Struct, frozen=True):
    """TODO."""

    active_balance: str
    cycle: int
    cycle_begins_at: str
    gross_apy: str
    rewards: str


class TezosRewards(Struct, frozen=True):
    """TODO."""

    amount: str
    created_on: str
    info: TezosRewardInfo
    stake_uid: str
