"""Accounts of the workspace: one, a page, all; and how each filter is sent and heeded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from ledger_async import Account, ConfigurationError, LedgerClient, NodeStream, NotFoundError
from ledger_async.sandbox import Sandbox, SeenRequest

EVE = datetime(2021, 3, 2, tzinfo=UTC)
"""After the sandbox's first account, before its second."""


@asynccontextmanager
async def listing(*, accounts: int, cap: int) -> AsyncIterator[tuple[Sandbox, LedgerClient]]:
    """A workspace of so many accounts, numbered from 1, on pages of `cap`; and its client."""
    async with (
        Sandbox(dict.fromkeys(range(1, accounts + 1), 0), max_page_size=cap) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        yield sandbox, ledger


async def ids(stream: NodeStream[Account]) -> list[int]:
    return [account.id async for account in stream]


def sent(sandbox: Sandbox) -> list[tuple[str, str]]:
    """The filters of the only request, in the order in which they were sent."""
    (request,) = sandbox.requests
    return [each for each in request.query.items() if each[0] not in {"page", "page_size"}]


# One, a page, all


async def test_one_account(ledger: LedgerClient) -> None:
    account = await ledger.accounts.get(101)
    assert (type(account), account.id, account.status) == (Account, 101, "ACTIVE")


async def test_an_unknown_account_is_not_found(ledger: LedgerClient) -> None:
    with pytest.raises(NotFoundError) as caught:
        await ledger.accounts.get(999)
    assert (caught.value.account_id, caught.value.status) == (999, 404)


async def test_a_page_of_accounts(ledger: LedgerClient) -> None:
    page = await ledger.accounts.page(2, page_size=1)
    assert ([node.id for node in page.nodes], page.page_info.count) == ([102], 3)


async def test_a_page_of_accounts_takes_filters(ledger: LedgerClient) -> None:
    page = await ledger.accounts.page(id=103)
    assert page.nodes == [await ledger.accounts.get(103)]


async def test_all_accounts_come_newest_first(ledger: LedgerClient) -> None:
    assert await ids(ledger.accounts.stream()) == [103, 102, 101]


@pytest.mark.parametrize("page_size", [1, 7, 100])
async def test_all_accounts_come_once(page_size: int) -> None:
    async with (
        Sandbox(dict.fromkeys(range(1, 151), 0)) as sandbox,
        LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user) as ledger,
    ):
        assert await ids(ledger.accounts.stream(page_size=page_size)) == [*range(150, 0, -1)]


# Filters on the wire


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({}, []),
        ({"status": "ACTIVE"}, [("status", "ACTIVE")]),
        ({"account_type": "Ethereum"}, [("account_type", "Ethereum")]),
        ({"name": "a & b=c?"}, [("name", "a & b=c?")]),
        ({"name": "Trésor 💎"}, [("name", "Trésor 💎")]),
        ({"name": ""}, [("name", "")]),
        ({"currency": "ethereum:0xa"}, [("currency", "ethereum:0xa")]),
        ({"id": 101}, [("id", "101")]),
        ({"id": 0}, [("id", "0")]),
        ({"group": 1, "user": 2, "parent": 3}, [("group", "1"), ("user", "2"), ("parent", "3")]),
        ({"order": "asc", "order_by": "id"}, [("order", "asc"), ("order_by", "id")]),
        ({"entity": [1, 2]}, [("entity", "1"), ("entity", "2")]),
        ({"entity": (1,)}, [("entity", "1")]),
        ({"account_label": ["1", "2"]}, [("account_label", "1"), ("account_label", "2")]),
        ({"created_after": EVE}, [("created_after", "2021-03-02T00:00:00+00:00")]),
        (
            {"created_before": EVE.astimezone(timezone(timedelta(hours=-3)))},
            [("created_before", "2021-03-01T21:00:00-03:00")],
        ),
        (dict.fromkeys(["status", "entity", "id", "created_after"]), []),
    ],
)
async def test_filters_are_sent_as_the_contract_has_them(
    filters: dict[str, Any],
    query: list[tuple[str, str]],
    sandbox: Sandbox,
    ledger: LedgerClient,
) -> None:
    await ids(ledger.accounts.stream(**filters))
    assert sent(sandbox) == query


async def test_filters_are_sent_with_every_page(sandbox: Sandbox, ledger: LedgerClient) -> None:
    await ids(ledger.accounts.stream(page_size=1, order="asc", status="ACTIVE"))
    assert {request.query["status"] for request in sandbox.requests} == {"ACTIVE"}
    assert len(sandbox.requests) > 1


async def test_an_iterator_is_sent_with_every_page(sandbox: Sandbox, ledger: LedgerClient) -> None:
    await ids(ledger.accounts.stream(page_size=1, entity=iter([1, 2])))
    arrays = [
        [value for name, value in request.query.items() if name == "entity"]
        for request in sandbox.requests
    ]
    assert arrays == [["1", "2"]] * len(arrays)


