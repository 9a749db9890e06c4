"""Payments through a LAM: what payloads refuse, and how a payment goes on the sandbox."""

from __future__ import annotations

import copy
from typing import Any, get_args

import aiohttp
import msgspec
import pytest
from msgspec.structs import fields, replace
from payments import approval, payment
from raw_server import hang_up, nothing
from samples import APPROVAL, PAYMENT
from sandbox_workspace import Calls
from section_server import answering, json_reply

from ledger_async import (
    BadRequestError,
    BearerAuth,
    ConfigurationError,
    DecodeError,
    LedgerClient,
    LedgerError,
    NotFoundError,
    PermissionDeniedError,
    ReportingAuth,
    TransportError,
    models,
)
from ledger_async.models import LamApproval, LamTransaction, Transaction
from ledger_async.sandbox import Fault, Sandbox

PAYLOADS = pytest.mark.parametrize("payload", [PAYMENT, APPROVAL], ids=["payment", "approval"])
NO_AMOUNT: list[Any] = ["-1", "0.5", "1e3", "", " 5", "5\n", "٣", "0x5", 5, 0.5, True]


@PAYLOADS
@pytest.mark.parametrize("amount", NO_AMOUNT)
@pytest.mark.parametrize("name", ["amount", "max_fees"])
def test_amounts_are_whole_numbers_of_base_units(payload: Any, name: str, amount: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{type(payload).__name__} {name} "):
        type(payload)(**msgspec.structs.asdict(payload) | {name: amount})


@PAYLOADS
@pytest.mark.parametrize("amount", ["0", "5", "007", str(2**256)])
def test_whole_numbers_of_any_size_are_amounts(payload: Any, amount: str) -> None:
    assert type(payload)(**msgspec.structs.asdict(payload) | {"amount": amount}).amount == amount


@PAYLOADS
def test_a_payload_that_is_made_from_another_is_checked_as_well(payload: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_fees must be digits"):
        replace(payload, max_fees="-1")


def test_a_copy_is_the_same() -> None:
    assert copy.deepcopy(PAYMENT) == PAYMENT


REQUIRED: dict[Any, list[str]] = {
    LamTransaction: ["account_name", "max_fees", "recipient", "speed"],
    LamApproval: ["account_name", "recipient"],
}


@PAYLOADS
def test_what_the_rules_require_is_required(payload: Any) -> None:
    kind = type(payload)
    assert sorted(each.name for each in fields(kind) if each.required) == REQUIRED[kind]


@pytest.mark.parametrize("name", REQUIRED[LamTransaction])
def test_a_field_that_is_missing_is_named(name: str) -> None:
    given = msgspec.structs.asdict(PAYMENT)
    del given[name]
    with pytest.raises(ConfigurationError, match=f"LamTransaction.*{name}"):
        LamTransaction(**given)


@pytest.mark.parametrize("speed", ["SLOWER", "fast", "", None, 5])
def test_a_speed_is_one_of_four(speed: Any) -> None:
    assert get_args(models.TransactionSpeed) == ("CUSTOM", "FAST", "NORMAL", "SLOW")
    with pytest.raises(ConfigurationError, match=r"speed must be .*CUSTOM, FAST, NORMAL, SLOW"):
        replace(PAYMENT, speed=speed)


@pytest.mark.parametrize(
    ("field", "value"), [("coin_fields", 5), ("note", {"title": "a"}), ("account_id", "101")]
)
def test_a_field_of_another_type_is_named(field: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"LamTransaction {field} "):
        replace(PAYMENT, **{field: value})


def test_coin_fields_of_an_answer_are_none_to_send() -> None:
    shown = models.RippleFields(type="Ripple", destination_tag=5)
    with pytest.raises(ConfigurationError, match="LamApproval coin_fields "):
        replace(APPROVAL, coin_fields=shown)


# The struct of each kind, and where its fields are read.
NAMESAKES = {
    models.LamBitcoinFields: [models.BitcoinFields],
    models.LamEthereumFields: [
        models.EthereumAndEvmFieldsEip1559,
        models.EthereumAndEvmFieldsLegacy,
    ],
    models.LamPolkadotFields: [models.PolkadotFields1],
    models.LamRippleFields: [models.RippleFields],
    models.LamSolanaStakeActionFields: [models.SolanaStakeActionFields],
    models.LamSolanaStakeMergeFields: [models.SolanaStakeMergeFields],
    models.LamStellarFields: [models.StellarFields],
    models.LamTezosFields: [models.TezosFields1],
}


@pytest.mark.parametrize(("sent", "read"), NAMESAKES.items(), ids=repr)
def test_coin_fields_are_those_of_their_namesake_but_for_its_type(sent: Any, read: Any) -> None:
    shown = {each.encode_name for kind in read for each in fields(kind)} - {"type"}
    assert {each.encode_name for each in fields(sent)} == shown


def test_every_kind_of_coin_fields_has_a_namesake() -> None:
    kinds: Any = models.LamCoinFields
    structs = {kind for kind in kinds.accepts if kind is not dict}
    assert structs == NAMESAKES.keys()


def test_coin_fields_equal_the_mapping_that_they_are_sent_as() -> None:
    fields_ = models.LamRippleFields(destination_tag=5)
    assert fields_ == {"destination_tag": 5}
    assert replace(APPROVAL, coin_fields=fields_) == replace(
        APPROVAL, coin_fields={"destination_tag": 5}
    )
    assert fields_ not in ({"destination_tag": 6}, {}, 5)


def test_coin_fields_that_send_the_same_are_equal() -> None:
    ours, theirs = models.LamTezosFields(gas_limit="1"), models.LamEthereumFields(gas_limit="1")
    assert {ours} == {theirs}


# Bad arguments, and what an error tells

WRONG: dict[str, tuple[Any, str]] = {
    "create": (lambda ledger: ledger.transactions.create(APPROVAL), "transaction"),
    "create from a mapping": (lambda ledger: ledger.transactions.create({}), "transaction"),
    "fees": (lambda ledger: ledger.transactions.fees(None), "transaction"),
    "approve": (lambda ledger: ledger.transactions.approve(3, PAYMENT), "approval"),
    "approve_if": (lambda ledger: ledger.transactions.approve_if(3, PAYMENT), "expected"),
}


@pytest.mark.parametrize(("call", "name"), WRONG.values(), ids=WRONG)
async def test_another_payload_is_refused_by_name_before_any_request(call: Any, name: str) -> None:
    async with answering(json_reply({})) as (server, ledger):
        with pytest.raises(ConfigurationError, match=f"^{name} must be "):
            await call(ledger)
        assert server.requests == []


@pytest.mark.parametrize("answer", [hang_up, nothing])
async def test_a_failure_after_sending_says_that_it_was_sent(answer: Any) -> None:
    async with answering(answer) as (server, ledger):
        with pytest.raises(TransportError) as caught:
            await ledger.transactions.create(PAYMENT)
        assert (caught.value.sent, caught.value.attempts, len(server.requests)) == (True, 1, 1)


@pytest.mark.parametrize("answer", [[], "9", None])
async def test_fees_that_are_no_object_do_not_decode(answer: Any) -> None:
    async with answering(json_reply(answer)) as (_, ledger):
        with pytest.raises(DecodeError):
            await ledger.transactions.fees(PAYMENT)


async def test_fees_are_handed_on_as_they_come() -> None:
    answer = {"fees": 5, "max_fees": "9", "coin_fields": {"gas_limit": "1"}}
    async with answering(json_reply(answer)) as (_, ledger):
        assert await ledger.transactions.fees(PAYMENT) == answer


# On the sandbox


async def approved(ledger: LedgerClient, made: Transaction, own: LamApproval) -> Transaction:
    """The transaction, approved as often as its governance asks for."""
    while made.status == "PENDING_APPROVAL":
        made = await ledger.transactions.approve_if(made.id, own)
    return made


async def test_a_payment_is_priced_created_and_approved(ledger: LedgerClient) -> None:
    draft = await payment(ledger, max_fees="0")
    cost = await ledger.transactions.fees(draft)
    own = replace(draft, max_fees=str(cost["max_fees"]))
    made = await ledger.transactions.create(own)
    assert (made.status, made.amount, made.max_fees) == ("PENDING_APPROVAL", "5000", own.max_fees)
    assert (await approved(ledger, made, approval(own))).status == "SUBMITTED"


async def test_an_approval_counts_in_the_governance_of_the_request(ledger: LedgerClient) -> None:
    own = await payment(ledger)
    made = await ledger.transactions.create(own)
    await ledger.transactions.approve(made.id, approval(own))
    assert made.last_request is not None
    steps = (await ledger.requests.governance_status(made.last_request)).governance_steps
    assert [len(step.approvals) for step in steps][:2] == [1, 0]


async def test_a_faster_payment_costs_more(ledger: LedgerClient) -> None:
    slow, fast = [
        await ledger.transactions.fees(await payment(ledger, speed=speed))
        for speed in ("SLOW", "FAST")
    ]
    assert int(str(slow["max_fees"])) < int(str(fast["max_fees"]))


async def test_a_payment_that_another_made_is_approved_as_it_is_shown(
    ledger: LedgerClient,
) -> None:
    pending = [each async for each in ledger.transactions.stream(status=["PENDING_APPROVAL"])]
    account = await ledger.accounts.get(pending[0].account_id)
    made = await ledger.transactions.approve(
        pending[0].id,
        LamApproval(
            account_name=account.name,
            amount=pending[0].amount,
            max_fees=pending[0].max_fees,
            recipient=str(pending[0].recipient),
        ),
    )
    assert made.id == pending[0].id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("account_name", "another"),
        ("amount", "5001"),
        ("amount", None),
        ("coin_fields", {"gas_limit": "1"}),
        ("max_fees", "2101"),
        ("recipient", "0x0"),
    ],
)
async def test_an_approval_whose_values_differ_is_refused(
    field: str, value: Any, ledger: LedgerClient
) -> None:
    own = await payment(ledger)
    made = await ledger.transactions.create(own)
    with pytest.raises(BadRequestError, match=f"another {field}"):
        await ledger.transactions.approve(made.id, approval(own, **{field: value}))
    assert (await ledger.transactions.get(made.id)).status == "PENDING_APPROVAL"


