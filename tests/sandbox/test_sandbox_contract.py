"""The sandbox against the contract: every operation, and every answer of every GET."""

from __future__ import annotations

import json
from typing import Any

import pytest
from contract import FROM_THE_RULES, PATH
from openapi_schema_validator import OAS30Validator
from sandbox_workspace import FAMILIES, Calls, calling, filled, workspace

from ledger_async.sandbox._routes import ROUTES

pytestmark = pytest.mark.skipif(
    not PATH.exists(), reason="the contract is not shipped with the project"
)

BY_A_LAM = {tuple(each.split(" ")) for each in FROM_THE_RULES}
TOKENS = {("POST", "/auth/token"), ("POST", "/auth/token/refresh")}
CONTRACT: dict[str, Any] = json.loads(PATH.read_bytes()) if PATH.exists() else {"paths": {}}
USDC = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"


def operations() -> set[tuple[str, str]]:
    paths = CONTRACT["paths"].items()
    return {
        (method.upper(), path)
        for path, methods in paths
        for method in methods
        if method in {"get", "post", "put"}
    }


def test_every_operation_of_the_contract_has_a_route_and_the_other_way_round() -> None:
    assert {(route.method, route.path) for route in ROUTES} == (operations() - TOKENS) | BY_A_LAM


def test_the_routes_that_are_not_in_the_contract_are_those_of_a_lam() -> None:
    assert {(route.method, route.path) for route in ROUTES if route.lam} == BY_A_LAM


def plain(schema: Any) -> Any:
    """The schema in plain JSON schema: what may be null, and alternatives that overlap."""
    if isinstance(schema, list):
        return [plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: plain(value) for key, value in schema.items() if key != "discriminator"}
    if isinstance(parts.get("oneOf"), list):
        parts["anyOf"] = parts.pop("oneOf")
    if parts.pop("nullable", None) is True:
        return {"anyOf": [parts, {"enum": [None]}]}
    return parts


def validator(path: str) -> OAS30Validator:
    responses = CONTRACT["paths"][path]["get"]["responses"]
    schema = responses["200"]["content"]["application/json"]["schema"]
    return OAS30Validator(plain({**schema, "components": CONTRACT["components"]}))


def flaws(path: str, answer: Any) -> list[str]:
    found = validator(path).iter_errors(json.loads(json.dumps(answer, default=float)))
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def gets() -> list[str]:
    return [path for method, path in sorted(operations()) if method == "GET"]


def listings() -> list[str]:
    found = [path for path in gets() if "{" not in path]
    return [path for path in found if "Search" in str(CONTRACT["paths"][path]["get"]["responses"])]


PLACES: dict[str, object] = {
    "address": f"0x{'a' * 40}",
    "contract_address": USDC,
    "currency_name": "ethereum",
    "index": 2,
}


async def places(path: str, calls: Calls) -> list[dict[str, object]]:
    """What to fill a path with: every account, every stake, or all objects of a kind."""
    if "{stake_uid}" in path:
        listing = path.removesuffix("/{stake_uid}/rewards")
        return [
            {"account_id": account, "stake_uid": stake.get("stake_uid") or stake["uid"]}
            for account in FAMILIES
            for stake in await stakes(listing, account, calls)
        ]
    if "account_id}" in path:
        return [{"account_id": each, "parent_account_id": each} for each in FAMILIES]
    kind = path.split("/")[1]
    if "_id}" not in path or kind == "accounts":
        return [{}]
    keys = range(1, 200)
    name = path.partition("{")[2].partition("}")[0]
    known = [key for key in keys if (await calls.get(f"/{kind}/{key}")).status == 200]
    return [{name: key} for key in known]


async def stakes(path: str, account: int, calls: Calls) -> list[Any]:
    answer = await calls.ok(filled(path, account_id=account))
    return answer if isinstance(answer, list) else [edge["node"] for edge in answer["edges"]]


@pytest.mark.parametrize("path", gets())
async def test_every_answer_keeps_to_the_contract(path: str) -> None:
    async with calling(workspace()) as calls:
        query = {"type": "receive"} if path.endswith("/address/{index}") else {}
        await calls.put("/notifications/configuration", {"all": {"webhook": None}})
        found = [
            await calls.get(filled(path, **(PLACES | place)), query)
            for place in await places(path, calls)
        ]
    answered = [each.json for each in found if each.status == 200]
    assert answered
    assert {each.status for each in found} <= {200, 404, 501}
    assert [flaw for answer in answered for flaw in flaws(path, answer)] == []


@pytest.mark.parametrize("family", ["cardano", "solana", "tezos"])
@pytest.mark.parametrize("light", ["true", "false"])
async def test_stakes_keep_to_the_contract_light_and_whole(family: str, light: str) -> None:
    path = f"/{family}/accounts/{{account_id}}/stakes"
    account = next(key for key, name in FAMILIES.items() if name == family)
    async with calling(workspace()) as calls:
        answer = await calls.ok(filled(path, account_id=account), light=light)
    assert answer["edges"]
    assert flaws(path, answer) == []


@pytest.mark.parametrize("path", listings())
async def test_whole_listings_keep_to_the_contract(path: str) -> None:
    async with calling(workspace()) as calls:
        assert flaws(path, await calls.ok(path, page_size=0)) == []
