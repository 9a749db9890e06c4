"""Transactions: what an estimate of fees becomes, and the filter that the API gave up."""

from __future__ import annotations

import json
import warnings
from contextlib import suppress
from typing import Any

import pytest
from samples import SPEED, TEZOS
from section_server import TRANSACTION, answering, json_reply, page

from ledger_async import ConfigurationError, DecodeError
from ledger_async.models.payloads.bitcoin import (
    BitcoinSendTransactionCreationData,
    BitcoinSendTransactionData,
)
from ledger_async.models.payloads.cardano import (
    CardanoSendTransactionCreationData,
    CardanoSendTransactionData,
)
from ledger_async.models.payloads.ethereum import (
    EthereumSendTransactionCreationData,
    EthereumSendTransactionData,
)
from ledger_async.models.payloads.polkadot import (
    PolkadotChillStakingTransactionData,
    PolkadotChillTransactionCreationData,
)
from ledger_async.models.payloads.ripple import (
    RippleSendTransactionCreationData,
    RippleSendTransactionData,
)
from ledger_async.models.payloads.solana import (
    SolanaSendTransactionCreationData,
    SolanaSendTransactionData,
)
from ledger_async.models.payloads.stellar import (
    StellarSendTransactionCreationData,
    StellarSendTransactionData,
)
from ledger_async.models.payloads.tron import (
    TronSendTransactionCreationData,
    TronSendTransactionData,
)
from ledger_async.models.transactions import fees

TO: dict[str, Any] = {"account_name": "Treasury", "amount": "5", "recipient": "there"}
PAID: dict[str, Any] = {**TO, "max_fees": "0"}
BITCOIN_FEES = {"coin_fields": {"UTXO_limit": 3, "fees_per_byte": 1.5}, "max_fees": "9"}
GAS = {"coin_fields": {"gas_limit": 1, "gas_price": 2}, "max_fees": "9"}
PRIORITY = {"coin_fields": {"gas_limit": 1, "priority_fees": 2}, "max_fees": "9"}
STORAGE = {"coin_fields": {"gas_limit": 1, "storage_limit": 2}, "max_fees": "9"}
PLAIN = {"coin_fields": {"something": "new"}, "max_fees": "9"}

TRON = TronSendTransactionCreationData(
    account_id=1, fees_strategy=SPEED, transaction_data=TronSendTransactionData(**PAID)
)
ETHEREUM = EthereumSendTransactionCreationData(
    account_id=1,
    fees_strategy=SPEED,
    transaction_data=EthereumSendTransactionData(currency="ethereum", **PAID),
)

FAMILIES: dict[str, tuple[Any, Any, type]] = {
    "bitcoin": (
        BitcoinSendTransactionCreationData(
            account_id=1,
            fees_strategy=SPEED,
            transaction_data=BitcoinSendTransactionData(currency="bitcoin", **PAID),
        ),
        BITCOIN_FEES,
        fees.BitcoinTransactionFeeEstimation,
    ),
    "cardano": (
        CardanoSendTransactionCreationData(
            account_id=1, fees_strategy=SPEED, transaction_data=CardanoSendTransactionData(**PAID)
        ),
        PLAIN,
        fees.CardanoTransactionFeeEstimation,
    ),
    "ethereum": (ETHEREUM, GAS, fees.EthereumTransactionFeeEstimation),
    "ethereum after EIP-1559": (ETHEREUM, PRIORITY, fees.EthereumTransactionFeeEstimation),
    "polkadot": (
        PolkadotChillTransactionCreationData(
            account_id=1,
            transaction_data=PolkadotChillStakingTransactionData(
                account_name="Treasury", currency="polkadot"
            ),
        ),
        PLAIN,
        fees.PolkadotTransactionFeeEstimation,
    ),
    "ripple": (
        RippleSendTransactionCreationData(
            account_id=1, fees_strategy=SPEED, transaction_data=RippleSendTransactionData(**PAID)
        ),
        PLAIN,
        fees.RippleTransactionFeeEstimation,
    ),
    "solana": (
        SolanaSendTransactionCreationData(
            account_id=1, transaction_data=SolanaSendTransactionData(currency="solana", **TO)
        ),
        {"max_fees": "9"},
        fees.SolanaTransactionFeeEstimation,
    ),
    "stellar": (
        StellarSendTransactionCreationData(
            account_id=1, fees_strategy=SPEED, transaction_data=StellarSendTransactionData(**PAID)
        ),
        {"coin_fields": None, "max_fees": "9"},
        fees.StellarTransactionFeeEstimation,
    ),
    "tezos": (TEZOS, STORAGE, fees.TezosTransactionFeeEstimation),
    "tron": (TRON, PLAIN, dict),
    "tron without coin fields": (TRON, {"max_fees": "9"}, dict),
    "tron, as on ethereum": (TRON, GAS, fees.EthereumTransactionFeeEstimation),
    "tron, as on ethereum after EIP-1559": (TRON, PRIORITY, fees.EthereumTransactionFeeEstimation),
    "tron, as on bitcoin": (TRON, BITCOIN_FEES, fees.BitcoinTransactionFeeEstimation),
    "tron, as on tezos": (TRON, STORAGE, fees.TezosTransactionFeeEstimation),
}


