"""The sandbox, seen by a bare aiohttp client."""

from __future__ import annotations

import asyncio
import json
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import aiohttp
import anyio
import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

import ledger_async.sandbox
from ledger_async.errors import ConfigurationError
from ledger_async.sandbox import Fault, RateLimit, Sandbox, SeenRequest
from ledger_async.sandbox._http.clock import Clock
from ledger_async.sandbox._http.limit import Window

pytest_plugins = ["pytester"]

CONTRACT = Path(__file__).resolve().parents[3] / "shared/contract/ledger-enterprise-v1.json"
NFTS = "/accounts/101/nfts"
LISTINGS = ("/accounts", NFTS, "/accounts/101/nft-collections")


class Reply:
    """An answer, read to its end."""

    def __init__(self, response: aiohttp.ClientResponse, body: bytes) -> None:
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self) -> Any:
        return json.loads(self.body, parse_float=Decimal)

    @property
    def nodes(self) -> list[Any]:
        return [edge["node"] for edge in self.json["edges"]]

    @property
    def identities(self) -> list[tuple[str, str]]:
        return [(node["contract_address"], node["token_id"]) for node in self.nodes]


class Caller:
    """A client that asks and reads."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    async def get(self, path: str, **query: Any) -> Reply:
        async with self.session.get(path, params=query, allow_redirects=False) as response:
            return Reply(response, await response.read())

    async def post(self, path: str, body: object) -> Reply:
        async with self.session.post(path, json=body) as response:
            return Reply(response, await response.read())

    async def all_nfts(self, page_size: int) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        page, more = 1, True
        while more:
            reply = await self.get(NFTS, page=page, page_size=page_size)
            found += reply.identities
            page, more = page + 1, reply.json["page_info"]["has_next_page"]
        return found


def lam(sandbox: Sandbox) -> dict[str, str]:
    return {"X-Ledger-API-User": sandbox.api_user, "X-Ledger-API-Key": sandbox.api_key}


@asynccontextmanager
async def calling(
    sandbox: Sandbox, headers: Mapping[str, str] | None = None
) -> AsyncIterator[Caller]:
    """A client for a sandbox that is open; with the LAM's headers unless told otherwise."""
    chosen = lam(sandbox) if headers is None else headers
    async with aiohttp.ClientSession(sandbox.url, headers=chosen) as session:
        yield Caller(session)


@asynccontextmanager
async def opened(sandbox: Sandbox) -> AsyncIterator[Caller]:
    async with sandbox, calling(sandbox) as caller:
        yield caller


def test_the_front_door_is_short() -> None:
    assert ledger_async.sandbox.__all__ == ["Fault", "RateLimit", "Sandbox", "SeenRequest"]
    assert not hasattr(ledger_async.sandbox, "Workspace")


# Listings


async def test_a_page_has_nodes_newest_first_with_cursors_of_their_own() -> None:
    sandbox = Sandbox({101: 7})
    async with opened(sandbox) as caller:
        reply = await caller.get(NFTS, page=2, page_size=3)
        assert [edge["cursor"] for edge in reply.json["edges"]] == [0, 1, 2]
        assert reply.identities == sandbox.identities(101)[3:6]
        assert reply.json["page_info"] == {"count": 7, "has_next_page": True}


async def test_pages_put_together_are_the_whole_listing() -> None:
    sandbox = Sandbox({101: 250})
    async with opened(sandbox) as caller:
        found = await caller.all_nfts(page_size=100)
    assert found == sandbox.identities(101)
    assert len(set(found)) == 250


async def test_a_page_past_the_end_is_empty_and_the_last() -> None:
    async with opened(Sandbox({101: 3})) as caller:
        reply = await caller.get(NFTS, page=10**17)
        assert reply.json == {"edges": [], "page_info": {"count": 3, "has_next_page": False}}


async def test_the_last_full_page_is_the_last() -> None:
    async with opened(Sandbox({101: 20})) as caller:
        reply = await caller.get(NFTS, page=2, page_size=10)
        assert (len(reply.nodes), reply.json["page_info"]["has_next_page"]) == (10, False)


@pytest.mark.parametrize(
    ("path", "query", "size"),
    [
        (NFTS, {}, 10),
        ("/accounts", {}, 20),
        (NFTS, {"page_size": 0}, 30),
        (NFTS, {"page_size": -1}, 30),
        (NFTS, {"page_size": 29}, 29),
        (NFTS, {"page_size": 1000}, 30),
    ],
)
async def test_page_size_has_defaults_and_a_silent_cap(
    path: str, query: dict[str, int], size: int
) -> None:
    sandbox = Sandbox({101: 40} | dict.fromkeys(range(1, 40), 0), max_page_size=30)
    async with opened(sandbox) as caller:
        assert len((await caller.get(path, **query)).nodes) == size


@pytest.mark.parametrize("path", LISTINGS)
@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": -1},
        {"page": "two"},
        {"page": "1.0"},
        {"page": "1e2"},
        {"page": ""},
        {"page": "9" * 5000},
        {"page_size": -2},
        {"page_size": "max"},
    ],
)
async def test_a_bad_page_is_refused_by_name(path: str, query: dict[str, str]) -> None:
    async with opened(Sandbox()) as caller:
        reply = await caller.get(path, **query)
        assert (reply.status, reply.json["name"], reply.json["status_code"]) == (
            400,
            "BadRequest",
            400,
        )
        assert f"$.{min(query)}" in reply.json["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/7",
        "/accounts/7/nfts",
        "/accounts/7/nft-collections",
        "/accounts/7/nft-portfolio",
        "/accounts/me/nfts",
        "/nothing",
    ],
)
async def test_what_does_not_exist_is_404_in_the_contract_s_form(path: str) -> None:
    async with opened(Sandbox()) as caller:
        reply = await caller.get(path)
        assert reply.status == 404
        assert reply.json.keys() == {"message", "name", "status_code"}


