"""The filters of every listing against the contract of the API, in name and in type.

Listings of the workspace are in `listing`, those of an account in `account_listing`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from types import NoneType
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import contract
import pytest

from ledger_async import LedgerClient
from ledger_async._protocol.query import Types, types_of
from ledger_async.sections._base.listing import ListingSection

if not contract.PATH.exists():
    pytest.skip("contract file not present", allow_module_level=True)

PATHS = json.loads(contract.PATH.read_bytes())["paths"]
SCALARS = {"boolean": bool, "date-time": datetime, "integer": int, "string": str}
PAGING = {"page", "page_size"}

LISTINGS = {
    "/accounts": "accounts",
    "/accounts/{account_id}/nft-collections": "nft_collections",
    "/accounts/{account_id}/nfts": "nfts",
    "/accounts/{parent_account_id}/erc20-children-accounts": "accounts.erc20_children",
    "/cardano/accounts/{account_id}/stakes": "staking.cardano.stakes",
    "/digests": "digests",
    "/entities": "entities",
    "/groups": "groups",
    "/labels": "labels",
    "/messages": "messages",
    "/pledges": "pledges",
    "/requests": "requests",
    "/settlements": "settlements",
    "/solana/accounts/{account_id}/stakes": "staking.solana.stakes",
    "/tezos/accounts/{account_id}/stakes": "staking.tezos.stakes",
    "/transactions": "transactions",
    "/users": "users",
    "/whitelists": "whitelists",
}
EVERY = pytest.mark.parametrize(("path", "name"), LISTINGS.items(), ids=LISTINGS.values())


class Takes(NamedTuple):
    """What a filter takes: a value, or many, of a type or out of a set."""

    many: bool
    value: object


def listing_of(name: str) -> Any:
    target: Any = LedgerClient("https://lam.example", api_key="key")
    for attribute in name.split("."):
        target = getattr(target, attribute)
    section: ListingSection = target if isinstance(target, ListingSection) else target(7)
    return section._endpoint


def filters_of(name: str) -> Types:
    filters = listing_of(name).filters
    return types_of(filters) if filters else {}


def promised(schema: dict[str, Any]) -> Takes:
    if schema.get("type") == "array":
        return Takes(True, promised(schema["items"]).value)
    if "enum" in schema:
        return Takes(False, frozenset(schema["enum"]) - {None})
    kind = schema["format"] if schema.get("format") == "date-time" else schema["type"]
    return Takes(False, SCALARS[kind])


def declared(type_: Any) -> Takes:
    (kind,) = {each for each in get_args(type_) if each is not NoneType} or {type_}
    if get_origin(kind) is Iterable:
        return Takes(True, _value(get_args(kind)[0]))
    return Takes(False, _value(kind))


def _value(kind: Any) -> object:
    if get_origin(kind) is Literal:
        return frozenset(get_args(kind))
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


@EVERY
def test_a_listing_has_the_path_of_the_contract(path: str, name: str) -> None:
    assert listing_of(name).path == path.replace("parent_account_id", "account_id")


@EVERY
def test_a_listing_has_the_filters_of_the_contract(path: str, name: str) -> None:
    assert {each: declared(kind) for each, kind in filters_of(name).items()} == {
        each["name"]: promised(each["schema"])
        for each in PATHS[path]["get"]["parameters"]
        if each["in"] == "query" and each["name"] not in PAGING
    }


@EVERY
def test_only_filters_that_there_are_leave_new_nodes_at_the_head(path: str, name: str) -> None:
    settled = listing_of(name).settled
    assert not settled & {"order", "order_by", "status", "name"}
    assert settled <= filters_of(name).keys() | {"created_after", "created_before", "id"}


def test_every_paged_endpoint_of_the_contract_is_a_listing() -> None:
    paged = {
        path
        for path, operations in PATHS.items()
        if any(each["name"] == "page" for each in operations.get("get", {}).get("parameters", ()))
    }
    assert paged == set(LISTINGS)
