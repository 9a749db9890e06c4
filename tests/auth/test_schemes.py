"""Credentials: the headers of each scheme, when they are renewed, and that nothing shows them."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler
from hunter import places, shown
from raw_server import Peer, RawServer, reply
from rich.pretty import pretty_repr
from written_secrets import FORMS, KEY

from ledger_async import BearerAuth, LamAuth, LedgerClient, ReportingAuth, RetryPolicy
from ledger_async._auth.credentials import Credentials
from ledger_async._auth.lease import Auth, Lease
from ledger_async._auth.schemes import Secret
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async.errors import (
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    DecodeError,
    LedgerError,
    RequestTimeoutError,
    ServerError,
)
from ledger_async.sandbox import Fault, Sandbox

SECRET = "s3cret/that+nobody=may-see"
ONCE = RetryPolicy(max_attempts=1)
HASTY = RetryPolicy(backoff_base=0.0, max_outage=0.0)


class Desk:
    """The gateway's token endpoints, as the `send` of a client: answers at once, or when told."""

    def __init__(self, *, expires_in: int = 300) -> None:
        self.expires_in = expires_in
        self.paths: list[str] = []
        self.bodies: list[dict[str, str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self._numbers = count(1)

    async def __call__(self, request: Request, headers: Mapping[str, str]) -> Response:
        self.paths.append(request.path)
        self.bodies.append(json.loads(request.content or b""))
        await self.open.wait()
        number = next(self._numbers)
        tokens = {
            "access_token": f"access-{number}",
            "refresh_token": f"refresh-{number}",
            "expires_in": self.expires_in,
        }
        return Response(200, {}, json.dumps(tokens).encode())


async def nobody(request: Request, headers: Mapping[str, str]) -> Response:
    """The `send` of schemes that need none."""
    raise AssertionError(f"{request.path} was asked for")


def bearer() -> BearerAuth:
    return BearerAuth("workspace", "key-id", SECRET)


def credentials(auth: Auth, send: Any = nobody, *, seconds: float = 30.0) -> Credentials:
    return Credentials(auth, send, timeout=seconds)


def client(sandbox: Sandbox, auth: Auth | None = None, **options: Any) -> LedgerClient:
    if auth is None and "api_key" not in options:
        options = {"api_key": sandbox.api_key, "api_user": sandbox.api_user, **options}
    return LedgerClient(sandbox.url, auth=auth, **{"retry": HASTY, **options})


def bearer_of(sandbox: Sandbox) -> BearerAuth:
    return BearerAuth(sandbox.workspace, sandbox.api_key_id, sandbox.api_key_secret)


def paths(sandbox: Sandbox, part: str = "/auth") -> list[str]:
    return [request.path for request in sandbox.requests if part in request.path]


async def failure(ledger: LedgerClient) -> LedgerError:
    """The error of one call."""
    with pytest.raises(LedgerError) as caught:
        await ledger.accounts.get(101)
    return caught.value


# What each scheme sends


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        (LamAuth("operator"), {"X-Ledger-API-User": "operator"}),
        (LamAuth(api_key="key"), {"X-Ledger-API-Key": "key"}),
        (LamAuth("operator", "key"), {"X-Ledger-API-User": "operator", "X-Ledger-API-Key": "key"}),
        (
            LamAuth("operator", "key", "store"),
            {
                "X-Ledger-API-User": "operator",
                "X-Ledger-API-Key": "key",
                "X-Ledger-Store-Auth-Token": "store",
            },
        ),
        (
            ReportingAuth("workspace", "key"),
            {"X-Ledger-Workspace": "workspace", "X-Ledger-Reporting-API-Key": "key"},
        ),
    ],
    ids=repr,
)
async def test_a_scheme_has_its_headers(auth: Auth, headers: dict[str, str]) -> None:
    assert (await credentials(auth).headers()).reveal() == headers


async def test_a_bearer_sends_its_token_and_its_workspace() -> None:
    assert (await credentials(bearer(), Desk()).headers()).reveal() == {
        "X-Ledger-Workspace": "workspace",
        "Authorization": "Bearer access-1",
    }


async def test_a_bearer_buys_its_token_with_its_key() -> None:
    desk = Desk()
    await credentials(bearer(), desk).headers()
    assert desk.bodies == [{"api_key_id": "key-id", "api_key_secret": SECRET}]


def lam(sandbox: Sandbox) -> Auth:
    return LamAuth(sandbox.api_user, sandbox.api_key)


def lam_without_a_key(sandbox: Sandbox) -> Auth:
    sandbox.api_key = ""
    return LamAuth(sandbox.api_user)


