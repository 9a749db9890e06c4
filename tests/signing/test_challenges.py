"""Challenges: the kinds that may be signed, and of one's own request only."""

from __future__ import annotations

import base64
from contextlib import suppress

import pytest
from vault import CHALLENGE, KEY, WRAPPED, Way, either, vault

from ledger_async import DecodeError, ProtocolError
from ledger_async._signing.challenges import open_challenge

OTHERS = {
    "nothing": "",
    "text": "sign this!",
    "a word": "word",
    "a number": "17",
    "a list": '["challenge"]',
    "null": "null",
    "no challenge within": '{"type": "SEND"}',
    "a challenge within that is no text": '{"challenge": 5}',
    "a challenge within that is empty": '{"challenge": ""}',
    "a challenge within that is no base64url": '{"challenge": "a b"}',
    "cut JSON": CHALLENGE[:-1],
    "more than JSON": CHALLENGE + "x",
    "base64url of text": base64.urlsafe_b64encode(b"sign this!").decode(),
    "base64url of bytes": base64.urlsafe_b64encode(b"\xff\xfe{}").decode(),
    "base64url of no length": "aaaaa",
    "base64url of base64url": base64.urlsafe_b64encode(WRAPPED.encode()).decode(),
    "JSON that is nested too deeply": '{"a":' * 10**4 + "1" + "}" * 10**4,
    "a key that comes twice": '{"amount": 1, "amount": 2, "challenge": "YWJj"}',
    "a key that comes twice within": '{"to": {"a": 1, "a": 2}, "challenge": "YWJj"}',
}


@pytest.mark.parametrize("challenge", OTHERS.values(), ids=OTHERS)
async def test_another_kind_of_challenge_is_not_signed(challenge: str) -> None:
    async with vault(challenge) as (server, ledger):
        with pytest.raises(DecodeError, match="use `approve`"):
            await ledger.requests.approve_with(7, KEY)
    assert len(server.requests) == 1


def test_no_depth_of_a_challenge_leads_to_another_error() -> None:
    for depth in range(900, 1000):  # about what parsers take
        with suppress(DecodeError):
            open_challenge('{"challenge": "YWJj", "a": ' + "[" * depth + "]" * depth + "}")


def test_half_a_character_in_a_challenge_is_a_decode_error() -> None:
    with pytest.raises(DecodeError):
        open_challenge('{"challenge": "YWJj", "a": "\ud800"}')


@either
async def test_the_challenge_of_another_request_is_neither_shown_nor_signed(way: Way) -> None:
    shown: list[object] = []
    async with vault(of=8) as (server, ledger):
        with pytest.raises(ProtocolError, match="the challenge is that of request 8, not of 7"):
            await way.call(ledger, 7, KEY, confirm=shown.append)
    assert [request.line for request in server.requests] == [way.asks]
    assert shown == []


async def test_a_request_may_be_named_by_anything_like_an_integer() -> None:
    class Seven:
        def __index__(self) -> int:
            return 7

    async with vault() as (_, ledger):
        assert await ledger.requests.approve_with(Seven(), KEY)  # type: ignore[arg-type]


def test_a_challenge_of_huge_numbers_is_read_all_the_same() -> None:
    text = f'{{"amount": {10**4000}, "challenge": "YWJj"}}'
    assert open_challenge(text).content["amount"] == 10**4000