# Filters at the sandbox


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"id": 102}, [102]),
        ({"id": 999}, []),
        ({"status": "PENDING"}, [102]),
        ({"status": "ACTIVE", "order": "asc"}, [101, 103]),
        ({"name": "Treasury"}, [103]),
        ({"created_after": EVE}, [103, 102]),
        ({"created_before": EVE}, [101]),
        ({"entity": [7, 8]}, [102, 101]),
        ({"order_by": "id", "order": "asc"}, [101, 102, 103]),
    ],
)
async def test_filters_are_heeded(
    filters: dict[str, Any], found: list[int], sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.set_account(101, entity=7)
    sandbox.set_account(102, entity=8, status="PENDING")
    sandbox.set_account(103, entity=9, name="Treasury")
    assert await ids(ledger.accounts.stream(**filters)) == found


# What will not do


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"created_after": datetime(2021, 3, 2)}, "created_after"),  # noqa: DTZ001 - the point
        ({"created_before": datetime(2021, 3, 2)}, "created_before"),  # noqa: DTZ001 - the point
        ({"created_after": date(2021, 3, 2)}, "created_after"),
        ({"colour": "red"}, "colour"),
        ({"page": 2}, "page"),
        ({"id": 1.5}, "id"),
        ({"id": True}, "id"),
        ({"name": b"bytes"}, "name"),
        ({"entity": [1, None]}, "entity"),
        ({"entity": {"a": 1}}, "entity"),
    ],
)
async def test_a_filter_that_cannot_be_sent_is_refused_by_name(
    filters: dict[str, Any], named: str, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match=named):
        ledger.accounts.stream(**filters)
    assert sandbox.requests == []


async def test_an_empty_array_is_not_taken_for_no_filter(ledger: LedgerClient) -> None:
    """Whoever computed that no entity is wanted does not want the accounts of all."""
    with pytest.raises(ConfigurationError, match="entity"):
        ledger.accounts.stream(entity=[])


async def test_a_page_refuses_unknown_filters_too(sandbox: Sandbox, ledger: LedgerClient) -> None:
    filters: Mapping[str, Any] = {"colour": "red"}
    with pytest.raises(ConfigurationError, match="colour"):
        await ledger.accounts.page(**filters)
    assert sandbox.requests == []


# What is proven


async def test_the_report_of_the_accounts_belongs_to_no_account(ledger: LedgerClient) -> None:
    stream = ledger.accounts.stream()
    await ids(stream)
    assert stream.reports.keys() == {None}


@pytest.mark.parametrize("filters", [{}, {"currency": "ethereum"}, {"created_after": EVE}])
async def test_filters_on_what_does_not_change_leave_it_exact(
    filters: dict[str, Any], ledger: LedgerClient
) -> None:
    stream = ledger.accounts.stream(page_size=1, **filters)
    await ids(stream)
    assert stream.reports[None].status == "exact"


@pytest.mark.parametrize("filters", [{"status": "ACTIVE"}, {"order": "desc"}, {"entity": range(9)}])
async def test_filters_on_what_may_change_are_proven_by_pages_that_overlap(
    filters: dict[str, Any],
) -> None:
    async with listing(accounts=30, cap=7) as (sandbox, ledger):
        for account_id in range(1, 31):
            sandbox.set_account(account_id, status="ACTIVE", entity=account_id % 9)
        stream = ledger.accounts.stream(**filters)
        assert len(await ids(stream)) == 30
        assert stream.reports[None].status == "repaired"


async def test_an_order_in_which_accounts_may_change_places_proves_nothing(
    ledger: LedgerClient,
) -> None:
    stream = ledger.accounts.stream(page_size=1, order_by="name")
    await ids(stream)
    assert stream.reports[None].status == "unverified"


async def test_one_page_is_exact_whatever_the_filter(ledger: LedgerClient) -> None:
    stream = ledger.accounts.stream(status="ACTIVE")
    await ids(stream)
    assert stream.reports[None].status == "exact"


async def test_accounts_that_others_leave_and_join_are_not_lost() -> None:
    """One that drops out shifts the others, one that joins may do so in their midst."""
    async with listing(accounts=30, cap=7) as (sandbox, ledger):
        for account_id in range(1, 31):
            sandbox.set_account(account_id, status="PENDING" if account_id == 20 else "ACTIVE")
        changes = iter([(29, "PENDING"), (20, "ACTIVE"), (28, "PENDING")])

        @sandbox.on_request
        def change(_seen: SeenRequest) -> None:
            for account_id, status in changes:
                sandbox.set_account(account_id, status=status)
                return

        found = await ids(ledger.accounts.stream(status="ACTIVE"))
        assert {*range(1, 31)} - {20, 28, 29} <= {*found}
        assert len(found) == len(set(found))
