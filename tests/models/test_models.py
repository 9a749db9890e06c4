"""What the structs make of answers that are less tidy than the contract."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from msgspec import Struct, defstruct
from msgspec.structs import FieldInfo, fields

from ledger_async import models
from ledger_async._protocol.codec import decode, encode
from ledger_async.errors import DecodeError
from ledger_async.models import (
    NFT,
    Account,
    AccountMultiauthRule,
    AccountMultiauthRuleEntry,
    AccountMultiauthRuleExternalGroupEntry,
    AccountMultiauthRuleInternalGroupEntry,
    AccountRule,
    AccountRuleSet,
    AccountWhitelistRule,
    AccountWhitelistRuleEntry,
    Balances,
    CoinFields,
    Digest,
    Edge,
    ErrorBody,
    EthereumAndEvmFields,
    EthereumFees,
    Exposure,
    NFTMetadata,
    NFTTransactionBalance,
    Page,
    PageInfo,
    Payload,
    PolkadotFields,
    PolkadotParameters,
    PolygonFields,
    RequestWithChallenge,
    SolanaAccountFields,
    SolanaParameters,
    StellarMemo,
    TezosFields,
    TransactionFields,
    TransactionMetadata,
    WhitelistAddress,
)
from ledger_async.models.base.fields import IdOf
from ledger_async.models.base.paging import page_of
from ledger_async.models.transactions.fees import fee_estimation_of

ROOT = Path(__file__).resolve().parents[2]

NFT_BODY = {"contract_address": "0x1", "token_id": "1", "token_type": "ERC-721", "value": 1}
ACCOUNT_BODY = {
    "available_balance": "1",
    "balance": "1",
    "created_by": 5,
    "created_on": "2023-02-06T02:48:59+00:00",
    "currency": "ethereum",
    "governance_rules": [],
    "id": 101,
    "index": 0,
    "name": "hot wallet 1",
    "pending_balance": "0",
    "status": "ACTIVE",
    "type": "Ethereum",
}


def account(**fields: object) -> Account:
    return decode(encode(ACCOUNT_BODY | fields), Account)


def rule(**fields: object) -> object:
    rules = {"id": 1, "index": 0, "name": "Rule 1", "rules": [{"id": 2} | fields]}
    return decode(encode(rules), AccountRuleSet).rules[0]


def approvals(*entries: object) -> tuple[object, ...]:
    decoded = rule(type="MULTI_AUTHORIZATIONS", data=entries)
    assert isinstance(decoded, AccountMultiauthRule)
    return decoded.data


def test_every_public_name_of_every_module_is_there() -> None:
    assert [name for name in dir(models) if not hasattr(models, name)] == []


def test_a_public_name_is_of_one_module() -> None:
    assert len(dir(models)) == len(set(dir(models)))


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="NoSuchStruct"):
        _ = models.NoSuchStruct


def test_a_star_imports_every_public_name_and_no_other() -> None:
    namespace: dict[str, object] = {}
    exec("from ledger_async.models import *", namespace)
    assert sorted(namespace.keys() - {"__builtins__"}) == dir(models)


def test_the_map_of_the_names_is_written_by_the_script() -> None:
    source = Path(models.__file__).read_text(encoding="utf-8")
    script = runpy.run_path(str(ROOT / "scripts/model_names.py"))
    assert script["model_names"](source) == source


def test_a_module_loads_no_other_without_need() -> None:
    code = "import sys, ledger_async.models.nft; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    others = {f"ledger_async.models.{name}" for name in ("accounts", "transactions", "governance")}
    assert others.isdisjoint(loaded)


# Pages and NFTs


def test_nodes_are_the_elements_in_listing_order() -> None:
    page = Page(
        edges=(Edge(cursor=0, node="newest"), Edge(cursor=1, node="oldest")),
        page_info=PageInfo(count=2, has_next_page=False),
    )
    assert page.nodes == ["newest", "oldest"]


def test_a_page_of_a_type_known_at_run_time_is_the_page_of_that_type() -> None:
    assert page_of(NFT) == Page[NFT]


def test_an_nft_needs_no_more_than_the_required_fields() -> None:
    assert decode(encode(NFT_BODY), NFT).metadata is None


def test_an_unknown_field_is_ignored() -> None:
    assert decode(encode(NFT_BODY | {"rarity": [1]}), NFT) == decode(encode(NFT_BODY), NFT)


def test_a_transaction_balance_that_is_left_out_is_zero() -> None:
    assert decode(b"{}", NFTTransactionBalance) == NFTTransactionBalance(0, 0, 0, 0)


def test_metadata_goes_by_its_wire_names() -> None:
    body = b'{"media":"m","medias":{},"properties":[],"tokenId":"1","tokenName":"n","nftName":"N"}'
    assert decode(body, NFTMetadata).nft_name == "N"


def test_a_fraction_that_a_float_cannot_hold_stays_exact() -> None:
    price = b'"price":{"ticker":"ETH","value":0.1000000000000000055511151231257827}'
    nft = decode(encode(NFT_BODY)[:-1] + b"," + price + b"}", NFT)
    assert nft.price is not None
    assert nft.price.value == Decimal("0.1000000000000000055511151231257827")


def test_structs_cannot_be_changed() -> None:
    nft = decode(encode(NFT_BODY), NFT)
    with pytest.raises(AttributeError):
        nft.value = 2  # type: ignore[misc]


def test_every_decimal_is_a_finite_one_but_for_the_price_that_checks_its_own() -> None:
    structs = {name: getattr(models, name) for name in dir(models)}
    assert [
        f"{name}.{field.name}"
        for name, struct in structs.items()
        if isinstance(struct, type) and issubclass(struct, Struct)
        for field in fields(struct)
        if Decimal in {field.type, *get_args(field.type)}
    ] == ["NFTPrice.value"]


@pytest.mark.parametrize("text", ["NaN", "sNaN", "-Infinity", "inf", "1_0", "1 ", "\u0661", ""])
def test_text_that_is_no_finite_number_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(encode({"category": "exchange", "value": text}), Exposure)
    assert caught.value.json_path == "$.value"


@pytest.mark.parametrize("number", ["0.10", '"0.10"', "-1E+5", '"-1e-5"', "5", f"1{'0' * 40}"])
def test_a_finite_number_stays_exact(number: str) -> None:
    exposure = decode(f'{{"category":"exchange","value":{number}}}'.encode(), Exposure)
    assert exposure.value.as_tuple() == Decimal(number.strip('"')).as_tuple()


@pytest.mark.parametrize("text", ["NaN", "sNaN", "-Infinity", "inf"])
def test_a_price_that_is_not_finite_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(DecodeError, match="finite number as `value`") as caught:
        decode(encode(NFT_BODY | {"price": {"ticker": "ETH", "value": text}}), NFT)
    assert caught.value.json_path == "$.price"


# Times


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("2023-02-06T02:48:59Z", datetime(2023, 2, 6, 2, 48, 59, tzinfo=UTC)),
        ("2023-02-06T04:48:59+02:00", datetime(2023, 2, 6, 2, 48, 59, tzinfo=UTC)),
        ("2023-02-06T02:48:59.123456789Z", datetime(2023, 2, 6, 2, 48, 59, 123457, tzinfo=UTC)),
    ],
)
def test_a_time_is_the_moment_that_was_sent(sent: str, expected: datetime) -> None:
    assert account(created_on=sent).created_on == expected


def test_a_time_without_an_offset_is_utc() -> None:
    assert account(created_on="2023-02-06T02:48:59").created_on.utcoffset() == timedelta(0)


def test_text_that_is_no_time_is_an_error_with_its_place() -> None:
    with pytest.raises(DecodeError) as caught:
        account(created_on="yesterday")
    assert caught.value.json_path == "$.created_on"


# Open unions


def test_coin_fields_of_a_known_chain_are_its_struct() -> None:
    assert account(coin_fields={"type": "Tezos", "staking": None}).coin_fields == TezosFields()


@pytest.mark.parametrize(
    "fields",
    [{"type": "Dogecoin", "moons": 1}, {"staking": None}, {"type": None}, {"type": ["Tezos"]}],
)
def test_coin_fields_of_no_known_chain_stay_a_dict(fields: dict[str, Any]) -> None:
    assert account(coin_fields=fields).coin_fields == fields


def chain_of(fields: CoinFields) -> str:
    match fields:
        case EthereumAndEvmFields() | PolygonFields():
            return "evm"
        case PolkadotFields() | SolanaAccountFields() | TezosFields():
            return "staking"
        case Mapping():
            return "new"


@pytest.mark.parametrize(
    ("fields", "chain"),
    [({"type": "Tezos"}, "staking"), ({"type": "Polygon"}, "evm"), ({"type": "Dogecoin"}, "new")],
)
def test_a_match_over_all_kinds_leaves_none_out(fields: dict[str, Any], chain: str) -> None:
    found = account(coin_fields=fields).coin_fields
    assert found is not None
    assert chain_of(found) == chain


def test_whatever_coin_fields_hold_is_an_instance_of_them() -> None:
    assert isinstance(account(coin_fields={"type": "Dogecoin"}).coin_fields, CoinFields)


def test_a_fraction_in_unknown_coin_fields_is_a_decimal() -> None:
    fields = {"type": "Dogecoin", "rate": Decimal("0.10")}
    assert account(coin_fields=fields).coin_fields == fields


def test_coin_fields_that_do_not_fit_their_chain_stay_a_dict() -> None:
    fields = {"type": "EthereumAndEvm", "staking": {"total_rewards": 1}}
    assert account(coin_fields=fields).coin_fields == fields


def test_coin_fields_that_are_not_an_object_are_an_error() -> None:
    with pytest.raises(DecodeError, match="expected `object`, got `str`"):
        account(coin_fields="Tezos")


def test_coin_fields_are_sent_with_their_type() -> None:
    assert encode(TezosFields()) == b'{"staking":null,"type":"Tezos"}'


def test_a_rule_of_an_unknown_kind_stays_a_dict() -> None:
    assert rule(type="CURFEW", data=1) == {"id": 2, "type": "CURFEW", "data": 1}


def test_approvals_are_told_apart_by_their_shape() -> None:
    assert approvals({"group": 1, "quorum": 2}, {"users": [3, None], "quorum": 1}) == (
        AccountMultiauthRuleExternalGroupEntry(group=1, quorum=2),
        AccountMultiauthRuleInternalGroupEntry(quorum=1, users=(3, None)),
    )


def test_approvals_of_an_unknown_shape_stay_a_dict() -> None:
    assert approvals(None, {"robot": 1}) == (None, {"robot": 1})


OFF = {"somewhat": "new"}
RULE = {"id": 2, "type": "WHITELIST", "data": OFF}
OF_NO_STRUCT: list[tuple[Any, dict[str, object]]] = [
    (AccountRule, RULE),
    (AccountMultiauthRuleEntry, {"group": OFF}),
    (AccountMultiauthRuleEntry, {"users": [OFF], "quorum": 1}),
    (Balances, {"available": 1}),
    (CoinFields, {"type": "Polkadot"}),
    (Digest, {"signature": "x"}),
    (EthereumFees, {"gas_price": "x"}),
    (PolkadotParameters, {"proxy": 1}),
    (PolkadotParameters, {"controller": 1, "payee": 2}),
    (SolanaParameters, {"stake_account": 1}),
    (StellarMemo, {"MEMO_ID": OFF}),
    (TransactionFields, {"type": "Ripple", "destination_tag": "x"}),
    (TransactionFields, {"type": "EthereumAndEvm", "gas_price": 1}),
    (TransactionMetadata, {"amount": "x"}),
    (fee_estimation_of("OTHER_LIKE_SEND"), {"coin_fields": {"gas_price": 1}, "max_fees": 1}),
]


@pytest.mark.parametrize(("union", "value"), OF_NO_STRUCT)
def test_what_does_not_fit_the_struct_of_its_kind_stays_a_dict(
    union: Any, value: dict[str, object]
) -> None:
    assert decode(encode(value), union) == value


@pytest.mark.parametrize("union", dict(OF_NO_STRUCT))
@pytest.mark.parametrize("value", ["x", 1, [], [OFF], None])
def test_what_is_no_object_is_of_no_kind(union: Any, value: object) -> None:
    with pytest.raises(DecodeError):
        decode(encode(value), union)


def test_a_rule_of_another_shape_leaves_the_others_typed() -> None:
    rules = {"id": 1, "index": 0, "name": "n", "rules": [RULE, RULE | {"data": [{"whitelist": 7}]}]}
    first, second = account(governance_rules=[rules]).governance_rules[0].rules
    assert first == RULE
    assert second == AccountWhitelistRule((AccountWhitelistRuleEntry(7),), id=2, type="WHITELIST")


def test_an_approval_of_another_shape_leaves_its_rule_typed() -> None:
    assert approvals({"group": 1, "quorum": OFF}, {"group": 1, "quorum": 2}) == (
        {"group": 1, "quorum": OFF},
        AccountMultiauthRuleExternalGroupEntry(group=1, quorum=2),
    )


# What servers write in place of what they mean


def test_null_for_the_list_of_a_rule_is_an_empty_one() -> None:
    assert rule(type="WHITELIST", data=None) == AccountWhitelistRule((), id=2, type="WHITELIST")


def test_a_number_in_a_rule_may_be_written_as_javascript_does() -> None:
    body = b'{"id":1,"index":0,"name":"n","rules":[{"id":2e0,"type":"WHITELIST","data":[]}]}'
    (found,) = decode(body, AccountRuleSet).rules
    assert repr(found) == repr(AccountWhitelistRule((), id=2, type="WHITELIST"))


@pytest.mark.parametrize("sent", [b"7.0", b'{"id": 0.7e1}'])
def test_an_id_may_be_written_as_javascript_does(sent: bytes) -> None:
    assert repr(decode(b"[%b]" % sent, list[IdOf])) == "[7]"


LISTS = [
    pytest.param(struct, each, id=f"{name}.{each.name}")
    for name, struct in ((name, getattr(models, name)) for name in dir(models))
    if isinstance(struct, type) and issubclass(struct, Struct) and not issubclass(struct, Payload)
    for each in fields(struct)
    if get_origin(each.type) is tuple
]


@pytest.mark.parametrize(("struct", "field"), LISTS)
def test_null_for_any_list_of_any_answer_is_an_empty_one(struct: Any, field: FieldInfo) -> None:
    alone = defstruct(struct.__name__, [(field.name, field.type)])
    assert decode(encode({field.name: None}), alone) == alone(())


# Where examples and schemas differ


@pytest.mark.parametrize(
    ("sent", "tags"),
    [({"destination_tag": 7}, (7, None)), ({"destination_tags": [7, 8]}, (None, (7, 8)))],
)
def test_destination_tags_of_either_name_are_read(sent: dict[str, Any], tags: Any) -> None:
    recipient = {"address": "r", "currency": "ripple", "id": 1, "name": "exchange"}
    address = decode(encode(recipient | sent), WhitelistAddress)
    assert (address.destination_tag, address.destination_tags) == tags


@pytest.mark.parametrize("challenge", [{"properties": {}}, '{"challenge": "abc"}', None])
def test_a_challenge_is_an_object_or_text(challenge: object) -> None:
    request = {
        "challenge": challenge,
        "created_on": "2023-02-06T02:48:59+00:00",
        "expires_at": "2023-02-06T02:48:59+00:00",
        "id": 1,
        "status": "ACTIVE",
        "target_id": 1,
        "target_type": "ACCOUNT",
        "type": "CREATE_ACCOUNT",
    }
    assert decode(encode(request), RequestWithChallenge).challenge == challenge


# Error bodies


@pytest.mark.parametrize(
    "body",
    [b'{"message":"no","name":"NOT_FOUND","status_code":404}', b'{"code":5,"message":"no"}', b"{}"],
)
def test_either_error_body_is_understood(body: bytes) -> None:
    assert decode(body, ErrorBody).message in {"no", ""}