async def test_a_huge_account_is_served_to_its_last_page() -> None:
    async with opened(Sandbox({101: 1_000_000})) as caller:
        reply = await caller.get(NFTS, page=10_000, page_size=100)
        assert (len(reply.nodes), reply.json["page_info"]["count"]) == (100, 1_000_000)


async def test_clients_that_accept_gzip_get_it() -> None:
    async with opened(Sandbox()) as caller:
        reply = await caller.get(NFTS)
        assert reply.headers["Content-Encoding"] == "gzip"
        assert len(reply.nodes) == 10


async def test_compression_can_be_turned_off() -> None:
    async with opened(Sandbox(compress=False)) as caller:
        assert "Content-Encoding" not in (await caller.get(NFTS)).headers


# Data


async def body_of(sandbox: Sandbox, path: str) -> bytes:
    async with opened(sandbox) as caller:
        return (await caller.get(path)).body


async def test_the_same_seed_gives_the_same_bytes() -> None:
    assert await body_of(Sandbox(seed=1), NFTS) == await body_of(Sandbox(seed=1), NFTS)


async def test_another_seed_gives_other_data() -> None:
    assert await body_of(Sandbox(seed=1), NFTS) != await body_of(Sandbox(seed=2), NFTS)


@pytest.fixture
async def nfts() -> list[dict[str, Any]]:
    async with opened(Sandbox({101: 600}, max_page_size=600)) as caller:
        return (await caller.get(NFTS, page_size=0)).nodes


def test_contract_addresses_have_40_hex_digits(nfts: list[dict[str, Any]]) -> None:
    assert all(re.fullmatch("0x[0-9a-f]{40}", nft["contract_address"]) for nft in nfts)


def test_token_ids_are_decimal_and_often_beyond_64_bits(nfts: list[dict[str, Any]]) -> None:
    sizes = [int(nft["token_id"]).bit_length() for nft in nfts]
    assert min(sizes) < 16
    assert sum(size > 64 for size in sizes) > 100


def test_an_erc721_is_held_once_and_an_erc1155_up_to_beyond_64_bits(
    nfts: list[dict[str, Any]],
) -> None:
    held = {kind: {n["value"] for n in nfts if n["token_type"] == kind} for kind in kinds(nfts)}
    assert held["ERC-721"] == {1}
    assert min(held["ERC-1155"]) < 21
    assert max(held["ERC-1155"]) > 2**64


def kinds(nfts: list[dict[str, Any]]) -> set[str]:
    return {nft["token_type"] for nft in nfts}


@pytest.mark.parametrize("part", ["metadata", "price", "tx_balance"])
def test_optional_parts_are_there_or_null_or_missing(part: str, nfts: list[dict[str, Any]]) -> None:
    forms = {"missing" if part not in nft else type(nft[part]).__name__ for nft in nfts}
    assert forms == {"missing", "NoneType", "dict"}


def test_prices_are_whole_or_exact_to_the_last_wei(nfts: list[dict[str, Any]]) -> None:
    prices = [nft["price"]["value"] for nft in nfts if nft.get("price")]
    assert any(isinstance(price, int) for price in prices)
    assert any(str(price) != str(float(price)) for price in prices if isinstance(price, Decimal))


async def test_collections_and_portfolio_add_up_to_the_nfts() -> None:
    sandbox = Sandbox({101: 250})
    async with opened(sandbox) as caller:
        collections = (await caller.get("/accounts/101/nft-collections", page_size=0)).nodes
        portfolio = (await caller.get("/accounts/101/nft-portfolio")).json
    held = Counter(address for address, _ in sandbox.identities(101))
    assert {each["contract_address"]: each["token_balance"] for each in collections} == held
    worth = sum(
        each["price"]["value"] * each["token_balance"] for each in collections if each["price"]
    )
    assert portfolio["portfolio_value"]["eth_value"] == worth * 10**18
    assert portfolio["token_quantity"] == 250


async def test_an_empty_account_is_worth_nothing() -> None:
    async with opened(Sandbox({101: 0})) as caller:
        assert (await caller.get("/accounts/101/nft-portfolio")).json == {
            "portfolio_value": {"eth_value": 0, "usd_value": None},
            "token_quantity": 0,
        }


@pytest.mark.skipif(not CONTRACT.exists(), reason="the contract is not shipped with the project")
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/accounts", "_APISearchAccountResults"),
        ("/accounts/101", "Account"),
        (NFTS, "PaginatedNFTs"),
        ("/accounts/101/nft-collections", "PaginatedNFTCollections"),
        ("/accounts/101/nft-portfolio", "NFTPortfolioValuation"),
        ("/accounts/7", "Error"),
    ],
)
async def test_answers_keep_to_the_contract(path: str, schema: str) -> None:
    schemas = json.loads(CONTRACT.read_bytes())["components"]["schemas"]
    sandbox = Sandbox({101: 200} | dict.fromkeys(range(201, 240), 0), max_page_size=1000)
    async with opened(sandbox) as caller:
        reply = await caller.get(path, **({"page_size": 0} if path in LISTINGS else {}))
        assert list(flaws(schemas, schemas[schema], reply.json)) == []


TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, Decimal),
    "object": (dict,),
    "string": (str,),
}


def flaws(schemas: Any, schema: Any, value: Any, at: str = "$") -> Iterator[str]:
    """Where a value breaks an OpenAPI schema; as much of one as the contract uses."""
    if "$ref" in schema:
        yield from flaws(schemas, schemas[schema["$ref"].rpartition("/")[2]], value, at)
    elif value is None:
        if not schema.get("nullable"):
            yield f"{at} is null"
    elif "oneOf" in schema:
        if all(list(flaws(schemas, each, value)) for each in schema["oneOf"]):
            yield f"{at} is none of the alternatives"
    else:
        for each in schema.get("allOf", ()):
            yield from flaws(schemas, each, value, at)
        yield from plain_flaws(schema, value, at)
        for key, part, inner in parts(schema, value):
            yield from flaws(schemas, inner, part, f"{at}.{key}")


def plain_flaws(schema: Any, value: Any, at: str) -> Iterator[str]:
    if not isinstance(value, TYPES.get(schema.get("type"), (object,))):
        yield f"{at} is no {schema['type']}"
    if value not in schema.get("enum", [value]):
        yield f"{at} may not be {value!r}"
    if not re.search(schema.get("pattern", ""), str(value)):
        yield f"{at} does not match"
    missing = [key for key in schema.get("required", ()) if key not in value]
    yield from (f"{at}.{key} is missing" for key in missing)


def parts(schema: Any, value: Any) -> Iterator[tuple[object, Any, Any]]:
    if isinstance(value, list):
        yield from ((index, item, schema["items"]) for index, item in enumerate(value))
    elif isinstance(value, dict):
        known = schema.get("properties", {})
        yield from ((key, value[key], known[key]) for key in value.keys() & known.keys())


# Account search


def rules(step: dict[str, Any]) -> list[dict[str, Any]]:
    rule = {"id": 1, "type": "MULTI_AUTHORIZATIONS", "data": [step]}
    return [{"id": 1, "index": 0, "name": "Rule 1", "rules": [rule]}]


LABEL = {"id": 77, "name": "VIP", "info": {"color": "#FE4523", "description": "Very important"}}


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"account_label": ["77", "78"]}, {"labels": [LABEL]}),
        ({"account_type": "Tezos"}, {"type": "Tezos"}),
        (
            {"created_after": "2030-01-01T00:00:00Z"},
            {"created_on": datetime(2031, 1, 1, tzinfo=UTC)},
        ),
        (
            {"created_before": "2001-01-01T00:00:00Z"},
            {"created_on": datetime(1999, 1, 1, tzinfo=UTC)},
        ),
        ({"currency": "bitcoin"}, {"currency": "bitcoin"}),
        ({"currency": "celo:0xAB"}, {"currency": "celo", "contract_address": "0xab"}),
        ({"entity": [8, 9]}, {"entity": 9}),
        ({"group": 99}, {"governance_rules": rules({"group": 99, "quorum": 1})}),
        ({"id": 2}, {}),
        ({"name": "mine"}, {"name": "mine"}),
        ({"parent": 1}, {"parent": 1}),
        ({"status": "PENDING"}, {"status": "PENDING"}),
        ({"user": 99}, {"governance_rules": rules({"users": [98, 99], "quorum": 1})}),
    ],
)
async def test_each_filter_finds_the_accounts_it_is_for(
    query: dict[str, Any], fields: dict[str, Any]
) -> None:
    sandbox = Sandbox(dict.fromkeys(range(1, 6), 0))
    sandbox.set_account(2, **fields)
    async with opened(sandbox) as caller:
        reply = await caller.get("/accounts", **query)
        assert [account["id"] for account in reply.nodes] == [2]
        assert reply.json["page_info"] == {"count": 1, "has_next_page": False}


async def test_an_account_shows_everything_but_its_entity() -> None:
    sandbox = Sandbox()
    sandbox.set_account(101, entity=9, balance="42", novelty=True)
    async with opened(sandbox) as caller:
        account = (await caller.get("/accounts/101")).json
    assert (account["balance"], account["novelty"]) == ("42", True)
    assert "entity" not in account


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({}, [30, 20, 10]),
        ({"order": "asc"}, [10, 20, 30]),
        ({"order_by": "name", "order": "asc"}, [30, 10, 20]),
        ({"order_by": "name"}, [20, 10, 30]),
    ],
)
async def test_accounts_come_newest_first_or_as_asked(
    query: dict[str, str], ids: list[int]
) -> None:
    sandbox = Sandbox({10: 0, 20: 0, 30: 0})
    for account_id, name in {10: "b", 20: "c", 30: "a"}.items():
        sandbox.set_account(account_id, name=name)
    async with opened(sandbox) as caller:
        assert [account["id"] for account in (await caller.get("/accounts", **query)).nodes] == ids


