"""The structs as Pydantic and FastAPI take them: `models.base.described` and its schemas."""

from __future__ import annotations

import json as plain
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Annotated, Any

import httpx
import msgspec
import pytest
from fastapi import Body, FastAPI
from pydantic import BaseModel, TypeAdapter, ValidationError
from sandbox_workspace import workspace

from ledger_async import (
    NFT,
    Account,
    AccountNode,
    LedgerClient,
    Page,
    Request,
    Settlement,
    SignedAddress,
    Transaction,
    json,
    models,
)
from ledger_async._signing.addresses import AddressClaims, AddressHeader
from ledger_async.models.base.fields import StandIn
from ledger_async.webhooks import WebhookEvent

STRUCTS = {
    name: kind
    for name in dir(models)
    if isinstance(kind := getattr(models, name), type) and issubclass(kind, msgspec.Struct)
}
UNIONS = [kind for name in dir(models) if isinstance(kind := getattr(models, name), StandIn)]
DATA: dict[str, Any] = {
    "contract_address": "0x1",
    "token_id": "1",
    "token_type": "ERC-721",
    "value": 2**80,
    "metadata": {
        "media": "m",
        "medias": {},
        "properties": [{"key": "a", "value": "b"}],
        "tokenId": "1",
        "tokenName": "n",
    },
    "price": {"ticker": "ETH", "value": "0.10"},
}
NODE = json.decode(plain.dumps(DATA), type=NFT)
NFTS = TypeAdapter(NFT)
SECRET = "s3cr3t"


# What is described


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("name", STRUCTS)
def test_every_struct_is_described_with_each_of_its_fields(name: str, mode: Any) -> None:
    kind = STRUCTS[name]
    schema = TypeAdapter(kind).json_schema(mode=mode)
    described = schema if "properties" in schema else {"properties": {}, "required": []} | schema
    fields = msgspec.structs.fields(kind)
    tag = {kind.__struct_config__.tag_field} - {None}
    assert described["properties"].keys() == {each.encode_name for each in fields} | tag
    required = {each.encode_name for each in fields if each.required} | tag
    assert {*described.get("required", ())} == required


@pytest.mark.parametrize("union", UNIONS, ids=str)
def test_a_union_is_described_by_each_of_its_kinds(union: Any) -> None:
    described = TypeAdapter(union).json_schema()
    structs = {each.__name__ for each in union.accepts if issubclass(each, msgspec.Struct)}
    assert {each["$ref"] for each in described["anyOf"] if "$ref" in each} == {
        f"#/$defs/{name}" for name in structs
    }


def test_a_tag_is_the_only_value_of_its_field() -> None:
    schema = TypeAdapter(models.GenericFeesStrategy).json_schema()
    assert schema["properties"]["type"]["const"] == "SPEED"


def test_a_page_is_described_with_the_nodes_that_it_has() -> None:
    schema = TypeAdapter(Page[NFT]).json_schema()
    assert schema["$defs"]["Edge_NFT_"]["properties"]["node"] == {"$ref": "#/$defs/NFT"}


# What is validated


def test_a_struct_stays_the_same_object() -> None:
    assert NFTS.validate_python(NODE) is NODE


@pytest.mark.parametrize("data", [DATA, DATA | {"rarity": 1}, DATA | {"price": NODE.price}])
def test_a_mapping_becomes_a_struct(data: dict[str, Any]) -> None:
    assert NFTS.validate_python(data) == NODE


def test_json_becomes_a_struct() -> None:
    assert NFTS.validate_json(plain.dumps(DATA)) == NODE


def test_null_for_a_list_is_an_empty_one() -> None:
    metadata = DATA["metadata"] | {"properties": None}
    found = NFTS.validate_python(DATA | {"metadata": metadata})
    assert found.metadata is not None
    assert found.metadata.properties == ()


def test_the_nodes_of_a_page_become_structs() -> None:
    page = {
        "edges": [{"cursor": 0, "node": DATA}],
        "page_info": {"count": 1, "has_next_page": False},
    }
    assert TypeAdapter(Page[NFT]).validate_python(page).nodes == [NODE]


def test_a_node_with_its_account_is_validated() -> None:
    adapter = TypeAdapter(AccountNode[NFT])
    assert adapter.validate_json(adapter.dump_json(AccountNode(101, NODE))) == (101, NODE)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (DATA | {"value": "x"}, (1, "value")),
        (DATA | {"price": {"ticker": 5, "value": 1}}, (1, "price", "ticker")),
        (DATA | {"metadata": DATA["metadata"] | {"properties": [{"key": "a"}]}}, None),
        (5, (1,)),
    ],
)
def test_an_error_names_the_place(data: object, place: tuple[object, ...] | None) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(list[NFT]).validate_python([DATA, data])
    (error,) = caught.value.errors()
    assert error["loc"] == (place or (1, "metadata", "properties", 0))


