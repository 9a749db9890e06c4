"""The structs against the contract of the API, both ways."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args

import contract
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from ledger_async import models
from ledger_async.codec import decode, encode

if not contract.PATH.exists():
    pytest.skip("contract file not present", allow_module_level=True)

CONTRACT = contract.Contract.load()
ANSWERS = [
    "/accounts",
    "/accounts/{account_id}",
    "/accounts/{account_id}/nft-collections",
    "/accounts/{account_id}/nft-portfolio",
    "/accounts/{account_id}/nfts",
]
REACHED = CONTRACT.reached_from(ANSWERS)

# Not `Error`: its struct is more tolerant, since two services answer with two bodies.
COMPARED = [name for name in REACHED if name != "Error"]


@pytest.mark.parametrize("name", COMPARED)
def test_a_struct_says_what_its_schema_says(name: str) -> None:
    schema, struct = CONTRACT.schemas[name], contract.TYPES[name]
    assert contract.differences(schema, struct, contract.TYPES) == []


def test_all_answers_together_reach_fifty_two_schemas() -> None:
    assert len(REACHED) == 52


def test_every_struct_mirrors_a_schema() -> None:
    generic = {"Edge", "ErrorBody", "Page", "PageInfo"}
    structs = {
        name
        for name in dir(models)
        if isinstance(value := getattr(models, name), type) and issubclass(value, Struct)
    }
    assert structs - generic <= set(REACHED)


def test_the_error_body_knows_every_field_of_the_contract() -> None:
    promised = CONTRACT.schemas["Error"]["properties"].keys()
    assert promised <= contract.declared_fields(models.ErrorBody).keys()


@pytest.mark.parametrize(
    ("parameter", "alias"),
    [
        ("account_type", models.AccountType),
        ("order", models.Order),
        ("status", models.AccountStatus),
    ],
)
def test_a_filter_takes_the_values_of_the_contract(parameter: str, alias: Any) -> None:
    assert set(get_args(alias)) == CONTRACT.query_enum("/accounts", parameter)


@pytest.mark.parametrize("path", ANSWERS)
@settings(derandomize=True, deadline=None, max_examples=40)
@given(data=st.data())
def test_whatever_keeps_to_the_contract_decodes_and_comes_back_the_same(
    path: str, data: st.DataObject
) -> None:
    name = CONTRACT.response(path)
    body = encode(data.draw(contract.payloads(name, CONTRACT.schemas)))
    answer = decode(body, contract.TYPES[name])
    assert decode(encode(answer), contract.TYPES[name]) == answer


UNION_OF: dict[str, Any] = {
    **dict.fromkeys(CONTRACT.kinds("Account", "coin_fields"), models.CoinFields),
    **dict.fromkeys(
        CONTRACT.kinds("AccountMultiauthRule", "data"), models.AccountMultiauthRuleEntry
    ),
    **dict.fromkeys(CONTRACT.kinds("AccountRuleSet", "rules"), models.AccountRule),
}


@pytest.mark.parametrize("name", UNION_OF)
@settings(derandomize=True, deadline=None, max_examples=5)
@given(data=st.data())
def test_a_kind_that_the_contract_knows_decodes_to_its_struct(
    name: str, data: st.DataObject
) -> None:
    body = encode(data.draw(contract.payloads(name, CONTRACT.schemas)))
    assert isinstance(decode(body, UNION_OF[name]), contract.TYPES[name])


# The comparison itself: each struct below is wrong in one way.

SCHEMA: contract.Schema = {
    "properties": {
        "mediaType": {"default": None, "nullable": True, "type": "string"},
        "price": {"type": "number"},
        "sizes": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["price"],
}


class Right(Struct, rename="camel"):
    price: Decimal
    media_type: str | None = None
    sizes: tuple[int, ...] = ()


class WrongType(Struct, rename="camel"):
    price: float
    media_type: str | None = None
    sizes: tuple[int, ...] = ()


class WrongItems(Struct, rename="camel"):
    price: Decimal
    media_type: str | None = None
    sizes: tuple[str, ...] = ()


class NotNullable(Struct, rename="camel"):
    price: Decimal
    media_type: str = ""
    sizes: tuple[int, ...] = ()


class WrongDefault(Struct, rename="camel"):
    price: Decimal
    media_type: str | None = "image/png"
    sizes: tuple[int, ...] = ()


class NotRequired(Struct, rename="camel"):
    price: Decimal = Decimal(0)
    media_type: str | None = None
    sizes: tuple[int, ...] = ()


class Required(Struct, rename="camel"):
    price: Decimal
    sizes: tuple[int, ...]
    media_type: str | None = None


class Missing(Struct, rename="camel"):
    price: Decimal
    media_type: str | None = None


class Added(Struct, rename="camel"):
    price: Decimal
    media_type: str | None = None
    sizes: tuple[int, ...] = ()
    ticker: str = ""


class WrongName(Struct):
    price: Decimal
    media_type: str | None = None
    sizes: tuple[int, ...] = ()


def differing(struct: type[Struct]) -> list[str]:
    return [line.partition(":")[0] for line in contract.differences(SCHEMA, struct, {})]


@pytest.mark.parametrize(
    ("struct", "fields"),
    [
        (Right, []),
        (WrongType, ["price"]),
        (WrongItems, ["sizes"]),
        (NotNullable, ["mediaType"]),
        (WrongDefault, ["mediaType"]),
        (NotRequired, ["price"]),
        (Required, ["sizes"]),
        (Missing, ["sizes"]),
        (Added, ["ticker"]),
        (WrongName, ["mediaType", "media_type"]),
    ],
)
def test_the_comparison_names_the_field_that_differs(
    struct: type[Struct], fields: list[str]
) -> None:
    assert differing(struct) == fields


def test_the_comparison_notices_a_kind_that_a_union_lacks() -> None:
    kinds = [{"$ref": "TezosFields"}, {"$ref": "NFT"}]
    schema = {"properties": {"coin": {"oneOf": kinds}}, "required": ["coin"]}

    class Lacking(Struct):
        coin: models.CoinFields

    assert len(contract.differences(schema, Lacking, contract.TYPES)) == 1
