"""Searches of the sandbox: every filter of every listing, orders and pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from contract import PATH
from sandbox_workspace import FAMILIES, Calls, calling, workspace

from ledger_async.models.transactions.transaction_fields import StellarFields, StellarMemoText
from ledger_async.sandbox import Sandbox

World = Mapping[str, Any]
Node = dict[str, Any]

ACCOUNT_OF_FAMILY = {name: key for key, name in FAMILIES.items()}
PAGING = {"page", "page_size"}
ORDER = {"order", "order_by"}


async def world_of(calls: Calls) -> World:
    """What filters refer to beyond the objects that they are about."""
    requests = await calls.everything("/requests")
    status = {
        each["id"]: await calls.ok(f"/requests/{each['id']}/governance-status") for each in requests
    }
    entities = await calls.everything("/entities")
    return {
        "accounts": {each["id"]: each for each in await calls.everything("/accounts")},
        "entity": {key: each["id"] for each in entities for key in each["accounts"]},
        "governance": status,
        "groups": {each["id"]: each["members"] for each in await calls.everything("/groups")},
        "transactions": {each["id"]: each for each in await calls.everything("/transactions")},
    }


def rules(account: Node, kind: str) -> list[Any]:
    every = [rule for rule_set in account["governance_rules"] for rule in rule_set["rules"]]
    return [entry for rule in every if rule["type"] == kind for entry in rule["data"]]


def groups_of(account: Node) -> set[int]:
    return {each["group"] for each in rules(account, "MULTI_AUTHORIZATIONS") if "group" in each}


def approvers_of(account: Node, world: World) -> set[int]:
    alone = {
        user for each in rules(account, "MULTI_AUTHORIZATIONS") for user in each.get("users", ())
    }
    return alone.union(*(world["groups"][group] for group in groups_of(account)))


def linked(node: Node, world: World) -> set[int]:
    accounts = world["accounts"].items()
    return {key for key, account in accounts if node["id"] in approvers_of(account, world)}


def naming(node: Node, world: World) -> set[int]:
    return {
        key
        for key, account in world["accounts"].items()
        if node["id"] in {each["whitelist"] for each in rules(account, "WHITELIST")}
    }


def answered(kind: str) -> Callable[[Node, World], set[int]]:
    return lambda node, world: {
        approval["user"]["id"]
        for step in world["governance"][node["id"]]["governance_steps"]
        for approval in step["approvals"]
        if approval["type"] == kind
    }


def awaited(node: Node, world: World) -> set[int]:
    status = world["governance"][node["id"]]
    if status["is_complete"]:
        return set()
    step = status["governance_steps"][status["request"]["current_step_index"]]
    return {each["id"] for each in step["approvers"]} - {
        each["user"]["id"] for each in step["approvals"]
    }


def memos(node: Node, world: World) -> set[Any]:
    memo = node["coin_fields"].get("memo") or {}
    return {value for key, value in memo.items() if key.startswith("MEMO_")}


class Filter(NamedTuple):
    """The values under which a filter finds a node, and what it makes of any value."""

    values: Callable[[Node, World], Iterable[Any]]
    matches: Callable[[Any, Any], bool] = lambda own, value: own == value


def about(*path: str) -> Filter:
    def values(node: Any, _world: World) -> list[Any]:
        for name in path:
            node = node and node.get(name)
        return [] if node is None else [node]

    return Filter(values)


def of(values: Callable[[Node, World], Iterable[Any]]) -> Filter:
    return Filter(values)


def among(name: str, part: str | None = None) -> Filter:
    return Filter(lambda node, _: [each[part] if part else each for each in node[name] or ()])


def within(filter_: Filter) -> Filter:
    return Filter(filter_.values, lambda own, value: value in own)


NOTE = Filter(
    lambda node, _: [text for note in node["notes"] for text in (note["title"], note["content"])],
    lambda own, value: value in own,
)
COMMON = {
    "created_after": Filter(about("created_on").values, lambda own, value: own > value),
    "created_before": Filter(about("created_on").values, lambda own, value: own < value),
    "id": about("id"),
}
OF_ACCOUNTS = COMMON | {
    "entity": of(lambda node, world: {world["entity"][node["id"]]}),
    "group": of(lambda node, _: groups_of(node)),
    "status": about("status"),
    "user": of(approvers_of),
}
STAKES = COMMON | {
    "account_id": of(
        lambda node, world: {world["transactions"][node["creation_tx"]]["account_id"]}
    ),
    "creation_tx": about("creation_tx"),
    "stake_uid": about("stake_uid"),
    "status": about("status"),
}
FILTERS: dict[str, dict[str, Filter]] = {
    "/accounts": OF_ACCOUNTS
    | {
        "account_label": among("labels", "id"),
        "account_type": about("type"),
        "currency": about("currency"),
        "name": about("name"),
        "parent": about("parent"),
    },
    "/accounts/101/erc20-children-accounts": OF_ACCOUNTS,
    "/digests": COMMON | {"account": about("account_id"), "status": about("status")},
    "/entities": COMMON
    | {"account": among("accounts"), "name": about("name"), "status": about("status")},
    "/groups": COMMON
    | {
        "description": within(about("description")),
        "members": among("members"),
        "name": about("name"),
        "status": about("status"),
    },
    "/labels": COMMON | {"name": about("name")},
    "/messages": COMMON
    | {
        "account": about("account_id"),
        "message_type": of(lambda node, _: {node["message_type"].replace("-", "")}),
        "status": about("status"),
    },
    "/pledges": {
        "account_id": about("account_id"),
        "asset_manager_id": about("asset_manager", "id"),
        "exchange_id": about("exchange", "id"),
        "state": about("state"),
    },
    "/requests": COMMON
    | {
        "approved_by": of(answered("APPROVE")),
        "created_by": about("created_by"),
        "pending_by": of(awaited),
        "rejected_by": of(answered("ABORT")),
        "status": about("status"),
        "target_id": about("target_id"),
        "target_type": about("target_type"),
        "type": about("type"),
    },
    "/transactions": COMMON
    | {
        "account": about("account_id"),
        "currency": about("currency"),
        "destination_tag": about("coin_fields", "destination_tag"),
        "interaction_type": about("interaction_type"),
        "label": NOTE,
        "max_amount": Filter(
            about("amount").values, lambda own, value: Decimal(own) <= Decimal(value)
        ),
        "memo": of(memos),
        "min_amount": Filter(
            about("amount").values, lambda own, value: Decimal(own) >= Decimal(value)
        ),
        "recipient": about("recipient"),
        "status": about("status"),
        "title": NOTE,
        "tx_hash": about("tx_hash"),
        "tx_label": among("labels", "id"),
        "type": about("type"),
    },
    "/users": COMMON
    | {
        "account": of(linked),
        "group": of(
            lambda node, world: {
                group for group, members in world["groups"].items() if node["id"] in members
            }
        ),
        "role": about("role"),
        "status": about("status"),
        "username": about("username"),
    },
    "/whitelists": COMMON
    | {
        "account": of(naming),
        "address": among("addresses", "address"),
        "description": within(about("description")),
        "name": about("name"),
        "status": about("status"),
    },
    **{
        f"/{family}/accounts/{ACCOUNT_OF_FAMILY[family]}/stakes": STAKES
        for family in ("cardano", "solana", "tezos")
    },
}


def bred() -> Sandbox:
    """A workspace in which some accounts are children of another."""
    sandbox = workspace()
    for child in (202, 204, 209):
        sandbox.set_account(child, parent=101)
    return sandbox


@pytest.mark.parametrize("path", FILTERS)
async def test_each_filter_finds_exactly_what_matches(path: str) -> None:
    async with calling(bred()) as calls:
        world, nodes = await world_of(calls), await calls.everything(path)
        for name, filter_ in FILTERS[path].items():
            values = [value for node in nodes for value in filter_.values(node, world)]
            assert values, name
            for value in sorted(set(values), key=str)[:3]:
                assert await calls.everything(path, {name: value}) == [
                    node
                    for node in nodes
                    if any(filter_.matches(own, value) for own in filter_.values(node, world))
                ], (name, value)


@pytest.mark.skipif(not PATH.exists(), reason="the contract is not shipped with the project")
def test_every_filter_of_the_contract_is_tried() -> None:
    paths = json.loads(PATH.read_bytes())["paths"]
    tried = {
        path.replace("/101/", "/{parent_account_id}/").replace(
            f"/{ACCOUNT_OF_FAMILY.get(path.split('/')[1], 0)}/", "/{account_id}/"
        ): set(filters)
        for path, filters in FILTERS.items()
    }
    assert tried == {
        path: wanted
        for path, methods in paths.items()
        if "Search" in str(methods.get("get", {}).get("responses"))
        if (wanted := filters_of(methods["get"]))
    }


def filters_of(operation: Any) -> set[str]:
    query = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
    return query - PAGING - ORDER - {"light"}


@pytest.mark.parametrize(
    ("path", "name", "values"),
    [
        ("/transactions", "status", ["SUBMITTED", "REJECTED"]),
        ("/transactions", "account", [101, 209]),
        ("/requests", "target_type", ["USER", "MESSAGE"]),
        ("/groups", "members", [3, 4]),
    ],
)
async def test_a_filter_that_takes_many_values_finds_what_has_any(
    path: str, name: str, values: list[Any]
) -> None:
    async with calling(workspace()) as calls:
        parts = [await calls.everything(path, {name: value}) for value in values]
        together = await calls.everything(path, {name: values})
    assert all(parts)
    assert {each["id"] for each in together} == {each["id"] for part in parts for each in part}


@pytest.mark.parametrize("path", FILTERS)
async def test_pages_add_up_and_come_newest_first(path: str) -> None:
    async with calling(bred()) as calls:
        whole = await calls.everything(path)
        pages = [await calls.get(path, page=number, page_size=2) for number in (1, 2)]
    assert [node for page in pages for node in page.nodes] == whole[:4]
    assert {page.json["page_info"]["count"] for page in pages} == {len(whole)}
    if "created_on" in whole[0]:
        moments = [node["created_on"] for node in whole]
        assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("path", [path for path in FILTERS if path != "/pledges"])
async def test_an_order_can_be_turned_round(path: str) -> None:
    async with calling(bred()) as calls:
        down = await calls.everything(path, {"order_by": "id"})
        up = await calls.everything(path, {"order_by": "id", "order": "asc"})
    assert up == down[::-1]
    assert up == sorted(up, key=lambda node: int(node["id"]))


@pytest.mark.parametrize("path", FILTERS)
async def test_a_bad_parameter_is_refused_by_name(path: str) -> None:
    wrong = {"page": ("0", 400), "page_size": ("x", 400), "colour": ("red", 404)}
    async with calling(workspace()) as calls:
        for name, (value, status) in wrong.items():
            answer = await calls.get(path, {name: value})
            assert answer.status == status
            assert answer.json.keys() == {"message", "name", "status_code"}
            assert name in answer.json["message"]


async def test_a_memo_is_found_as_text_as_a_number_and_in_hexadecimal() -> None:
    sandbox = workspace()
    key = sandbox.add_transactions(210)[0]
    fields = StellarFields(type="Stellar", memo=StellarMemoText(memo_text="no 7"))
    sandbox.set_object("transactions", key, coin_fields=fields)
    async with calling(sandbox) as calls:
        for spelling in ("no 7", b"no 7".hex(), str(int.from_bytes(b"no 7", "big"))):
            found = await calls.everything("/transactions", {"memo": spelling})
            assert [each["id"] for each in found] == [key]


async def test_a_token_is_found_by_the_contract_of_its_account() -> None:
    sandbox = workspace()
    sandbox.set_account(204, contract_address="0xAB")
    async with calling(sandbox) as calls:
        found = await calls.everything("/transactions", {"currency": "ethereum:0xab"})
        assert {each["account_id"] for each in found} == {204}
        assert await calls.everything("/transactions", {"currency": "ethereum:0xcd"}) == []
