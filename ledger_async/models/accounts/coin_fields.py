"""The fields that accounts of one chain have beyond the common ones.

Amounts are decimal strings in the chain's base unit (lamport, mutez, wei).
"""

from typing import TYPE_CHECKING, Annotated, TypeAlias

from msgspec import Struct

from ledger_async.models.base.described import Described
from ledger_async.models.base.fields import FiniteDecimal, Timestamp, open_union
from ledger_async.models.base.values import TezosStakeState

__all__ = [
    "CoinFields",
    "EthereumAndEvmFields",
    "EthereumStakingInfo",
    "LightTokenAccount",
    "MaticStakingInfo",
    "PeriodicRewards",
    "PolkadotAnonymousProxyInfo",
    "PolkadotBalances",
    "PolkadotBalancesWithUnbondingInfo",
    "PolkadotFields",
    "PolkadotStakingInfo",
    "PolkadotUnbondingInfo",
    "PolygonFields",
    "SolanaAccountFields",
    "SolanaBalances",
    "SolanaStakingInfo",
    "TezosFields",
    "TezosStakeBlockchainState",
]


class EthereumStakingInfo(Struct, Described, frozen=True):
    """Stakes and rewards of an EVM account, in wei; `network_apy` is a rate."""

    available_rewards: str | None = None
    network_apy: FiniteDecimal | None = None
    total_rewards: str | None = None
    total_staking: str | None = None


class EthereumAndEvmFields(Struct, Described, frozen=True):
    """The fields of an account on Ethereum or another EVM chain."""

    staking: EthereumStakingInfo | None = None
    type: str = "EthereumAndEvm"


class MaticStakingInfo(Struct, Described, frozen=True):
    """Stakes and rewards of a Polygon account."""

    total_rewards: str
    total_staking: str
    total_unbonded: str
    total_unbonding: str


class PolygonFields(Struct, Described, frozen=True):
    """The fields of an account on Polygon."""

    staking: MaticStakingInfo | None = None
    type: str = "Polygon"


class PolkadotBalances(Struct, Described, frozen=True):
    """The balances of a Polkadot proxy."""

    available: str
    bonded: str
    free: str
    frozen: str
    reserved: str
    total: str


class PolkadotAnonymousProxyInfo(Struct, Described, frozen=True):
    """The anonymous proxy of a Polkadot account, and the extrinsic that created it."""

    address: str
    balances: PolkadotBalances
    block_height: int
    created_at: str
    ext_index: int
    index: int
    is_controller: bool
    is_main: bool
    kind: str


class PolkadotUnbondingInfo(Struct, Described, frozen=True):
    """An amount on its way out of a stake."""

    amount: str
    waiting_time: int
    withdrawable_date: str


class PolkadotBalancesWithUnbondingInfo(PolkadotBalances, frozen=True):
    """The balances of a Polkadot account, with what is on its way out of its stake."""

    total_unbonded: str
    total_unbonding: str
    unbonded: tuple[PolkadotUnbondingInfo, ...]
    unbonding: tuple[PolkadotUnbondingInfo, ...]


class PolkadotStakingInfo(Struct, Described, frozen=True):
    """The staking of a Polkadot account: `is_nominator` is false while chilled."""

    is_nominator: bool
    legacy_staking: bool
    proxies: tuple[str, ...]
    controller_address: str | None = None
    rewards_destination: str | None = None


class PolkadotFields(Struct, Described, frozen=True):
    """The fields of an account on Polkadot."""

    balances: PolkadotBalancesWithUnbondingInfo
    staking: PolkadotStakingInfo
    anonymous_proxy: PolkadotAnonymousProxyInfo | None = None
    type: str = "Polkadot"


class LightTokenAccount(Struct, Described, frozen=True):
    """A token account in brief; amounts in the base unit of the token."""

    account_name: str
    associated_token_account: str
    available: int
    contract_address: str
    creation_transaction_hash: str
    parent_id: int
    pending: int
    status: str
    ticker: str


class SolanaBalances(Struct, Described, frozen=True):
    """The amounts that a Solana account has staked, by the status of the stakes."""

    activating: str
    deactivating: str
    delegated: str
    total_staked: str
    undelegated: str
    token_accounts: tuple[LightTokenAccount, ...] | None = None


class PeriodicRewards(Struct, Described, frozen=True):
    """Rewards of the last 7 days, of the last 30, and altogether."""

    last30: str
    last7: str
    total: str


class SolanaStakingInfo(Struct, Described, frozen=True):
    """Stakes and rewards of a Solana account."""

    balances: SolanaBalances
    rewards: PeriodicRewards


class SolanaAccountFields(Struct, Described, frozen=True):
    """The fields of an account on Solana."""

    staking: SolanaStakingInfo
    type: str = "Solana"


class TezosStakeBlockchainState(Struct, Described, frozen=True):
    """A delegation to a Tezos baker: `gross_apy` is a decimal string, the amounts are in mutez."""

    baker_address: str
    delegated_at: Timestamp
    state: Annotated[str, TezosStakeState]
    activated_at: Timestamp | None = None
    activated_cycle: int | None = None
    active_balance: str | None = None
    delegated_block: str | None = None
    delegated_cycle: int | None = None
    gross_apy: str | None = None
    rewards: str | None = None
    updated_at: Timestamp | None = None


class TezosFields(Struct, Described, frozen=True):
    """The fields of an account on Tezos."""

    staking: TezosStakeBlockchainState | None = None
    type: str = "Tezos"


if TYPE_CHECKING:
    from collections.abc import Mapping

    CoinFields: TypeAlias = (
        EthereumAndEvmFields
        | PolkadotFields
        | PolygonFields
        | SolanaAccountFields
        | TezosFields
        | Mapping[str, object]
    )
else:
    CoinFields = open_union(
        tag="type",
        tagged={
            "EthereumAndEvm": EthereumAndEvmFields,
            "Polkadot": PolkadotFields,
            "Polygon": PolygonFields,
            "Solana": SolanaAccountFields,
            "Tezos": TezosFields,
        },
    )