@pytest.mark.parametrize(
    "query",
    [
        {"status": "SLEEPY"},
        {"account_type": "Doge"},
        {"created_after": "yesterday"},
        {"created_before": "5"},
        {"entity": "x"},
        {"group": "1.5"},
        {"id": "me"},
        {"order": "up"},
        {"order_by": "luck"},
        {"parent": ""},
        {"user": " 1"},
    ],
)
async def test_a_bad_filter_value_is_400_by_name(query: dict[str, str]) -> None:
    async with opened(Sandbox()) as caller:
        reply = await caller.get("/accounts", **query)
        assert (reply.status, f"$.{min(query)}" in reply.json["message"]) == (400, True)


async def test_a_filter_that_does_not_exist_is_404() -> None:
    async with opened(Sandbox()) as caller:
        reply = await caller.get("/accounts", colour="red")
        assert (reply.status, "colour" in reply.json["message"]) == (404, True)


# Change


async def test_new_nfts_arrive_at_the_head() -> None:
    sandbox = Sandbox({101: 5})
    before = sandbox.identities(101)
    new = sandbox.add_nfts(101, 2)
    async with opened(sandbox) as caller:
        assert (await caller.get(NFTS)).identities == new + before
    assert len(set(new + before)) == 7


async def test_nfts_go_from_where_the_test_says() -> None:
    sandbox = Sandbox({101: 5})
    before = sandbox.identities(101)
    assert sandbox.remove_nfts(101, 2, at=1) == before[1:3]
    assert sandbox.identities(101) == before[:1] + before[3:]


def test_nfts_go_from_places_that_the_seed_decides() -> None:
    one, two = Sandbox({101: 50}, seed=3), Sandbox({101: 50}, seed=3)
    gone = one.remove_nfts(101, 5)
    assert two.remove_nfts(101, 5) == gone
    assert set(one.identities(101)).isdisjoint(gone)


def test_an_nft_that_arrives_after_another_left_is_not_the_same() -> None:
    sandbox = Sandbox({101: 3})
    gone = sandbox.remove_nfts(101, at=0)
    assert sandbox.add_nfts(101) != gone


async def test_collections_follow_the_changes() -> None:
    sandbox = Sandbox({101: 3})
    async with opened(sandbox) as caller:
        await caller.get("/accounts/101/nft-collections")
        sandbox.remove_nfts(101, 3)
        assert (await caller.get("/accounts/101/nft-collections")).nodes == []


async def test_a_callback_changes_the_listing_between_two_pages() -> None:
    sandbox = Sandbox({101: 4})

    @sandbox.on_request
    def add(seen: SeenRequest) -> None:
        if seen.page == 2:
            sandbox.add_nfts(101)

    async with opened(sandbox) as caller:
        pages = [await caller.get(NFTS, page=number, page_size=2) for number in (1, 2)]
    assert [page.json["page_info"]["count"] for page in pages] == [4, 5]
    assert pages[1].identities[0] == pages[0].identities[1]


async def test_callbacks_do_not_see_what_is_refused() -> None:
    seen: list[SeenRequest] = []
    sandbox = Sandbox()
    sandbox.on_request(seen.append)
    sandbox.fail(Fault.status(503))
    async with opened(sandbox) as caller:
        await caller.get(NFTS, page=1)
        await caller.get(NFTS, page=2)
    assert [each.page for each in seen] == [2]


