"""What is sent: it keeps to the contract, and what does not is refused when it is made."""

from __future__ import annotations

import copy
import enum
import json
import pickle
from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

import contract
import msgspec
import pytest
from contract import references, type_of
from contract_payloads import Bodies, least
from hunter import places
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import FieldInfo, asdict, fields, replace
from multidict import MultiDict
from openapi_schema_validator import OAS30Validator
from section_server import answering

from ledger_async import models
from ledger_async._protocol.codec import decode, encode
from ledger_async.errors import ConfigurationError
from ledger_async.models.base.payload import check_new

if not contract.PATH.exists():
    pytest.skip("contract file not present", allow_module_level=True)

CONTRACT = contract.Contract.load()
SCHEMAS = CONTRACT.schemas
BODIES = Bodies(SCHEMAS)
COMPONENTS = {"schemas": SCHEMAS}
SENT = sorted(CONTRACT.within(CONTRACT.bodies()))

SECRET = "s3cr3t"


PAYLOADS = {name: least(name, SCHEMAS) for name in SENT}
FIELDS = [(payload, field) for payload in PAYLOADS.values() for field in fields(payload)]


def made(payload: Any, **changes: object) -> Any:
    return type(payload)(**asdict(payload) | changes)


def label(value: object) -> str | None:
    if isinstance(value, FieldInfo):
        return value.name
    return type(value).__name__ if isinstance(value, models.Payload) else None


def invalid(schema: contract.Schema, value: object) -> list[str]:
    body = json.loads(encode(value))
    # That of the estimates names a key of `data`: no body could keep to it.
    kinds = {each: schema[each] for each in schema if each != "discriminator"}
    root = {"allOf": [kinds], "components": COMPONENTS}
    return [error.message for error in OAS30Validator(root).iter_errors(body)]


# What keeps to the contract


@pytest.mark.parametrize("schema", CONTRACT.bodies(), ids=lambda schema: next(references(schema)))
@settings(derandomize=True, deadline=None, max_examples=25)
@given(data=st.data())
def test_a_payload_is_valid_by_the_contract(schema: contract.Schema, data: st.DataObject) -> None:
    assert invalid(schema, data.draw(BODIES.of(schema))) == []


@pytest.mark.parametrize("name", PAYLOADS)
def test_the_least_that_a_payload_can_be_is_valid_by_the_contract(name: str) -> None:
    assert invalid({"$ref": f"#/components/schemas/{name}"}, PAYLOADS[name]) == []


@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_mirrors_its_schema_alone(name: str) -> None:
    assert isinstance(PAYLOADS[name], type_of(name, SCHEMAS))


def test_what_was_left_out_is_not_sent() -> None:
    data = models.MessageData(account_name="a", raw_message="b")
    assert encode(data) == b'{"account_name":"a","raw_message":"b"}'


def test_a_constant_is_sent() -> None:
    data = models.TronSendTransactionData(account_name="a", amount="1", max_fees="0", recipient="r")
    assert json.loads(encode(data))["currency"] == "tron"


def test_the_largest_memo_id_is_sent_as_it_is() -> None:
    assert encode(models.StellarMemoId1(memo_id=2**64 - 1)) == b'{"MEMO_ID":18446744073709551615}'


def test_the_largest_memo_id_comes_as_it_is() -> None:
    assert decode(b'{"MEMO_ID":18446744073709551615}', models.StellarMemoId).memo_id == 2**64 - 1


def test_an_amount_beyond_64_bits_is_sent_as_it_is() -> None:
    intent = models.InboundTransactionIntent(amount=10**30, to_account_id=1, to_address="0x1")
    assert decode(encode(intent), models.InboundTransactionIntent) == intent


def called(arguments: Any) -> models.SCIData:
    return models.SCIData(function_arguments=arguments)


@pytest.mark.parametrize(
    ("given_", "sent"),
    [
        (MappingProxyType({"a": MappingProxyType({"b": 1})}), {"a": {"b": 1}}),
        ({"a": (1, range(2))}, {"a": [1, [0, 1]]}),
        ({"a": 2**300, "b": 10**4000}, {"a": 2**300, "b": 10**4000}),
        ({"a": [None, True, "é", 0.5]}, {"a": [None, True, "é", 0.5]}),
    ],
    ids=["mappings", "sequences", "large integers", "scalars"],
)
def test_any_mapping_and_sequence_is_sent_as_json(given_: object, sent: object) -> None:
    assert json.loads(encode(called(given_)))["function_arguments"] == sent


def test_a_decimal_in_open_json_is_sent_digit_by_digit() -> None:
    assert b'{"rate":0.10}' in encode(called({"rate": Decimal("0.10")}))


