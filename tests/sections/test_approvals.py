"""An approval against what the API shows: compared in full, before anything is approved."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from raw_server import Peer, RawServer
from section_server import TRANSACTION, answering, json_reply

from ledger_async import ConfigurationError, LedgerClient, NotFoundError, ProtocolError
from ledger_async._protocol.codec import decode, encode
from ledger_async.models import (
    LamApproval,
    LamBitcoinFields,
    LamEthereumFields,
    LamPolkadotFields,
    LamRippleFields,
    LamSolanaStakeActionFields,
    LamStellarFields,
    StellarMemoText1,
    Transaction,
)
from ledger_async.models.transactions.approvals import differing

ADDRESS = "0xaBcdef0123456789aBcdef0123456789aBcdef01"
OTHER = "0x000000000000000000000000000000000000dEaD"
EXPECTED = LamApproval(account_name="Treasury", amount="500", max_fees="9", recipient=ADDRESS)
SHOWN = {**TRANSACTION, "amount": "500", "max_fees": "9", "recipient": ADDRESS}


def compared(
    expected: LamApproval = EXPECTED, account: str = "Treasury", **shown: Any
) -> list[str]:
    return differing(expected, decode(encode({**SHOWN, **shown}), Transaction), account)


def test_a_transaction_that_is_as_expected_differs_in_nothing() -> None:
    assert compared() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", "501"), ("max_fees", "90"), ("recipient", OTHER), ("amount", "0"), ("amount", "")],
)
def test_a_value_that_differs_is_named(name: str, value: str) -> None:
    shown: dict[str, Any] = {name: value}
    assert compared(**shown) == [name]


def test_the_account_is_compared_by_its_name() -> None:
    assert compared(account="Payroll") == ["account_name"]


def test_all_that_differs_is_named_at_once() -> None:
    names = compared(account="Payroll", amount="1", max_fees="1", recipient=OTHER)
    assert names == ["account_name", "amount", "max_fees", "recipient"]


@pytest.mark.parametrize("amount", ["500", "0500", "500.0", "5e2"])
def test_amounts_are_compared_as_numbers(amount: str) -> None:
    assert compared(amount=amount) == []


@pytest.mark.parametrize("amount", ["five", "NaN", "sNaN", "Infinity", "5,00"])
def test_what_is_no_number_is_no_amount_that_is_expected(amount: str) -> None:
    assert compared(amount=amount) == ["amount"]


def test_amounts_of_any_size_are_told_apart() -> None:
    huge = replace(EXPECTED, amount=str(2**256))
    assert compared(huge, amount=str(2**256)) == []
    assert compared(huge, amount=str(2**256 + 1)) == ["amount"]


@pytest.mark.parametrize("recipient", [ADDRESS.lower(), f"0X{ADDRESS[2:].upper()}"])
def test_hexadecimal_addresses_are_the_same_in_any_case(recipient: str) -> None:
    assert compared(recipient=recipient) == []


def test_other_addresses_are_compared_letter_by_letter() -> None:
    expected = replace(EXPECTED, recipient="rEXAMPLE")
    assert compared(expected, recipient="rexample") == ["recipient"]


def test_what_is_not_shown_is_not_compared() -> None:
    expected = replace(EXPECTED, coin_fields=LamRippleFields(destination_tag=5))
    nothing: dict[str, Any] = dict.fromkeys(("amount", "coin_fields", "max_fees", "recipient"))
    assert compared(expected, **nothing) == []
    assert differing(expected, decode(encode(TRANSACTION), Transaction), "Treasury") == []


def test_no_amount_is_an_amount_of_nothing() -> None:
    assert compared(replace(EXPECTED, amount=None), amount="0") == []
    assert compared(replace(EXPECTED, amount=None), amount="1") == ["amount"]


def test_fees_that_nobody_expects_differ() -> None:
    assert compared(replace(EXPECTED, max_fees=None)) == ["max_fees"]


# Fields of the chain

RIPPLE = {"type": "Ripple", "destination_tag": 5}
BITCOIN = {"type": "Bitcoin", "fees_per_byte": "10", "utxo_picking_strategy": "OPTIMIZE_SIZE"}
GAS = {"type": "EthereumAndEvm", "gas_limit": "21000", "gas_price": "5"}
CALL = {**GAS, "contract_interaction": {"contract_data": "0xAB", "contract_name": "Router"}}
MEMO = {"type": "Stellar", "memo": {"type": "MEMO_TEXT", "MEMO_TEXT": "rent"}}
STAKE = {"type": "Solana", "tx_parameters": {"stake_account": "stake"}}
BOND = {"type": "Polkadot", "tx_parameters": {"type": "Bond", "controller": "a", "payee": "b"}}
NEW = {"type": "New", "list": [1, {"a": "0xAB"}], "text": "a"}


def text(memo: str) -> LamStellarFields:
    return LamStellarFields(memo=StellarMemoText1(memo_text=memo))


def called(data: str) -> LamEthereumFields:
    return LamEthereumFields(contract_interaction={"contract_data": data})


ALIKE: dict[str, tuple[object, object]] = {
    "a tag": (LamRippleFields(destination_tag=5), RIPPLE),
    "no tag": (None, {"type": "Ripple", "destination_tag": None}),
    "a mapping": ({"destination_tag": 5}, RIPPLE),
    "fields that the API worked out": (None, GAS),
    "UTXOs": (LamBitcoinFields(utxo_picking_strategy="OPTIMIZE_SIZE"), BITCOIN),
    "a rate, as a number": (LamBitcoinFields(fees_per_byte="10.0"), BITCOIN),
    "a field that is not shown": ({"new": 1}, BITCOIN),
    "gas": (LamEthereumFields(gas_limit="021000", gas_price="5"), GAS),
    "contract data in another case": (called("0xab"), CALL),
    "a memo": (text("rent"), MEMO),
    "a stake": (LamSolanaStakeActionFields(stake_account="stake"), STAKE),
    "a bond": (LamPolkadotFields(tx_parameters={"controller": "a", "payee": "b"}), BOND),
    "a kind that is not known": ({"list": [1, {"a": "0xab"}], "text": "a"}, NEW),
    "parameters that are no object": (None, {"type": "Odd", "tx_parameters": "x"}),
}
UNLIKE: dict[str, tuple[object, object, str]] = {
    "another tag": (LamRippleFields(destination_tag=6), RIPPLE, "destination_tag"),
    "a tag that nobody expects": (None, RIPPLE, "destination_tag"),
    "a tag that is missing": (
        LamRippleFields(destination_tag=5),
        {"type": "Ripple", "destination_tag": None},
        "destination_tag",
    ),
    "other UTXOs": (
        LamBitcoinFields(utxo_picking_strategy="MERGE_OUTPUTS"),
        BITCOIN,
        "utxo_picking_strategy",
    ),
    "another rate": (LamBitcoinFields(fees_per_byte="11"), BITCOIN, "fees_per_byte"),
    "more gas": (LamEthereumFields(gas_limit="1"), GAS, "gas_limit"),
    "other contract data": (called("0xac"), CALL, "contract_interaction"),
    "a call that nobody expects": (None, CALL, "contract_interaction"),
    "another memo": (text("food"), MEMO, "memo"),
    "a memo that nobody expects": (None, MEMO, "memo"),
    "a memo of another kind": ({"memo": {"MEMO_ID": 5}}, MEMO, "memo"),
    "another stake": (LamSolanaStakeActionFields(stake_account="x"), STAKE, "stake_account"),
    "another bond": (
        LamPolkadotFields(tx_parameters={"controller": "c"}),
        BOND,
        "tx_parameters",
    ),
    "a shorter list": ({"list": [1]}, NEW, "list"),
    "an object for a text": ({"text": {"a": 1}}, NEW, "text"),
    "a text for a list": ({"list": "1"}, NEW, "list"),
}


@pytest.mark.parametrize(("ours", "theirs"), ALIKE.values(), ids=ALIKE)
def test_fields_of_a_chain_are_as_expected(ours: Any, theirs: object) -> None:
    assert compared(replace(EXPECTED, coin_fields=ours), coin_fields=theirs) == []


@pytest.mark.parametrize(("ours", "theirs", "name"), UNLIKE.values(), ids=UNLIKE)
def test_a_field_of_a_chain_that_differs_is_named(ours: Any, theirs: object, name: str) -> None:
    names = compared(replace(EXPECTED, coin_fields=ours), coin_fields=theirs)
    assert names == [f"coin_fields.{name}"]


# The call


@asynccontextmanager
async def showing(**shown: Any) -> AsyncIterator[tuple[RawServer, LedgerClient]]:
    """A server that shows one transaction of the account `Treasury`, and approves it."""

    async def answer(peer: Peer) -> None:
        is_account = server.requests[-1].line.startswith("GET /accounts/101 ")
        await peer.send(json_reply({"name": "Treasury"} if is_account else {**SHOWN, **shown}))

    async with answering(answer) as (server, ledger):
        yield server, ledger


def lines(server: RawServer) -> list[str]:
    return [request.line.removesuffix(" HTTP/1.1") for request in server.requests]


async def test_what_is_as_expected_is_approved_with_the_expected_values_only() -> None:
    shown = {"recipient": ADDRESS.lower(), "amount": "500.0", "coin_fields": GAS}
    async with showing(**shown) as (server, ledger):
        await ledger.transactions.approve_if(3, EXPECTED)
    assert lines(server) == [
        "GET /transactions/3",
        "GET /accounts/101",
        "POST /transactions/3/approve",
    ]
    assert json.loads(server.requests[-1].body) == {
        "account_name": "Treasury",
        "amount": "500",
        "max_fees": "9",
        "recipient": ADDRESS,
    }


async def test_what_is_not_as_expected_is_not_approved() -> None:
    async with showing(amount="501", recipient=OTHER) as (server, ledger):
        with pytest.raises(ConfigurationError, match=r"amount, recipient$") as caught:
            await ledger.transactions.approve_if(3, EXPECTED)
    assert lines(server) == ["GET /transactions/3", "GET /accounts/101"]
    assert OTHER not in str(caught.value)


async def test_another_transaction_than_the_one_asked_for_is_not_approved() -> None:
    async with showing() as (server, ledger):
        with pytest.raises(ProtocolError, match="transaction 3, not 4"):
            await ledger.transactions.approve_if(4, EXPECTED)
    assert lines(server) == ["GET /transactions/4"]


async def test_a_transaction_that_is_not_there_is_not_approved() -> None:
    async with answering(json_reply({}, status="404 Not Found")) as (server, ledger):
        with pytest.raises(NotFoundError):
            await ledger.transactions.approve_if(3, EXPECTED)
    assert len(server.requests) == 1
