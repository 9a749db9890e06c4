"""`ledger_async.json`: what is written is read back the same, and is as the schema says."""

from __future__ import annotations

import json as plain
from collections.abc import Callable
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

from ledger_async import (
    NFT,
    AccountNode,
    AccountReport,
    DecodeError,
    InvalidNode,
    LedgerClient,
    NotFoundError,
    Page,
    Progress,
    SignedAddress,
    json,
    models,
)

BIG = 2**300
DIGITS = "0.1000000000000000055511151231257827021181583404541015625"

quick = settings(derandomize=True, deadline=None, max_examples=50)


def nft(**fields: object) -> bytes:
    return plain.dumps(
        {"contract_address": "0x1", "token_id": "1", "token_type": "ERC-721", "value": 1} | fields
    ).encode()


@quick
@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(-(2**256), 2**256))
def test_every_digit_of_a_struct_comes_back(price: Decimal, worth: int) -> None:
    for struct in (
        models.NFTPrice(ticker="ETH", value=price),
        models.NFTValuation(eth_value=worth),
    ):
        again = json.decode(json.encode(struct), type=type(struct))
        assert again == struct
        assert json.encode(again) == json.encode(struct)


@pytest.mark.parametrize("text", [DIGITS, "0.10", "1E+400", "9" * 78, "-0.0"])
def test_a_number_of_no_declared_type_keeps_every_digit(text: str) -> None:
    assert json.encode(json.decode(text)) == text.encode()


def test_fields_have_the_names_of_the_wire() -> None:
    raw = json.encode(models.Media(uri="ipfs://7", media_type="image"))
    assert json.decode(raw) == {"uri": "ipfs://7", "mediaType": "image"}
    assert json.decode(raw, type=models.Media).media_type == "image"


@pytest.mark.parametrize("of", [bytes, bytearray, memoryview, msgspec.Raw, bytes.decode])
def test_json_may_be_bytes_of_any_kind_or_text(of: Callable[[bytes], bytes | str]) -> None:
    assert json.decode(of('["é", 1.5]'.encode())) == ["é", Decimal("1.5")]


def test_what_is_of_another_type_is_a_decode_error_that_says_where() -> None:
    with pytest.raises(DecodeError) as caught:
        json.decode(b'[{"ticker": "ETH", "value": "much"}]', type=list[models.NFTPrice])
    assert caught.value.json_path == "$[0].value"


@pytest.mark.parametrize("raw", ["", "[1", "[NaN]", '"\ud800"', b'"\xff"', "[" * 100_000])
def test_what_is_no_json_is_a_decode_error(raw: str | bytes) -> None:
    with pytest.raises(DecodeError):
        json.decode(raw)


@pytest.mark.parametrize("kind", [Decimal, float])
@pytest.mark.parametrize("number", ["NaN", "-Infinity"])
def test_a_number_that_json_lacks_is_refused(number: str, kind: type) -> None:
    with pytest.raises(ValueError, match="not finite"):
        json.encode({"rate": [None, kind(number)]})


@pytest.mark.parametrize("text", ["NaN", "Infinity", "null"])
def test_a_text_may_be_the_name_of_such_a_number(text: str) -> None:
    assert json.encode({"name": text}) == f'{{"name":"{text}"}}'.encode()


def test_none_may_stand_beside_whatever_json_has_a_form_for() -> None:
    values = [None, Decimal("0.10"), BIG, msgspec.Raw(b"[1]"), (1.5,), {2: "b"}]
    assert json.encode(values) == b'[null,0.10,%d,[1],[1.5],{"2":"b"}]' % BIG


def test_a_value_that_json_has_no_form_for_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="no form for object"):
        json.encode([object()])


# Errors in reports

FAILED = NotFoundError("no such account", method="GET", path="/accounts/7/nfts", status=404)
FAILED.add_note("asked by a test")


