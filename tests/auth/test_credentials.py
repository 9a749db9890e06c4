"""Credentials in use: fetched once for many requests, and renewed once however many are refused."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hunter import shown
from sign_in import (
    ONCE,
    SECRET,
    Desk,
    bearer,
    bearer_of,
    client,
    credentials,
    failure,
    paths,
)

from ledger_async import BearerAuth, LamAuth
from ledger_async._protocol.messages import Request, Response
from ledger_async.errors import (
    AuthenticationError,
    ConfigurationError,
    DecodeError,
    RequestTimeoutError,
    ServerError,
)
from ledger_async.sandbox import Fault, Sandbox

# A key from a callable


class KeyStore:
    """A callable that fetches keys: each call the next one; counts the calls."""

    def __init__(self, *keys: str) -> None:
        self._keys = list(keys)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        await asyncio.sleep(1)
        return self._keys.pop(0) if len(self._keys) > 1 else self._keys[0]


async def test_a_key_is_fetched_once_for_many_requests(sandbox: Sandbox) -> None:
    store = KeyStore(sandbox.api_key)
    async with client(sandbox, LamAuth(sandbox.api_user, store)) as ledger:
        await asyncio.gather(*(ledger.accounts.get(101) for _ in range(20)))
        await ledger.accounts.get(101)
    assert store.calls == 1


async def test_a_client_takes_a_callable_for_its_key(sandbox: Sandbox) -> None:
    store = KeyStore(sandbox.api_key)
    async with client(sandbox, api_key=store, api_user=sandbox.api_user) as ledger:
        await ledger.accounts.get(101)
    assert store.calls == 1


async def test_a_rotated_key_is_fetched_once_though_many_are_refused(sandbox: Sandbox) -> None:
    store = KeyStore(sandbox.api_key, "sandbox-key-2")
    async with client(sandbox, LamAuth(sandbox.api_user, store)) as ledger:
        await ledger.accounts.get(101)
        sandbox.rotate_api_key("sandbox-key-2")
        await asyncio.gather(*(ledger.accounts.get(101) for _ in range(10)))
    assert store.calls == 2


async def test_a_second_401_in_a_row_is_an_error(sandbox: Sandbox) -> None:
    store = KeyStore("wrong", "wrong as well", "right too late")
    async with client(sandbox, LamAuth(sandbox.api_user, store)) as ledger:
        error = await failure(ledger)
    assert (type(error), error.attempts, store.calls) == (AuthenticationError, 2, 2)
    assert len(sandbox.requests) == 2


async def test_a_fixed_key_is_not_tried_twice(sandbox: Sandbox) -> None:
    async with client(sandbox, api_key="wrong", api_user=sandbox.api_user) as ledger:
        error = await failure(ledger)
    assert (type(error), error.attempts, len(sandbox.requests)) == (AuthenticationError, 1, 1)


async def test_a_key_store_that_fails_is_named_by_its_error_and_not_quoted() -> None:
    async def broken() -> str:
        raise KeyError(f"no key beside {SECRET}")

    with pytest.raises(ConfigurationError, match="KeyError") as caught:
        await credentials(LamAuth("operator", broken)).headers()
    assert SECRET not in shown(caught.value)


async def test_an_error_of_ours_passes_through_a_key_store() -> None:
    async def limited() -> str:
        raise ServerError("503 the vault is sealed", status=503)

    with pytest.raises(ServerError, match="sealed"):
        await credentials(LamAuth("operator", limited)).headers()


@pytest.mark.parametrize("key", [None, 5, b"key", "", f"{SECRET}\n", f"{SECRET}é"], ids=ascii)
async def test_what_a_key_store_gives_is_checked_like_any_key(key: Any) -> None:
    async def store() -> str:
        await asyncio.sleep(0)
        return key  # type: ignore[no-any-return]

    with pytest.raises(ConfigurationError, match="api_key callable") as caught:
        await credentials(LamAuth("operator", store)).headers()
    assert SECRET not in shown(caught.value)


async def test_a_key_store_that_hangs_is_a_timeout() -> None:
    async def hangs() -> str:
        await asyncio.Event().wait()
        return "never"

    async with asyncio.timeout(31):
        with pytest.raises(RequestTimeoutError):
            await credentials(LamAuth("operator", hangs), seconds=30).headers()


# A bearer's token


async def test_a_token_is_fetched_once_for_many_requests(sandbox: Sandbox) -> None:
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        await asyncio.gather(*(ledger.accounts.get(101) for _ in range(20)))
    assert paths(sandbox) == ["/auth/token"]


async def test_a_token_is_kept_for_most_of_its_life() -> None:
    desk = Desk(expires_in=300)
    keeper = credentials(bearer(), desk)
    await keeper.headers()
    await asyncio.sleep(269)
    await keeper.headers()
    assert desk.paths == ["/auth/token"]


async def test_a_token_is_renewed_before_its_end_by_its_refresh_token() -> None:
    desk = Desk(expires_in=300)
    keeper = credentials(bearer(), desk)
    await keeper.headers()
    await asyncio.sleep(271)
    assert (await keeper.headers()).reveal()["Authorization"] == "Bearer access-2"
    assert desk.paths == ["/auth/token", "/auth/token/refresh"]
    assert desk.bodies[1] == {"refresh_token": "refresh-1"}


async def test_no_request_ever_brings_a_token_that_has_expired(sandbox: Sandbox) -> None:
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        for _ in range(100):
            await ledger.accounts.get(101)
            await asyncio.sleep(17)
    assert {request.status for request in sandbox.requests} == {200}


async def test_a_token_is_renewed_once_though_many_need_it() -> None:
    desk = Desk()
    keeper = credentials(bearer(), desk)
    await keeper.headers()
    await asyncio.sleep(290)
    found = await asyncio.gather(*(keeper.headers() for _ in range(20)))
    assert {headers.reveal()["Authorization"] for headers in found} == {"Bearer access-2"}
    assert len(desk.paths) == 2


async def test_a_token_that_is_refused_midway_is_renewed_once_while_others_wait(
    sandbox: Sandbox,
) -> None:
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        await ledger.accounts.get(101)
        sandbox.expire_tokens()
        await asyncio.gather(*(ledger.accounts.get(101) for _ in range(10)))
    assert paths(sandbox) == ["/auth/token", "/auth/token/refresh"]


async def test_a_late_401_to_an_old_token_does_not_cost_the_new_one() -> None:
    desk = Desk()
    keeper = credentials(bearer(), desk)
    old = await keeper.headers()
    keeper.reject(old)
    new = await keeper.headers()
    keeper.reject(old)
    assert await keeper.headers() is new


@pytest.mark.parametrize("status", [400, 401, 403, 404])
async def test_a_refused_refresh_falls_back_to_the_key(sandbox: Sandbox, status: int) -> None:
    # OAuth servers refuse a spent refresh token with 400 `invalid_grant`.
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        await ledger.accounts.get(101)
        sandbox.expire_tokens()
        sandbox.fail(Fault.status(status), path="/auth/token/refresh")
        await ledger.accounts.get(101)
    assert paths(sandbox) == ["/auth/token", "/auth/token/refresh", "/auth/token"]


@pytest.mark.parametrize("status", [420, 503])
async def test_a_refresh_that_fails_in_passing_is_repeated(sandbox: Sandbox, status: int) -> None:
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        await ledger.accounts.get(101)
        sandbox.expire_tokens()
        sandbox.fail(Fault.status(status), path="/auth/token/refresh")
        await ledger.accounts.get(101)
    assert paths(sandbox) == ["/auth/token", "/auth/token/refresh", "/auth/token/refresh"]


async def test_an_expired_refresh_token_falls_back_to_the_key(sandbox: Sandbox) -> None:
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        await ledger.accounts.get(101)
        sandbox.expire_tokens(refresh=True)
        await ledger.accounts.get(101)
    assert paths(sandbox) == ["/auth/token", "/auth/token/refresh", "/auth/token"]


async def test_a_new_token_that_is_refused_too_is_an_error(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(401), times=99, path="/accounts/*")
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        error = await failure(ledger)
    assert (type(error), error.attempts) == (AuthenticationError, 2)
    assert len(paths(sandbox, "/accounts")) == 2


async def test_a_wrong_key_secret_is_asked_about_once(sandbox: Sandbox) -> None:
    auth = BearerAuth(sandbox.workspace, sandbox.api_key_id, "wrong")
    async with client(sandbox, auth) as ledger:
        error = await failure(ledger)
    assert (type(error), error.method, error.path) == (AuthenticationError, "POST", "/auth/token")
    assert len(sandbox.requests) == 1


async def test_when_the_renewing_task_is_cancelled_another_takes_over() -> None:
    desk = Desk()
    desk.open.clear()
    keeper = credentials(bearer(), desk)
    first, second = (asyncio.create_task(keeper.headers()) for _ in range(2))
    await asyncio.sleep(1)
    first.cancel()
    await asyncio.sleep(1)
    desk.open.set()
    assert (await second).reveal()["Authorization"] == "Bearer access-1"
    assert desk.paths == ["/auth/token", "/auth/token"]


async def test_a_failed_renewal_fails_all_who_stood_in_line_and_is_tried_again_by_the_next() -> (
    None
):
    answers = iter([b"{", b'{"access_token": "second", "expires_in": 300}'])

    async def send(request: Request, headers: Mapping[str, str]) -> Response:
        await asyncio.sleep(1)
        return Response(200, {}, next(answers))

    keeper = credentials(bearer(), send)
    line = [asyncio.create_task(keeper.headers()) for _ in range(5)]
    failures = await asyncio.gather(*line, return_exceptions=True)
    assert [type(each) for each in failures] == [DecodeError] * 5
    assert len({id(each) for each in failures}) == 5
    assert (await keeper.headers()).reveal()["Authorization"] == "Bearer second"


async def test_a_key_callable_whose_own_work_was_cancelled_is_an_error_of_ours() -> None:
    """Nobody cancelled the request."""

    async def key() -> str:
        work = asyncio.create_task(asyncio.sleep(10, "key"))
        asyncio.get_running_loop().call_later(1, work.cancel)
        return await work

    keeper = credentials(LamAuth("operator", key))
    with pytest.raises(ConfigurationError, match="cancelled"):
        await keeper.headers()


async def test_a_token_without_a_refresh_token_is_bought_again() -> None:
    async def send(request: Request, headers: Mapping[str, str]) -> Response:
        asked.append(request.path)
        return Response(200, {}, b'{"access_token": "a", "expires_in": 300}')

    asked: list[str] = []
    keeper = credentials(bearer(), send)
    for _ in range(2):
        await keeper.headers()
        await asyncio.sleep(300)
    assert asked == ["/auth/token", "/auth/token"]


@pytest.mark.parametrize("expires_in", [0, -5])
async def test_a_token_that_is_born_expired_still_serves_one_request(expires_in: int) -> None:
    desk = Desk(expires_in=expires_in)
    keeper = credentials(bearer(), desk)
    assert (await keeper.headers()).reveal()["Authorization"] == "Bearer access-1"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>502</html>",
        b"null",
        b"[]",
        f'{{"access_token": "{SECRET}", "expires_in": 300'.encode(),
        f'{{"access_token": "{SECRET}"}}'.encode(),
        f'{{"access_token": "{SECRET}", "expires_in": null}}'.encode(),
        f'{{"access_token": "{SECRET}", "expires_in": "soon"}}'.encode(),
        f'{{"access_token": "{SECRET}", "expires_in": 300, "refresh_token": 5}}'.encode(),
        f'{{"access_token": ["{SECRET}"], "expires_in": 300}}'.encode(),
        f'{{"access_token": "{SECRET}\\n", "expires_in": 300}}'.encode(),
        f'{{"access_token": "{SECRET}é", "expires_in": 300}}'.encode(),
        f'{{"access_token": "{SECRET}'.encode() + b'\xff", "expires_in": 300}',
        b'{"access_token": "", "expires_in": 300}',
    ],
    ids=lambda answer: ascii(answer[-24:]),
)
async def test_a_malformed_token_answer_is_a_decode_error_that_shows_no_token(
    answer: bytes,
) -> None:
    async def send(request: Request, headers: Mapping[str, str]) -> Response:
        return Response(200, {}, answer)

    with pytest.raises(DecodeError) as caught:
        await credentials(bearer(), send).headers()
    assert SECRET not in shown(caught.value)
    assert (caught.value.method, caught.value.path) == ("POST", "/auth/token")


async def test_a_truncated_token_answer_is_asked_for_again(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(200, body=b'{"access_token": "a'), path="/auth/token")
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        await ledger.accounts.get(101)
    assert paths(sandbox) == ["/auth/token", "/auth/token"]


async def test_a_failing_token_endpoint_is_asked_again_like_any_other(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(503), times=2, path="/auth/token")
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        await ledger.accounts.get(101)
    assert paths(sandbox) == ["/auth/token"] * 3


async def test_an_error_of_the_token_endpoint_counts_how_often_that_was_asked(
    sandbox: Sandbox,
) -> None:
    sandbox.fail(Fault.status(503), times=99, path="/auth/token")
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        error = await failure(ledger)
    assert (error.path, error.attempts) == ("/auth/token", len(sandbox.requests))


async def test_an_error_does_not_count_the_token_requests_before_it(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.status(503), times=2, path="/auth/token")
    sandbox.fail(Fault.status(404), path="/accounts/*")
    async with client(sandbox, bearer_of(sandbox)) as ledger:
        error = await failure(ledger)
    assert (error.path, error.attempts) == ("/accounts/101", len(paths(sandbox, "/accounts")))


async def test_a_key_store_that_fails_leaves_nothing_sent_and_nothing_counted(
    sandbox: Sandbox,
) -> None:
    async def broken() -> str:
        raise KeyError("no key")

    async with client(sandbox, LamAuth(sandbox.api_user, broken)) as ledger:
        error = await failure(ledger)
    assert (error.attempts, sandbox.requests) == (0, [])


async def test_a_token_endpoint_that_hangs_is_told_from_a_slow_answer(sandbox: Sandbox) -> None:
    sandbox.fail(Fault.stall(999), path="/auth/token")
    async with client(sandbox, bearer_of(sandbox), retry=ONCE) as ledger:
        error = await failure(ledger)
    assert isinstance(error, RequestTimeoutError)
    assert "credentials" in error.message
