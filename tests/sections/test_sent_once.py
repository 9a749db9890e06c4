"""What is posted is sent once, unless it certainly had no effect."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from itertools import count
from typing import Any

import pytest
from raw_server import Answer, Peer, hang_up, last_words, nothing, reply, reset, stall
from samples import JWS, SAMPLES
from section_server import (
    HASTY,
    REQUEST,
    VAULT_REQUEST,
    Sample,
    answering,
    in_turn,
    json_reply,
)

from ledger_async import (
    ApiError,
    AuthenticationError,
    DecodeError,
    LedgerClient,
    LedgerError,
    RequestTimeoutError,
    RetryPolicy,
    ServerError,
    TransportError,
)
from ledger_async._auth.schemes import KeySource
from ledger_async.sandbox import Fault, Sandbox

pytestmark = pytest.mark.usefixtures("each_transport")

POSTS = {name: sample for name, sample in SAMPLES.items() if sample.line.startswith("POST")}
every_post = pytest.mark.parametrize("sample", POSTS.values(), ids=POSTS)

APPROVED = json_reply(VAULT_REQUEST)


def approve(ledger: LedgerClient) -> Awaitable[object]:
    return ledger.requests.approve(7, JWS)


def failed(status: str) -> bytes:
    return json_reply({"message": "no"}, status=status)


# Sent once

MAY_HAVE_ARRIVED: dict[str, tuple[Answer | bytes, type[LedgerError]]] = {
    "408": (failed("408 Request Timeout"), ApiError),
    "500": (failed("500 Internal Server Error"), ServerError),
    "502": (failed("502 Bad Gateway"), ServerError),
    "503": (failed("503 Service Unavailable"), ServerError),
    "503 that names a time": (
        json_reply({}, "Retry-After: 1", status="503 Service Unavailable"),
        ServerError,
    ),
    "a connection that is closed": (hang_up, TransportError),
    "a connection that is reset": (reset, TransportError),
    "a cut body": (last_words(reply(b'{"id"', length=99)), TransportError),
    "cut JSON": (reply(b'{"id"'), DecodeError),
    "nothing at all": (reply(b""), DecodeError),
    "no answer in time": (nothing, RequestTimeoutError),
    "half an answer in time": (stall(reply(b"{", length=9)), RequestTimeoutError),
}


@pytest.mark.parametrize(("answer", "cls"), MAY_HAVE_ARRIVED.values(), ids=MAY_HAVE_ARRIVED)
async def test_what_may_have_arrived_is_not_sent_again(
    answer: Answer | bytes, cls: type[LedgerError]
) -> None:
    async with answering(answer) as (server, ledger):
        with pytest.raises(LedgerError) as caught:
            await approve(ledger)
        assert (type(caught.value), caught.value.attempts) == (cls, 1)
        assert len(server.requests) == 1


@every_post
async def test_no_post_is_sent_again_after_a_failure(sample: Sample) -> None:
    answers = in_turn(failed("503 Service Unavailable"), json_reply(sample.answer))
    async with answering(answers) as (server, ledger):
        with pytest.raises(ServerError):
            await sample.call(ledger)
        assert len(server.requests) == 1


async def test_a_get_is_sent_again_after_a_failure() -> None:
    answers = in_turn(failed("503 Service Unavailable"), json_reply(REQUEST))
    async with answering(answers) as (server, ledger):
        await ledger.requests.get(7)
        assert len(server.requests) == 2


async def test_a_post_on_a_kept_connection_that_is_dropped_is_not_sent_again() -> None:
    async def answer(peer: Peer) -> None:
        if server.requests[-1].line.startswith("GET"):
            await peer.send(json_reply(REQUEST))
        else:
            peer.hang_up()

    async with answering(answer) as (server, ledger):
        await ledger.requests.get(7)
        with pytest.raises(TransportError):
            await approve(ledger)
        lines = [request.line.partition(" ")[0] for request in server.requests]
        assert (lines, len(server.peers)) == (["GET", "POST"], 1)


# Sent again

REFUSED = {
    "420": failed("420 Enhance Your Calm"),
    "420 that names a time": json_reply({}, "Retry-After: 5", status="420 Enhance Your Calm"),
    "429": failed("429 Too Many Requests"),
}


@pytest.mark.parametrize("answer", REFUSED.values(), ids=REFUSED)
async def test_what_the_rate_limit_refused_is_sent_again(answer: bytes) -> None:
    async with answering(in_turn(answer, answer, APPROVED)) as (server, ledger):
        await approve(ledger)
    assert [json.loads(request.body) for request in server.requests] == [{"jws": JWS}] * 3


@every_post
async def test_every_post_is_sent_again_after_the_rate_limit(sample: Sample) -> None:
    answers = in_turn(REFUSED["420"], json_reply(sample.answer))
    async with answering(answers) as (server, ledger):
        await sample.call(ledger)
    first, second = server.requests
    assert (first.line, first.body) == (second.line, second.body)


def another_key() -> KeySource:
    """A source of a key that is another each time."""
    numbers = count(1)

    async def fetch() -> str:
        return f"key number {next(numbers)}"

    return fetch


@every_post
async def test_every_post_is_sent_again_once_with_another_key(sample: Sample) -> None:
    answers = in_turn(failed("401 Unauthorized"), json_reply(sample.answer))
    async with answering(answers, api_key=another_key()) as (server, ledger):
        await sample.call(ledger)
    first, second = server.requests
    assert (first.line, first.body) == (second.line, second.body)


@pytest.mark.parametrize(("source", "sent"), [(another_key(), 2), ("a key that stays", 1)])
async def test_a_post_whose_credentials_stay_refused_is_not_sent_for_ever(
    source: str | KeySource, sent: int
) -> None:
    async with answering(failed("401 Unauthorized"), api_key=source) as (server, ledger):
        with pytest.raises(AuthenticationError):
            await approve(ledger)
        assert len(server.requests) == sent


async def test_a_connection_that_was_refused_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop: Any = asyncio.get_running_loop()
    connect = loop.sock_connect

    async def start_once_refused(*arguments: Any) -> None:
        try:
            await connect(*arguments)
        except ConnectionRefusedError:
            await server.listen()
            raise

    monkeypatch.setattr(loop, "sock_connect", start_once_refused)
    async with answering(APPROVED, listening=False) as (server, ledger):
        await approve(ledger)
        assert len(server.requests) == 1


async def test_connections_that_stay_refused_say_that_nothing_was_sent() -> None:
    policy = RetryPolicy(max_attempts=3, backoff_base=HASTY.backoff_base)
    async with answering(APPROVED, listening=False, retry=policy) as (_, ledger):
        with pytest.raises(TransportError) as caught:
            await approve(ledger)
    assert (caught.value.sent, caught.value.attempts) == (False, 3)


async def test_what_never_left_for_want_of_credentials_says_so() -> None:
    async def nobody() -> str:
        raise TransportError("the key store is not there")

    async with LedgerClient("http://127.0.0.1:9", api_key=nobody) as ledger:
        with pytest.raises(TransportError) as caught:
            await ledger.requests.approve(5, "a.b.c")
    assert (caught.value.attempts, caught.value.sent) == (0, False)


async def test_no_log_says_that_a_post_is_sent_again_which_is_not(
    sandbox: Sandbox, ledger: LedgerClient, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.fail(Fault.status(503))
    with caplog.at_level(logging.DEBUG), pytest.raises(ServerError):
        await ledger.requests.approve(5, "a.b.c")
    assert "again" not in caplog.text