def lam_behind_a_vault(sandbox: Sandbox) -> Auth:
    sandbox.store_auth_token = "store-token"
    return LamAuth(sandbox.api_user, sandbox.api_key, "store-token")


def reporting(sandbox: Sandbox) -> Auth:
    return ReportingAuth(sandbox.workspace, sandbox.reporting_api_key)


@pytest.mark.parametrize(
    "scheme", [lam, lam_without_a_key, lam_behind_a_vault, reporting, bearer_of]
)
async def test_a_workspace_lets_each_scheme_in(
    sandbox: Sandbox, scheme: Callable[[Sandbox], Auth]
) -> None:
    async with client(sandbox, scheme(sandbox)) as ledger:
        assert (await ledger.accounts.get(101)).id == 101


# What cannot be a secret

ARGUMENTS: dict[str, Callable[[Any], object]] = {
    "api_user": lambda value: LamAuth(value, "key"),
    "api_key": lambda value: LamAuth("operator", value),
    "store_auth_token": lambda value: LamAuth("operator", "key", value),
    "workspace": lambda value: ReportingAuth(value, "key"),
    "reporting_api_key": lambda value: ReportingAuth("workspace", value),
    "api_key_id": lambda value: BearerAuth("workspace", value, "secret"),
    "api_key_secret": lambda value: BearerAuth("workspace", "id", value),
}
UNFIT = [f"{SECRET}{char}{SECRET}" for char in "\n\r\t\0\x1b\x7f\x80é\u2028٣"] + [
    f"{SECRET}\r\nX-Injected: 1",
    f"{SECRET}\n",
    f" {SECRET}",
    f"{SECRET} ",
    SECRET.encode(),
    [SECRET],
]


@pytest.mark.parametrize("value", UNFIT, ids=ascii)
@pytest.mark.parametrize(("name", "scheme"), ARGUMENTS.items(), ids=ARGUMENTS)
def test_what_cannot_stand_in_a_header_is_refused_by_name_and_not_shown(
    name: str, scheme: Callable[[Any], object], value: object
) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name} ") as caught:
        scheme(value)
    assert SECRET not in shown(caught.value)


@pytest.mark.parametrize(("name", "scheme"), ARGUMENTS.items(), ids=ARGUMENTS)
def test_an_empty_credential_is_refused_by_name(name: str, scheme: Callable[[Any], object]) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name} is empty"):
        scheme("")


def test_a_lam_wants_a_user_or_a_key() -> None:
    with pytest.raises(ConfigurationError, match="api_key and api_user"):
        LamAuth()


# What shows nothing

SCHEMES: dict[str, Auth] = {
    "lam": LamAuth("operator", SECRET, f"{SECRET}-store"),
    "reporting": ReportingAuth("workspace", SECRET),
    "bearer": bearer(),
}
LEASE = Lease({"X-Ledger-API-Key": SECRET}, secrets=(SECRET,), renewal=SECRET)


async def stored_key() -> str:
    return SECRET


def attempt(form: Callable[[object], object], thing: object) -> str:
    try:
        return repr(form(thing))
    except (TypeError, AttributeError, pickle.PicklingError):
        return "it refused"


def shows(thing: object) -> str:
    """A thing in every form that ends up in logs, reports and files."""
    return " ".join(attempt(form, thing) for form in (repr, str, copy.copy, pickle.dumps))


@pytest.mark.parametrize(
    "thing",
    [*SCHEMES.values(), Secret("api_key", SECRET), LEASE],
    ids=lambda thing: str(type(thing)),
)
def test_what_holds_a_secret_does_not_show_it(thing: object) -> None:
    assert SECRET not in shows(thing)


@pytest.mark.parametrize("auth", SCHEMES.values(), ids=SCHEMES)
def test_not_even_the_insides_of_a_scheme_show_it(auth: Auth) -> None:
    assert SECRET not in repr(vars(auth))


@pytest.mark.parametrize("auth", [*SCHEMES.values(), LamAuth("operator", stored_key)], ids=repr)
async def test_credentials_in_use_do_not_show_them(auth: Auth) -> None:
    async def tokens(request: Request, headers: Mapping[str, str]) -> Response:
        return Response(200, {}, json.dumps({"access_token": SECRET, "expires_in": 9}).encode())

    in_use = credentials(auth, tokens)
    await in_use.headers()
    assert SECRET not in shows(in_use) + repr(vars(in_use))


async def test_credentials_with_a_key_of_a_callable_do_not_pickle_it() -> None:
    in_use = credentials(LamAuth("operator", stored_key))
    await in_use.headers()
    assert SECRET not in shows(in_use)


