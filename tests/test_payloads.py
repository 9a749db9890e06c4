"""What is sent: it keeps to the contract, and what does not is refused when it is made."""

from __future__ import annotations

import copy
import json
from typing import Any, Literal, get_args, get_origin

import contract
import pytest
from contract import references, type_of
from contract_payloads import Bodies, least
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import FieldInfo, asdict, fields, replace
from openapi_schema_validator import OAS30Validator

from ledger_async import models
from ledger_async.codec import decode, encode
from ledger_async.errors import ConfigurationError

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


@pytest.mark.parametrize(
    "value", ["\ud800", {"deep": [object()]}], ids=["half a character", "an object"]
)
def test_what_json_cannot_hold_is_refused_before_it_is_sent(value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^CreateSettlement meta "):
        made(PAYLOADS["CreateSettlement"], meta={"value": value})


def test_half_a_character_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match=r"^RequestApprovePayload jws "):
        models.RequestApprovePayload(jws="\ud800")


def test_true_is_no_integer() -> None:
    with pytest.raises(ConfigurationError, match=r"^MessageSigningData account_id "):
        made(PAYLOADS["MessageSigningData"], account_id=True)


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
