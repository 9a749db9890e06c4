"""Stakes on Cardano, Solana and Tezos, and what they earn."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from ledger_async.models.accounts.coin_fields import PeriodicRewards
from ledger_async.models.staking.cardano import (
    CardanoStake,
    CardanoStakeBlockchainState,
    CardanoStakeReward,
    CardanoStakeRewardInfo,
)
from ledger_async.models.staking.solana import (
    SolanaStake,
    SolanaStakeBlockchainState,
    SolanaStakeReward,
    SolanaStakeRewardInfo,
)
from ledger_async.models.staking.tezos import TezosRewardInfo, TezosRewards, TezosStake

from .account_fields import tezos_state
from .calendar import on_day, text
from .ids import TRANSACTIONS, Blocks, transaction_request
from .people import OPERATORS
from .seeded import number, pick, seeded

if TYPE_CHECKING:
    from .accounts import Account

Stake: TypeAlias = CardanoStake | SolanaStake | TezosStake
Reward: TypeAlias = CardanoStakeReward | SolanaStakeReward | TezosRewards

IDS = Blocks(1, 3)
_STATUSES = ("ACTIVE", "DEACTIVATING", "ACTIVE", "ACTIVATING", "DEACTIVATED")
_REWARDS = 6  # of each stake
_STAKING_TRANSACTION = 3  # its place among an account's transactions
_EPOCH = timedelta(days=5)


def stakes(seed: int, account: Account, family: str) -> list[Stake]:
    """Return the stakes of an account on this family's chains: none if it lives elsewhere."""
    if account.chain.family.name != family:
        return []
    many = IDS.size if family == "solana" else 1
    return [_stake(seed, account, place) for place in range(many)]


def rewards(seed: int, account: Account, stake: Stake) -> list[Reward]:
    """Return what a stake has earned, newest first."""
    earned = [_reward(seed, account, stake, turn) for turn in range(_REWARDS)]
    return earned[::-1]


def periodic(earned: list[Reward]) -> PeriodicRewards:
    """Return the sums of the rewards of 7 days up to the newest, of 30, and altogether."""
    dated = [
        (each.created_on, int(each.amount)) for each in earned if not isinstance(each, TezosRewards)
    ]
    now = max(moment for moment, _ in dated)

    def since(days: int) -> str:
        return str(sum(amount for moment, amount in dated if moment > now - timedelta(days=days)))

    return PeriodicRewards(
        last30=since(30), last7=since(7), total=str(sum(amount for _, amount in dated))
    )


def _stake(seed: int, account: Account, place: int) -> Stake:
    key = IDS.key(account.index, place)
    noise = seeded(seed, "stake", key)
    index, chain = account.index, account.chain
    common = {
        "created_by": pick(noise[0], OPERATORS),
        "creation_tx": TRANSACTIONS.key(index, _STAKING_TRANSACTION),
        "id": key,
        "status": pick(noise[1] + place, _STATUSES),
        "amount": str(number(noise, 2, 5)),
        "created_on": text(on_day(index, 4 + place)),
        "last_request": transaction_request(index, _STAKING_TRANSACTION),
        "stake_uid": noise[:20].hex(),
        "total_reward": str(number(noise, 8, 3)),
        "validator": chain.address(noise[5:]),
    }
    match chain.family.name:
        case "cardano":
            return CardanoStake(blockchain_state=_on_cardano(account, noise), **common)  # type: ignore[arg-type]
        case "solana":
            return SolanaStake(blockchain_state=_on_solana(account, noise), **common)  # type: ignore[arg-type]
        case _:
            state = tezos_state(chain, index, seeded(seed, account.id))
            return TezosStake(blockchain_state=state, **common)  # type: ignore[arg-type]


def _on_cardano(account: Account, noise: bytes) -> CardanoStakeBlockchainState:
    return CardanoStakeBlockchainState(
        balances={"total": str(number(noise, 2, 5)), "rewards": str(number(noise, 8, 3))},
        stake_address=f"stake1{noise[:26].hex()}",
        block_number=8_000_000 + number(noise, 30, 2),
        date=on_day(account.index, 5),
        drep_delegation=("drep_always_abstain", "drep_always_no_confidence", None)[noise[40] % 3],
        epoch=400 + account.index,
        pool_id=f"pool1{noise[:25].hex()}",
    )


def _on_solana(account: Account, noise: bytes) -> SolanaStakeBlockchainState:
    active, reserve = number(noise, 2, 5), 2_282_880
    return SolanaStakeBlockchainState(
        active_balance=str(active),
        inactive_balance="0",
        pub_key=account.chain.address(noise[7:]),
        rent_exempt_reserve=str(reserve),
        status="activated",
        total_balance=str(active + reserve),
        validator_address=account.chain.address(noise[5:]),
        withdrawable_balance="0",
        activation_date=on_day(account.index, 12),
        activation_epoch=500 + account.index,
    )


def _reward(seed: int, account: Account, stake: Stake, turn: int) -> Reward:
    noise = seeded(seed, "reward", stake.id, turn)
    amount = str(number(noise, 0, 3))
    moment = on_day(account.index, 12) + (turn + 1) * _EPOCH
    uid = stake.stake_uid or ""
    match stake:
        case CardanoStake():
            info = CardanoStakeRewardInfo(
                accumulated=str((turn + 1) * number(noise, 0, 3)),
                earned_in=str(400 + turn),
                received_in=str(402 + turn),
            )
            return CardanoStakeReward(amount=amount, created_on=moment, info=info, stake_uid=uid)
        case SolanaStake():
            received = SolanaStakeRewardInfo(
                effective_slot=str(2**28 + turn * 432_000),
                epoch=str(500 + turn),
                post_balance=str(number(noise, 4, 5)),
                date=moment if noise[10] % 4 else None,
            )
            return SolanaStakeReward(amount=amount, created_on=moment, info=received, stake_uid=uid)
        case _:
            granted = TezosRewardInfo(
                active_balance=str(number(noise, 4, 5)),
                cycle=500 + turn,
                cycle_begins_at=text(moment - _EPOCH),
                gross_apy=f"5.{noise[9]:03}",
                rewards=amount,
            )
            return TezosRewards(amount=amount, created_on=text(moment), info=granted, stake_uid=uid)