def test_an_error_in_a_union_names_the_place() -> None:
    settlement = {"from_pledge_id": "1", "id": "1", "meta": {}, "state": 5}
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Page[models.SettlementNode]).validate_python(
            {
                "edges": [{"cursor": 0, "node": settlement}],
                "page_info": {"count": 1, "has_next_page": False},
            }
        )
    assert caught.value.errors()[0]["loc"] == ("edges", 0, "node", "state")


def test_an_error_of_a_payload_says_what_is_wrong() -> None:
    with pytest.raises(ValidationError, match="RequestApprovePayload jws"):
        TypeAdapter(models.RequestApprovePayload).validate_python({"jws": "\ud800"})


def test_a_payload_is_checked_as_a_new_one_is() -> None:
    data = {"account_name": "a", "amount": "1.5", "max_fees": "0", "recipient": "r"}
    with pytest.raises(ValidationError, match="amount must be digits"):
        TypeAdapter(models.TronSendTransactionData).validate_python(data)


@pytest.mark.parametrize(
    ("union", "data", "kind"),
    [
        (models.StellarMemo, {"MEMO_TEXT": "hi"}, models.StellarMemoText),
        (models.Balances, {"type": "Bitcoin"}, dict),  # it lacks all else of its kind
        (models.Balances, {"type": "a new one"}, dict),
        (
            models.FeeEstimation,
            {"coin_fields": {"gas_limit": 1, "gas_price": 2}, "max_fees": "3"},
            models.EthereumTransactionFeeEstimation,
        ),
        (models.FeeEstimation, {"max_fees": "3"}, dict),
    ],
)
def test_a_union_is_validated_as_an_answer_is_read(union: Any, data: object, kind: type) -> None:
    found = TypeAdapter(union).validate_python(data)
    assert type(found) is kind
    assert found == json.decode(plain.dumps(data), type=union)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("token_id", "\ud800", "half a character"),
        ("value", 10**5000, "fewer digits"),
        ("value", 1e21, "got `float`"),
    ],
    ids=["half a character", "too many digits", "a float"],
)
def test_what_no_json_of_an_answer_can_hold_is_refused(
    field: str, value: object, reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        NFTS.validate_python(DATA | {field: value})


def test_open_json_holds_nothing_that_cannot_be_written() -> None:
    with pytest.raises(ValidationError, match="JSON has a form for"):
        TypeAdapter(models.RippleTransactionFeeEstimation).validate_python(
            {"max_fees": "1", "coin_fields": {"x": object()}}
        )


def test_an_error_is_titled_by_the_struct() -> None:
    with pytest.raises(ValidationError) as caught:
        NFTS.validate_python({})
    assert caught.value.title == "function-wrap[NFT()]"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (SignedAddress, {"jwt": "a.b.c"}),
        (AddressHeader, {"alg": "ES256", "typ": None}),
        (AddressClaims, {"address": "0x1", "derivation_path": "0/1", "blockchain_name": "ETH"}),
        (WebhookEvent, {"payload_type": "TRANSACTION", "event_type": "NEW", "id": 7}),
    ],
)
def test_structs_outside_of_the_models_are_taken_too(kind: Any, data: dict[str, object]) -> None:
    adapter = TypeAdapter(kind)
    assert adapter.dump_python(adapter.validate_python(data)) == data


def test_a_payload_of_an_answer_may_hold_what_no_new_one_may() -> None:
    answer = json.decode(b'{"secret":"s","url":"http://example.com"}', type=models.Webhook)
    assert TypeAdapter(models.Webhook).validate_python(answer) is answer


def test_no_error_quotes_a_secret() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(models.Configuration).validate_python(
            {"all": {"webhook": {"secret": SECRET, "url": 5}}}
        )
    assert SECRET not in f"{caught.value} {caught.value.errors()}"


# What is written


def test_a_struct_is_written_under_its_wire_names() -> None:
    metadata = NFTS.dump_python(NODE)["metadata"]
    assert metadata["tokenName"] == "n"


def test_an_integer_is_written_exactly_and_a_fraction_as_a_string() -> None:
    written = plain.loads(NFTS.dump_json(NODE))
    assert (written["value"], written["price"]["value"]) == (2**80, "0.10")


def test_what_is_written_comes_back() -> None:
    assert NFTS.validate_json(NFTS.dump_json(NODE)) == NODE
    assert NFTS.validate_python(NFTS.dump_python(NODE)) == NODE


def test_a_field_of_a_model_of_pydantic_may_be_a_struct() -> None:
    class Holding(BaseModel):
        nft: NFT
        others: list[NFT] = []

    holding = Holding(nft=NODE, others=[NODE])
    assert Holding.model_validate_json(holding.model_dump_json()) == holding


# FastAPI