async def test_a_rewriter_has_the_last_word_on_a_page() -> None:
    sandbox = Sandbox()

    @sandbox.rewrite
    def lie(seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        page["edges"] = []
        page["page_info"] = {"count": seen.page, "has_next_page": True}
        return page

    async with opened(sandbox) as caller:
        assert (await caller.get(NFTS, page=99)).json == {
            "edges": [],
            "page_info": {"count": 99, "has_next_page": True},
        }


async def test_a_rewriter_may_return_the_bytes_themselves() -> None:
    sandbox = Sandbox()
    sandbox.rewrite(lambda _seen, _page: b'{"edges": [')
    async with opened(sandbox) as caller:
        reply = await caller.get(NFTS)
    assert (reply.status, reply.body) == (200, b'{"edges": [')


# Who is let in


def reporting(sandbox: Sandbox) -> dict[str, str]:
    return {
        "X-Ledger-Workspace": sandbox.workspace,
        "X-Ledger-Reporting-API-Key": sandbox.reporting_api_key,
    }


def bearer(sandbox: Sandbox, access_token: str) -> dict[str, str]:
    return {
        "X-Ledger-Workspace": sandbox.workspace,
        "Authorization": f"Bearer {access_token}",
    }


async def status(sandbox: Sandbox, headers: Mapping[str, str]) -> int:
    async with calling(sandbox, headers) as caller:
        return (await caller.get(NFTS)).status


async def tokens(sandbox: Sandbox) -> dict[str, Any]:
    key = {"api_key_id": sandbox.api_key_id, "api_key_secret": sandbox.api_key_secret}
    async with calling(sandbox, {}) as caller:
        pair: dict[str, Any] = (await caller.post("/auth/token", key)).json
        return pair


@pytest.mark.parametrize("scheme", [lam, reporting, lambda sandbox: bearer(sandbox, "?")])
async def test_every_header_of_a_scheme_is_checked(scheme: Any) -> None:
    async with Sandbox() as sandbox:
        headers = scheme(sandbox)
        for name in headers:
            assert await status(sandbox, headers | {name: "wrong"}) == 401


@pytest.mark.parametrize("scheme", [lam, reporting])
async def test_keys_open_the_door(scheme: Any) -> None:
    async with Sandbox() as sandbox:
        assert await status(sandbox, scheme(sandbox)) == 200


async def test_a_stranger_gets_a_401_that_names_the_header() -> None:
    async with Sandbox() as sandbox, calling(sandbox, {}) as caller:
        assert (await caller.get(NFTS)).json == {
            "message": "X-Ledger-API-User is missing or wrong",
            "name": "Unauthorized",
            "status_code": 401,
        }


async def test_a_lam_behind_vault_wants_the_store_token_too() -> None:
    async with Sandbox() as sandbox:
        sandbox.store_auth_token = "vault"
        assert await status(sandbox, lam(sandbox)) == 401
        assert await status(sandbox, lam(sandbox) | {"X-Ledger-Store-Auth-Token": "vault"}) == 200


async def test_a_lam_without_a_key_asks_for_none() -> None:
    async with Sandbox() as sandbox:
        sandbox.api_key = ""
        assert await status(sandbox, {"X-Ledger-API-User": sandbox.api_user}) == 200


async def test_a_rotated_key_replaces_the_old_one() -> None:
    async with Sandbox() as sandbox:
        old = lam(sandbox)
        assert sandbox.rotate_api_key() == sandbox.api_key
        assert await status(sandbox, old) == 401
        assert await status(sandbox, lam(sandbox)) == 200


async def test_a_key_buys_a_token_in_the_contract_s_form() -> None:
    async with Sandbox() as sandbox:
        sandbox.token_lifetime = 60
        pair = await tokens(sandbox)
        assert (pair["expires_in"], pair["token_type"]) == (60, "Bearer")
        assert pair.keys() >= {"access_token", "refresh_token", "session_state"}
        assert await status(sandbox, bearer(sandbox, pair["access_token"])) == 200


async def test_a_token_ends_with_its_lifetime() -> None:
    async with Sandbox() as sandbox:
        sandbox.token_lifetime = 0
        assert (
            await status(sandbox, bearer(sandbox, (await tokens(sandbox))["access_token"])) == 401
        )


async def test_tokens_end_when_the_test_says() -> None:
    async with Sandbox() as sandbox:
        pair = await tokens(sandbox)
        sandbox.expire_tokens()
        assert await status(sandbox, bearer(sandbox, pair["access_token"])) == 401


@pytest.mark.parametrize(
    ("body", "answer"), [({"api_key_id": "?", "api_key_secret": "?"}, 401), ({}, 400)]
)
async def test_a_wrong_key_buys_nothing(body: dict[str, str], answer: int) -> None:
    async with Sandbox() as sandbox, calling(sandbox, {}) as caller:
        assert (await caller.post("/auth/token", body)).status == answer


async def test_a_refresh_token_works_once() -> None:
    async with Sandbox() as sandbox, calling(sandbox, {}) as caller:
        old = {"refresh_token": (await tokens(sandbox))["refresh_token"]}
        new = (await caller.post("/auth/token/refresh", old)).json
        assert await status(sandbox, bearer(sandbox, new["access_token"])) == 200
        assert (await caller.post("/auth/token/refresh", old)).status == 401


async def test_refresh_tokens_end_too_if_asked() -> None:
    async with Sandbox() as sandbox, calling(sandbox, {}) as caller:
        old = {"refresh_token": (await tokens(sandbox))["refresh_token"]}
        sandbox.expire_tokens(refresh=True)
        assert (await caller.post("/auth/token/refresh", old)).status == 401


# Rate limit


class Hands(Clock):
    """A clock that is set by hand; Unix time runs 1000 seconds ahead."""

    def __init__(self) -> None:  # without a loop
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def unix(self, now: float) -> float:
        return 1000 + now


def window(limit: RateLimit) -> tuple[Hands, Window]:
    hands = Hands()
    return hands, Window(limit, hands)


def test_a_window_admits_its_requests_and_opens_again_after_its_seconds() -> None:
    hands, free = window(RateLimit(2, seconds=10))
    assert [free.admit() for _ in range(3)] == [True, True, False]
    hands.time = 9.99
    assert not free.admit()
    hands.time = 10
    assert free.admit()


def test_a_window_opens_with_its_first_request() -> None:
    hands, free = window(RateLimit(1, seconds=10))
    hands.time = 25
    free.admit()
    hands.time = 34.9
    assert not free.admit()


@pytest.mark.parametrize(
    ("limit", "reset", "retry_after"),
    [
        (RateLimit(3, 10), "8", "8"),
        (RateLimit(3, 10, fractional=True), "7.500", "7.500"),
        (RateLimit(3, 10, reset="unix"), "1010", "8"),
        (RateLimit(3, 10, reset="unix", fractional=True), "1010.000", "7.500"),
        (RateLimit(3, 10, retry_after="date"), "8", "Thu, 01 Jan 1970 00:16:50 GMT"),
        (RateLimit(3, 10, retry_after=None), "8", None),
        (RateLimit(3, 2.6), "1", "1"),
    ],
)
def test_the_wait_is_worded_as_the_limit_says(
    limit: RateLimit, reset: str, retry_after: str | None
) -> None:
    hands, free = window(limit)
    free.admit()
    hands.time = 2.5
    assert free.headers() == {
        "X-RateLimit-Limit": "3",
        "X-RateLimit-Remaining": "2",
        "X-RateLimit-Reset": reset,
    }
    assert free.retry_after().get("Retry-After") == retry_after


@pytest.mark.parametrize(
    ("rate", "requests", "seconds"), [(50, 50, 1), (0.5, 1, 2), (2.5, 3, 1.2), (1, 1, 1)]
)
def test_a_rate_becomes_the_shortest_window_of_whole_requests(
    rate: float, requests: int, seconds: float
) -> None:
    assert RateLimit.per_second(rate) == RateLimit(requests, seconds)


async def test_over_the_limit_is_420_with_details_and_no_quota_used() -> None:
    sandbox = Sandbox(rate_limit=RateLimit(2, seconds=60))
    async with opened(sandbox) as caller:
        replies = [await caller.get(NFTS) for _ in range(4)]
    assert [reply.status for reply in replies] == [200, 200, 420, 420]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["1", "0", "0", "0"]
    assert replies[-1].json["name"] == "RateLimitExceeded"
    assert 1 <= int(replies[-1].headers["Retry-After"]) <= 60
    assert "Retry-After" not in replies[0].headers
    assert sandbox.refusals == 2


async def test_the_limit_passes_with_the_loop_s_time() -> None:
    async with opened(Sandbox(rate_limit=RateLimit(1, seconds=0.1))) as caller:
        first, second = await caller.get(NFTS), await caller.get(NFTS)
        await asyncio.sleep(0.11)
        assert [first.status, second.status, (await caller.get(NFTS)).status] == [200, 420, 200]


async def test_every_answer_tells_of_the_limit() -> None:
    sandbox = Sandbox(rate_limit=100)
    sandbox.fail(Fault.status(503), page=2)
    sandbox.fail(Fault.slow(0.0), page=3)
    async with opened(sandbox) as caller:
        replies = [await caller.get(NFTS, page=page) for page in (1, 2, 3)]
        replies.append(await caller.get("/nothing"))
        async with calling(sandbox, {}) as stranger:
            replies.append(await stranger.get(NFTS))
    assert [reply.status for reply in replies] == [200, 503, 200, 404, 401]
    assert {reply.headers["X-RateLimit-Limit"] for reply in replies} == {"100"}


async def test_a_limit_may_keep_silent_and_answer_as_gateways_do() -> None:
    sandbox = Sandbox(rate_limit=RateLimit(1, seconds=60, headers=False, status=429))
    async with opened(sandbox) as caller:
        await caller.get(NFTS)
        reply = await caller.get(NFTS)
    assert reply.status == 429
    assert not [
        name for name in reply.headers if "ratelimit" in name.lower() or "retry" in name.lower()
    ]


async def test_strangers_use_up_no_quota() -> None:
    async with Sandbox(rate_limit=RateLimit(1, seconds=60)) as sandbox:
        assert await status(sandbox, {}) == 401
        assert await status(sandbox, lam(sandbox)) == 200


async def test_dates_agree_with_the_reset() -> None:
    sandbox = Sandbox(rate_limit=RateLimit(1, seconds=50, reset="unix", retry_after="date"))
    async with opened(sandbox) as caller:
        await caller.get(NFTS)
        headers = (await caller.get(NFTS)).headers
    date, retry_after = map(parsedate_to_datetime, (headers["Date"], headers["Retry-After"]))
    assert retry_after.timestamp() == int(headers["X-RateLimit-Reset"])
    assert 45 <= (retry_after - date).total_seconds() <= 51


# Faults


async def test_a_status_comes_with_the_contract_s_error_body() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.status(503, headers={"Retry-After": "7"}))
    async with opened(sandbox) as caller:
        reply = await caller.get(NFTS)
    assert (reply.status, reply.headers["Retry-After"]) == (503, "7")
    assert (reply.json["name"], reply.json["status_code"]) == ("ServiceUnavailable", 503)