@pytest.mark.parametrize("auth", SCHEMES.values(), ids=SCHEMES)
async def test_a_client_does_not_show_them(auth: Auth) -> None:
    async with LedgerClient("https://lam.example", auth=auth) as ledger:
        assert SECRET not in shows(ledger) + repr(vars(ledger))


def test_a_client_says_why_it_does_not_pickle() -> None:
    with pytest.raises(TypeError, match="credentials"):
        pickle.dumps(LedgerClient("https://lam.example", api_key=SECRET))


def test_a_scheme_can_be_copied_and_shared() -> None:
    assert repr(copy.copy(LamAuth("operator", SECRET))) == "LamAuth(api_user='operator')"


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


# What the frames of an error hold


async def refused(_request: Request, _headers: Mapping[str, str]) -> Response:
    raise AuthenticationError("401 no", status=401)


async def unavailable(_request: Request, _headers: Mapping[str, str]) -> Response:
    raise ServerError("503 no", status=503)


async def malformed(_request: Request, _headers: Mapping[str, str]) -> Response:
    return Response(200, {}, b'{"access_token": "%s", "expires_in": "x"}' % SECRET.encode())


UNMADE: dict[str, Callable[[], object]] = {
    "api_key": lambda: LamAuth("operator", f"{SECRET}\n"),
    "store_auth_token": lambda: LamAuth("operator", "key", f"{SECRET}\n"),
    "reporting_api_key": lambda: ReportingAuth("workspace", f"{SECRET}\n"),
    "api_key_secret": lambda: BearerAuth("workspace", "id", f"{SECRET}\n"),
    "neither a user nor a key": lambda: LamAuth(store_auth_token=SECRET),
    "the user": lambda: LamAuth("\n", SECRET, SECRET),
    "the workspace of a key": lambda: ReportingAuth("\n", SECRET),
    "the workspace": lambda: BearerAuth("\n", "id", SECRET),
    "the id of a key": lambda: BearerAuth("workspace", "\n", SECRET),
}


@pytest.mark.parametrize("make", UNMADE.values(), ids=UNMADE)
def test_no_frame_of_a_scheme_that_could_not_be_made_holds_a_secret(
    make: Callable[[], object],
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make()
    assert places(caught.value, SECRET) == []


@pytest.mark.parametrize("renewal", [None, f"refresh-{SECRET}"], ids=["bought", "refreshed"])
@pytest.mark.parametrize("send", [refused, unavailable, malformed])
async def test_no_frame_of_a_failed_renewal_holds_a_secret(send: Any, renewal: str | None) -> None:
    with pytest.raises(LedgerError) as caught:
        await bearer().lease(send, renewal)
    assert places(caught.value, SECRET) == []


@pytest.mark.parametrize("key", [f"{SECRET}\n", [SECRET], SECRET.encode()])
async def test_no_frame_of_a_key_store_holds_a_key_that_is_unfit(key: Any) -> None:
    async def fetch() -> Any:
        return key

    with pytest.raises(ConfigurationError) as caught:
        await credentials(LamAuth("operator", fetch)).headers()
    assert places(caught.value, SECRET) == []


def test_rich_shows_only_the_names_of_headers() -> None:
    headers = Headers({"X-Ledger-API-Key": SECRET})
    assert pretty_repr(headers) == "Headers('X-Ledger-API-Key')"


# What a server echoes


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


# Schemes of others


class Own:
    """A scheme that goes on with the same headers."""

    renewable = True
    secrets = ()

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        self.leases = 0

    async def lease(self, send: object, renewal: str | None) -> Lease:
        self.leases += 1
        await asyncio.sleep(1)
        if "X-Key" in self.headers:
            self.headers["X-Key"] = f"key {self.leases}"
        return Lease(self.headers, secrets=())


async def test_headers_that_a_scheme_changes_are_sent_as_they_are_then() -> None:
    async def answer(peer: Peer) -> None:
        good = server.requests[-1].headers["x-key"] == "key 2"
        status = "200 OK" if good else "401 Unauthorized"
        empty = b'{"edges": [], "page_info": {"count": 0, "has_next_page": false}}'
        await peer.send(reply(empty, status=status))

    auth = Own({"X-Key": ""})
    async with RawServer(answer) as server, LedgerClient(server.url, auth=auth) as ledger:
        await ledger.nfts.page(101)
    assert [each.headers["x-key"] for each in server.requests] == ["key 1", "key 2"]


async def test_a_scheme_without_headers_is_asked_once_for_all_who_wait() -> None:
    auth = Own({})
    shared = credentials(auth)
    await asyncio.gather(*(shared.headers() for _ in range(16)))
    assert auth.leases == 1
