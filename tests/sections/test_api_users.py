"""API users: listed, read, created and registered."""

from __future__ import annotations

import pytest
from answering import answering

from ledger_async import ConfigurationError, LedgerClient, NotFoundError, ServerError
from ledger_async.models import ApiUser

API_USER = {
    "device_id": "d",
    "name": "reader",
    "role": "OPERATOR",
    "type_": "SOFT_PSD",
    "workspace": "fund",
}
READER = ApiUser("d", "reader", "OPERATOR", "SOFT_PSD", "fund")


async def test_all_api_users_come_at_once() -> None:
    async with answering({"api_users": [API_USER]}) as at:
        assert await at.ledger.api_users.list() == (READER,)
        assert at.asked == ["GET /api_users"]


async def test_one_api_user_comes_by_its_name() -> None:
    async with answering(API_USER) as at:
        assert await at.ledger.api_users.get("reader") == READER
        assert at.asked == ["GET /api_users/reader"]


async def test_an_unknown_api_user_is_not_found() -> None:
    async with answering({}, status="404 Not Found") as at:
        with pytest.raises(NotFoundError):
            await at.ledger.api_users.get("reader")


async def test_an_api_user_is_created_under_a_name() -> None:
    async with answering(API_USER) as at:
        assert await at.ledger.api_users.create("reader") == READER
        assert (at.asked, at.sent) == (["POST /api_users"], [{"name": "reader"}])


async def test_an_api_user_is_registered_with_a_request() -> None:
    async with answering(API_USER) as at:
        assert await at.ledger.api_users.register("reader", "url 1") == READER
        assert (at.asked, at.sent) == (["POST /api_users/reader/register/url%201"], [None])


async def test_an_api_user_is_not_created_twice_when_the_answer_is_bad() -> None:
    async with answering({}, status="503 Service Unavailable") as at:
        with pytest.raises(ServerError):
            await at.ledger.api_users.create("reader")
        assert len(at.asked) == 1


@pytest.mark.parametrize("name", ["a", "_", "a1_", "é", "x" * 20])
async def test_a_name_has_one_to_twenty_word_characters(name: str) -> None:
    async with answering(API_USER) as at:
        await at.ledger.api_users.create(name)
        assert at.sent == [{"name": name}]


@pytest.mark.parametrize("name", ["", "x" * 21, "a b", "a-b", "a/b", "a\n", "\ud800", None, 5])
async def test_another_name_is_refused(name: str) -> None:
    ledger = LedgerClient("https://lam.example", api_key="key")
    with pytest.raises(ConfigurationError, match="name"):
        await ledger.api_users.create(name)


@pytest.mark.parametrize("text", ["", "..", "a/../b", "a\0", None, 5])
async def test_what_may_lead_elsewhere_is_refused_by_name(text: str) -> None:
    ledger = LedgerClient("https://lam.example", api_key="key")
    with pytest.raises(ConfigurationError, match="name"):
        await ledger.api_users.get(text)
    with pytest.raises(ConfigurationError, match="name"):
        await ledger.api_users.register(text, "1")
    with pytest.raises(ConfigurationError, match="url_id"):
        await ledger.api_users.register("reader", text)
