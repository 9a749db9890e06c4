"""Stakes and their rewards, by chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async.section import Lazy, Section

if TYPE_CHECKING:
    from .cardano import CardanoStaking
    from .ethereum import EthereumStaking
    from .solana import SolanaStaking
    from .tezos import TezosStaking


class Staking(Section):
    """Stakes and their rewards, by chain."""

    cardano: Lazy[CardanoStaking] = Lazy("staking.cardano", "CardanoStaking")
    ethereum: Lazy[EthereumStaking] = Lazy("staking.ethereum", "EthereumStaking")
    solana: Lazy[SolanaStaking] = Lazy("staking.solana", "SolanaStaking")
    tezos: Lazy[TezosStaking] = Lazy("staking.tezos", "TezosStaking")
