"""User code that is only type-checked: what an editor shows for each call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from typing import Any, Literal, assert_type

import msgspec

from ledger_async import (
    NFT,
    Account,
    AccountNode,
    AccountReport,
    Batch,
    Digests,
    Entity,
    Group,
    Label,
    LedgerClient,
    Message,
    NFTCollection,
    NFTPortfolioValuation,
    NodeStream,
    Page,
    PageSize,
    Pledge,
    Request,
    Settlement,
    SignedAddress,
    Transaction,
    User,
    Whitelist,
    json,
)
from ledger_async.events import AccountDone, Event, Wait
from ledger_async.models import (
    AccountBalancesHistory,
    AccountCurrency,
    Address,
    AddressRisk,
    AddressSanctions,
    APIHistoryResult,
    APIRequestChallenge,
    ApiUser,
    CardanoStake,
    CardanoStakeReward,
    Configuration,
    CreateSettlement,
    Currency,
    EthereumAccountReward,
    EthereumBlockchainStake,
    EthereumStakeReward,
    FeeEstimation,
    FullCardanoStake,
    FullSolanaStake,
    LamApproval,
    LamRippleFields,
    LamTransaction,
    LiteLabel,
    MessageSigningRequestData,
    Organization,
    PeriodicRewards,
    RequestWithChallenge,
    SettlementRecoveryData,
    SolanaStake,
    SolanaStakeReward,
    TezosRewards,
    TezosStake,
    Token,
    TransactionCreationRequestDataV2,
    VaultLightTokenAccount,
    VaultRequest,
    VaultRequestGovernance,
)
from ledger_async.models.accounts.balances import Balances
from ledger_async.models.governance.pledges import SettlementNode
from ledger_async.otel import Telemetry

EVE = datetime(2025, 1, 1, tzinfo=UTC)


class OnlyId(msgspec.Struct):
    """Only what the caller wants of an NFT."""

    token_id: str


async def nfts(ledger: LedgerClient) -> None:
    assert_type(ledger.nfts.stream(101), NodeStream[NFT])
    assert_type(ledger.nfts.stream(101, node_type=OnlyId), NodeStream[OnlyId])
    assert_type(ledger.nfts.stream_accounts([101]), NodeStream[AccountNode[NFT]])
    assert_type(
        ledger.nfts.stream_accounts([101], node_type=OnlyId, on_error="skip"),
        NodeStream[AccountNode[OnlyId]],
    )
    assert_type(await ledger.nfts.page(101, 2, page_size="max"), Page[NFT])
    assert_type(await ledger.nfts.page(101, node_type=OnlyId), Page[OnlyId])
    assert_type(await ledger.nfts.portfolio(101), NFTPortfolioValuation)
    assert_type(ledger.nfts.stream_accounts([101]).batches(), AsyncIterator[Batch[NFT]])
    assert_type(ledger.nfts.stream(101, node_type=OnlyId).batches(), AsyncIterator[Batch[OnlyId]])
    async for batch in ledger.nfts.stream_accounts([101]).batches():
        assert_type(batch.account_id, int | None)
        assert_type(batch.nodes, list[NFT])
        assert_type(batch.report, AccountReport | None)
    ledger.nfts.stream(101).stop()
    async for account_id, nft in ledger.nfts.stream_accounts([101]):
        assert_type(account_id, int)
        assert_type(nft, NFT)


def sizes(ledger: LedgerClient, size: PageSize) -> None:
    assert_type(ledger.nfts.stream(101, page_size=size), NodeStream[NFT])


def jsons(nft: NFT) -> None:
    assert_type(json.encode(nft), bytes)
    assert_type(json.decode(json.encode(nft), type=NFT), NFT)
    json.decode(b"{}", NFT)  # type: ignore[call-overload]


async def others(ledger: LedgerClient) -> None:
    async with ledger.nft_collections.stream(101) as collections:
        async for collection in collections:
            assert_type(collection, NFTCollection)
    assert_type(await ledger.accounts.get(101), Account)
    assert_type(ledger.accounts.stream(status="ACTIVE", entity=[1, 2]), NodeStream[Account])
    ledger.accounts.stream(status="SLEEPING")  # type: ignore[arg-type]
    ledger.accounts.stream(colour="red")  # type: ignore[call-arg]
    ledger.nfts.stream("101")  # type: ignore[call-overload]


History = tuple[tuple[APIHistoryResult, ...], ...]


async def accounts(ledger: LedgerClient) -> None:
    assert_type(await ledger.accounts.balances(101), Balances)
    assert_type(await ledger.accounts.balance_history(101, start=EVE), AccountBalancesHistory)
    assert_type(await ledger.accounts.currency(101), AccountCurrency)
    assert_type(await ledger.accounts.history(101), History)
    assert_type(await ledger.accounts.labels(101), tuple[LiteLabel, ...])
    assert_type(await ledger.accounts.tokens(101), tuple[VaultLightTokenAccount, ...])
    assert_type(await ledger.accounts.sync(101, synchronous=True), Account)
    assert_type(ledger.accounts.erc20_children(101).stream(status="ACTIVE"), NodeStream[Account])
    assert_type(await ledger.accounts.erc20_children(101).page(2), Page[Account])
    assert_type(await ledger.accounts.address(101), SignedAddress)
    assert_type(await ledger.accounts.address_at(101, 7, type="receive"), SignedAddress)
    assert_type((await ledger.accounts.address(101)).claims().address, str)
    assert_type(await ledger.accounts.receiving_addresses(101), tuple[Address, ...])
    assert_type(await ledger.accounts.receiving_address(101, 7), Address)
    ledger.accounts.address_at(101, 7, type="spend")  # type: ignore[arg-type, unused-coroutine]
    ledger.accounts.erc20_children(101).stream(name="x")  # type: ignore[call-arg]


async def staking(ledger: LedgerClient, light: bool) -> None:  # noqa: FBT001 - as callers have it
    cardano, solana = ledger.staking.cardano, ledger.staking.solana
    assert_type(cardano.stakes.stream(101), NodeStream[CardanoStake])
    assert_type(cardano.stakes.stream(101, light=False), NodeStream[FullCardanoStake])
    assert_type(await solana.stakes.page(101, 2, light=True), Page[SolanaStake])
    assert_type(
        solana.stakes.stream_accounts([101], light=False, status=["ACTIVE"]),
        NodeStream[AccountNode[FullSolanaStake]],
    )
    assert_type(
        cardano.stakes.stream(101, light=light),
        NodeStream[CardanoStake] | NodeStream[FullCardanoStake],
    )
    assert_type(ledger.staking.tezos.stakes.stream(101, account_id=7), NodeStream[TezosStake])
    assert_type(await cardano.rewards(101), tuple[CardanoStakeReward, ...])
    assert_type(await solana.stake_rewards(101, "uid"), tuple[SolanaStakeReward, ...])
    assert_type(await solana.periodic_rewards(101), tuple[PeriodicRewards, ...])
    assert_type(await ledger.staking.tezos.rewards(101, start_cycle=7), tuple[TezosRewards, ...])
    ethereum = ledger.staking.ethereum
    assert_type(await ethereum.stakes(101), tuple[EthereumBlockchainStake, ...])
    assert_type(await ethereum.rewards(101), tuple[EthereumAccountReward, ...])
    assert_type(
        await ethereum.stake_rewards(101, "uid", start_date=date(2025, 1, 1)),
        tuple[EthereumStakeReward, ...],
    )


async def currencies(ledger: LedgerClient) -> None:
    assert_type(await ledger.currencies.list(), tuple[Currency, ...])
    assert_type(await ledger.currencies.tokens(), tuple[Token, ...])
    assert_type(await ledger.currencies.get("ethereum"), Currency)
    assert_type(await ledger.currencies.token("ethereum", "0x1"), Token)
    assert_type(await ledger.currencies.validate_address("ethereum", "0x1"), bool)
    assert_type(await ledger.compliance.address_risk("0x1"), AddressRisk)
    assert_type(await ledger.compliance.sanctions("0x1"), AddressSanctions)
    assert_type(await ledger.certificates.chain(), tuple[str, ...])


async def transactions(ledger: LedgerClient, creation: TransactionCreationRequestDataV2) -> None:
    assert_type(
        ledger.transactions.stream(account=[101], created_after=EVE, status=["CONFIRMED"]),
        NodeStream[Transaction],
    )
    assert_type(await ledger.transactions.page(min_amount="0.5"), Page[Transaction])
    assert_type(await ledger.transactions.get(7), Transaction)
    assert_type(await ledger.transactions.history(7), History)
    assert_type(await ledger.transactions.labels(7), tuple[Label, ...])
    assert_type(await ledger.transactions.estimate_fees(creation), FeeEstimation)
    assert_type(await ledger.transactions.estimate_fees(creation.data), FeeEstimation)
    assert_type(await ledger.transactions.reject(7), Transaction)
    ledger.transactions.stream(status="CONFIRMED")  # type: ignore[arg-type]
    ledger.transactions.stream(type="GIVE")  # type: ignore[arg-type]


async def payments(ledger: LedgerClient, payment: LamTransaction, record: LamApproval) -> None:
    assert_type(await ledger.transactions.create(payment), Transaction)
    assert_type(await ledger.transactions.fees(payment), Mapping[str, object])
    assert_type(await ledger.transactions.approve(7, record), Transaction)
    assert_type(await ledger.transactions.approve_if(7, record), Transaction)
    await ledger.transactions.approve(7, payment)  # type: ignore[arg-type]
    await ledger.transactions.approve_if(7, await ledger.transactions.get(7))  # type: ignore[arg-type]
    LamApproval(account_name="a", recipient="r", coin_fields={"new": 1})
    LamApproval(account_name="a", recipient="r", coin_fields=LamRippleFields(destination_tag=5))
    LamTransaction(account_name="a", recipient="r", speed="SLOW")  # type: ignore[call-arg]
    LamTransaction(
        account_name="a",
        recipient="r",
        speed="SLOWER",  # type: ignore[arg-type]
        max_fees="0",
    )


def agrees(challenge: Mapping[str, object]) -> bool:
    return "recipient" in challenge


async def requests(ledger: LedgerClient, payload: MessageSigningRequestData) -> None:
    assert_type(ledger.requests.stream(type=["CREATE_TRANSACTION"]), NodeStream[Request])
    assert_type(await ledger.requests.get(7), RequestWithChallenge)
    assert_type(await ledger.requests.create(payload), VaultRequest)
    assert_type(await ledger.requests.challenge(7), APIRequestChallenge)
    assert_type(await ledger.requests.reject_challenge(7), APIRequestChallenge)
    assert_type(await ledger.requests.governance_status(7), VaultRequestGovernance)
    assert_type(await ledger.requests.approve(7, "a.b.c"), VaultRequest)
    assert_type(await ledger.requests.reject(7), VaultRequest)
    assert_type(await ledger.requests.approve_with(7, b"key", confirm=agrees), VaultRequest | None)
    await ledger.requests.create({"type": "CREATE_TRANSACTION"})  # type: ignore[arg-type]


async def people(ledger: LedgerClient) -> None:
    assert_type(ledger.users.stream(role="OPERATOR"), NodeStream[User])
    assert_type(ledger.groups.stream(members=[7]), NodeStream[Group])
    assert_type(ledger.entities.stream(status=["ACTIVE"]), NodeStream[Entity])
    assert_type(await ledger.entities.users(7), tuple[User, ...])
    assert_type(ledger.whitelists.stream(address="0x1"), NodeStream[Whitelist])
    assert_type(await ledger.whitelists.history(7), History)
    assert_type(ledger.labels.stream(), NodeStream[Label])
    assert_type(await ledger.organization.get(), Organization)
    assert_type(await ledger.api_users.list(), tuple[ApiUser, ...])
    assert_type(await ledger.api_users.register("anna", "url"), ApiUser)


async def tradelink(
    ledger: LedgerClient, settlement: CreateSettlement, recovery: SettlementRecoveryData
) -> None:
    assert_type(ledger.pledges.stream(state=["PLEDGE_READY"]), NodeStream[Pledge])
    assert_type(ledger.settlements.stream(), NodeStream[SettlementNode])
    assert_type(await ledger.settlements.create(settlement), Settlement)
    assert_type(await ledger.settlements.recover("uuid", recovery), Settlement)


def as_json(transaction: Transaction, page: Page[NFT]) -> None:
    assert_type(json.encode(transaction), bytes)
    assert_type(json.decode(b"{}", type=Transaction), Transaction)
    assert_type(json.decode(json.encode(page), type=Page[NFT]), Page[NFT])
    assert_type(json.schema(list[NFT]), dict[str, Any])


async def signing(ledger: LedgerClient, configuration: Configuration) -> None:
    assert_type(ledger.messages.stream(message_type="EIP712"), NodeStream[Message])
    assert_type(ledger.digests.stream(account=[101]), NodeStream[Digests])
    assert_type(await ledger.digests.get(7), Digests)
    assert_type(await ledger.notifications.configuration(), Configuration)
    assert_type(await ledger.notifications.configure(configuration), Configuration)


def take(event: Event) -> None:
    match event:
        case Wait(reason=reason):
            assert_type(reason, Literal["rate limit", "outage", "line", "backoff"])
        case AccountDone(report=report):
            assert_type(report, AccountReport)


def observers() -> None:
    LedgerClient(observer=take)
    LedgerClient(observer=Telemetry())
    LedgerClient(observer=lambda: None)  # type: ignore[arg-type,misc]