def test_what_is_sent_is_what_was_given_even_if_that_changes_afterwards() -> None:
    inner: dict[str, object] = {"to": "0x1"}
    arguments = {"deep": [inner]}
    payload = called(arguments)
    before = encode(payload)
    inner["to"] = object()
    arguments.clear()
    assert encode(payload) == before


def pickled(value: object) -> object:
    return pickle.loads(pickle.dumps(value))


class Color(enum.StrEnum):
    RED = "red"
    BITCOIN = "bitcoin"


class Number(enum.IntEnum):
    FIVE = 5


class Loud(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "LOUD"


class Rate(float): ...


class Price(Decimal): ...


@pytest.mark.parametrize("text", [Color.RED, Loud("red")])
def test_text_of_a_subclass_stands_for_its_value(text: str) -> None:
    payload = models.RequestApprovePayload(jws=text)
    assert type(payload.jws) is str
    assert encode(payload) == b'{"jws":"red"}'


def test_a_member_of_an_enumeration_can_be_one_of_the_known_values() -> None:
    data: Any = made(PAYLOADS["BitcoinSendTransactionData"], currency=Color.BITCOIN)
    assert type(data.currency) is str


def test_an_integer_of_a_subclass_stands_for_its_value() -> None:
    payload: Any = made(PAYLOADS["MessageSigningData"], account_id=Number.FIVE)
    assert (payload.account_id, type(payload.account_id)) == (5, int)


@pytest.mark.parametrize("value", [Color.RED, Loud("red"), Number.FIVE, Rate(0.5), Price("0.5")])
def test_subclasses_within_open_json_stand_for_their_value(value: Any) -> None:
    (kept,) = called({"value": value}).function_arguments.values()  # type: ignore[union-attr]
    assert kept == value
    assert type(kept) in {str, int, float, Decimal}


def test_keys_of_a_subclass_stand_for_their_value() -> None:
    assert b'{"red":1}' in encode(called({Color.RED: 1}))


PLAIN_HTTP = b'{"secret":"s","url":"http://example.com"}'


def test_an_answer_may_hold_a_url_that_no_new_payload_may_hold() -> None:
    assert decode(PLAIN_HTTP, models.Webhook).url == "http://example.com"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_so_may_a_copy_of_the_answer(copied: Callable[[object], object]) -> None:
    answer = decode(PLAIN_HTTP, models.Webhook)
    assert copied(answer) == answer


# What does not


@pytest.mark.parametrize(("payload", "field"), FIELDS, ids=label)
def test_a_value_of_the_wrong_type_is_refused_by_name_and_never_quoted(
    payload: models.Payload, field: FieldInfo
) -> None:
    with pytest.raises(ConfigurationError, match=f"^{label(payload)} {field.name} ") as caught:
        made(payload, **{field.name: [[SECRET]]})
    assert SECRET not in str(caught.value)


LITERALS = [each for each in FIELDS if get_origin(each[1].type) is Literal]
REQUIRED = [each for each in FIELDS if each[1].required]


@pytest.mark.parametrize(("payload", "field"), LITERALS, ids=label)
def test_an_unknown_value_is_refused_by_name_with_those_that_there_are(
    payload: models.Payload, field: FieldInfo
) -> None:
    known = ", ".join(get_args(field.type))
    with pytest.raises(ConfigurationError) as caught:
        made(payload, **{field.name: SECRET})
    assert str(caught.value) == f"{label(payload)} {field.name} must be one of {known}"


@pytest.mark.parametrize(("payload", "field"), REQUIRED, ids=label)
def test_a_missing_field_is_refused_by_name(payload: models.Payload, field: FieldInfo) -> None:
    rest = asdict(payload)
    del rest[field.name]
    with pytest.raises(ConfigurationError, match=f"^{label(payload)}: .*'{field.name}'"):
        type(payload)(**rest)


def test_a_field_that_there_is_not_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"^RequestApprovePayload: .*'jwt'"):
        models.RequestApprovePayload(jwt="a.b.c")  # type: ignore[call-arg]


def test_a_field_is_checked_when_a_payload_is_changed() -> None:
    payload = models.RequestApprovePayload(jws="a.b.c")
    with pytest.raises(ConfigurationError, match=r"^RequestApprovePayload jws "):
        replace(payload, jws=5)


@pytest.mark.parametrize("memo_id", [-1, 2**64])
def test_a_memo_id_beyond_64_bits_is_refused(memo_id: int) -> None:
    with pytest.raises(ConfigurationError, match=r"^StellarMemoId1 memo_id "):
        models.StellarMemoId1(memo_id=memo_id)


