"""Stakes and their rewards, by chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async._support.lazy import Lazy
from ledger_async.sections._base.section import Section

if TYPE_CHECKING:
    from .cardano import CardanoStaking
    from .ethereum import EthereumStaking
    from .solana import SolanaStaking
    from .tezos import TezosStaking


class Staking(Section):
    """Stakes and their rewards, by chain."""

    cardano: Lazy[CardanoStaking] = Lazy(".cardano", "CardanoStaking")
    ethereum: Lazy[EthereumStaking] = Lazy(".ethereum", "EthereumStaking")
    solana: Lazy[SolanaStaking] = Lazy(".solana", "SolanaStaking")
    tezos: Lazy[TezosStaking] = Lazy(".tezos", "TezosStaking")
