"""Accounts, stakes and settings of a whole workspace, as the sandbox has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ledger_async import LedgerClient, NotFoundError
from ledger_async.models import Configuration, ConfigurationProfile, Webhook
from ledger_async.sandbox import Sandbox

CHAINS = pytest.mark.parametrize("chain", ["cardano", "solana", "tezos"])


@asynccontextmanager
async def workspace(**currencies: str) -> AsyncIterator[LedgerClient]:
    """A client of a workspace of accounts 201, 202… on these chains, by whatever names."""
    chains = dict(enumerate(currencies.values(), start=201))
    async with (
        Sandbox(dict.fromkeys(chains, 0), currencies=chains) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        yield ledger


def stakes(ledger: LedgerClient, chain: str) -> Any:
    return getattr(ledger.staking, chain).stakes


@CHAINS
async def test_light_and_whole_stakes_are_the_same_stakes(chain: str) -> None:
    async with workspace(first=chain, second=chain, third=chain) as ledger:
        listing = stakes(ledger, chain)
        light, full = [
            [(account_id, stake.id) async for account_id, stake in stream]
            for stream in (
                listing.stream_accounts([201, 202, 203], ordered=True),
                listing.stream_accounts([201, 202, 203], ordered=True, light=False, page_size=1),
            )
        ]
    assert light == full
    assert light


@CHAINS
async def test_filters_on_how_a_stake_began_leave_its_listing_exact(chain: str) -> None:
    async with workspace(only=chain) as ledger:
        stream = stakes(ledger, chain).stream(201, account_id=201, page_size=1)
        found = [stake.id async for stake in stream]
        assert found == [stake.id async for stake in stakes(ledger, chain).stream(201)]
        assert stream.reports[201].status == "exact"


@pytest.mark.parametrize("chain", ["cardano", "solana"])
async def test_the_rewards_of_a_stake_are_among_those_of_its_account(chain: str) -> None:
    async with workspace(only=chain) as ledger:
        (stake, *_) = [stake async for stake in stakes(ledger, chain).stream(201)]
        staking = getattr(ledger.staking, chain)
        rewards = await staking.stake_rewards(201, stake.stake_uid)
        assert {reward.stake_uid for reward in rewards} == {stake.stake_uid}
        assert {*rewards} <= {*await staking.rewards(201)}


async def test_an_address_says_whose_chain_it_is_on() -> None:
    async with workspace(only="solana") as ledger:
        claims = (await ledger.accounts.address(201)).claims()
        assert claims.blockchain_name == "solana"
        assert (await ledger.accounts.address_at(201, 0, type="receive")).claims() == claims


async def test_an_account_with_utxos_has_an_address_at_each_index_only() -> None:
    async with workspace(only="bitcoin") as ledger:
        with pytest.raises(NotFoundError):
            await ledger.accounts.address(201)
        first, change = [
            (await ledger.accounts.address_at(201, 0, type=kind)).claims()
            for kind in ("receive", "change")
        ]
        assert first.address != change.address


async def test_a_configuration_is_found_once_it_is_set(ledger: LedgerClient) -> None:
    with pytest.raises(NotFoundError):
        await ledger.notifications.configuration()
    webhook = Webhook(secret="s" * 20, url="https://hooks.example")
    configured = Configuration(all=ConfigurationProfile(webhook=webhook))
    assert await ledger.notifications.configure(configured) == configured
    assert await ledger.notifications.configuration() == configured


async def test_an_api_user_that_was_created_is_listed(ledger: LedgerClient) -> None:
    created = await ledger.api_users.create("reader")
    assert created in await ledger.api_users.list()
    assert await ledger.api_users.get("reader") == created


@pytest.mark.parametrize("section", ["users", "groups", "entities", "whitelists"])
async def test_each_of_a_listing_is_found_by_its_id_and_has_a_history(
    section: str, ledger: LedgerClient
) -> None:
    listing: Any = getattr(ledger, section)
    found = [node async for node in listing.stream(page_size=1)]
    assert found
    assert [await listing.get(node.id) for node in found] == found
    assert all([await listing.history(node.id) for node in found])