@pytest.mark.parametrize(("creation", "answer", "kind"), FAMILIES.values(), ids=FAMILIES)
async def test_an_estimate_is_that_of_its_family(creation: Any, answer: Any, kind: type) -> None:
    async with answering(json_reply(answer)) as (_, ledger):
        assert type(await ledger.transactions.estimate_fees(creation)) is kind


@pytest.mark.parametrize("creation", [each for each, _, _ in FAMILIES.values()], ids=FAMILIES)
async def test_an_estimate_is_asked_for_with_a_request_to_create(creation: Any) -> None:
    async with answering(json_reply(GAS)) as (server, ledger):
        with suppress(DecodeError):  # of another family
            await ledger.transactions.estimate_fees(creation)
    body = json.loads(server.requests[0].body)
    tag = creation.__struct_config__.tag
    assert (body["type"], body["data"]["transaction_type"]) == ("CREATE_TRANSACTION", tag)


async def test_an_estimate_that_is_not_of_its_family_does_not_decode() -> None:
    async with answering(json_reply(STORAGE)) as (_, ledger):
        with pytest.raises(DecodeError, match="UTXO_limit"):
            await ledger.transactions.estimate_fees(FAMILIES["bitcoin"][0])


@pytest.mark.parametrize("body", [[], "9", None])
async def test_an_estimate_without_a_shape_does_not_decode(body: Any) -> None:
    async with answering(json_reply(body)) as (_, ledger):
        with pytest.raises(DecodeError):
            await ledger.transactions.estimate_fees(TRON)


# Amounts


@pytest.mark.parametrize("amount", ["5\n", "0.5\n", "\n", " 5", "5 ", "1e5", "-1", "5."])
@pytest.mark.parametrize("name", ["max_amount", "min_amount"])
async def test_what_is_no_decimal_number_is_refused_by_name(name: str, amount: str) -> None:
    async with answering(json_reply(page(TRANSACTION))) as (server, ledger):
        with pytest.raises(ConfigurationError, match=name):
            await ledger.transactions.page(**{name: amount})  # type: ignore[arg-type]
        assert server.requests == []


# `label`


async def test_a_page_by_label_warns_and_names_what_to_use() -> None:
    async with answering(json_reply(page(TRANSACTION))) as (_, ledger):
        with pytest.warns(DeprecationWarning, match="use title") as caught:
            await ledger.transactions.page(label="rent")
    assert caught[0].filename == __file__


async def test_a_stream_by_label_warns_and_names_what_to_use() -> None:
    async with answering(json_reply(page(TRANSACTION))) as (_, ledger):
        with pytest.warns(DeprecationWarning, match="use title") as caught:
            stream = ledger.transactions.stream(label="rent")
        assert len([each async for each in stream]) == 1
    assert caught[0].filename == __file__


async def test_a_label_is_sent_all_the_same() -> None:
    async with answering(json_reply(page(TRANSACTION))) as (server, ledger):
        with pytest.warns(DeprecationWarning, match="label"):
            await ledger.transactions.page(label="rent")
    assert "&label=rent " in server.requests[0].line


@pytest.mark.parametrize("filters", [{"label": None}, {"title": "rent"}, {"tx_label": ["5"]}])
async def test_nothing_else_warns(filters: dict[str, Any]) -> None:
    async with answering(json_reply(page(TRANSACTION))) as (_, ledger):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            await ledger.transactions.page(**filters)
