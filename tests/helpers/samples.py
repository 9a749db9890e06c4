"""A sample of each call: its arguments, its request and its answer."""

from __future__ import annotations

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
    page,
)

from ledger_async.models.base.paging import Page
from ledger_async.models.governance.digests import Digests
from ledger_async.models.governance.messages import Message, TransactionOrMessageNote
from ledger_async.models.governance.pledges import Pledge, Settlement
from ledger_async.models.governance.requests import (
    APIRequestChallenge,
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
