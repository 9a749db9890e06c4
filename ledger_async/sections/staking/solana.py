"""Stakes on Solana and what they earn."""

from __future__ import annotations

from ledger_async.models.staking.solana import FullSolanaStake, SolanaStake, SolanaStakeReward

from .chain import RewardingChain


class SolanaStaking(RewardingChain[SolanaStake, FullSolanaStake, SolanaStakeReward]):
    """Stakes on Solana and what they earn: amounts in lamports."""

    _name = "solana"
    _light, _full, _reward = SolanaStake, FullSolanaStake, SolanaStakeReward