def test_an_error_is_written_as_its_class_its_message_and_the_facts_that_apply() -> None:
    reports = plain.loads(json.encode({7: AccountReport(error=FAILED)}))
    assert reports["7"]["error"] == {
        "type": "NotFoundError",
        "message": "no such account",
        "method": "GET",
        "path": "/accounts/7/nfts",
        "status": 404,
    }


def test_an_error_is_written_without_the_excerpt_of_an_answer() -> None:
    with pytest.raises(DecodeError) as caught:
        json.decode(b'{"ticker":"s3cr3t","value":"x"}', type=models.NFTPrice)
    written = json.encode(InvalidNode(7, 1, 0, b"{}", caught.value))
    assert plain.loads(written)["error"].keys() == {"type", "message", "json_path"}


@pytest.mark.parametrize(
    "holder",
    [
        AccountReport(),
        AccountReport(error=FAILED),
        InvalidNode(7, 1, 0, b"{}", DecodeError("not this")),
    ],
)
def test_whatever_holds_an_error_is_as_its_schema_describes_it(holder: msgspec.Struct) -> None:
    schema = json.schema(type(holder))
    assert [*OAS31Validator(schema).iter_errors(plain.loads(json.encode(holder)))] == []


# Schemas


@pytest.mark.parametrize("kind", [LedgerClient, Progress, list[LedgerClient]])
def test_the_schema_of_what_json_has_no_form_for_is_a_type_error(kind: type) -> None:
    with pytest.raises(TypeError, match="no form for"):
        json.schema(kind)


def test_a_description_is_free_of_the_indentation_of_the_source() -> None:
    described = json.schema(AccountReport)["$defs"]["AccountReport"]["description"]
    assert len(described.splitlines()) > 5
    assert [line for line in described.splitlines() if line.startswith(" ")] == []


# Structs


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


def test_an_estimation_of_fees_is_read_as_its_shape_tells() -> None:
    kind: Any = models.FeeEstimation
    tezos = models.TezosTransactionFeeEstimation(models.TezosFeesFields(1, 2), "3")
    assert json.decode(json.encode(tezos), type=kind) == tezos
    ripple = models.RippleTransactionFeeEstimation("12")
    assert json.decode(json.encode(ripple), type=kind)["max_fees"] == "12"


def test_a_signed_address_comes_back() -> None:
    address = SignedAddress("a.b.c")
    assert json.decode(json.encode(address), type=SignedAddress) == address


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


class Labelled(msgspec.Struct):
    label: str


class OfAnAccount(msgspec.Struct):
    label: str
    account_id: int


class Sparse(msgspec.Struct, omit_defaults=True):
    label: str = ""


class Row(msgspec.Struct, array_like=True):
    label: str


@pytest.mark.parametrize(
    ("node", "line"),
    [
        (Labelled("a\nb"), b'{"account_id":101,"label":"a\\nb"}\n'),
        (OfAnAccount("a", 7), b'{"account_id":7,"label":"a"}\n'),
        (Sparse(), b'{"account_id":101}\n'),
        (Row("a"), b'["a"]\n'),
    ],
)
def test_a_line_begins_with_the_account_and_is_json(node: msgspec.Struct, line: bytes) -> None:
    assert json.lines([node, node], 101) == line * 2


def test_lines_without_an_account_are_the_nodes_alone() -> None:
    assert json.lines([Labelled("a"), Row("b")]) == b'{"label":"a"}\n["b"]\n'


def test_no_nodes_are_no_lines() -> None:
    assert json.lines([], 101) == json.lines([]) == b""


@pytest.mark.parametrize("account_id", [None, 101])
def test_lines_hold_no_number_that_is_not_finite(account_id: int | None) -> None:
    with pytest.raises(ValueError, match="finite"):
        json.lines([models.NFTPrice(ticker="ETH", value=Decimal("NaN"))], account_id)
    assert b"NaN" in json.lines([Labelled("NaN")], account_id)