def app_of(ledger: LedgerClient) -> FastAPI:
    app = FastAPI()

    @app.get("/nfts")
    async def nfts() -> list[NFT]:
        return [nft async for nft in ledger.nfts.stream(101)]

    @app.get("/page")
    async def page() -> Page[NFT]:
        return await ledger.nfts.page(101, page_size=3)

    @app.get("/transactions")
    async def transactions() -> list[Transaction]:
        return [each async for each in ledger.transactions.stream()]

    @app.get("/accounts")
    async def accounts() -> list[Account]:
        return [each async for each in ledger.accounts.stream()]

    @app.get("/requests")
    async def requests() -> list[Request]:
        return [each async for each in ledger.requests.stream()]

    @app.get("/settlements")
    async def settlements() -> list[models.SettlementNode]:
        return [each async for each in ledger.settlements.stream()]

    @app.post("/nfts")
    async def echo(nft: Annotated[NFT, Body()]) -> NFT:
        return nft

    return app


@pytest.fixture
async def ledger() -> AsyncIterator[LedgerClient]:
    async with (
        workspace() as box,
        LedgerClient(box.url, api_key=box.api_key, api_user=box.api_user) as client,
    ):
        yield client


@pytest.fixture
async def web(ledger: LedgerClient) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app_of(ledger))
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        yield client


def with_text(value: Any) -> Any:
    """The value as Pydantic writes it: what may be a fraction is a string."""
    match value:
        case Decimal():
            return str(value)
        case dict():
            return {key: with_text(each) for key, each in value.items()}
        case list() | tuple():
            return [with_text(each) for each in value]
    return value


async def listed(ledger: LedgerClient, name: str) -> list[Any]:
    section = getattr(ledger, name)
    return [each async for each in (section.stream(101) if name == "nfts" else section.stream())]


@pytest.mark.parametrize("name", ["nfts", "accounts", "transactions", "requests", "settlements"])
async def test_a_response_is_the_wire_as_parsed_but_that_fractions_are_strings(
    ledger: LedgerClient, web: httpx.AsyncClient, name: str
) -> None:
    elements = await listed(ledger, name)
    assert elements
    wire = msgspec.to_builtins(elements, builtin_types=(Decimal,))
    assert (await web.get(f"/{name}")).json() == with_text(wire)


@pytest.mark.parametrize(
    ("path", "type_"), [("/transactions", list[Transaction]), ("/page", Page[NFT])]
)
async def test_a_response_is_read_back_as_the_structs_that_it_was(
    ledger: LedgerClient, web: httpx.AsyncClient, path: str, type_: Any
) -> None:
    read = json.decode((await web.get(path)).content, type=type_)
    page = await ledger.nfts.page(101, page_size=3)
    assert read == (page if path == "/page" else await listed(ledger, "transactions"))


def components(app: FastAPI) -> dict[str, Any]:
    found: dict[str, Any] = app.openapi()["components"]["schemas"]
    return found


def structs_in(type_: Any) -> Iterator[type]:
    """Each struct that a value of a type may hold."""
    for each in (*getattr(type_, "accepts", ()), *getattr(type_, "__args__", ())):
        yield from structs_in(each)
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        yield type_
        for field in msgspec.structs.fields(type_):
            yield from structs_in(field.type)


async def test_the_document_has_every_field_of_every_struct(ledger: LedgerClient) -> None:
    found = components(app_of(ledger))
    kinds = {
        each
        for kind in (NFT, Account, Transaction, Request, Settlement)
        for each in structs_in(kind)
    }
    assert len(kinds) > 30
    for kind in kinds:
        (described,) = (
            found[name] for name in (kind.__name__, f"{kind.__name__}-Output") if name in found
        )
        names = {each.encode_name for each in msgspec.structs.fields(kind)}
        assert names <= described["properties"].keys()


async def test_the_document_refers_to_the_structs_of_a_page(ledger: LedgerClient) -> None:
    paths = app_of(ledger).openapi()["paths"]
    (content,) = paths["/page"]["get"]["responses"]["200"]["content"].values()
    assert content["schema"] == {"$ref": "#/components/schemas/Page_NFT_"}


async def test_a_body_is_a_struct(web: httpx.AsyncClient) -> None:
    answer = await web.post("/nfts", json=DATA)
    assert json.decode(answer.content, type=NFT) == NODE


async def test_a_body_that_does_not_fit_is_refused_by_its_place(web: httpx.AsyncClient) -> None:
    answer = await web.post("/nfts", json=DATA | {"price": {"ticker": "ETH", "value": "NaN"}})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "price"])


async def test_a_body_with_half_a_character_is_refused(web: httpx.AsyncClient) -> None:
    answer = await web.post("/nfts", content=plain.dumps(DATA | {"token_id": "\ud800"}))
    assert (answer.status_code, answer.json()["detail"][0]["input"]) == (422, "***")
