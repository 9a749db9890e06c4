"""Stakes on Ethereum, one for each validator, and what they earn from day to day."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from ledger_async.models.staking.ethereum import (
    EthereumAccountReward,
    EthereumBlockchainStake,
    EthereumStakeBlockchainState,
    EthereumStakeReward,
    EthereumStakeRewardInfo,
)

from .calendar import on_day, text
from .seeded import number, seeded

if TYPE_CHECKING:
    from .accounts import Account

_STAKED = 32 * 10**18  # wei
_DAYS = 10  # of rewards


def stakes(seed: int, account: Account) -> list[EthereumBlockchainStake]:
    """Return the stakes of an account: none if it is not on Ethereum or a testnet of it."""
    if not account.chain.name.startswith("ethereum"):
        return []
    return [_stake(seed, account, place) for place in range(2)]


def rewards(
    seed: int, account: Account, stake: EthereumBlockchainStake
) -> list[EthereumStakeReward]:
    """Return what a stake has earned on each day, newest first."""
    return [
        EthereumStakeReward(
            amount=info.consensus_rewards,
            created_on=on_day(account.index, 15) + timedelta(days=day),
            info=info,
            stake_uid=stake.uid,
        )
        for day in reversed(range(1, _DAYS + 1))
        for info in (_info(seeded(seed, stake.uid, day)),)
    ]


def account_rewards(seed: int, account: Account) -> list[EthereumAccountReward]:
    """Return what all stakes of an account have earned, newest first."""
    earned = [each for stake in stakes(seed, account) for each in rewards(seed, account, stake)]
    earned.sort(key=lambda each: each.created_on, reverse=True)
    return [
        EthereumAccountReward(amount=each.amount, created_on=each.created_on, info=each.info)
        for each in earned
    ]


def _stake(seed: int, account: Account, place: int) -> EthereumBlockchainStake:
    noise = seeded(seed, "validator", account.id, place)
    began = text(on_day(account.index, 4 + place))
    uid = f"0x{noise[:48].hex()}"
    return EthereumBlockchainStake(
        account_id=account.id,
        account_name=account.name,
        blockchain_state=EthereumStakeBlockchainState(
            delegated_at=began,
            state="active_ongoing",
            validator_address=uid,
            activated_at=text(on_day(account.index, 15)),
            balance=str(_STAKED + number(noise, 0, 7)),
            consensus_rewards=str(number(noise, 0, 7)),
            deposit_tx_sender=account.address,
            effective_balance=str(_STAKED),
            execution_rewards=str(number(noise, 8, 6)),
            fee_recipient=account.address,
            gross_apy=Decimal(3000 + noise[50]).scaleb(-3),
            withdrawal_credentials=f"0x01{'0' * 22}{account.address[2:]}",
        ),
        created_on=began,
        currency=account.chain.name,
        status="ACTIVE",
        total_reward=str(number(noise, 0, 7) + number(noise, 8, 6)),
        uid=uid,
    )


def _info(noise: bytes) -> EthereumStakeRewardInfo:
    consensus, execution = 2500 + noise[0], noise[1] * 2
    return EthereumStakeRewardInfo(
        cl_apy=Decimal(consensus).scaleb(-3),
        consensus_rewards=str(number(noise, 2, 6)),
        el_apy=Decimal(execution).scaleb(-3),
        execution_rewards=str(number(noise, 8, 5)),
        gross_apy=Decimal(consensus + execution).scaleb(-3),
        stake_balance=str(_STAKED),
    )
