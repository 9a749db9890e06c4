"""Every call of these sections: what it sends, and what it makes of the answer."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from section_server import (
    DIGESTS,
    GOVERNANCE,
    HISTORY,
    LABEL,
    MESSAGE,
    PLEDGE,
    PLEDGE_ID,
    REQUEST,
    SETTLEMENT,
    SETTLEMENT_ID,
    TRANSACTION,
    VAULT_REQUEST,
    Sample,
    answering,
    json_reply,
    page,
)

from ledger_async import ConfigurationError
from ledger_async.models.base.paging import Page
from ledger_async.models.governance.digests import Digests
from ledger_async.models.governance.messages import Message, TransactionOrMessageNote
from ledger_async.models.governance.pledges import Pledge, Settlement
from ledger_async.models.governance.requests import (
    APIRequestChallenge,
    Request,
    RequestWithChallenge,
    VaultRequest,
    VaultRequestGovernance,
)
from ledger_async.models.payloads.fees_strategies import (
    GenericFeesStrategy,
    GenericFeesStrategyData,
)
from ledger_async.models.payloads.lam import LamApproval, LamBitcoinFields, LamTransaction
from ledger_async.models.payloads.requests import (
    ForcedUnpledgeDetails,
    ForcedUnpledgeRequestData,
    ForcedUnpledgeRequestDataDetails,
    IncrementDetails,
    MessageData,
    MessageSigningData,
    MessageSigningRequestData,
    PledgeIncrementRequestData,
    PledgeIncrementRequestDataDetails,
    TransactionCreationRequestDataV2,
)
from ledger_async.models.payloads.settlements import CreateSettlement, SettlementRecoveryData
from ledger_async.models.payloads.tezos import (
    TezosSendTransactionCreationData,
    TezosSendTransactionData,
)
from ledger_async.models.transactions.fees import TezosTransactionFeeEstimation
from ledger_async.models.transactions.transactions import Transaction
from ledger_async.sections.digests import Digests as DigestsSection
from ledger_async.sections.messages import Messages
from ledger_async.sections.pledges import Pledges
from ledger_async.sections.requests import Requests
from ledger_async.sections.settlements import Settlements
from ledger_async.sections.transactions import Transactions

JWS = "aGVhZA.Ym9keQ.c2lnbg"

SPEED = GenericFeesStrategy(data=GenericFeesStrategyData(speed="FAST"))
SPEED_BODY = {"type": "SPEED", "data": {"speed": "FAST"}}
TEZOS = TezosSendTransactionCreationData(
    account_id=101,
    fees_strategy=SPEED,
    transaction_data=TezosSendTransactionData(
        account_name="Treasury", amount="5", max_fees="0", recipient="tz1"
    ),
)
TEZOS_BODY = {
    "account_id": 101,
    "fees_strategy": SPEED_BODY,
    "transaction_data": {
        "account_name": "Treasury",
        "amount": "5",
        "currency": "tezos",
        "max_fees": "0",
        "recipient": "tz1",
    },
    "transaction_type": "TEZOS_LIKE_SEND",
}
CREATION = TransactionCreationRequestDataV2(data=TEZOS)
CREATION_BODY = {"type": "CREATE_TRANSACTION", "data": TEZOS_BODY}
TEZOS_FEES = {"coin_fields": {"gas_limit": 1, "storage_limit": 2}, "max_fees": "9"}
SIGNING = MessageSigningRequestData(
    data=MessageSigningData(
        account_id=101, message_data=MessageData(account_name="Treasury", raw_message="hello")
    )
)
INCREMENT = PledgeIncrementRequestData(
    data=PledgeIncrementRequestDataDetails(
        pledge_data=IncrementDetails(
            account_name="Treasury", amount="5", currency="ethereum", exchange_name="Venue"
        ),
        pledge_subaccount_id=9,
    )
)
UNPLEDGE = ForcedUnpledgeRequestData(
    data=ForcedUnpledgeRequestDataDetails(
        forced_unpledge_data=ForcedUnpledgeDetails(
            account_name="Treasury", currency="ethereum", exchange_name="Venue"
        ),
        pledge_subaccount_id=9,
    )
)
CREATE_SETTLEMENT = CreateSettlement(from_pledge_id=PLEDGE_ID, id=SETTLEMENT_ID, meta={"a": 1})
RECOVERY = SettlementRecoveryData(fee_strategy=SPEED, max_fee="9")

PAYMENT = LamTransaction(
    account_name="Treasury",
    amount="5",
    coin_fields=LamBitcoinFields(utxo_picking_strategy="DEEP_OUTPUTS_FIRST"),
    max_fees="9",
    note=TransactionOrMessageNote(title="Rent", content="May"),
    recipient="there",
    speed="FAST",
)
FEES_BODY = {
    "account_name": "Treasury",
    "amount": "5",
    "coin_fields": {"utxo_picking_strategy": "DEEP_OUTPUTS_FIRST"},
    "note": {"title": "Rent", "content": "May"},
    "recipient": "there",
    "speed": "FAST",
}
APPROVAL = LamApproval(account_name="Treasury", amount="5", max_fees="9", recipient="there")
APPROVAL_BODY = {
    "account_name": "Treasury",
    "amount": "5",
    "max_fees": "9",
    "recipient": "there",
}

SAMPLES: dict[str, Sample] = {
    "transactions.page": Sample(
        lambda ledger: ledger.transactions.page(2, page_size=1, account=[101, 102]),
        "GET /transactions?page=2&page_size=1&account=101&account=102",
        page(TRANSACTION),
        Page,
    ),
    "transactions.get": Sample(
        lambda ledger: ledger.transactions.get(3), "GET /transactions/3", TRANSACTION, Transaction
    ),
    "transactions.history": Sample(
        lambda ledger: ledger.transactions.history(3),
        "GET /transactions/3/history",
        HISTORY,
        tuple,
    ),
    "transactions.labels": Sample(
        lambda ledger: ledger.transactions.labels(3), "GET /transactions/3/labels", [LABEL], tuple
    ),
    "transactions.create": Sample(
        lambda ledger: ledger.transactions.create(PAYMENT),
        "POST /transactions",
        TRANSACTION,
        Transaction,
        {**FEES_BODY, "max_fees": "9"},
    ),
    "transactions.fees": Sample(
        lambda ledger: ledger.transactions.fees(PAYMENT),
        "POST /transactions/fees",
        {"fees": "8", "max_fees": "9", "new": None},
        dict,
        FEES_BODY,
    ),
    "transactions.approve": Sample(
        lambda ledger: ledger.transactions.approve(3, APPROVAL),
        "POST /transactions/3/approve",
        TRANSACTION,
        Transaction,
        APPROVAL_BODY,
    ),
    "transactions.reject": Sample(
        lambda ledger: ledger.transactions.reject(3),
        "POST /transactions/3/reject",
        TRANSACTION,
        Transaction,
    ),
    "transactions.estimate_fees": Sample(
        lambda ledger: ledger.transactions.estimate_fees(CREATION),
        "POST /transactions/estimate-fees",
        TEZOS_FEES,
        TezosTransactionFeeEstimation,
        CREATION_BODY,
    ),
    "transactions.estimate_fees of the data alone": Sample(
        lambda ledger: ledger.transactions.estimate_fees(TEZOS),
        "POST /transactions/estimate-fees",
        TEZOS_FEES,
        TezosTransactionFeeEstimation,
        CREATION_BODY,
    ),
    "requests.page": Sample(
        lambda ledger: ledger.requests.page(
            status=["PENDING_APPROVAL", "SIGNED"], type=["MESSAGE_SIGNING"], pending_by=4
        ),
        "GET /requests?page=1&page_size=100"
        "&status=PENDING_APPROVAL&status=SIGNED&type=MESSAGE_SIGNING&pending_by=4",
        page(REQUEST),
        Page,
    ),
    "requests.get": Sample(
        lambda ledger: ledger.requests.get(7),
        "GET /requests/7",
        {**REQUEST, "challenge": {"challenge": "abc"}},
        RequestWithChallenge,
    ),
    "requests.get with a challenge that is text": Sample(
        lambda ledger: ledger.requests.get(7),
        "GET /requests/7",
        {**REQUEST, "challenge": '{"challenge": "abc"}'},
        RequestWithChallenge,
    ),
    "requests.create a transaction": Sample(
        lambda ledger: ledger.requests.create(CREATION),
        "POST /requests",
        VAULT_REQUEST,
        VaultRequest,
        CREATION_BODY,
    ),
    "requests.create a signature": Sample(
        lambda ledger: ledger.requests.create(SIGNING),
        "POST /requests",
        VAULT_REQUEST,
        VaultRequest,
        {
            "type": "CREATE_MESSAGE_SIGNING",
            "data": {
                "account_id": 101,
                "message_data": {"account_name": "Treasury", "raw_message": "hello"},
                "message_type": "EIP-191",
            },
        },
    ),
    "requests.create an increment": Sample(
        lambda ledger: ledger.requests.create(INCREMENT),
        "POST /requests",
        VAULT_REQUEST,
        VaultRequest,
        {
            "type": "CREATE_PLEDGE_INCREMENT",
            "data": {
                "pledge_data": {
                    "account_name": "Treasury",
                    "amount": "5",
                    "currency": "ethereum",
                    "exchange_name": "Venue",
                },
                "pledge_subaccount_id": 9,
            },
        },
    ),
    "requests.create an unpledge": Sample(
        lambda ledger: ledger.requests.create(UNPLEDGE),
        "POST /requests",
        VAULT_REQUEST,
        VaultRequest,
        {
            "type": "CREATE_FORCED_UNPLEDGE",
            "data": {
                "forced_unpledge_data": {
                    "account_name": "Treasury",
                    "currency": "ethereum",
                    "exchange_name": "Venue",
                },
                "pledge_subaccount_id": 9,
            },
        },
    ),
    "requests.challenge": Sample(
        lambda ledger: ledger.requests.challenge(7),
        "GET /requests/7/challenge",
        {"challenge": "abc", "id": 7},
        APIRequestChallenge,
    ),
    "requests.reject_challenge": Sample(
        lambda ledger: ledger.requests.reject_challenge(7),
        "GET /requests/7/challenge/reject",
        {"challenge": "abc", "id": 7},
        APIRequestChallenge,
    ),
    "requests.governance_status": Sample(
        lambda ledger: ledger.requests.governance_status(7),
        "GET /requests/7/governance-status",
        GOVERNANCE,
        VaultRequestGovernance,
    ),
    "requests.approve": Sample(
        lambda ledger: ledger.requests.approve(7, JWS),
        "POST /requests/7/approve",
        VAULT_REQUEST,
        VaultRequest,
        {"jws": JWS},
    ),
    "requests.reject": Sample(
        lambda ledger: ledger.requests.reject(7, JWS),
        "POST /requests/7/reject",
        VAULT_REQUEST,
        VaultRequest,
        {"jws": JWS},
    ),
    "requests.reject without a JWS": Sample(
        lambda ledger: ledger.requests.reject(7),
        "POST /requests/7/reject",
        VAULT_REQUEST,
        VaultRequest,
    ),
    "messages.page": Sample(
        lambda ledger: ledger.messages.page(account=[101], message_type="EIP191"),
        "GET /messages?page=1&page_size=100&account=101&message_type=EIP191",
        page(MESSAGE),
        Page,
    ),
    "messages.get": Sample(
        lambda ledger: ledger.messages.get(4), "GET /messages/4", MESSAGE, Message
    ),
    "messages.history": Sample(
        lambda ledger: ledger.messages.history(4), "GET /messages/4/history", HISTORY, tuple
    ),
    "digests.page": Sample(
        lambda ledger: ledger.digests.page(status=["SIGNED"], order="asc"),
        "GET /digests?page=1&page_size=100&status=SIGNED&order=asc",
        page(DIGESTS),
        Page,
    ),
    "digests.get": Sample(lambda ledger: ledger.digests.get(6), "GET /digests/6", DIGESTS, Digests),
    "digests.history": Sample(
        lambda ledger: ledger.digests.history(6), "GET /digests/6/history", HISTORY, tuple
    ),
    "pledges.page": Sample(
        lambda ledger: ledger.pledges.page(account_id=101, state=["PLEDGE_READY"]),
        "GET /pledges?page=1&page_size=100&account_id=101&state=PLEDGE_READY",
        page(PLEDGE),
        Page,
    ),
    "pledges.get": Sample(
        lambda ledger: ledger.pledges.get(PLEDGE_ID), f"GET /pledges/{PLEDGE_ID}", PLEDGE, Pledge
    ),
    "settlements.page": Sample(
        lambda ledger: ledger.settlements.page(3),
        "GET /settlements?page=3&page_size=100",
        page(SETTLEMENT),
        Page,
    ),
    "settlements.get": Sample(
        lambda ledger: ledger.settlements.get(SETTLEMENT_ID),
        f"GET /settlements/{SETTLEMENT_ID}",
        SETTLEMENT,
        Settlement,
    ),
    "settlements.create": Sample(
        lambda ledger: ledger.settlements.create(CREATE_SETTLEMENT),
        "POST /settlements",
        SETTLEMENT,
        Settlement,
        {"from_pledge_id": PLEDGE_ID, "id": SETTLEMENT_ID, "meta": {"a": 1}},
    ),
    "settlements.cancel": Sample(
        lambda ledger: ledger.settlements.cancel(SETTLEMENT_ID),
        f"POST /settlements/{SETTLEMENT_ID}/cancel",
        SETTLEMENT,
        Settlement,
    ),
    "settlements.recover": Sample(
        lambda ledger: ledger.settlements.recover(SETTLEMENT_ID, RECOVERY),
        f"POST /settlements/{SETTLEMENT_ID}/recover",
        SETTLEMENT,
        Settlement,
        {"fee_strategy": SPEED_BODY, "max_fee": "9"},
    ),
}

every_call = pytest.mark.parametrize("sample", SAMPLES.values(), ids=SAMPLES)


@every_call
async def test_a_call_is_one_request_as_the_contract_has_it(sample: Sample) -> None:
    async with answering(json_reply(sample.answer)) as (server, ledger):
        await sample.call(ledger)
    (request,) = server.requests
    assert request.line == f"{sample.line} HTTP/1.1"
    assert (json.loads(request.body) if request.body else None) == sample.body


@every_call
async def test_a_call_gives_what_the_contract_promises(sample: Sample) -> None:
    async with answering(json_reply(sample.answer)) as (_, ledger):
        assert type(await sample.call(ledger)) is sample.result


# Listings

LISTINGS: dict[str, tuple[Any, dict[str, Any], type]] = {
    "transactions": (Transactions, TRANSACTION, Transaction),
    "requests": (Requests, REQUEST, Request),
    "messages": (Messages, MESSAGE, Message),
    "digests": (DigestsSection, DIGESTS, Digests),
    "pledges": (Pledges, PLEDGE, Pledge),
    "settlements": (Settlements, SETTLEMENT, Settlement),
}


@pytest.mark.parametrize(("name", "node", "kind"), [(n, x, k) for n, (_, x, k) in LISTINGS.items()])
async def test_a_stream_yields_the_nodes_of_the_listing(
    name: str, node: dict[str, Any], kind: type
) -> None:
    async with answering(json_reply(page(node))) as (server, ledger):
        (found,) = [each async for each in getattr(ledger, name).stream(page_size=2)]
    assert (type(found), found.id) == (kind, node["id"])
    assert server.requests[0].line == f"GET /{name}?page=1&page_size=2 HTTP/1.1"


@pytest.mark.parametrize("section", [each for each, _, _ in LISTINGS.values()])
def test_filters_on_what_never_changes_are_among_the_filters(section: Any) -> None:
    listing = section._endpoint
    if listing.filters is not None:
        assert listing.settled <= listing.filters.__optional_keys__


# Wrong arguments

NUMBERED = {
    "transactions.get": lambda ledger, wrong: ledger.transactions.get(wrong),
    "transactions.history": lambda ledger, wrong: ledger.transactions.history(wrong),
    "transactions.labels": lambda ledger, wrong: ledger.transactions.labels(wrong),
    "transactions.approve": lambda ledger, wrong: ledger.transactions.approve(wrong, APPROVAL),
    "transactions.approve_if": lambda ledger, wrong: ledger.transactions.approve_if(
        wrong, APPROVAL
    ),
    "transactions.reject": lambda ledger, wrong: ledger.transactions.reject(wrong),
    "requests.get": lambda ledger, wrong: ledger.requests.get(wrong),
    "requests.challenge": lambda ledger, wrong: ledger.requests.challenge(wrong),
    "requests.reject_challenge": lambda ledger, wrong: ledger.requests.reject_challenge(wrong),
    "requests.governance_status": lambda ledger, wrong: ledger.requests.governance_status(wrong),
    "requests.approve": lambda ledger, wrong: ledger.requests.approve(wrong, JWS),
    "requests.reject": lambda ledger, wrong: ledger.requests.reject(wrong),
    "messages.get": lambda ledger, wrong: ledger.messages.get(wrong),
    "messages.history": lambda ledger, wrong: ledger.messages.history(wrong),
    "digests.get": lambda ledger, wrong: ledger.digests.get(wrong),
    "digests.history": lambda ledger, wrong: ledger.digests.history(wrong),
}
NAMED = {
    "pledges.get": lambda ledger, wrong: ledger.pledges.get(wrong),
    "settlements.get": lambda ledger, wrong: ledger.settlements.get(wrong),
    "settlements.cancel": lambda ledger, wrong: ledger.settlements.cancel(wrong),
    "settlements.recover": lambda ledger, wrong: ledger.settlements.recover(wrong, RECOVERY),
}


async def refused(call: Any, *arguments: Any, **filters: Any) -> str:
    """What a call that must send nothing says of its arguments."""
    async with answering(b"") as (server, ledger):
        with pytest.raises(ConfigurationError) as caught:
            await call(ledger, *arguments, **filters)
        assert server.requests == []
    return str(caught.value)


@pytest.mark.parametrize("wrong", [-1, True, "7", "", 1.5, None, 2**64, [7]], ids=repr)
@pytest.mark.parametrize("call", NUMBERED.values(), ids=NUMBERED)
async def test_a_wrong_id_is_refused_by_name(call: Any, wrong: Any) -> None:
    assert "_id must be an integer" in await refused(call, wrong)


@pytest.mark.parametrize("wrong", [7, True, "", " ", "..", None, ["a"]], ids=repr)
@pytest.mark.parametrize("call", NAMED.values(), ids=NAMED)
async def test_a_wrong_uuid_is_refused_by_name(call: Any, wrong: Any) -> None:
    assert "_id must be a" in await refused(call, wrong)


WRONG_FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("transactions", {"account": "101"}),
    ("transactions", {"status": "CONFIRMED"}),
    ("transactions", {"min_amount": "1e5"}),
    ("transactions", {"created_after": "2026-01-01"}),
    ("requests", {"status": ["SLEEPING"]}),
    ("requests", {"status": "ACTIVE"}),
    ("requests", {"type": ["CREATE_MESSAGE_SIGNING"]}),
    ("requests", {"target_type": ["PLANET"]}),
    ("requests", {"created_by": True}),
    ("requests", {"colour": "red"}),
    ("requests", {"order": "up"}),
    ("messages", {"message_type": "EIP-191"}),
    ("messages", {"account": 101}),
    ("messages", {"status": []}),
    ("digests", {"message_type": "EIP191"}),
    ("digests", {"account": ["101"]}),
    ("pledges", {"account_id": -1}),
    ("pledges", {"exchange_id": "1"}),
    ("pledges", {"asset_manager_id": -5}),
    ("pledges", {"state": "PLEDGE_READY"}),
    ("pledges", {"state": ["READY"]}),
    ("pledges", {"order": "asc"}),
]


@pytest.mark.parametrize(("name", "filters"), WRONG_FILTERS)
async def test_a_wrong_filter_of_a_page_is_refused_by_name(
    name: str, filters: dict[str, Any]
) -> None:
    async def call(ledger: Any) -> None:
        await getattr(ledger, name).page(**filters)

    assert next(iter(filters)) in await refused(call)


@pytest.mark.parametrize(("name", "filters"), WRONG_FILTERS)
async def test_a_wrong_filter_of_a_stream_is_refused_by_name(
    name: str, filters: dict[str, Any]
) -> None:
    async def call(ledger: Any) -> None:
        getattr(ledger, name).stream(**filters)

    assert next(iter(filters)) in await refused(call)


@pytest.mark.parametrize("name", ["transactions", "requests", "messages", "digests"])
async def test_a_moment_without_an_offset_is_refused_by_name(name: str) -> None:
    naive = datetime(2026, 1, 2)  # noqa: DTZ001 - the mistake

    async def call(ledger: Any) -> None:
        await getattr(ledger, name).page(created_before=naive)

    assert "created_before" in await refused(call)


@pytest.mark.parametrize("name", LISTINGS)
@pytest.mark.parametrize("number", [0, -1, True, "1", None], ids=repr)
async def test_a_wrong_page_number_is_refused(name: str, number: Any) -> None:
    async def call(ledger: Any) -> None:
        await getattr(ledger, name).page(number)

    assert "page number" in await refused(call)


PAYLOADS: dict[str, tuple[Any, str]] = {
    "requests.create": (lambda ledger, wrong: ledger.requests.create(wrong), "payload"),
    "settlements.create": (lambda ledger, wrong: ledger.settlements.create(wrong), "settlement"),
    "settlements.recover": (
        lambda ledger, wrong: ledger.settlements.recover(SETTLEMENT_ID, wrong),
        "recovery",
    ),
    "transactions.estimate_fees": (
        lambda ledger, wrong: ledger.transactions.estimate_fees(wrong),
        "creation",
    ),
}


@pytest.mark.parametrize("wrong", [None, {}, "payload", CREATION_BODY, SPEED, [CREATION]])
@pytest.mark.parametrize(("call", "name"), PAYLOADS.values(), ids=PAYLOADS)
async def test_a_payload_of_another_kind_is_refused_by_name(
    call: Any, name: str, wrong: Any
) -> None:
    assert (await refused(call, wrong)).startswith(f"{name} must be ")


async def test_a_transaction_alone_is_no_request() -> None:
    assert "payload must be" in await refused(PAYLOADS["requests.create"][0], TEZOS)
