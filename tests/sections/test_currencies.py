"""Currencies, `compliance` and `certificates`: asked for and read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from answering import answering

from ledger_async import BadRequestError, ConfigurationError, LedgerClient, NotFoundError
from ledger_async.models import AddressRisk, AddressSanctions, Currency, Token

CURRENCY = {
    "name": "ethereum",
    "num_confirmation_needed": 12,
    "type": "CRYPTO",
    "units": [{"code": "ETH", "magnitude": 18}],
}
TOKEN = {
    "contract_address": "0xA",
    "name": "Tether",
    "parent_currency": "ethereum",
    "units": [{"code": "USDT", "magnitude": 6}],
}
RISK = {
    "address": "0xA",
    "provider_details": {"exposures": [], "risk": "Low", "reason": None},
    "risk": "LOW",
}


async def test_all_currencies_come_at_once() -> None:
    async with answering({"currencies": [CURRENCY]}) as at:
        (currency,) = await at.ledger.currencies.list()
        assert (type(currency), currency.units[0].magnitude) == (Currency, 18)
        assert at.asked == ["GET /currencies"]


async def test_all_tokens_come_at_once() -> None:
    async with answering({"tokens": [TOKEN]}) as at:
        (token,) = await at.ledger.currencies.tokens()
        assert (type(token), token.name) == (Token, "Tether")
        assert at.asked == ["GET /currencies/tokens"]


async def test_one_currency_comes_by_its_name() -> None:
    async with answering(CURRENCY) as at:
        assert (await at.ledger.currencies.get("ethereum")).name == "ethereum"
        assert at.asked == ["GET /currencies/ethereum"]


async def test_the_list_of_tokens_is_not_taken_for_a_currency() -> None:
    ledger = LedgerClient("https://lam.example", api_key="key")
    with pytest.raises(ConfigurationError, match="name"):
        await ledger.currencies.get("tokens")


async def test_one_token_comes_by_its_contract() -> None:
    async with answering(TOKEN) as at:
        assert (await at.ledger.currencies.token("ethereum", "0xA")).contract_address == "0xA"
        assert at.asked == ["GET /currencies/ethereum/tokens/0xA"]


@pytest.mark.parametrize("valid", [True, False])
async def test_an_address_is_valid_or_not(valid: bool) -> None:  # noqa: FBT001 - the case
    async with answering({"is_valid": valid}) as at:
        assert await at.ledger.currencies.validate_address("ethereum", "0xA") is valid
        assert at.asked == ["GET /currencies/ethereum/0xA"]


async def test_an_address_in_no_currency_is_not_found() -> None:
    async with answering({"message": "unknown"}, status="404 Not Found") as at:
        with pytest.raises(NotFoundError):
            await at.ledger.currencies.validate_address("gold", "0xA")


async def test_an_address_has_a_risk() -> None:
    async with answering(RISK) as at:
        risk = await at.ledger.compliance.address_risk("0xA")
        assert (type(risk), risk.risk, risk.provider_details.risk) == (AddressRisk, "LOW", "Low")
        assert at.asked == ["GET /compliance/address-risk/0xA"]


async def test_a_risk_without_a_provider_is_a_bad_request() -> None:
    async with answering({"message": "invalid secret"}, status="400 Bad Request") as at:
        with pytest.raises(BadRequestError):
            await at.ledger.compliance.address_risk("0xA")


async def test_an_address_is_under_sanctions_or_not() -> None:
    answer = {"address": "0xA", "has_sanctions": False, "provider_details": []}
    async with answering(answer) as at:
        assert await at.ledger.compliance.sanctions("0xA") == AddressSanctions("0xA", False, ())
        assert at.asked == ["GET /compliance/sanctions/0xA"]


async def test_a_chain_of_certificates_is_hexadecimal() -> None:
    async with answering(["3082", "3081"]) as at:
        chain = await at.ledger.certificates.chain()
        assert chain == ("3082", "3081")
        assert bytes.fromhex(chain[0]) == b"\x30\x82"
        assert at.asked == ["GET /certificates/chain"]


CALLS: dict[str, tuple[Callable[[LedgerClient, Any], Awaitable[object]], str]] = {
    "currencies.get": (lambda ledger, text: ledger.currencies.get(text), "/currencies/{}"),
    "currencies.token": (
        lambda ledger, text: ledger.currencies.token("ethereum", text),
        "/currencies/ethereum/tokens/{}",
    ),
    "currencies.validate_address": (
        lambda ledger, text: ledger.currencies.validate_address("ethereum", text),
        "/currencies/ethereum/{}",
    ),
    "compliance.address_risk": (
        lambda ledger, text: ledger.compliance.address_risk(text),
        "/compliance/address-risk/{}",
    ),
    "compliance.sanctions": (
        lambda ledger, text: ledger.compliance.sanctions(text),
        "/compliance/sanctions/{}",
    ),
}


@pytest.mark.parametrize(
    ("text", "segment"),
    [
        ("a/b", "a%2Fb"),
        ("a b", "a%20b"),
        ("é", "%C3%A9"),
        ("a?b#c", "a%3Fb%23c"),
        ("%2F..", "%252F.."),
        ("a;b=c&d", "a%3Bb%3Dc%26d"),
    ],
)
@pytest.mark.parametrize(("call", "path"), CALLS.values(), ids=CALLS)
async def test_text_stays_in_its_part_of_the_path(
    call: Callable[[LedgerClient, Any], Awaitable[object]], path: str, text: str, segment: str
) -> None:
    async with answering({}, status="404 Not Found") as at:
        with pytest.raises(NotFoundError):
            await call(at.ledger, text)
        assert at.asked == [f"GET {path.format(segment)}"]


@pytest.mark.parametrize(
    "text", ["", " ", ".", "..", "../x", "a/../b", "/", "a\0", "\ud800", "a\r\nb", None, 5]
)
@pytest.mark.parametrize(("call", "path"), CALLS.values(), ids=CALLS)
async def test_text_that_may_lead_elsewhere_is_refused(
    call: Callable[[LedgerClient, Any], Awaitable[object]], path: str, text: object
) -> None:
    ledger = LedgerClient("https://lam.example", api_key="key")
    with pytest.raises(ConfigurationError, match="must be a string of printable"):
        await call(ledger, text)
