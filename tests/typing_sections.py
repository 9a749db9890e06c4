"""User code that is only type-checked: what an editor shows for the calls of each section."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import assert_type

from ledger_async import AccountNode, LedgerClient, NodeStream, Page
from ledger_async.models import (
    Account,
    AccountBalances,
    Address,
    APIHistoryResult,
    ApiUser,
    BitcoinBalances,
    CardanoStake,
    CardanoStakeReward,
    Currency,
    Entity,
    EthereumStakeReward,
    FullCardanoStake,
    FullTezosStake,
    Group,
    Label,
    Organization,
    PeriodicRewards,
    SolanaBalances,
    SolanaStakeReward,
    TezosRewards,
    TezosStake,
    User,
    Whitelist,
)
from ledger_async.signed_address import AddressClaims, SignedAddress

NOW = datetime.now(UTC)


async def stakes(ledger: LedgerClient, *, light: bool) -> None:
    cardano, tezos = ledger.staking.cardano.stakes, ledger.staking.tezos.stakes
    assert_type(cardano.stream(101), NodeStream[CardanoStake])
    assert_type(cardano.stream(101, light=True, account_id=102), NodeStream[CardanoStake])
    assert_type(cardano.stream(101, light=False), NodeStream[FullCardanoStake])
    assert_type(
        cardano.stream(101, light=light), NodeStream[CardanoStake] | NodeStream[FullCardanoStake]
    )
    assert_type(tezos.stream_accounts([101]), NodeStream[AccountNode[TezosStake]])
    assert_type(tezos.stream_accounts([101], light=False), NodeStream[AccountNode[FullTezosStake]])
    assert_type(await tezos.page(101, 2, status=["ACTIVE"]), Page[TezosStake])
    assert_type(await tezos.page(101, number=2, light=False), Page[FullTezosStake])
    async for stake in cardano.stream(101, light=light):
        assert_type(stake, CardanoStake | FullCardanoStake)
    cardano.stream(101, status="ACTIVE", colour="red")  # type: ignore[call-overload]
    cardano.stream(account_id=101)  # type: ignore[call-overload]


async def rewards(ledger: LedgerClient) -> None:
    staking = ledger.staking
    assert_type(await staking.cardano.rewards(101), tuple[CardanoStakeReward, ...])
    assert_type(await staking.solana.stake_rewards(101, "uid"), tuple[SolanaStakeReward, ...])
    assert_type(await staking.solana.periodic_rewards(101), tuple[PeriodicRewards, ...])
    assert_type(await staking.tezos.rewards(101, start_cycle=1), tuple[TezosRewards, ...])
    day = date(2026, 1, 2)
    assert_type(
        await staking.ethereum.stake_rewards(101, "uid", start_date=day),
        tuple[EthereumStakeReward, ...],
    )


async def accounts(ledger: LedgerClient) -> None:
    assert_type(
        await ledger.accounts.balances(101),
        AccountBalances | BitcoinBalances | SolanaBalances | Mapping[str, object],
    )
    assert_type(await ledger.accounts.sync(101, synchronous=True), Account)
    children = ledger.accounts.erc20_children(101)
    assert_type(children.stream(status="ACTIVE"), NodeStream[Account])
    assert_type(await children.page(2, created_after=NOW), Page[Account])
    signed = await ledger.accounts.address_at(101, 0, type="receive")
    assert_type(signed, SignedAddress)
    assert_type(signed.claims(), AddressClaims)
    assert_type(await ledger.accounts.receiving_addresses(101), tuple[Address, ...])
    await ledger.accounts.address_at(101, 0, type="other")  # type: ignore[arg-type]


async def others(ledger: LedgerClient) -> None:
    assert_type(ledger.users.stream(role="ADMIN", status="ACTIVE"), NodeStream[User])
    assert_type(ledger.groups.stream(status=["ACTIVE"]), NodeStream[Group])
    assert_type(ledger.entities.stream(account=[101]), NodeStream[Entity])
    assert_type(ledger.labels.stream(name="cold"), NodeStream[Label])
    assert_type(ledger.whitelists.stream(address="0xa"), NodeStream[Whitelist])
    assert_type(await ledger.entities.users(7), tuple[User, ...])
    assert_type(await ledger.groups.history(7), tuple[tuple[APIHistoryResult, ...], ...])
    assert_type(await ledger.currencies.list(), tuple[Currency, ...])
    assert_type(await ledger.currencies.validate_address("ethereum", "0xa"), bool)
    assert_type(await ledger.certificates.chain(), tuple[str, ...])
    assert_type(await ledger.organization.get(), Organization)
    assert_type(await ledger.api_users.create("reader"), ApiUser)
    ledger.users.stream(status=["ACTIVE"])  # type: ignore[arg-type]