@pytest.mark.parametrize("memo", [SECRET, "0" * 63, "0" * 65])
def test_a_memo_of_the_wrong_length_is_refused_and_never_quoted(memo: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^StellarMemoHash1 memo_hash ") as caught:
        models.StellarMemoHash1(memo_hash=memo)
    assert memo not in str(caught.value)


@pytest.mark.parametrize(
    "uuid",
    [SECRET, "", "1e7f2c1c-7d7b-4a0e-8a0e-1e7f2c1c7d7b\n", "1e7f2c1c7d7b4a0e8a0e1e7f2c1c7d7b"],
)
def test_what_is_no_uuid_is_refused_and_never_quoted(uuid: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^CreateSettlement id ") as caught:
        made(PAYLOADS["CreateSettlement"], id=uuid)
    assert SECRET not in str(caught.value)


def deep(levels: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(levels):
        value = {"in": value}
    return value


def endless() -> dict[str, object]:
    value: dict[str, object] = {}
    value["in"] = value
    return value


class Twin(str):
    """Text that equals no other, so that a dict can hold it twice."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


NO_JSON: Mapping[str, Any] = {
    "NaN": float("nan"),
    "an infinity": float("-inf"),
    "a decimal NaN": Decimal("NaN"),
    "a signalling NaN": Decimal("sNaN"),
    "a decimal infinity": Decimal("-Infinity"),
    "an integer that Python does not write out": 10**5000,
    "half a character": "\ud800",
    "half a character as a key": {"\ud800": 1},
    "an integer as a key": {1: SECRET, "1": SECRET},
    "NaN as a key": {float("nan"): 1},
    "a decimal as a key": {Decimal("NaN"): 1},
    "a key twice": MultiDict([("a", 1), ("a", 2)]),
    "a key twice by its text": {Twin("a"): 1, Twin("a"): 2},
    "raw JSON": msgspec.Raw(b'1,"more":2'),
    "bytes": b"ab",
    "a set": {1, 2},
    "an iterator": iter(()),
    "a struct": models.MessageData(account_name="a", raw_message="b"),
    "an object": object(),
    "more levels than a stack may have": deep(5000),
    "itself": endless(),
}


@pytest.mark.parametrize("value", NO_JSON.values(), ids=NO_JSON.keys())
@pytest.mark.parametrize(
    ("name", "field"),
    [("CreateSettlement", "meta"), ("SCIData", "function_arguments"), ("SCIData", "abi")],
)
def test_what_is_no_json_is_refused_by_name_and_never_quoted(
    name: str, field: str, value: Any
) -> None:
    inner = {SECRET: [value]}
    with pytest.raises(ConfigurationError, match=f"^{name} {field} ") as caught:
        made(PAYLOADS[name], **{field: [inner] if field == "abi" else inner})
    assert SECRET not in str(caught.value)


def test_open_json_of_100_levels_is_sent() -> None:
    assert encode(called(deep(100))).count(b"in") == 100


@pytest.mark.parametrize("change", [{"function_arguments": {"x": object()}}, {"abi": [[1]]}])
def test_open_json_is_checked_when_a_payload_is_changed(change: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^SCIData "):
        replace(models.SCIData(), **change)


def test_open_json_is_copied_when_a_payload_is_changed() -> None:
    arguments: dict[str, object] = {"to": "0x1"}
    payload = replace(models.SCIData(), function_arguments=arguments)
    arguments["to"] = object()
    assert encode(payload) == b'{"function_arguments":{"to":"0x1"}}'


def test_open_json_is_checked_when_a_payload_is_converted() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"^SCIData function_arguments "):
        msgspec.convert({"function_arguments": {"x": object()}}, models.SCIData)


def test_an_integer_that_python_does_not_write_out_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"^MessageSigningData account_id "):
        made(PAYLOADS["MessageSigningData"], account_id=10**5000)


def test_a_memo_of_28_bytes_is_sent() -> None:
    assert len(encode(models.StellarMemoText1(memo_text="é" * 14))) == len('{"MEMO_TEXT":""}') + 28


def test_a_memo_of_28_characters_but_more_bytes_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^StellarMemoText1 memo_text .* 28 bytes"):
        models.StellarMemoText1(memo_text="é" * 28)


@pytest.mark.parametrize("url", ["http://example.com", "example.com", ""])
def test_a_webhook_without_https_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^Webhook url "):
        models.Webhook(secret=SECRET, url=url)


def test_half_a_character_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"^RequestApprovePayload jws "):
        models.RequestApprovePayload(jws="\ud800")


@pytest.mark.parametrize("amount", ["", "1.5", "-5", "abc", "1e18", " 5", "5\n", "\u0665"])
@pytest.mark.parametrize("field", ["amount", "max_fees"])
def test_an_amount_that_is_no_whole_number_of_the_smallest_unit_is_refused(
    field: str, amount: str
) -> None:
    fields: dict[str, Any] = {
        "account_name": "a",
        "amount": "1",
        "max_fees": "0",
        "recipient": "r",
        field: amount,
    }
    with pytest.raises(ConfigurationError, match=f"{field} must be digits"):
        models.TronSendTransactionData(**fields)


def test_true_is_no_integer() -> None:
    with pytest.raises(ConfigurationError, match=r"^MessageSigningData account_id "):
        made(PAYLOADS["MessageSigningData"], account_id=True)


TRANSFER = models.TronSendTransactionData(account_name="a", amount="5", max_fees="0", recipient="r")
CREATION = models.TransactionCreationRequestDataV2(
    data=models.TronSendTransactionCreationData(
        account_id=1,
        fees_strategy=models.GenericFeesStrategy(data=models.GenericFeesStrategyData(speed="FAST")),
        transaction_data=TRANSFER,
    )
)
NEGATIVE = {
    "read": decode(encode(CREATION).replace(b'"5"', b'"-5.5"'), type(CREATION)),
    "replaced": replace(
        CREATION,
        data=replace(CREATION.data, transaction_data=replace(TRANSFER, amount="-5.5")),
    ),
}


@pytest.mark.parametrize("creation", NEGATIVE.values(), ids=NEGATIVE)
async def test_no_payload_is_sent_that_could_not_be_made(creation: Any) -> None:
    async with answering(b"") as (server, ledger):
        with pytest.raises(ConfigurationError, match="amount must be digits"):
            await ledger.requests.create(creation)
        assert server.requests == []


def test_a_payload_in_a_list_of_another_is_checked_as_well() -> None:
    class Batch(models.Payload, frozen=True, kw_only=True):
        transfers: tuple[models.TronSendTransactionData, ...]

    check_new(Batch(transfers=(TRANSFER,)))
    with pytest.raises(ConfigurationError, match="amount must be digits"):
        check_new(Batch(transfers=(TRANSFER, replace(TRANSFER, amount="-5.5"))))


# Secrets

HIDDEN = [
    models.Webhook(secret=SECRET, url="https://example.com"),
    models.Configuration(
        all=models.ConfigurationProfile(
            webhook=models.Webhook(secret=SECRET, url="https://example.com")
        )
    ),
    models.ApiAuthRequest(api_key_id="id", api_key_secret=SECRET),
    models.RefreshJWTRequest(refresh_token=SECRET),
    models.AuthResponse(access_token=SECRET, expires_in=300, refresh_token=SECRET),
]


URL = "https://example.com"
MISTAKES: Mapping[str, Callable[[], object]] = {
    "half a character": lambda: models.Webhook(secret=f"{SECRET}\udce9", url=URL),
    "half a character in a change": lambda: replace(HIDDEN[0], secret=f"{SECRET}\udce9"),
    "an unknown field": lambda: models.Webhook(secret=SECRET, url=URL, foo=1),  # type: ignore[call-arg]
    "a missing field": lambda: models.Webhook(secret=SECRET),  # type: ignore[call-arg]
    "no name": lambda: models.Webhook(SECRET, URL),  # type: ignore[call-arg]
    "bytes": lambda: models.Webhook(secret=SECRET.encode(), url=URL),  # type: ignore[arg-type]
    "a list": lambda: models.ApiAuthRequest(api_key_id="a", api_key_secret=[SECRET]),  # type: ignore[arg-type]
    "another field": lambda: models.ApiAuthRequest(api_key_id=5, api_key_secret=SECRET),  # type: ignore[arg-type]
    "a dict for a struct": lambda: models.ConfigurationProfile(webhook={"secret": SECRET}),  # type: ignore[arg-type]
    "http": lambda: models.Webhook(secret=SECRET, url="http://example.com"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_no_error_holds_a_secret_in_its_frames_or_its_context(
    mistake: Callable[[], object],
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        mistake()
    assert places(caught.value, SECRET) == []


@pytest.mark.parametrize("holder", HIDDEN, ids=lambda holder: type(holder).__name__)
def test_no_repr_shows_a_secret(holder: Any) -> None:
    assert SECRET not in repr(holder)


@pytest.mark.parametrize("holder", HIDDEN, ids=lambda holder: type(holder).__name__)
def test_no_rich_repr_shows_a_secret(holder: Any) -> None:
    assert SECRET not in repr(holder.__rich_repr__())


@pytest.mark.parametrize("holder", HIDDEN, ids=lambda holder: type(holder).__name__)
def test_a_secret_is_sent_and_comes_back(holder: Any) -> None:
    body = encode(holder)
    assert SECRET.encode() in body
    assert decode(body, type(holder)) == holder


def test_a_repr_shows_what_is_no_secret() -> None:
    assert repr(HIDDEN[0]) == "Webhook(secret='***', url='https://example.com')"


def test_webhooks_of_different_secrets_differ() -> None:
    assert replace(HIDDEN[0], secret="other") != HIDDEN[0]


def test_a_copy_keeps_the_secret() -> None:
    assert copy.deepcopy(HIDDEN[1]) == HIDDEN[1]
