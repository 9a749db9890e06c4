"""Secrets that a server echoes: no error shows one, and no log."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from collections.abc import Callable

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from hunter import places, shown
from raw_server import RawServer, reply
from sign_in import (
    ONCE,
    SECRET,
    bearer_of,
    client,
    credentials,
    failure,
    stored_key,
)
from written_secrets import FORMS, KEY

from ledger_async import BearerAuth, LamAuth, LedgerClient, ReportingAuth, RetryPolicy
from ledger_async._auth.lease import Auth, Lease
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async.errors import AuthenticationError, BadRequestError, DecodeError, TransportError
from ledger_async.sandbox import Fault, Sandbox


def escaped(secret: str) -> bytes:
    """An error body as some languages write it: `/` may stand as `\\/` in JSON."""
    return json.dumps({"message": f"bad key {secret}"}).replace("/", "\\/").encode()


ECHOES: dict[str, Callable[[str], Fault]] = {
    "an error's message": lambda secret: Fault.status(
        400, body=json.dumps({"message": f"bad key {secret}"}).encode()
    ),
    "an error's message, cut within the secret": lambda secret: Fault.status(
        400, body=json.dumps({"message": "x" * 190 + secret}).encode()
    ),
    "an error's message, escaped": lambda secret: Fault.status(400, body=escaped(secret)),
    "other JSON": lambda secret: Fault.json({"id": secret}),
    "other JSON, escaped": lambda secret: Fault.status(
        200, body=escaped(secret).replace(b"message", b"id")
    ),
    "no JSON": lambda secret: Fault.html(f"<p>Hello {secret}</p>", status=200),
    "no JSON, cut at the secret's end": lambda secret: Fault.status(
        200, body=b'{"id": !' + b" " * 60 + secret.encode()
    ),
    "no JSON, cut at the secret's start": lambda secret: Fault.status(
        200, body=f'{{"id": "{secret}",'.encode() + b" " * 24 + b"!" + b" " * 60
    ),
    "no UTF-8": lambda secret: Fault.status(200, body=f'{{"name": "{secret} '.encode() + b'\xff"}'),
    "cut JSON": lambda secret: Fault.status(200, body=f'{{"id": "{secret}'.encode()),
    "the target of a redirect": lambda secret: Fault.redirect(f"https://evil.example/{secret}"),
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
async def test_no_error_shows_a_key_that_the_server_echoes(
    sandbox: Sandbox, echo: Callable[[str], Fault]
) -> None:
    sandbox.api_key = SECRET
    sandbox.fail(echo(SECRET), times=9)
    async with client(sandbox, retry=ONCE) as ledger:
        error = await failure(ledger)
    assert SECRET[:8] not in shown(error) + repr(pickle.dumps(error))
    assert SECRET[-8:] not in shown(error)


@pytest.mark.parametrize("write", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("status", [200, 400])
async def test_no_error_shows_a_key_that_the_server_echoes_in_another_form(
    sandbox: Sandbox, status: int, write: Callable[[str], str]
) -> None:
    sandbox.api_key = KEY
    body = b'{"message": "bad key %s"}' % write(KEY).encode()
    sandbox.fail(Fault.status(status, body=body if status == 400 else b"<p>" + body), times=9)
    async with client(sandbox, retry=ONCE) as ledger:
        error = await failure(ledger)
    assert write(KEY)[:16] not in shown(error)
    assert places(error, KEY) == []


async def test_a_short_key_does_not_hide_what_is_wrong(sandbox: Sandbox) -> None:
    sandbox.api_key = "p"
    sandbox.fail(Fault.html("<p>Please sign in</p>", status=200))
    async with client(sandbox, retry=ONCE) as ledger:
        error = await failure(ledger)
    assert "sign in" in str(error)


def with_store_token(sandbox: Sandbox) -> Auth:
    sandbox.store_auth_token = SECRET
    return LamAuth(sandbox.api_user, sandbox.api_key, SECRET)


def with_reporting_key(sandbox: Sandbox) -> Auth:
    sandbox.reporting_api_key = SECRET
    return ReportingAuth(sandbox.workspace, SECRET)


def with_key_secret(sandbox: Sandbox) -> Auth:
    sandbox.api_key_secret = SECRET
    return BearerAuth(sandbox.workspace, sandbox.api_key_id, SECRET)


def with_key_of_a_store(sandbox: Sandbox) -> Auth:
    sandbox.api_key = SECRET
    return LamAuth(sandbox.api_user, stored_key)


@pytest.mark.parametrize(
    "scheme", [with_store_token, with_reporting_key, with_key_secret, with_key_of_a_store]
)
async def test_every_secret_of_every_scheme_is_kept_out_of_errors(
    sandbox: Sandbox, scheme: Callable[[Sandbox], Auth]
) -> None:
    auth = scheme(sandbox)
    sandbox.fail(ECHOES["an error's message"](SECRET), path="/accounts/*")
    async with client(sandbox, auth) as ledger:
        error = await failure(ledger)
    assert error.message == "400 bad key ***"


async def test_an_answer_that_decodes_only_without_the_secret_does_not_decode(
    sandbox: Sandbox,
) -> None:
    sandbox.api_key = "\\q"  # which no JSON string may hold
    page = b'{"edges": [], "page_info": {"count": 0, "has_next_page": false, \\q}}'
    sandbox.fail(Fault.status(200, body=page))
    async with client(sandbox) as ledger:
        with pytest.raises(DecodeError):
            await ledger.nfts.page(102)


@pytest.mark.parametrize("token", ["sandbox-access-1", "sandbox-refresh-1"])
async def test_tokens_are_kept_out_of_errors(sandbox: Sandbox, token: str) -> None:
    sandbox.fail(ECHOES["an error's message"](token), path="/accounts/*")
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        error = await failure(ledger)
    assert error.message == "400 bad key ***"


async def test_a_token_endpoint_that_echoes_the_key_secret_does_not_show_it(
    sandbox: Sandbox,
) -> None:
    sandbox.fail(ECHOES["an error's message"](SECRET), path="/auth/token")
    auth = BearerAuth(sandbox.workspace, sandbox.api_key_id, SECRET)
    async with client(sandbox, auth) as ledger:
        error = await failure(ledger)
    assert type(error) is BadRequestError
    assert SECRET not in shown(error)


async def test_a_token_that_was_renewed_meanwhile_is_kept_out_of_errors_too(
    sandbox: Sandbox,
) -> None:
    # It may live on for a while: the renewal comes early.
    arrived, answer = asyncio.Event(), asyncio.Event()

    async def echo_later(request: web.Request, handler: Handler) -> web.StreamResponse:
        arrived.set()
        await answer.wait()
        echo = {"message": f"no {request.headers['Authorization']}"}
        return web.json_response(echo, status=400)

    async with client(sandbox, bearer_of(sandbox), timeout=999) as ledger:
        await ledger.accounts.get(101)
        sandbox.fail(Fault("echo", echo_later))
        slow = asyncio.create_task(failure(ledger))
        await arrived.wait()
        await asyncio.sleep(280)
        await ledger.accounts.get(101)
        answer.set()
        error = await slow
    assert "sandbox-access-1" not in shown(error)


async def test_a_secret_within_a_secret_does_not_leave_a_rest() -> None:
    keeper = credentials(LamAuth("operator", "abcdabcd", "abcdabcd-efgh"))
    await keeper.headers()
    assert keeper.redact("got abcdabcd-efgh and abcdabcd") == "got *** and ***"


@pytest.mark.parametrize(
    "body", [json.dumps({"message": f"bad key {SECRET}"}).encode(), escaped(SECRET)]
)
async def test_no_log_shows_a_key_that_the_server_echoes(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.api_key = SECRET
    for status in (503, 420, 400):
        sandbox.fail(Fault.status(status, body=body))
    async with client(sandbox, retry=RetryPolicy(backoff_base=1e-9)) as ledger:
        await failure(ledger)
    assert len(caplog.records) >= 2
    assert SECRET not in caplog.text


async def test_no_log_shows_a_token(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        await ledger.accounts.get(101)
        sandbox.expire_tokens(refresh=True)
        await ledger.accounts.get(101)
    for secret in (sandbox.api_key_secret, "sandbox-access-", "sandbox-refresh-"):
        assert secret not in caplog.text


async def test_the_key_of_a_client_goes_to_its_origin_only() -> None:
    async with RawServer(reply()) as elsewhere:
        there = reply(b"", f"Location: {elsewhere.url}/accounts/101", status="307 Temporary")
        async with RawServer(there) as server, LedgerClient(server.url, api_key=SECRET) as ledger:
            await failure(ledger)
            assert server.requests[0].headers["x-ledger-api-key"] == SECRET
    assert elsewhere.requests == []


# Who else may choose the words of an error


class Talkative:
    """A scheme whose errors quote its secret."""

    renewable = True
    secrets = (SECRET,)

    async def lease(self, send: object, renewal: str | None) -> Lease:
        raise AuthenticationError(f"no headers for {SECRET}")


async def test_an_error_that_a_scheme_words_itself_does_not_show_its_secret() -> None:
    async with LedgerClient("http://127.0.0.1:9", auth=Talkative(), retry=ONCE) as ledger:
        error = await failure(ledger)
    assert error.message == "no headers for ***"
    assert SECRET not in shown(error)


async def test_a_failure_that_a_transport_words_itself_does_not_show_the_key() -> None:
    class Wire:
        async def send(self, request: Request, headers: Headers) -> Response:
            raise TransportError(f"the connection failed: {headers.reveal()['X-Ledger-API-Key']}")

        async def close(self) -> None:
            """Nothing is open."""

    async with LedgerClient(api_key=SECRET, transport=Wire(), retry=ONCE) as ledger:
        error = await failure(ledger)
    assert error.message == "the connection failed: ***"
    assert SECRET not in shown(error)
