"""Structs as JSON: what is written is read back the same, and is as the schema says."""

from __future__ import annotations

import json as plain
from decimal import Decimal
from typing import Any

import contract
import msgspec
import pytest
from contract import type_of
from contract_payloads import Answers, Bodies
from hypothesis import given, settings
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

from ledger_async import NFT, AccountNode, AccountReport, DecodeError, Page, json, models

BIG = 2**300


def nft(**fields: object) -> bytes:
    return plain.dumps(
        {"contract_address": "0x1", "token_id": "1", "token_type": "ERC-721", "value": 1} | fields
    ).encode()


def test_an_integer_of_any_size_is_exact() -> None:
    assert json.encode(json.decode(nft(value=BIG), type=NFT)).count(str(BIG).encode()) == 1


def test_a_fraction_is_exact_digit_by_digit() -> None:
    raw = b'{"ticker":"ETH","value":0.1000000000000000055511151231257827}'
    assert b"0.1000000000000000055511151231257827" in json.encode(
        json.decode(raw, type=models.NFTPrice)
    )


def test_a_fraction_of_no_declared_type_is_a_decimal() -> None:
    assert json.decode(b'{"a":0.10}', type=dict[str, object]) == {"a": Decimal("0.10")}


def test_text_is_read_as_well_as_bytes() -> None:
    assert json.decode(nft().decode(), type=NFT) == json.decode(nft(), type=NFT)


def test_what_does_not_fit_is_an_error_that_names_the_place() -> None:
    with pytest.raises(DecodeError, match=r"expected `int`, got `str` at \$\.value"):
        json.decode(nft(value="x"), type=NFT)


def test_the_nodes_of_a_page_are_of_the_type_that_is_asked_for() -> None:
    page = b'{"edges":[{"cursor":0,"node":%b}],"page_info":{"count":1,"has_next_page":false}}'
    read = json.decode(page % nft(), type=Page[NFT])
    assert read.nodes == [json.decode(nft(), type=NFT)]
    assert json.decode(json.encode(read), type=Page[NFT]) == read


def test_a_node_with_its_account_comes_back() -> None:
    node = AccountNode(101, json.decode(nft(), type=NFT))
    assert json.decode(json.encode(node), type=AccountNode[NFT]) == node


def test_a_report_comes_back() -> None:
    report = AccountReport(status="exact", nodes=7, pages=1)
    assert json.decode(json.encode(report), type=AccountReport) == report


def test_a_secret_is_written_since_it_is_sent_so() -> None:
    assert b"s3cr3t" in json.encode(models.Webhook(secret="s3cr3t", url="https://example.com"))


# Every struct

needs_contract = pytest.mark.skipif(not contract.PATH.exists(), reason="contract file not present")
CONTRACT = contract.Contract.load() if contract.PATH.exists() else contract.Contract({}, {})
SCHEMAS = CONTRACT.schemas
ANSWERS, BODIES = Answers(SCHEMAS), Bodies(SCHEMAS)
SENT = CONTRACT.within(CONTRACT.bodies()) if SCHEMAS else set()
SAMPLED = SCHEMAS.keys() - {"AuthResponse"}  # of which a token must fit into a header as well

TEXT = st.text(max_size=8)
FIELDS = st.one_of(
    st.builds(models.LamBitcoinFields, fees_per_byte=TEXT),
    st.builds(models.LamEthereumFields, contract_interaction=st.dictionaries(TEXT, TEXT)),
    st.builds(models.LamPolkadotFields, tx_parameters=st.dictionaries(TEXT, st.decimals(0, 9))),
    st.builds(models.LamRippleFields, destination_tag=st.integers()),
    st.builds(models.LamSolanaStakeActionFields, stake_account=TEXT),
    st.builds(models.LamSolanaStakeMergeFields, merge_dst_account=TEXT, merge_src_account=TEXT),
    st.builds(
        models.LamStellarFields,
        memo=st.builds(models.StellarMemoId1, memo_id=st.integers(0, 2**64 - 1)),
    ),
    st.builds(models.LamTezosFields, gas_limit=TEXT),
    st.dictionaries(TEXT, TEXT | st.integers()),
)
RECIPIENT = {"account_name": TEXT, "recipient": TEXT, "coin_fields": st.none() | FIELDS}
SPEED = st.sampled_from(["FAST", "CUSTOM"])
TOKENS = st.from_regex(r"[A-Za-z0-9.]+", fullmatch=True)
API_USERS = st.builds(models.ApiUser, TEXT, TEXT, TEXT, TEXT, TEXT)
ANY_FIELDS = "any LamCoinFields"
OURS: dict[str, st.SearchStrategy[Any]] = {
    "ApiUser": API_USERS,
    "ApiUsers": st.builds(models.ApiUsers, st.lists(API_USERS, max_size=2).map(tuple)),
    "AuthResponse": st.builds(models.AuthResponse, TOKENS, st.integers(), TOKENS),
    "NewApiUser": st.builds(models.NewApiUser, name=st.from_regex(r"[a-z]{1,20}", fullmatch=True)),
    "LamApproval": st.builds(models.LamApproval, **RECIPIENT),
    "LamFeesRequest": st.builds(models.LamFeesRequest, speed=SPEED, **RECIPIENT),
    "LamTransaction": st.builds(
        models.LamTransaction, speed=SPEED, max_fees=st.just("0"), **RECIPIENT
    ),
    ANY_FIELDS: FIELDS.filter(lambda fields: not isinstance(fields, dict)),
}
LIGHT = ["CardanoStake", "SolanaStake", "TezosStake"]


def drawn(name: str) -> tuple[Any, st.SearchStrategy[Any]]:
    """A type, and what it may hold."""
    if name in OURS:
        return None, OURS[name]
    kind: Any = getattr(models, name) if name in LIGHT else type_of(name, SCHEMAS)
    if name in SENT:
        return kind, BODIES.named(name)
    answers = ANSWERS.named(f"_{name}" if name in LIGHT else name)
    return kind, answers.map(lambda answer: json.decode(json.encode(answer), type=kind))


@needs_contract
@pytest.mark.parametrize("name", [*sorted(SAMPLED), *LIGHT, *OURS])
@settings(derandomize=True, deadline=None, max_examples=12)
@given(data=st.data())
def test_whatever_a_struct_holds_comes_back_as_its_schema_describes_it(
    name: str, data: st.DataObject
) -> None:
    kind, values = drawn(name)
    value = data.draw(values)
    kind = kind or type(value)
    written = json.encode(value)
    assert json.decode(written, type=kind) == value
    assert [*OAS31Validator(json.schema(kind)).iter_errors(plain.loads(written))] == []


@needs_contract
def test_every_struct_is_drawn() -> None:
    structs = {
        name
        for name in dir(models)
        if isinstance(kind := getattr(models, name), type) and issubclass(kind, msgspec.Struct)
    }
    kinds = {drawn(name)[0] for name in {*SAMPLED, *LIGHT}}
    tried = kinds | {getattr(models, name) for name in OURS.keys() - {ANY_FIELDS}}
    bases = {"Confidential", "FullStake", "LightStake", "Payload", "Page", "Edge"}
    left = {name for name in structs - bases if getattr(models, name) not in tried}
    assert {name for name in left if not name.startswith("Lam")} == set()
