"""Stakes on Cardano and what they earn."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import Timestamp
from ledger_async.models.base.values import DRepDelegation

from .stakes import FullStake, LightStake

__all__ = [
    "CardanoStake",
    "CardanoStakeBlockchainState",
    "CardanoStakeReward",
    "CardanoStakeRewardInfo",
    "FullCardanoStake",
]


class CardanoStakeBlockchainState(Struct, Described, frozen=True):
    """The state of a stake on the chain.

    `block_number` and `epoch` are those in which it became active, `date` is when it was
    registered. `pool_id` names the pool delegated to, `drep_delegation` the DRep that votes: an id,
    or one of the two special values.
    """

    balances: Mapping[str, object]
    stake_address: str
    block_number: int | None = None
    date: Timestamp | None = None
    drep_delegation: Annotated[str, DRepDelegation] | None = None
    epoch: int | None = None
    pool_id: str | None = None


class CardanoStake(LightStake, frozen=True, kw_only=True):
    """A stake on Cardano that names other objects by id; amounts in lovelace."""

    blockchain_state: CardanoStakeBlockchainState


class FullCardanoStake(FullStake, frozen=True, kw_only=True):
    """A stake on Cardano with the objects that belong to it; amounts in lovelace."""

    blockchain_state: CardanoStakeBlockchainState


class CardanoStakeRewardInfo(Struct, Described, frozen=True):
    """The chain's side of a reward: the epochs in which it was earned and paid.

    `accumulated` is what the stake has earned so far.
    """

    accumulated: str
    earned_in: str
    received_in: str


class CardanoStakeReward(Struct, Described, frozen=True):
    """A reward of a stake; `created_on` is when Ledger indexed it, not when the chain paid it."""

    amount: str
    created_on: Timestamp
    info: CardanoStakeRewardInfo
    stake_uid: str
