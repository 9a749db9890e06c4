"""Stakes and rewards, chain by chain (`staking`): asked for and read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest
from answering import answering
from section_server import page as paged

from ledger_async import ConfigurationError, LedgerClient, NotFoundError
from ledger_async.models import (
    CardanoStake,
    CardanoStakeReward,
    EthereumAccountReward,
    EthereumBlockchainStake,
    EthereumStakeReward,
    FullCardanoStake,
    FullSolanaStake,
    FullTezosStake,
    PeriodicRewards,
    SolanaStake,
    SolanaStakeReward,
    TezosRewards,
    TezosStake,
    User,
)

WHEN = "2026-01-02T03:04:05Z"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

USER = {
    "created_by": 1,
    "created_on": WHEN,
    "id": 7,
    "is_api": False,
    "role": "OPERATOR",
    "status": "ACTIVE",
    "username": "ann",
}


class Chain(NamedTuple):
    """One chain: its kinds of stakes, the state of one on the chain, and a reward."""

    light: type
    full: type
    state: Mapping[str, Any]
    reward_type: type
    reward: Mapping[str, Any]


CHAINS = {
    "cardano": Chain(
        CardanoStake,
        FullCardanoStake,
        {"balances": {}, "stake_address": "stake1"},
        CardanoStakeReward,
        {
            "amount": "5",
            "created_on": WHEN,
            "info": {"accumulated": "5", "earned_in": "1", "received_in": "2"},
            "stake_uid": "u",
        },
    ),
    "solana": Chain(
        SolanaStake,
        FullSolanaStake,
        {
            **dict.fromkeys(["active_balance", "inactive_balance", "rent_exempt_reserve"], "1"),
            **dict.fromkeys(["total_balance", "withdrawable_balance"], "1"),
            "pub_key": "k",
            "status": "activated",
            "validator_address": "v",
        },
        SolanaStakeReward,
        {
            "amount": "5",
            "created_on": WHEN,
            "info": {"effective_slot": "1", "epoch": "2", "post_balance": "3"},
            "stake_uid": "u",
        },
    ),
    "tezos": Chain(
        TezosStake,
        FullTezosStake,
        {"baker_address": "tz1", "delegated_at": WHEN, "state": "active"},
        TezosRewards,
        {
            "amount": "5",
            "created_on": "2026-01-02",
            "info": {
                "active_balance": "1",
                "cycle": 3,
                "cycle_begins_at": "2026-01-02",
                "gross_apy": "5",
                "rewards": "5",
            },
            "stake_uid": "u",
        },
    ),
}
LISTED = pytest.mark.parametrize("chain", CHAINS)
REWARDING = pytest.mark.parametrize("chain", ["cardano", "solana"])
ETHEREUM_INFO = {
    "cl_apy": 3.5,
    "consensus_rewards": "1",
    "el_apy": 0,
    "execution_rewards": "1",
    "gross_apy": 3.5,
    "stake_balance": "32",
}
ETHEREUM_REWARD = {"amount": "5", "created_on": WHEN, "info": ETHEREUM_INFO}


def client() -> LedgerClient:
    """One that asks nobody."""
    return LedgerClient("https://lam.example", api_key="key")


def stake(chain: str, **fields: object) -> dict[str, object]:
    return {
        "blockchain_state": CHAINS[chain].state,
        "created_by": 7,
        "creation_tx": 8,
        "id": 9,
        "status": "ACTIVE",
        **fields,
    }


def stakes(ledger: LedgerClient, chain: str) -> Any:
    return getattr(ledger.staking, chain).stakes


def query(asked: str) -> list[tuple[str, str]]:
    return parse_qsl(asked.partition("?")[2])


# Stakes, listed


@LISTED
async def test_stakes_are_light_unless_told_otherwise(chain: str) -> None:
    async with answering(paged(stake(chain))) as at:
        nodes = [node async for node in stakes(at.ledger, chain).stream(101)]
        assert [(type(node), node.id) for node in nodes] == [(CHAINS[chain].light, 9)]
        assert at.asked == [f"GET /{chain}/accounts/101/stakes?page=1&page_size=100&light=true"]


@LISTED
async def test_stakes_may_hold_what_belongs_to_them(chain: str) -> None:
    async with answering(paged(stake(chain, created_by=USER))) as at:
        (node,) = [node async for node in stakes(at.ledger, chain).stream(101, light=False)]
        assert (type(node), type(node.created_by)) == (CHAINS[chain].full, User)
        assert at.asked == [f"GET /{chain}/accounts/101/stakes?page=1&page_size=100&light=false"]


@LISTED
async def test_stakes_take_every_filter_of_the_contract(chain: str) -> None:
    async with answering(paged(stake(chain))) as at:
        page = await stakes(at.ledger, chain).page(
            101,
            2,
            page_size=50,
            account_id=102,
            created_after=MOMENT,
            created_before=MOMENT,
            creation_tx=8,
            id=9,
            order="desc",
            order_by="id",
            stake_uid=["a", "b"],
            status={"ACTIVE"},
        )
        assert [type(node) for node in page.nodes] == [CHAINS[chain].light]
        (asked,) = at.asked
    assert asked.startswith(f"GET /{chain}/accounts/101/stakes?")
    assert query(asked) == [
        ("page", "2"),
        ("page_size", "50"),
        ("account_id", "102"),
        ("created_after", "2026-01-02T03:04:05+00:00"),
        ("created_before", "2026-01-02T03:04:05+00:00"),
        ("creation_tx", "8"),
        ("id", "9"),
        ("order", "desc"),
        ("order_by", "id"),
        ("stake_uid", "a"),
        ("stake_uid", "b"),
        ("status", "ACTIVE"),
        ("light", "true"),
    ]


@LISTED
async def test_a_page_of_stakes_may_hold_what_belongs_to_them(chain: str) -> None:
    async with answering(paged(stake(chain))) as at:
        page = await stakes(at.ledger, chain).page(101, number=3, light=False)
        assert [type(node) for node in page.nodes] == [CHAINS[chain].full]
        assert at.asked == [f"GET /{chain}/accounts/101/stakes?page=3&page_size=100&light=false"]


@LISTED
@pytest.mark.parametrize("light", [True, False])
async def test_stakes_of_many_accounts_come_with_their_account(
    chain: str,
    light: bool,  # noqa: FBT001 - the case
) -> None:
    async with answering(paged(stake(chain))) as at:
        stream = stakes(at.ledger, chain).stream_accounts(
            [101, 102], ordered=True, light=light, account_id=103
        )
        found = [(account_id, type(node)) async for account_id, node in stream]
        kind = CHAINS[chain].light if light else CHAINS[chain].full
        assert found == [(101, kind), (102, kind)]
        sent = f"page=1&page_size=100&account_id=103&light={str(light).lower()}"
        assert sorted(at.asked) == [
            f"GET /{chain}/accounts/{account_id}/stakes?{sent}" for account_id in (101, 102)
        ]


@LISTED
def test_the_account_is_given_by_position(chain: str) -> None:
    with pytest.raises(TypeError, match="positional"):
        stakes(client(), chain).stream(account_id=101)


@LISTED
@pytest.mark.parametrize("number", ["101", None, -1, True])
async def test_what_is_no_account_is_refused_by_name(chain: str, number: object) -> None:
    listing = stakes(client(), chain)
    with pytest.raises(ConfigurationError, match="account_id must be an integer of 0 or more"):
        listing.stream(number)
    with pytest.raises(ConfigurationError, match="account_id must be an integer of 0 or more"):
        await listing.page(number)


@LISTED
@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"light": 1}, "light must be True or False, got int"),
        ({"light": None}, "light must be True or False, got NoneType"),
        ({"account_id": "101"}, "account_id must be an integer, got str"),
        ({"stake_uid": "a"}, "stake_uid takes a list of values, got 'a'"),
        ({"status": [1]}, "each status must be a string, got int"),
        ({"colour": "red"}, "there is no filter colour"),
    ],
)
def test_a_filter_that_cannot_be_sent_is_refused(
    chain: str, filters: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        stakes(client(), chain).stream(101, **filters)


@LISTED
def test_filters_on_how_a_stake_began_leave_new_stakes_at_the_head(chain: str) -> None:
    assert {"account_id", "creation_tx", "light"} <= stakes(client(), chain)._endpoint.settled
    assert not {"stake_uid", "status", "order"} & stakes(client(), chain)._endpoint.settled


# Rewards


@REWARDING
async def test_rewards_of_an_account_come_at_once(chain: str) -> None:
    async with answering([CHAINS[chain].reward]) as at:
        rewards = await getattr(at.ledger.staking, chain).rewards(101)
        assert type(rewards) is tuple
        assert [(type(each), each.amount) for each in rewards] == [(CHAINS[chain].reward_type, "5")]
        assert at.asked == [f"GET /{chain}/accounts/101/rewards"]


@REWARDING
async def test_rewards_by_period_come_at_once(chain: str) -> None:
    async with answering([{"last30": "3", "last7": "2", "total": "5"}]) as at:
        rewards = await getattr(at.ledger.staking, chain).periodic_rewards(101)
        assert rewards == (PeriodicRewards(last30="3", last7="2", total="5"),)
        assert at.asked == [f"GET /{chain}/accounts/101/periodic-rewards"]


@REWARDING
async def test_rewards_of_one_stake_come_at_once(chain: str) -> None:
    async with answering([CHAINS[chain].reward]) as at:
        rewards = await getattr(at.ledger.staking, chain).stake_rewards(101, "u/1")
        assert [type(each) for each in rewards] == [CHAINS[chain].reward_type]
        assert at.asked == [f"GET /{chain}/accounts/101/stakes/u%2F1/rewards"]


@pytest.mark.parametrize("chain", ["cardano", "ethereum", "solana"])
async def test_rewards_of_an_unknown_stake_are_not_found(chain: str) -> None:
    async with answering({"message": "none"}, status="404 Not Found") as at:
        with pytest.raises(NotFoundError) as caught:
            await getattr(at.ledger.staking, chain).stake_rewards(101, "u")
    assert caught.value.account_id == 101


@pytest.mark.parametrize("uid", ["", "..", "a/../b", "a\0", None, 5])
@pytest.mark.parametrize("chain", ["cardano", "ethereum", "solana"])
async def test_what_is_no_uid_is_refused_by_name(chain: str, uid: object) -> None:
    with pytest.raises(ConfigurationError, match="stake_uid must be a string"):
        await getattr(client().staking, chain).stake_rewards(101, uid)


@pytest.mark.parametrize("missing", ["periodic_rewards", "stake_rewards"])
def test_tezos_tells_the_rewards_of_an_account_only(missing: str) -> None:
    assert not hasattr(client().staking.tezos, missing)


@pytest.mark.parametrize(
    ("cycles", "sent"),
    [
        ({}, ""),
        ({"start_cycle": 0}, "?start_cycle=0"),
        ({"end_cycle": 9}, "?end_cycle=9"),
        ({"start_cycle": 3, "end_cycle": 4}, "?start_cycle=3&end_cycle=4"),
    ],
)
async def test_rewards_on_tezos_may_be_bounded_by_cycles(
    cycles: Mapping[str, Any], sent: str
) -> None:
    async with answering([CHAINS["tezos"].reward]) as at:
        (reward,) = await at.ledger.staking.tezos.rewards(101, **cycles)
        assert (type(reward), reward.info.cycle) == (TezosRewards, 3)
        assert at.asked == [f"GET /tezos/accounts/101/rewards{sent}"]


@pytest.mark.parametrize("cycle", ["3", True, 1.5, date(2026, 1, 2)])
@pytest.mark.parametrize("name", ["start_cycle", "end_cycle"])
async def test_a_cycle_is_an_integer(name: str, cycle: object) -> None:
    cycles: dict[str, Any] = {name: cycle}
    with pytest.raises(ConfigurationError, match=f"{name} must be an integer"):
        await client().staking.tezos.rewards(101, **cycles)


# Ethereum


async def test_stakes_on_ethereum_come_at_once() -> None:
    answer = {
        "account_id": 101,
        "account_name": "main",
        "blockchain_state": {
            "delegated_at": WHEN,
            "state": "active_ongoing",
            "validator_address": "0xA",
        },
        "created_on": "2026-01-02",
        "currency": "ethereum",
        "status": "",
        "total_reward": "5",
        "uid": "0xB",
    }
    async with answering([answer]) as at:
        (found,) = await at.ledger.staking.ethereum.stakes(101)
        assert (type(found), found.uid) == (EthereumBlockchainStake, "0xB")
        assert at.asked == ["GET /ethereum/accounts/101/stakes"]


async def test_rewards_on_ethereum_come_at_once() -> None:
    async with answering([ETHEREUM_REWARD]) as at:
        rewards = await at.ledger.staking.ethereum.rewards(101)
        assert [type(each) for each in rewards] == [EthereumAccountReward]
        assert at.asked == ["GET /ethereum/accounts/101/rewards"]


@pytest.mark.parametrize(
    ("days", "sent"),
    [
        ({}, ""),
        ({"start_date": date(2026, 1, 2)}, "?start_date=2026-01-02"),
        ({"end_date": date(2026, 1, 2)}, "?end_date=2026-01-02"),
    ],
)
async def test_rewards_of_a_stake_on_ethereum_may_be_bounded_by_days(
    days: Mapping[str, Any], sent: str
) -> None:
    async with answering([{**ETHEREUM_REWARD, "stake_uid": "0xB"}]) as at:
        (reward,) = await at.ledger.staking.ethereum.stake_rewards(101, "0xB", **days)
        assert (type(reward), reward.stake_uid) == (EthereumStakeReward, "0xB")
        assert at.asked == [f"GET /ethereum/accounts/101/stakes/0xB/rewards{sent}"]


@pytest.mark.parametrize("day", [MOMENT, "2026-01-02", 20260102])
@pytest.mark.parametrize("name", ["start_date", "end_date"])
async def test_a_day_is_a_date_and_no_moment(name: str, day: object) -> None:
    days: dict[str, Any] = {name: day}
    with pytest.raises(ConfigurationError, match=f"{name} must be a date, got"):
        await client().staking.ethereum.stake_rewards(101, "0xB", **days)
