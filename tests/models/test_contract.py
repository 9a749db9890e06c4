"""The structs against the contract of the API, both ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, get_args, get_origin

import contract
import pytest
from contract import differences, ref, references, type_of
from contract_payloads import UNKNOWN_KIND, Answers
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec import Meta, Struct
from msgspec.structs import fields

from ledger_async import models
from ledger_async._protocol.codec import decode, encode
from ledger_async.models.base.fields import StandIn, open_union
from ledger_async.models.base.payload import UuidText, constant
from ledger_async.models.transactions.fees import fee_estimation_of

if not contract.PATH.exists():
    pytest.skip("contract file not present", allow_module_level=True)

CONTRACT = contract.Contract.load()
SCHEMAS = CONTRACT.schemas
ANSWERS = Answers(SCHEMAS)

TOLERANT = {
    "AuthResponse": "no call works without it, so that it is refused for nothing we do not need",
    "Error": "two services answer with two bodies",
}
WIDER = {
    ("RequestWithChallenge", "challenge"): "an object by its schema, a string by its example",
    ("WhitelistAddress", "destination_tag"): "in the example instead of `destination_tags`",
}
OURS = {
    "ApiUser": "in the reference, not in the contract",
    "ApiUsers": "in the reference, not in the contract",
    "NewApiUser": "in the reference, not in the contract",
    "LamApproval": "in the rules, not in the contract",
    "LamBitcoinFields": "in the rules, not in the contract",
    "LamEthereumFields": "in the rules, not in the contract",
    "LamFeesRequest": "in the rules, not in the contract",
    "LamPolkadotFields": "in the rules, not in the contract",
    "LamRippleFields": "in the rules, not in the contract",
    "LamSolanaStakeActionFields": "in the rules, not in the contract",
    "LamSolanaStakeMergeFields": "in the rules, not in the contract",
    "LamStellarFields": "in the rules, not in the contract",
    "LamTezosFields": "in the rules, not in the contract",
    "LamTransaction": "in the rules, not in the contract",
    "CardanoStake": "the light form, for which the contract has no schema",
    "SolanaStake": "the light form, for which the contract has no schema",
    "TezosStake": "the light form, for which the contract has no schema",
    "LightStake": "what the light stakes share",
    "FullStake": "what the full stakes share",
    "Confidential": "a base",
    "Payload": "a base",
}
COMPARED = [name for name in SCHEMAS if SCHEMAS[name]["properties"] and name not in TOLERANT]


def differing_fields(name: str, struct: Any) -> set[str]:
    """The fields on which a struct and the schema of this name do not agree."""
    return {line.partition(":")[0] for line in differences(SCHEMAS[name], struct, SCHEMAS)}


@pytest.mark.parametrize("name", COMPARED)
def test_a_struct_says_what_its_schema_says(name: str) -> None:
    found = differences(SCHEMAS[name], type_of(name, SCHEMAS), SCHEMAS)
    assert [line for line in found if (name, line.partition(":")[0]) not in WIDER] == []


def test_there_is_no_exception_without_need() -> None:
    needed = {
        (name, field) for name in COMPARED for field in differing_fields(name, struct_of(name))
    }
    assert needed == WIDER.keys()


def struct_of(name: str) -> Any:
    return type_of(name, SCHEMAS)


def test_every_schema_has_a_struct_and_an_operation_that_reaches_it() -> None:
    assert len(SCHEMAS) == 269
    assert CONTRACT.reached() == SCHEMAS.keys()


def test_every_struct_mirrors_a_schema() -> None:
    mirrors = {get_origin(kind) or kind for kind in map(struct_of, SCHEMAS)}
    structs = {
        name: value
        for name in dir(models)
        if isinstance(value := getattr(models, name), type) and issubclass(value, Struct)
    }
    assert {name for name, value in structs.items() if value not in mirrors} == OURS.keys()


@pytest.mark.parametrize("name", ["CardanoStake", "SolanaStake", "TezosStake"])
def test_a_light_stake_differs_from_the_schema_where_it_holds_ids(name: str) -> None:
    ids = {"created_by", "creation_tx", "last_request"}
    assert differing_fields(f"_{name}", getattr(models, name)) == ids


@pytest.mark.parametrize("name", ["CardanoStake", "SolanaStake", "TezosStake"])
def test_the_ids_of_a_light_stake_are_integers(name: str) -> None:
    declared = contract.declared_fields(getattr(models, name))
    assert declared["created_by"].kinds == {contract.Integer()}
    assert declared["creation_tx"].kinds == {contract.Integer()}
    assert declared["last_request"].kinds == {contract.Integer(), None}


def test_the_error_body_knows_every_field_of_the_contract() -> None:
    promised = SCHEMAS["Error"]["properties"].keys()
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


# Whatever the API may answer


def decoded(answer: contract.Schema) -> Iterator[tuple[contract.Schema, Any]]:
    """What an answer of this schema is decoded to: each kind alone where its request tells."""
    match answer:
        case {"$ref": _}:
            yield answer, struct_of(ref(answer))
        case {"items": {"$ref": _} as item}:
            struct: Any = struct_of(ref(item))
            yield answer, tuple[struct, ...]
        case {"items": _}:
            yield answer, tuple[str, ...]
        case {"oneOf": kinds} if "AccountBalances" in references(kinds):
            yield answer, models.Balances
        case {"oneOf": kinds}:
            for kind in kinds:
                yield from decoded(kind)
        case _:
            yield answer, str


# Not tokens, which must fit into a header as well.
DECODED = [
    pair
    for answer in CONTRACT.answers()
    for pair in decoded(answer)
    if pair[1] is not models.AuthResponse
]


@pytest.mark.parametrize(("schema", "type_"), DECODED, ids=repr)
@settings(derandomize=True, deadline=None, max_examples=12)
@given(data=st.data())
def test_whatever_keeps_to_the_contract_decodes_and_comes_back_the_same(
    schema: contract.Schema, type_: Any, data: st.DataObject
) -> None:
    body = encode(data.draw(ANSWERS.of(schema)))
    answer = decode(body, type_)
    assert decode(encode(answer), type_) == answer


# Unions


def unions_in(type_: Any) -> Iterator[Any]:
    """The open unions of which a field of this type holds values."""
    if isinstance(type_, StandIn) and dict in type_.accepts:
        yield type_
    for each in get_args(type_):
        yield from unions_in(each)


def open_unions() -> Iterator[tuple[str, Any]]:
    """Every kind of an open union, by the name of its schema, and the union."""
    for name, field, kinds in CONTRACT.unions():
        types = {each.encode_name: each.type for each in fields(struct_of(name))}
        yield from ((kind, union) for union in unions_in(types[field]) for kind in kinds)
    balances = CONTRACT.answer("get", "/accounts/{account_id}/balances")
    yield from ((kind, models.Balances) for kind in references(balances))


KINDS = list(dict.fromkeys(open_unions()))
UNIONS = list(dict.fromkeys(union for _, union in KINDS))


@pytest.mark.parametrize(("name", "union"), KINDS, ids=str)
@settings(derandomize=True, deadline=None, max_examples=5)
@given(data=st.data())
def test_a_kind_that_the_contract_knows_decodes_to_its_struct(
    name: str, union: Any, data: st.DataObject
) -> None:
    drawn = data.draw(ANSWERS.named(name))
    known = {each: drawn[each] for each in drawn if each in SCHEMAS[name]["properties"]}
    assume(known)  # nothing at all may be any kind that needs nothing
    assert isinstance(decode(encode(known), union), struct_of(name))


@pytest.mark.parametrize("union", UNIONS, ids=str)
@settings(derandomize=True, deadline=None, max_examples=10)
@given(kind=UNKNOWN_KIND)
def test_a_kind_that_the_contract_does_not_know_stays_a_dict(
    union: Any, kind: dict[str, Any]
) -> None:
    new = kind | {"new": 1}  # with a type alone, it may be fields that are no more than that
    assert type(decode(encode(new), union)) is dict


UNTAGGED = [
    (name, union)
    for name, union in KINDS
    if "default" in SCHEMAS[name]["properties"].get("type", {}) and union is not models.CoinFields
]


@pytest.mark.parametrize(("name", "union"), UNTAGGED, ids=str)
@settings(derandomize=True, deadline=None, max_examples=5)
@given(data=st.data())
def test_a_kind_whose_type_was_left_out_is_known_by_its_fields(
    name: str, union: Any, data: st.DataObject
) -> None:
    drawn = data.draw(ANSWERS.named(name))
    del drawn["type"]
    assert isinstance(decode(encode(drawn), union), struct_of(name))


def test_every_estimation_is_what_transactions_of_its_family_are_estimated_as() -> None:
    answer = CONTRACT.answer("post", "/transactions/estimate-fees")
    families = [name.removesuffix("TransactionFeeEstimation") for name in references(answer)]
    decoded_to = [fee_estimation_of(f"{family.upper()}_LIKE_SEND") for family in families]
    assert decoded_to == [struct_of(name) for name in references(answer)]


# The comparison itself: each struct below is wrong in one way.

ANSWER: contract.Schema = {
    "properties": {
        "mediaType": {"default": None, "nullable": True, "type": "string"},
        "price": {"type": "number"},
        "sizes": {"type": "array", "items": {"type": "integer"}},
        "state": {"enum": ["NEW", "OLD"], "type": "string"},
    },
    "required": ["price", "state"],
}
State = Literal["NEW", "OLD"]


class Right(Struct, rename="camel"):
    price: Decimal
    state: Annotated[str, State]
    media_type: str | None = None
    sizes: tuple[int, ...] = ()


class WrongType(Right):
    price: float  # type: ignore[assignment]


class WrongItems(Right):
    sizes: tuple[str, ...] = ()  # type: ignore[assignment]


class NotNullable(Right):
    media_type: str = ""


class WrongDefault(Right):
    media_type: str | None = "image/png"


class NotRequired(Right, kw_only=True):
    price: Decimal = Decimal(0)


class Required(Right, kw_only=True):
    sizes: tuple[int, ...]


class Missing(Struct, rename="camel"):
    price: Decimal
    state: Annotated[str, State]
    media_type: str | None = None


class Added(Right):
    ticker: str = ""


class WrongName(Struct):
    price: Decimal
    state: Annotated[str, State]
    media_type: str | None = None
    sizes: tuple[int, ...] = ()


class ClosedValues(Right, kw_only=True):
    state: State


class NoValues(Right, kw_only=True):
    state: str


class ValueTooFew(Right, kw_only=True):
    state: Annotated[str, Literal["NEW"]]


class ValueTooMany(Right, kw_only=True):
    state: Annotated[str, Literal["NEW", "OLD", "ODD"]]


SENT: contract.Schema = {
    "properties": {
        "id": {"format": "uuid", "type": "string"},
        "kind": {"enum": ["SPEED"]},
        "memo": {"maxLength": 28, "minLength": 1, "type": "string"},
        "state": {"enum": ["NEW", "OLD"]},
        "tag": {"maximum": 2**64 - 1, "minimum": 0, "type": "integer"},
    },
    "required": ["id", "kind", "memo", "state", "tag"],
}
Memo = Annotated[str, Meta(min_length=1, max_length=28)]
Tag = Annotated[int, Meta(ge=0, extra_json_schema={"maximum": 2**64 - 1})]


class Sent(models.Payload, frozen=True, kw_only=True):
    id: UuidText
    kind: Literal["SPEED"] = constant("SPEED")
    memo: Memo
    state: State
    tag: Tag


class Tagged(models.Payload, frozen=True, kw_only=True, tag_field="kind", tag="SPEED"):
    id: UuidText
    memo: Memo
    state: State
    tag: Tag


class WrongTag(models.Payload, frozen=True, kw_only=True, tag_field="kind", tag="CUSTOM"):
    id: UuidText
    memo: Memo
    state: State
    tag: Tag


class ConstantNotFilledIn(Sent, frozen=True, kw_only=True):
    kind: Literal["SPEED"]


class WrongConstant(Sent, frozen=True, kw_only=True):
    kind: Literal["CUSTOM"] = constant("CUSTOM")  # type: ignore[assignment]


class AnyId(Sent, frozen=True, kw_only=True):
    id: str


class AnyLength(Sent, frozen=True, kw_only=True):
    memo: str


class WrongLength(Sent, frozen=True, kw_only=True):
    memo: Annotated[str, Meta(min_length=1, max_length=29)]


class AnyState(Sent, frozen=True, kw_only=True):
    state: Annotated[str, State]  # type: ignore[assignment]


class AnyTag(Sent, frozen=True, kw_only=True):
    tag: int


class NegativeTag(Sent, frozen=True, kw_only=True):
    tag: Annotated[int, Meta(extra_json_schema={"maximum": 2**64 - 1})]


@pytest.mark.parametrize(
    ("schema", "struct", "differing"),
    [
        (ANSWER, Right, []),
        (ANSWER, WrongType, ["price"]),
        (ANSWER, WrongItems, ["sizes"]),
        (ANSWER, NotNullable, ["mediaType"]),
        (ANSWER, WrongDefault, ["mediaType"]),
        (ANSWER, NotRequired, ["price"]),
        (ANSWER, Required, ["sizes"]),
        (ANSWER, Missing, ["sizes"]),
        (ANSWER, Added, ["ticker"]),
        (ANSWER, WrongName, ["mediaType", "media_type"]),
        (ANSWER, ClosedValues, ["state"]),
        (ANSWER, NoValues, ["state"]),
        (ANSWER, ValueTooFew, ["state"]),
        (ANSWER, ValueTooMany, ["state"]),
        (SENT, Sent, []),
        (SENT, Tagged, []),
        (SENT, WrongTag, ["kind"]),
        (SENT, ConstantNotFilledIn, ["kind"]),
        (SENT, WrongConstant, ["kind"]),
        (SENT, AnyId, ["id"]),
        (SENT, AnyLength, ["memo"]),
        (SENT, WrongLength, ["memo"]),
        (SENT, AnyState, ["state"]),
        (SENT, AnyTag, ["tag"]),
        (SENT, NegativeTag, ["tag"]),
    ],
)
def test_the_comparison_names_the_field_that_differs(
    schema: contract.Schema, struct: type[Struct], differing: list[str]
) -> None:
    assert [line.partition(":")[0] for line in differences(schema, struct, {})] == differing


def test_the_comparison_notices_a_value_that_one_of_several_enumerations_has() -> None:
    one_of = {"oneOf": [{"enum": ["NEW", "OLD"]}, {"enum": ["ODD"]}]}
    schema = {"properties": {"state": one_of}, "required": ["state"]}

    class Lacking(Struct):
        state: Annotated[str, State]

    assert len(differences(schema, Lacking, {})) == 1


def kinds(*names: str) -> contract.Schema:
    one_of = {"oneOf": [{"$ref": name} for name in names]}
    return {"properties": {"kind": one_of}, "required": ["kind"]}


if TYPE_CHECKING:
    Chain: TypeAlias = models.TezosFields | models.PolkadotFields | Mapping[str, object]
else:
    Chain = open_union(
        tag="type", tagged={"Tezos": models.TezosFields, "Polkadot": models.PolkadotFields}
    )


class Open(Struct):
    kind: Chain


class Closed(Struct):
    kind: models.TezosFields | models.PolkadotFields


def test_the_comparison_takes_an_open_union_for_its_kinds() -> None:
    assert differences(kinds("TezosFields", "PolkadotFields"), Open, SCHEMAS) == []


def test_the_comparison_notices_a_kind_that_a_union_lacks() -> None:
    three = kinds("TezosFields", "PolkadotFields", "PolygonFields")
    assert len(differences(three, Open, SCHEMAS)) == 1


def test_the_comparison_notices_a_kind_that_a_union_has_too_many() -> None:
    assert len(differences(kinds("TezosFields", "PolygonFields"), Open, SCHEMAS)) == 1


def test_the_comparison_notices_a_union_of_answers_that_is_closed() -> None:
    assert len(differences(kinds("TezosFields", "PolkadotFields"), Closed, SCHEMAS)) == 1
