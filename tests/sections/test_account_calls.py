"""Calls of one account: its balances, currency, history, labels, tokens and children."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from answering import answering
from section_server import page as paged

from ledger_async import ConfigurationError, LedgerClient, NotFoundError, ServerError
from ledger_async.models import (
    Account,
    AccountBalances,
    AccountBalancesHistory,
    AccountCurrency,
    Address,
    APIHistoryResult,
    BitcoinBalances,
    LiteLabel,
    VaultLightTokenAccount,
)

WHEN = "2026-01-02T03:04:05Z"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ACCOUNT = {
    "available_balance": "1",
    "balance": "1",
    "created_by": 1,
    "created_on": WHEN,
    "currency": "ethereum",
    "governance_rules": [],
    "id": 101,
    "index": 0,
    "name": "main",
    "pending_balance": "0",
    "status": "ACTIVE",
    "type": "Ethereum",
}


BALANCES = {"available": "1", "pending": "0", "total": "1"}
HISTORY_RESULT = {
    "created_on": WHEN,
    "expired_at": WHEN,
    "id": 9,
    "is_complete": True,
    "status": "APPROVED",
    "type": "CREATE_ACCOUNT",
}


TOKEN_ACCOUNT = {
    "account_name": "main",
    "associated_token_account": "a",
    "available": 10**30,
    "contract_address": "0xA",
    "creation_transaction_hash": "h",
    "parent_id": 101,
    "pending": 0,
    "status": "ACTIVE",
    "ticker": "USDT",
}


LITE_LABEL = {"id": 1, "info": {"color": "#ffffff", "description": ""}, "name": "cold"}
BITCOIN = dict.fromkeys(
    [
        *("available", "confirmed", "mempool_change", "mempool_in", "mempool_out", "pending"),
        *("total", "under_confirmation_change", "under_confirmation_in"),
        *("under_confirmation_out", "worthless"),
    ],
    "1",
)


def client() -> LedgerClient:
    """One that asks nobody."""
    return LedgerClient("https://lam.example", api_key="key")


# One call, one answer


@pytest.mark.parametrize(
    ("answer", "kind"), [(BALANCES, AccountBalances), (BITCOIN, BitcoinBalances)]
)
async def test_balances_are_of_the_kind_of_the_account(answer: object, kind: type) -> None:
    async with answering(answer) as at:
        assert type(await at.ledger.accounts.balances(101)) is kind
        assert at.asked == ["GET /accounts/101/balances"]


@pytest.mark.parametrize(
    ("span", "query"),
    [
        ({}, ""),
        ({"start": MOMENT}, "?start=2026-01-02T03%3A04%3A05%2B00%3A00"),
        ({"end": MOMENT}, "?end=2026-01-02T03%3A04%3A05%2B00%3A00"),
    ],
)
async def test_a_balance_history_may_be_bounded(span: Mapping[str, Any], query: str) -> None:
    answer = {
        "account_index": 0,
        "balances": [{"date": "2026-01-02", "value": "1"}],
        "currency": {"magnitude": 18, "name": "ether", "network": "ethereum"},
    }
    async with answering(answer) as at:
        history = await at.ledger.accounts.balance_history(101, **span)
        assert (type(history), history.balances[0].value) == (AccountBalancesHistory, "1")
        assert at.asked == [f"GET /accounts/101/balances/history{query}"]


@pytest.mark.parametrize(
    "moment",
    [date(2026, 1, 2), "2026-01-02", datetime(2026, 1, 2)],  # noqa: DTZ001 - the mistake
)
@pytest.mark.parametrize("name", ["start", "end"])
async def test_a_balance_history_is_bounded_by_aware_datetimes_only(
    name: str, moment: object
) -> None:
    span: dict[str, Any] = {name: moment}
    with pytest.raises(ConfigurationError, match=rf"^{name} must be an? (aware )?datetime, got"):
        await client().accounts.balance_history(101, **span)


async def test_a_balance_history_that_is_not_offered_is_asked_for_once() -> None:
    async with answering({"message": "not offered"}, status="501 Not Implemented") as at:
        with pytest.raises(ServerError) as caught:
            await at.ledger.accounts.balance_history(101)
        assert (caught.value.status, caught.value.account_id, len(at.asked)) == (501, 101, 1)


async def test_a_currency_is_its_units() -> None:
    units = [{"code": "wei", "magnitude": 0}, {"code": "ETH", "magnitude": 18}]
    async with answering({"amount_units": units, "fees_units": units}) as at:
        currency = await at.ledger.accounts.currency(101)
        assert (type(currency), currency.amount_units[0].code) == (AccountCurrency, "wei")
        assert at.asked == ["GET /accounts/101/currency"]


async def test_a_history_is_one_tuple_of_requests_after_another() -> None:
    async with answering({"history": [[HISTORY_RESULT], []]}) as at:
        (first, second) = await at.ledger.accounts.history(101)
        assert [(type(each), each.id) for each in first] == [(APIHistoryResult, 9)]
        assert second == ()
        assert at.asked == ["GET /accounts/101/history"]


async def test_labels_come_at_once() -> None:
    async with answering([LITE_LABEL]) as at:
        labels = await at.ledger.accounts.labels(101)
        assert [(type(label), label.name) for label in labels] == [(LiteLabel, "cold")]
        assert type(labels) is tuple
        assert at.asked == ["GET /accounts/101/labels"]


async def test_token_accounts_come_at_once() -> None:
    async with answering([TOKEN_ACCOUNT]) as at:
        tokens = await at.ledger.accounts.tokens(101)
        assert [(type(each), each.available) for each in tokens] == [
            (VaultLightTokenAccount, 10**30)
        ]
        assert at.asked == ["GET /accounts/101/tokens"]


@pytest.mark.parametrize(
    ("options", "sent"),
    [({}, "false"), ({"synchronous": False}, "false"), ({"synchronous": True}, "true")],
)
async def test_an_account_is_synchronised_now_or_later(
    options: Mapping[str, Any], sent: str
) -> None:
    async with answering(ACCOUNT) as at:
        account = await at.ledger.accounts.sync(101, **options)
        assert (type(account), account.id) == (Account, 101)
        assert at.asked == [f"GET /accounts/101/sync?synchronous={sent}"]


@pytest.mark.parametrize("value", [1, "true"])
async def test_synchronous_is_true_or_false(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="synchronous must be True or False"):
        await client().accounts.sync(101, synchronous=value)


CALLS: dict[str, Callable[[LedgerClient, Any], Awaitable[object]]] = {
    "address": lambda ledger, number: ledger.accounts.address(number),
    "address_at": lambda ledger, number: ledger.accounts.address_at(number, 0, type="receive"),
    "balances": lambda ledger, number: ledger.accounts.balances(number),
    "balance_history": lambda ledger, number: ledger.accounts.balance_history(number),
    "currency": lambda ledger, number: ledger.accounts.currency(number),
    "history": lambda ledger, number: ledger.accounts.history(number),
    "labels": lambda ledger, number: ledger.accounts.labels(number),
    "tokens": lambda ledger, number: ledger.accounts.tokens(number),
    "sync": lambda ledger, number: ledger.accounts.sync(number),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_an_unknown_account_is_not_found_and_named(
    call: Callable[[LedgerClient, Any], Awaitable[object]],
) -> None:
    async with answering({"message": "none"}, status="404 Not Found") as at:
        with pytest.raises(NotFoundError) as caught:
            await call(at.ledger, 999)
    assert caught.value.account_id == 999


@pytest.mark.parametrize("number", ["101", None, -1, 1.0, True])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_what_is_no_account_id_is_refused_by_name(
    call: Callable[[LedgerClient, Any], Awaitable[object]], number: object
) -> None:
    with pytest.raises(ConfigurationError, match="account_id"):
        await call(client(), number)


# Children


async def test_children_stream_with_the_filters_of_the_contract() -> None:
    filters: dict[str, Any] = {
        "created_after": MOMENT,
        "created_before": MOMENT,
        "entity": [1, 2],
        "group": 3,
        "id": 101,
        "order": "asc",
        "order_by": "id",
        "status": "ACTIVE",
        "user": 4,
    }
    async with answering(paged(ACCOUNT)) as at:
        stream = at.ledger.accounts.erc20_children(7).stream(**filters)
        assert [account.id async for account in stream] == [101]
        assert stream.reports[7].status == "exact"
        (asked,) = at.asked
    path, _, query = asked.partition("?")
    assert path == "GET /accounts/7/erc20-children-accounts"
    assert parse_qsl(query) == [
        ("page", "1"),
        ("page_size", "100"),
        ("created_after", "2026-01-02T03:04:05+00:00"),
        ("created_before", "2026-01-02T03:04:05+00:00"),
        ("entity", "1"),
        ("entity", "2"),
        ("group", "3"),
        ("id", "101"),
        ("order", "asc"),
        ("order_by", "id"),
        ("status", "ACTIVE"),
        ("user", "4"),
    ]


async def test_children_come_by_the_page() -> None:
    async with answering(paged(ACCOUNT)) as at:
        page = await at.ledger.accounts.erc20_children(7).page(2, page_size=5, status="ACTIVE")
        assert [type(node) for node in page.nodes] == [Account]
        assert at.asked == [
            "GET /accounts/7/erc20-children-accounts?page=2&page_size=5&status=ACTIVE"
        ]


@pytest.mark.parametrize("number", ["7", None, -1, True])
def test_what_is_no_parent_is_refused_by_name(number: Any) -> None:
    with pytest.raises(ConfigurationError, match="parent_id"):
        client().accounts.erc20_children(number)


def test_children_refuse_the_filters_that_only_accounts_have() -> None:
    filters: dict[str, Any] = {"name": "main"}
    with pytest.raises(ConfigurationError, match="no filter name"):
        client().accounts.erc20_children(7).stream(**filters)


# Deprecated by the API


async def test_receiving_addresses_come_at_once_and_warn_the_caller() -> None:
    answer = {"addresses": [{"address": "a", "derivation_path": "p"}]}
    async with answering(answer) as at:
        with pytest.warns(DeprecationWarning, match="receiving_addresses") as caught:
            addresses = await at.ledger.accounts.receiving_addresses(101)
        assert addresses == (Address("a", "p"),)
        assert at.asked == ["GET /accounts/101/addresses"]
    assert Path(caught[0].filename) == Path(__file__)


async def test_a_receiving_address_comes_by_its_index_and_warns_the_caller() -> None:
    async with answering({"address": "a", "derivation_path": "p"}) as at:
        with pytest.warns(DeprecationWarning, match="receiving_address ") as caught:
            assert await at.ledger.accounts.receiving_address(101, 5) == Address("a", "p")
        assert at.asked == ["GET /accounts/101/addresses/5"]
    assert Path(caught[0].filename) == Path(__file__)


async def test_the_caller_is_warned_where_the_call_stands_not_where_it_runs() -> None:
    async with answering({"address": "a", "derivation_path": "p"}) as at:
        with pytest.warns(DeprecationWarning, match="receiving_address ") as caught:
            call = at.ledger.accounts.receiving_address(101, 5)
        assert len(caught) == 1
        await call