async def test_an_answer_that_was_tampered_with_gets_nothing_approved(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    own = await payment(ledger)
    made = await ledger.transactions.create(own)
    sandbox.set_object("transactions", made.id, recipient=f"0x{'0' * 40}")
    with pytest.raises(ConfigurationError, match="recipient"):
        await ledger.transactions.approve_if(made.id, approval(own))
    assert [request.method for request in sandbox.requests[-2:]] == ["GET", "GET"]


async def test_a_transaction_that_nobody_made_is_not_found(ledger: LedgerClient) -> None:
    with pytest.raises(NotFoundError):
        await ledger.transactions.approve(999_999, APPROVAL)


async def test_a_transaction_is_approved_once(ledger: LedgerClient) -> None:
    own = await payment(ledger)
    made = await approved(ledger, await ledger.transactions.create(own), approval(own))
    with pytest.raises(BadRequestError, match="does not wait for approval"):
        await ledger.transactions.approve(made.id, approval(own))


@pytest.mark.parametrize("given", [{"account_name": "nobody"}, {"account_id": 102}])
@pytest.mark.parametrize("call", ["create", "fees"])
async def test_the_account_of_a_payment_must_be_one(
    call: str, given: dict[str, Any], ledger: LedgerClient
) -> None:
    own = await payment(ledger, **given)
    with pytest.raises(BadRequestError, match="account_name"):
        await getattr(ledger.transactions, call)(own)


async def test_the_id_of_an_account_may_be_given_beside_its_name(ledger: LedgerClient) -> None:
    made = await ledger.transactions.create(await payment(ledger, account_id=101))
    assert made.account_id == 101


async def test_an_account_that_is_not_there_pays_nothing(ledger: LedgerClient) -> None:
    with pytest.raises(BadRequestError, match="no account 999"):
        await ledger.transactions.create(await payment(ledger, account_id=999))


async def test_a_note_is_shown(ledger: LedgerClient) -> None:
    note = models.TransactionOrMessageNote(title="Rent", content="May")
    made = await ledger.transactions.create(await payment(ledger, note=note))
    assert [(each.title, each.content) for each in made.notes] == [("Rent", "May")]


COIN_FIELDS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "ripple": ("ripple", models.LamRippleFields(destination_tag=5), {"destination_tag": 5}),
    "ripple without a tag": ("ripple", None, {"destination_tag": None}),
    "stellar without a memo": ("stellar", None, {"memo": None}),
    "bitcoin": (
        "bitcoin",
        models.LamBitcoinFields(utxo_picking_strategy="DEEP_OUTPUTS_FIRST"),
        {"utxo_picking_strategy": "DEEP_OUTPUTS_FIRST"},
    ),
    "solana": (
        "solana",
        models.LamSolanaStakeActionFields(stake_account="x"),
        {"tx_parameters": models.SolanaStakeActionFields(stake_account="x")},
    ),
    "polkadot": (
        "polkadot",
        {"tx_parameters": {"type": "Bond", "controller": "a", "payee": "b"}},
        {"tx_parameters": models.PolkadotBondFields(controller="a", payee="b")},
    ),
    "ethereum": (
        "ethereum",
        models.LamEthereumFields(gas_limit="1", priority_fees="2"),
        {"gas_limit": "1", "priority_fees": "2"},
    ),
    "ethereum, legacy": (
        "ethereum",
        models.LamEthereumFields(gas_limit="1", gas_price="2"),
        {"gas_limit": "1", "gas_price": "2"},
    ),
    "tezos": ("tezos", models.LamTezosFields(gas_limit="1"), {"gas_limit": "1"}),
}