async def test_a_status_may_have_any_body_and_its_headers_the_last_word() -> None:
    sandbox = Sandbox(rate_limit=10)
    told = {"Content-Type": "text/plain", "X-RateLimit-Limit": "lots", "Date": "yesterday"}
    sandbox.fail(Fault.status(520, body=b"oh", headers=told))
    async with opened(sandbox) as caller:
        reply = await caller.get(NFTS)
    assert (reply.status, reply.body) == (520, b"oh")
    assert {name: reply.headers[name] for name in told} == told


async def test_any_json_may_be_answered() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.json({"code": 3, "big": 2**200}, status=500))
    async with opened(sandbox) as caller:
        reply = await caller.get(NFTS)
    assert (reply.status, reply.json) == (500, {"code": 3, "big": 2**200})


async def test_a_gateway_answers_with_a_web_page() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.html())
    async with opened(sandbox) as caller:
        reply = await caller.get(NFTS)
    assert (reply.status, reply.headers["Content-Type"]) == (502, "text/html; charset=utf-8")


async def test_a_redirect_points_elsewhere() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.redirect("https://evil.example/"))
    async with opened(sandbox) as caller:
        reply = await caller.get(NFTS)
    assert (reply.status, reply.headers["Location"]) == (302, "https://evil.example/")


