"""Stakes on Tezos and what they earn."""

from msgspec import Struct

from ledger_async.models.accounts.coin_fields import TezosStakeBlockchainState
from ledger_async.models.base.described import Described

from .stakes import FullStake, LightStake

__all__ = ["FullTezosStake", "TezosRewardInfo", "TezosRewards", "TezosStake"]


class TezosStake(LightStake, frozen=True, kw_only=True):
    """A stake on Tezos that names other objects by id; amounts in mutez."""

    blockchain_state: TezosStakeBlockchainState


class FullTezosStake(FullStake, frozen=True, kw_only=True):
    """A stake on Tezos with the objects that belong to it; amounts in mutez."""

    blockchain_state: TezosStakeBlockchainState


class TezosRewardInfo(Struct, Described, frozen=True):
    """The chain's side of a reward: the cycle that granted it, and its rate.

    `active_balance` is what earned it.
    """

    active_balance: str
    cycle: int
    cycle_begins_at: str
    gross_apy: str
    rewards: str


class TezosRewards(Struct, Described, frozen=True):
    """A reward of a stake; `created_on` is the date as sent."""

    amount: str
    created_on: str
    info: TezosRewardInfo
    stake_uid: str
