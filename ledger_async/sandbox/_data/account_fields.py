"""Seeded fields of accounts beyond the common ones, by chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger_async.models.accounts.coin_fields import (
    CoinFields,
    EthereumAndEvmFields,
    EthereumStakingInfo,
    LightTokenAccount,
    MaticStakingInfo,
    PeriodicRewards,
    PolkadotBalancesWithUnbondingInfo,
    PolkadotFields,
    PolkadotStakingInfo,
    PolygonFields,
    SolanaAccountFields,
    SolanaBalances,
    SolanaStakingInfo,
    TezosFields,
    TezosStakeBlockchainState,
)

from .calendar import on_day
from .chains import SPL_USDC, USDC
from .seeded import number

if TYPE_CHECKING:
    from .chains import Chain


def coin_fields(chain: Chain, index: int, noise: bytes) -> CoinFields | None:
    """Return the chain's own part of an account."""
    match chain.family.name:
        case "polygon":
            return PolygonFields(
                staking=MaticStakingInfo(
                    total_rewards="0", total_staking="0", total_unbonded="0", total_unbonding="0"
                )
            )
        case "ethereum":
            staked = chain.name.startswith("ethereum") and noise[18] % 2
            return EthereumAndEvmFields(staking=_ethereum(noise) if staked else None)
        case "polkadot":
            return _polkadot(chain.amount(noise[1:]), chain.address(noise[32:] + noise))
        case "solana":
            return SolanaAccountFields(
                staking=SolanaStakingInfo(balances=solana_balances(noise), rewards=rewards(noise))
            )
        case "tezos":
            return TezosFields(staking=tezos_state(chain, index, noise))
        case _:
            return None


def _ethereum(noise: bytes) -> EthereumStakingInfo:
    stakes = 1 + noise[19] % 4
    return EthereumStakingInfo(
        available_rewards=str(number(noise, 20, 6)),
        total_rewards=str(number(noise, 20, 7)),
        total_staking=str(stakes * 32 * 10**18),
    )


def _polkadot(free: int, controller: str) -> PolkadotFields:
    bonded = free // 4
    return PolkadotFields(
        balances=PolkadotBalancesWithUnbondingInfo(
            available=str(free - bonded),
            bonded=str(bonded),
            free=str(free),
            frozen=str(bonded),
            reserved="0",
            total=str(free),
            total_unbonded="0",
            total_unbonding="0",
            unbonded=(),
            unbonding=(),
        ),
        staking=PolkadotStakingInfo(
            is_nominator=bonded > 0,
            legacy_staking=False,
            proxies=(),
            controller_address=controller,
            rewards_destination="Stash",
        ),
    )


def solana_balances(noise: bytes) -> SolanaBalances:
    """Return what a Solana account has staked."""
    activating, deactivating, delegated, undelegated = (
        number(noise, start, 4) for start in (24, 28, 32, 36)
    )
    return SolanaBalances(
        activating=str(activating),
        deactivating=str(deactivating),
        delegated=str(delegated),
        total_staked=str(activating + deactivating + delegated + undelegated),
        undelegated=str(undelegated),
        token_accounts=None,
    )


def rewards(noise: bytes) -> PeriodicRewards:
    """Return rewards that grow with the period."""
    last7 = number(noise, 40, 3)
    last30 = last7 * 4 + noise[43]
    return PeriodicRewards(
        last30=str(last30), last7=str(last7), total=str(last30 + number(noise, 44, 3))
    )


def tezos_state(chain: Chain, index: int, noise: bytes) -> TezosStakeBlockchainState:
    """Return the delegation of a Tezos account."""
    return TezosStakeBlockchainState(
        baker_address=chain.address(noise[8:]),
        delegated_at=on_day(index, 4),
        state="active",
        activated_at=on_day(index, 20),
        activated_cycle=500 + index,
        active_balance=str(chain.amount(noise[1:])),
        delegated_block=f"B{noise[:25].hex()}",
        delegated_cycle=499 + index,
        gross_apy=f"5.{noise[9]:03}",
        rewards=str(number(noise, 40, 3)),
        updated_at=on_day(index, 22),
    )


def token_accounts(chain: Chain, account_id: int, noise: bytes) -> tuple[LightTokenAccount, ...]:
    """Return the USDC that accounts on Ethereum and Solana hold."""
    token = {"ethereum": USDC, "solana": SPL_USDC}.get(chain.name)
    if token is None:
        return ()
    return (
        LightTokenAccount(
            account_name=f"USDC of {account_id}",
            associated_token_account=chain.address(noise[4:]) if token is SPL_USDC else "",
            available=number(noise, 50, 4),
            contract_address=token.contract_address,
            creation_transaction_hash=f"0x{noise[:32].hex()}",
            parent_id=account_id,
            pending=0,
            status="ACTIVE",
            ticker="USDC",
        ),
    )