@pytest.mark.parametrize(
    ("fault", "error", "answered"),
    [
        (Fault.drop(), aiohttp.ServerDisconnectedError, None),
        (Fault.garbage(), aiohttp.ClientResponseError, None),
        (Fault.cut(), aiohttp.ClientPayloadError, 200),
    ],
)
async def test_a_broken_answer_breaks_one_request_and_is_no_news_to_the_log(
    fault: Fault,
    error: type[Exception],
    answered: int | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    sandbox = Sandbox()
    sandbox.fail(fault, times=2)  # aiohttp asks again by itself when a connection drops
    async with opened(sandbox) as caller:
        with pytest.raises(error):
            await caller.get(NFTS)
        sandbox.heal()
        assert (await caller.get(NFTS)).status == 200
    assert sandbox.requests[0].status == answered
    assert caplog.records == []


async def test_a_slow_answer_is_whole_in_the_end() -> None:
    sandbox = Sandbox({101: 10})
    sandbox.fail(Fault.slow(0.01, pieces=3))
    async with opened(sandbox) as caller:
        start = asyncio.get_running_loop().time()
        reply = await caller.get(NFTS)
        assert asyncio.get_running_loop().time() - start >= 0.03
    assert reply.identities == sandbox.identities(101)


async def test_a_stalled_answer_comes_late() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.stall(0.05))
    async with opened(sandbox) as caller:
        start = asyncio.get_running_loop().time()
        assert (await caller.get(NFTS)).status == 200
        assert asyncio.get_running_loop().time() - start >= 0.05


async def test_a_fault_can_be_a_middleware_of_one_s_own() -> None:
    async def upside_down(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        answer.headers["X-Upside"] = "down"
        return answer

    sandbox = Sandbox()
    sandbox.fail(Fault("upside down", upside_down))
    async with opened(sandbox) as caller:
        assert (await caller.get(NFTS)).headers["X-Upside"] == "down"


def test_a_fault_shows_its_name() -> None:
    assert repr(Fault.status(503)) == "Fault(name='status 503')"


async def statuses(sandbox: Sandbox, *requests: tuple[str, int]) -> list[int]:
    async with opened(sandbox) as caller:
        return [(await caller.get(path, page=page)).status for path, page in requests]


async def test_faults_come_in_the_order_they_were_set() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.status(503), times=2)
    sandbox.fail(Fault.status(500))
    assert await statuses(sandbox, *[(NFTS, 1)] * 4) == [503, 503, 500, 200]


async def test_a_fault_lets_requests_pass_before_its_turn() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.status(503), after=2)
    assert await statuses(sandbox, *[(NFTS, 1)] * 4) == [200, 200, 503, 200]


async def test_a_fault_may_last_for_ever() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.status(503), times=math.inf)
    assert await statuses(sandbox, *[(NFTS, 1)] * 5) == [503] * 5


async def test_a_fault_for_no_request_hits_none() -> None:
    sandbox = Sandbox()
    sandbox.fail(Fault.status(503), times=0)
    assert await statuses(sandbox, (NFTS, 1)) == [200]


@pytest.mark.parametrize(
    ("match", "hit"),
    [
        ({"account_id": 102}, ("/accounts/102/nfts", 1)),
        ({"page": 2}, (NFTS, 2)),
        ({"path": "*/nft-collections"}, ("/accounts/101/nft-collections", 1)),
        ({"path": "/accounts"}, ("/accounts", 1)),
        ({"account_id": 102, "page": 3}, ("/accounts/102/nfts", 3)),
    ],
)
async def test_a_fault_hits_what_matches_and_waits_for_it(
    match: dict[str, Any], hit: tuple[str, int]
) -> None:
    sandbox = Sandbox({101: 250, 102: 250})
    sandbox.fail(Fault.status(503), **match)
    assert await statuses(sandbox, (NFTS, 1), hit, (NFTS, 1)) == [200, 503, 200]


async def test_a_fault_uses_quota_and_a_refusal_uses_no_fault() -> None:
    sandbox = Sandbox(rate_limit=RateLimit(1, seconds=60))
    sandbox.fail(Fault.status(503), times=2)
    assert await statuses(sandbox, (NFTS, 1), (NFTS, 1)) == [503, 420]


# What was seen


async def test_requests_are_remembered_without_their_secrets() -> None:
    sandbox = Sandbox()
    async with opened(sandbox) as caller:
        await caller.get(NFTS, page=2, page_size=50)
        await caller.get("/accounts", status="ACTIVE")
    first, second = sandbox.requests
    assert (first.method, first.path, first.account_id) == ("GET", NFTS, 101)
    assert (first.page, first.page_size, first.status) == (2, 50, 200)
    assert (second.account_id, second.page, dict(second.query)) == (
        None,
        None,
        {"status": "ACTIVE"},
    )
    assert sandbox.api_key not in repr(sandbox.requests)


async def test_a_long_run_need_not_be_remembered() -> None:
    sandbox = Sandbox(record=False)
    async with opened(sandbox) as caller:
        await caller.get(NFTS)
    assert (sandbox.requests, sandbox.peak_in_flight) == ([], 1)


async def test_requests_under_way_and_connections_are_counted() -> None:
    sandbox = Sandbox(latency=0.01)
    async with opened(sandbox) as caller:
        await asyncio.gather(*(caller.get(NFTS, page=page) for page in range(1, 6)))
        assert (sandbox.in_flight, sandbox.peak_in_flight, sandbox.connections) == (0, 5, 5)
    assert sandbox.connections == 0


async def test_latency_is_the_time_an_answer_takes() -> None:
    async with opened(Sandbox(latency=0.05)) as caller:
        start = asyncio.get_running_loop().time()
        await caller.get(NFTS)
        assert asyncio.get_running_loop().time() - start >= 0.05


