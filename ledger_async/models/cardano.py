"""Stakes on Cardano and what they earn."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Struct

from .fields import Timestamp
from .stakes import FullStake, LightStake
from .values import DRepDelegation

__all__ = [
    "CardanoStake",
    "CardanoStakeBlockchainState",
    "CardanoStakeReward",
    "CardanoStakeRewardInfo",
    "FullCardanoStake",
]


class CardanoStakeBlockchainState(Struct, frozen=True):
    """TODO."""

    balances: Mapping[str, object]
    stake_address: str
    block_number: int | None = None
    date: Timestamp | None = None
    drep_delegation: Annotated[str, DRepDelegation] | None = None
    epoch: int | None = None
    pool_id: str | None = None


class CardanoStake(LightStake, frozen=True, kw_only=True):
    """TODO."""

    blockchain_state: CardanoStakeBlockchainState


class FullCardanoStake(FullStake, frozen=True, kw_only=True):
    """TODO."""

    blockchain_state: CardanoStakeBlockchainState


class CardanoStakeRewardInfo(Struct, frozen=True):
    """TODO."""

    accumulated: str
    earned_in: str
    received_in: str


class CardanoStakeReward(Struct, frozen=True):
    """TODO."""

    amount: str
    created_on: Timestamp
    info: CardanoStakeRewardInfo
    stake_uid: str
