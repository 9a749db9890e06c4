"""Signed addresses, held as they came and read on request: JWTs in `base64url`."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from answering import answering

from ledger_async import ConfigurationError, DecodeError, LedgerClient
from ledger_async._signing.addresses import AddressClaims, AddressHeader, SignedAddress


def client() -> LedgerClient:
    """One that asks nobody."""
    return LedgerClient("https://lam.example", api_key="key")


def piece(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


HEADER = {"alg": "ES256", "typ": "JWT"}
CLAIMS = {"address": "0xÿÿÿ>?", "derivation_path": "44'/60'/0'", "blockchain_name": "ethereum"}
JWT = f"{piece(HEADER)}.{piece(CLAIMS)}.c2lnbmVk"


async def test_an_address_is_held_as_it_came() -> None:
    async with answering(JWT) as at:
        assert await at.ledger.accounts.address(101) == SignedAddress(JWT)
        assert at.asked == ["GET /accounts/101/address"]


@pytest.mark.parametrize("kind", ["change", "receive"])
async def test_an_address_at_an_index_is_of_a_kind(kind: Any) -> None:
    async with answering(JWT) as at:
        assert await at.ledger.accounts.address_at(101, 5, type=kind) == SignedAddress(JWT)
        assert at.asked == [f"GET /accounts/101/address/5?type={kind}"]


async def test_another_kind_of_address_is_refused() -> None:
    kind: Any = "RECEIVE"
    with pytest.raises(ConfigurationError, match="type must be one of change, receive"):
        await client().accounts.address_at(101, 5, type=kind)


@pytest.mark.parametrize("index", ["5", None, -1, True])
async def test_what_is_no_index_is_refused_by_name(index: Any) -> None:
    with pytest.raises(ConfigurationError, match="index"):
        await client().accounts.address_at(101, index, type="receive")


@pytest.mark.parametrize("body", [JWT, f" {JWT}\r\n", json.dumps(f"{JWT}"), f'\n"{JWT}" '])
async def test_an_address_may_come_as_bare_text(body: str) -> None:
    async with answering(body.encode()) as at:
        assert await at.ledger.accounts.address(101) == SignedAddress(JWT)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>a.b.c</html>", b"a.b", b"null", b"5", b'{"jwt": "a.b.c"}', b'"\xff"', b'"a'],
)
async def test_an_answer_that_holds_no_text_is_a_decode_error(body: bytes) -> None:
    async with answering(body) as at:
        with pytest.raises(DecodeError) as caught:
            await at.ledger.accounts.address(101)
    assert caught.value.account_id == 101


def test_an_address_is_read_on_request() -> None:
    signed = SignedAddress(JWT)
    assert signed.header() == AddressHeader("ES256", "JWT")
    assert signed.claims() == AddressClaims("0xÿÿÿ>?", "44'/60'/0'", "ethereum")


def test_fields_that_are_new_do_no_harm() -> None:
    signed = SignedAddress(f"{piece({**HEADER, 'kid': '1'})}.{piece({**CLAIMS, 'iat': 1})}.c2ln")
    assert (signed.header().alg, signed.claims().blockchain_name) == ("ES256", "ethereum")


def test_plain_base64_with_padding_is_read_too() -> None:
    header, claims = (
        base64.b64encode(json.dumps(each).encode()).decode() for each in (HEADER, CLAIMS)
    )
    signed = SignedAddress(f"{header}.{claims}.c2ln")
    assert (signed.header().alg, signed.claims().blockchain_name) == ("ES256", "ethereum")


@pytest.mark.parametrize(
    "jwt",
    [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "..",
        f"{piece(HEADER)}.{piece(CLAIMS)}.",
        f"{piece(HEADER)}.{piece(CLAIMS)}.c2ln\n",
        f"{piece(HEADER)}.{piece(CLAIMS)}.c 2",
        f"{piece(HEADER)}é.{piece(CLAIMS)}.c2ln",
    ],
)
def test_what_is_no_jwt_is_found_when_it_is_read(jwt: str) -> None:
    signed = SignedAddress(jwt)
    with pytest.raises(DecodeError):
        signed.header()
    with pytest.raises(DecodeError):
        signed.claims()


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ("A", "base64url"),
        (piece(b"\xff\xfe"), "malformed|UTF-8"),
        (piece([CLAIMS]), "expected"),
        (piece({**CLAIMS, "address": 5}), "address"),
        (piece({"address": "0xa"}), "missing"),
    ],
)
def test_claims_that_are_none_are_a_decode_error(claims: str, said: str) -> None:
    signed = SignedAddress(f"{piece(HEADER)}.{claims}.c2ln")
    with pytest.raises(DecodeError, match=said):
        signed.claims()
    assert signed.header().alg == "ES256"
