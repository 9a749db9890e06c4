"""The schemes: the headers of each, what is refused, and that nothing shows a credential."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hunter import places, shown
from rich.pretty import pretty_repr
from sign_in import (
    SECRET,
    Desk,
    bearer,
    bearer_of,
    client,
    credentials,
    stored_key,
)

from ledger_async import BearerAuth, LamAuth, LedgerClient, ReportingAuth
from ledger_async._auth.lease import Auth, Lease
from ledger_async._auth.schemes import Secret
from ledger_async._protocol.messages import Headers, Request, Response
from ledger_async.errors import (
    AuthenticationError,
    ConfigurationError,
    LedgerError,
    ServerError,
)
from ledger_async.sandbox import Sandbox

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
