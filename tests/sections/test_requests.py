"""Answers to requests: the challenge is shown first, and sent only if it is confirmed."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import AsyncIterator, Mapping
from typing import Any

import jwt
import pytest
from vault import CHALLENGE, CONTENT, KEY, Way, either, sent_jws, vault

from ledger_async import ConfigurationError
from ledger_async.models.governance.requests import VaultRequest

# What is asked first


@either
async def test_what_is_to_be_confirmed_is_what_the_challenge_says(way: Way) -> None:
    shown: list[Mapping[str, object]] = []

    def confirm(content: Mapping[str, object]) -> bool:
        shown.append(content)
        return True

    async with vault() as (_, ledger):
        await way.call(ledger, 7, KEY, confirm=confirm)
    ((content),) = shown
    assert content["amount"] == 10000000000000000000001
    assert {name: str(value) for name, value in content.items()} == {
        name: str(value) for name, value in CONTENT.items()
    }


async def agree(_: object) -> bool:
    return True


async def disagree(_: object) -> bool:
    return False


async def decline(_: object) -> None:
    return None


YES: dict[str, Any] = {"plain": lambda _: True, "async": agree}
NO: dict[str, Any] = {
    "false": lambda _: False,
    "nothing": lambda _: None,
    "false, async": disagree,
    "nothing, async": decline,
}


async def generate(_: object) -> AsyncIterator[bool]:
    yield False


async def put_off(_: object) -> asyncio.Future[bool]:
    later = asyncio.get_running_loop().create_future()
    later.set_result(False)
    return later


UNCLEAR: dict[str, Any] = {
    "text": lambda _: "no",
    "empty text": lambda _: "",
    "one": lambda _: 1,
    "zero": lambda _: 0,
    "an async generator": generate,
    "a generator": lambda _: (each for each in [False]),
    "a future of a thread": lambda _: concurrent.futures.Future(),
    "a future of a future": put_off,
    "a function": lambda _: agree,
}


@either
@pytest.mark.parametrize("confirm", YES.values(), ids=YES)
async def test_what_is_confirmed_is_sent(confirm: Any, way: Way) -> None:
    async with vault() as (server, ledger):
        assert type(await way.call(ledger, 7, KEY, confirm=confirm)) is VaultRequest
    assert server.requests[-1].line == way.sends


@either
@pytest.mark.parametrize("confirm", NO.values(), ids=NO)
async def test_what_is_not_confirmed_is_not_sent(confirm: Any, way: Way) -> None:
    async with vault() as (server, ledger):
        assert await way.call(ledger, 7, KEY, confirm=confirm) is None
    assert [request.line for request in server.requests] == [way.asks]


@either
@pytest.mark.parametrize("confirm", UNCLEAR.values(), ids=UNCLEAR)
async def test_an_answer_other_than_yes_or_no_is_an_error_and_not_signed(
    confirm: Any, way: Way
) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="confirm must answer True, False or None"):
            await way.call(ledger, 7, KEY, confirm=confirm)
    assert [request.line for request in server.requests] == [way.asks]


@either
async def test_a_confirmation_whose_own_work_was_cancelled_is_an_error_of_ours(way: Way) -> None:
    async def confirm(_: object) -> bool:
        dead: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        dead.cancel()
        return await dead

    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="confirm was cancelled"):
            await way.call(ledger, 7, KEY, confirm=confirm)
    assert [request.line for request in server.requests] == [way.asks]


async def test_a_task_that_is_cancelled_while_it_confirms_is_cancelled() -> None:
    asked = asyncio.Event()

    async def confirm(_: object) -> bool:
        asked.set()
        return await asyncio.Event().wait()  # never

    async with vault() as (server, ledger):
        task = asyncio.create_task(ledger.requests.approve_with(7, KEY, confirm=confirm))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(server.requests) == 1


async def test_an_error_in_the_confirmation_is_the_callers_and_nothing_is_sent() -> None:
    def confirm(_: object) -> bool:
        raise KeyError("amount")

    async with vault() as (server, ledger):
        with pytest.raises(KeyError, match="amount"):
            await ledger.requests.approve_with(7, KEY, confirm=confirm)
    assert len(server.requests) == 1


async def test_what_is_shown_can_be_changed_without_changing_what_is_signed() -> None:
    async with vault() as (server, ledger):
        await ledger.requests.approve_with(7, KEY, confirm=lambda shown: not shown.clear())  # type: ignore[attr-defined]
    payload = jwt.PyJWS().decode(sent_jws(server), KEY.public_key(), algorithms=["ES256"])
    assert payload == CHALLENGE.encode()


@pytest.mark.parametrize("confirm", [True, "yes", 0])
async def test_a_confirmation_that_cannot_be_called_is_refused(confirm: Any) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="confirm"):
            await ledger.requests.approve_with(7, KEY, confirm=confirm)
        assert server.requests == []


# Signed elsewhere


NO_JWS = {
    "empty": "",
    "one part": "abc",
    "two parts": "abc.abc",
    "four parts": "a.b.c.d",
    "an empty part": "abc..abc",
    "padding": "abc=.abc.abc",
    "base64": "ab+c.abc.abc",
    "spaces": " abc.abc.abc",
    "an end of line": "abc.abc.abc\n",
    "bytes": b"abc.abc.abc",
    "a number": 7,
    "the parts": ["abc", "abc", "abc"],
    "the body": {"jws": "abc.abc.abc"},
}


@pytest.mark.parametrize("jws", [*NO_JWS.values(), None], ids=[*NO_JWS, "nothing"])
async def test_only_a_compact_jws_approves(jws: Any) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="jws must be a compact JWS"):
            await ledger.requests.approve(7, jws)
        assert server.requests == []


@pytest.mark.parametrize("jws", NO_JWS.values(), ids=NO_JWS)
async def test_only_a_compact_jws_rejects(jws: Any) -> None:
    async with vault() as (server, ledger):
        with pytest.raises(ConfigurationError, match="jws must be a compact JWS"):
            await ledger.requests.reject(7, jws)
        assert server.requests == []