@pytest.mark.parametrize(("chain", "given", "shown"), COIN_FIELDS.values(), ids=COIN_FIELDS)
async def test_coin_fields_are_shown_and_approved(
    chain: str, given: Any, shown: dict[str, Any]
) -> None:
    async with (
        Sandbox({201: 0}, currencies={201: chain}) as box,
        LedgerClient(box.url, api_key=box.api_key, api_user=box.api_user) as ledger,
    ):
        own = await payment(ledger, 201, coin_fields=given)
        made = await ledger.transactions.create(own)
        assert {name: getattr(made.coin_fields, name) for name in shown} == shown
        assert (await approved(ledger, made, approval(own))).status == "SUBMITTED"
        with pytest.raises(LedgerError):
            await ledger.transactions.approve(made.id, approval(own, coin_fields={"new": 1}))


async def test_a_payment_whose_answer_was_lost_is_found(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    since = (await ledger.transactions.page(page_size=1)).nodes[0].created_on
    note = models.TransactionOrMessageNote(title="Rent", content="2026-05")
    own = await payment(ledger, note=note)
    sandbox.fail(Fault.cut(), path="/transactions")
    with pytest.raises(TransportError) as caught:
        await ledger.transactions.create(own)
    assert caught.value.sent
    found = ledger.transactions.stream(account=[101], created_after=since)
    contents = [each.content async for made in found for each in made.notes]
    assert contents.count("2026-05") == 1


# Who may


@pytest.mark.parametrize("scheme", ["bearer", "reporting"])
@pytest.mark.parametrize(
    "call",
    [
        lambda ledger: ledger.transactions.create(PAYMENT),
        lambda ledger: ledger.transactions.fees(PAYMENT),
        lambda ledger: ledger.transactions.approve(3, APPROVAL),
        lambda ledger: ledger.api_users.list(),
    ],
)
async def test_the_hosted_gateway_serves_nothing_of_a_lam(
    call: Any, scheme: str, sandbox: Sandbox
) -> None:
    auth = (
        BearerAuth(sandbox.workspace, sandbox.api_key_id, sandbox.api_key_secret)
        if scheme == "bearer"
        else ReportingAuth(sandbox.workspace, sandbox.reporting_api_key)
    )
    async with LedgerClient(sandbox.url, auth=auth) as ledger:
        with pytest.raises(PermissionDeniedError, match="only a LAM serves"):
            await call(ledger)


@pytest.mark.parametrize("body", [{}, {"account_name": "a"}, [], {"speed": "SLOWER"}])
@pytest.mark.parametrize("path", ["/transactions", "/transactions/fees", "/transactions/6/approve"])
async def test_the_sandbox_refuses_a_body_that_is_wrong(
    path: str, body: object, sandbox: Sandbox
) -> None:
    headers = {"X-Ledger-API-User": sandbox.api_user, "X-Ledger-API-Key": sandbox.api_key}
    async with aiohttp.ClientSession(sandbox.url, headers=headers) as session:
        assert (await Calls(session, sandbox).post(path, body)).status == 400
