"""Stakes on Cardano and what they earn."""

from __future__ import annotations

from ledger_async.models.staking.cardano import CardanoStake, CardanoStakeReward, FullCardanoStake

from .chain import RewardingChain


class CardanoStaking(RewardingChain[CardanoStake, FullCardanoStake, CardanoStakeReward]):
    """Stakes on Cardano and what they earn: amounts in lovelace."""

    _name = "cardano"
    _light, _full, _reward = CardanoStake, FullCardanoStake, CardanoStakeReward
