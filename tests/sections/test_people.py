"""The sections of people and their ways: asked for and read.

Those are `users`, `groups`, `entities`, `labels`, `whitelists` and the `organization`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest
from answering import answering
from section_server import page as paged

from ledger_async import ConfigurationError, LedgerClient, NotFoundError
from ledger_async.models import (
    APIHistoryResult,
    Entity,
    Group,
    Label,
    Organization,
    User,
    Whitelist,
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
GROUP = {
    "created_by": 1,
    "created_on": WHEN,
    "description": "",
    "id": 7,
    "members": [1, None],
    "name": "ops",
    "status": "ACTIVE",
}
ENTITY = {
    "accounts": [101],
    "created_by": 1,
    "created_on": WHEN,
    "id": 7,
    "name": "fund",
    "status": "ACTIVE",
}
LABEL = {
    "created_by": 1,
    "created_on": WHEN,
    "id": 7,
    "info": {"color": "#ffffff", "description": ""},
    "name": "cold",
    "updated_by": 1,
    "updated_on": WHEN,
}
WHITELIST = {
    "addresses": [{"address": "0xa", "currency": "ethereum", "id": 1, "name": "desk"}],
    "created_by": 1,
    "created_on": WHEN,
    "id": 7,
    "name": "desks",
    "status": "ACTIVE",
}
HISTORY_RESULT = {
    "created_on": WHEN,
    "expired_at": WHEN,
    "id": 9,
    "is_complete": True,
    "status": "APPROVED",
    "type": "CREATE_GROUP",
}

COMMON = {
    "created_after": MOMENT,
    "created_before": MOMENT,
    "id": 7,
    "order": "asc",
    "order_by": "name",
}
SENT = [
    ("created_after", "2026-01-02T03:04:05+00:00"),
    ("created_before", "2026-01-02T03:04:05+00:00"),
    ("id", "7"),
    ("order", "asc"),
    ("order_by", "name"),
]


class Case(NamedTuple):
    """One section: a node as it comes, its type, and filters as they are given and sent."""

    node: Mapping[str, Any]
    node_type: type
    filters: Mapping[str, Any]
    sent: list[tuple[str, str]]


STATUS = [("status", "ACTIVE"), ("status", "REVOKED")]
CASES = {
    "users": Case(
        USER,
        User,
        {"account": 101, "group": 2, "role": "ADMIN", "status": "ACTIVE", "username": "ann b"},
        [
            ("account", "101"),
            ("group", "2"),
            ("role", "ADMIN"),
            ("status", "ACTIVE"),
            ("username", "ann b"),
        ],
    ),
    "groups": Case(
        GROUP,
        Group,
        {"description": "d", "members": {3}, "name": "n", "status": ["ACTIVE", "REVOKED"]},
        [("description", "d"), ("members", "3"), ("name", "n"), *STATUS],
    ),
    "entities": Case(
        ENTITY,
        Entity,
        {"account": (1, 2), "name": "n", "status": iter(["ACTIVE", "REVOKED"])},
        [("account", "1"), ("account", "2"), ("name", "n"), *STATUS],
    ),
    "labels": Case(LABEL, Label, {"name": "n"}, [("name", "n")]),
    "whitelists": Case(
        WHITELIST,
        Whitelist,
        {
            "account": range(1, 3),
            "address": "0xa",
            "description": "d",
            "name": "n",
            "status": ["ACTIVE", "REVOKED"],
        },
        [
            ("account", "1"),
            ("account", "2"),
            ("address", "0xa"),
            ("description", "d"),
            ("name", "n"),
            *STATUS,
        ],
    ),
}
SECTIONS = pytest.mark.parametrize("section", CASES)


def query(asked: str) -> list[tuple[str, str]]:
    return parse_qsl(asked.partition("?")[2])


@SECTIONS
async def test_a_stream_yields_what_the_listing_holds(section: str) -> None:
    case = CASES[section]
    async with answering(paged(case.node)) as at:
        nodes = [node async for node in getattr(at.ledger, section).stream()]
        assert [(type(node), node.id) for node in nodes] == [(case.node_type, 7)]
        assert at.asked == [f"GET /{section}?page=1&page_size=100"]


@SECTIONS
async def test_a_page_takes_every_filter_of_the_contract(section: str) -> None:
    case = CASES[section]
    async with answering(paged(case.node)) as at:
        page = await getattr(at.ledger, section).page(2, page_size=50, **COMMON, **case.filters)
        assert [node.id for node in page.nodes] == [7]
        (asked,) = at.asked
        assert query(asked) == [("page", "2"), ("page_size", "50"), *SENT, *case.sent]


@SECTIONS
async def test_a_stream_refuses_filters_that_there_are_not_at_once(section: str) -> None:
    ledger = LedgerClient("https://lam.example", api_key="key")
    with pytest.raises(ConfigurationError, match="no filter colour"):
        getattr(ledger, section).stream(colour="red")
    with pytest.raises(ConfigurationError, match="id must be an integer, got str"):
        getattr(ledger, section).stream(id="7")


@SECTIONS
async def test_one_comes_by_its_id(section: str) -> None:
    case = CASES[section]
    async with answering(case.node) as at:
        node = await getattr(at.ledger, section).get(7)
        assert (type(node), node.id) == (case.node_type, 7)
        assert at.asked == [f"GET /{section}/7"]


@SECTIONS
async def test_an_unknown_one_is_not_found(section: str) -> None:
    async with answering({"message": "none"}, status="404 Not Found") as at:
        with pytest.raises(NotFoundError):
            await getattr(at.ledger, section).get(7)


@SECTIONS
@pytest.mark.parametrize("number", ["7", None, -1, "../users"])
async def test_what_is_no_id_is_refused_by_name(section: str, number: object) -> None:
    ledger = LedgerClient("https://lam.example", api_key="key")
    with pytest.raises(ConfigurationError, match=f"{CASES[section].node_type.__name__.lower()}_id"):
        await getattr(ledger, section).get(number)


@pytest.mark.parametrize("section", [section for section in CASES if section != "labels"])
async def test_a_history_is_one_tuple_of_requests_after_another(section: str) -> None:
    async with answering({"history": [[HISTORY_RESULT], []]}) as at:
        (first, second) = await getattr(at.ledger, section).history(7)
        assert [(type(each), each.id) for each in first] == [(APIHistoryResult, 9)]
        assert second == ()
        assert at.asked == [f"GET /{section}/7/history"]


async def test_the_users_of_an_entity_come_at_once() -> None:
    async with answering({"users": [USER]}) as at:
        users = await at.ledger.entities.users(7)
        assert [(type(user), user.username) for user in users] == [(User, "ann")]
        assert at.asked == ["GET /entities/7/users"]


async def test_there_is_one_organization() -> None:
    async with answering({"name": "Fund", "workspace": "fund", "quorum": 2}) as at:
        assert await at.ledger.organization.get() == Organization("Fund", "fund", quorum=2)
        assert at.asked == ["GET /organization"]