# Opening and closing


def hanging(arrived: asyncio.Event) -> Fault:
    async def hang(request: web.Request, handler: Handler) -> web.StreamResponse:
        arrived.set()
        await asyncio.sleep(3600)
        return await handler(request)

    return Fault("hang", hang)


async def test_leaving_ends_requests_that_are_under_way_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    sandbox, arrived = Sandbox(), asyncio.Event()
    sandbox.fail(hanging(arrived))
    async with sandbox, calling(sandbox) as caller:
        asking = asyncio.create_task(caller.get(NFTS))
        await arrived.wait()
        await sandbox.__aexit__(None, None, None)
        with pytest.raises(aiohttp.ClientConnectionError):
            await asking
    assert asyncio.all_tasks() == before


async def test_leaving_does_not_wait_for_a_client_that_does_not_read() -> None:
    before = asyncio.all_tasks()
    sandbox = Sandbox({101: 5000}, max_page_size=5000, compress=False)
    under_way = asyncio.Event()
    sandbox.on_request(lambda _seen: under_way.set())
    async with sandbox:
        _, writer = await asyncio.open_connection("127.0.0.1", URL(sandbox.url).port)
        headers = "".join(f"{name}: {value}\r\n" for name, value in lam(sandbox).items())
        writer.write(f"GET {NFTS}?page_size=0 HTTP/1.1\r\nHost: x\r\n{headers}\r\n".encode())
        await under_way.wait()
        await anyio.wait_all_tasks_blocked()
        assert sandbox.in_flight == 1
    assert asyncio.all_tasks() == before
    writer.close()


async def test_leaving_closes_everything_under_cancellation_too() -> None:
    before = asyncio.all_tasks()
    with anyio.CancelScope() as scope:
        async with opened(Sandbox()) as caller:
            await caller.get(NFTS)
            scope.cancel()
            await asyncio.sleep(1)
    assert scope.cancelled_caught
    assert asyncio.all_tasks() == before


async def test_a_sandbox_has_a_url_only_while_it_is_open() -> None:
    sandbox = Sandbox()
    async with sandbox:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", sandbox.url)
    with pytest.raises(RuntimeError, match="async with"):
        _ = sandbox.url


async def test_a_sandbox_can_be_opened_again_but_not_twice_at_once() -> None:
    sandbox = Sandbox()
    async with sandbox:
        with pytest.raises(RuntimeError, match="open already"):
            await sandbox.__aenter__()
    assert await statuses(sandbox, (NFTS, 1)) == [200]


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_open() -> None:
    async with Sandbox() as sandbox:
        port = URL(sandbox.url).port or 0
        with pytest.raises(OSError, match="address already in use"):
            async with Sandbox(port=port):
                pass


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sandbox({101: -1}),
        lambda: Sandbox(max_page_size=0),
        lambda: Sandbox(rate_limit=0),
        lambda: RateLimit(0),
        lambda: RateLimit(1, seconds=0),
    ],
)
def test_what_cannot_be_played_is_refused(make: Any) -> None:
    with pytest.raises(ConfigurationError):
        make()


# The pytest plugin

TEST_MODULE = """
import asyncio
import urllib.request

import pytest

pytestmark = pytest.mark.filterwarnings("error")


def ask(sandbox):
    headers = {"X-Ledger-API-User": sandbox.api_user, "X-Ledger-API-Key": sandbox.api_key}
    request = urllib.request.Request(sandbox.url + "/accounts/7/nfts", headers=headers)
    with urllib.request.urlopen(request) as response:
        return response.status


@pytest.fixture
def ledger_sandbox_options():
    return {"accounts": {7: 3}}


def test_synchronous(ledger_sandbox):
    assert ask(ledger_sandbox) == 200
    assert len(ledger_sandbox.add_nfts(7, 2)) == 2
    assert [seen.account_id for seen in ledger_sandbox.requests] == [7]


def test_each_test_has_its_own(ledger_sandbox):
    assert len(ledger_sandbox.identities(7)) == 3


@pytest.mark.asyncio
async def test_pytest_asyncio(ledger_sandbox):
    assert await asyncio.to_thread(ask, ledger_sandbox) == 200


@pytest.mark.anyio
async def test_anyio(ledger_sandbox):
    assert await asyncio.to_thread(ask, ledger_sandbox) == 200


@pytest.fixture
def anyio_backend():
    return "asyncio"
"""


@pytest.mark.filterwarnings("ignore:Module already imported:pytest.PytestAssertRewriteWarning")
def test_the_fixture_serves_tests_of_every_kind(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where the package is installed, pytest would find the plugin by itself, and then twice.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(TEST_MODULE)
    plugins = ("ledger_async.sandbox.pytest_plugin", "asyncio", "anyio")
    settled = "--override-ini=asyncio_default_fixture_loop_scope=function"
    result = pytester.runpytest_inprocess(settled, *(f"-p{name}" for name in plugins))
    result.assert_outcomes(passed=4)


def test_the_plugin_costs_no_import_of_aiohttp_until_it_is_used() -> None:
    # The package's own front door is somebody else's business: this test steps around it.
    program = f"""
import sys, types
package = types.ModuleType("ledger_async")
package.__path__ = [{str(Path(ledger_async.__file__).parent)!r}]
sys.modules["ledger_async"] = package
import ledger_async.sandbox.pytest_plugin
assert "aiohttp" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)
