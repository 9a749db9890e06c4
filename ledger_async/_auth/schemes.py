"""The schemes that the API knows: from credentials to the headers of a request."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable

from ledger_async._governor import retry
from ledger_async._protocol import codec
from ledger_async._protocol.messages import Request
from ledger_async._support import cancellation
from ledger_async._support.secrets import Hidden
from ledger_async.errors import ApiError, ConfigurationError, DecodeError, LedgerError
from ledger_async.models.base.payload import Payload
from ledger_async.models.payloads.tokens import ApiAuthRequest, RefreshJWTRequest
from ledger_async.models.tokens import AuthResponse

from .lease import Lease, Send

KeySource = Callable[[], Awaitable[str]]

_USER = "X-Ledger-API-User"
_KEY = "X-Ledger-API-Key"
_STORE_TOKEN = "X-Ledger-Store-Auth-Token"  # noqa: S105 - the header's name
_WORKSPACE = "X-Ledger-Workspace"
_REPORTING_KEY = "X-Ledger-Reporting-API-Key"

# Visible ASCII and inner spaces: what every HTTP implementation agrees on.
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?", re.ASCII)

# Renew this share of a token's life before its end, so that it does not expire on its way.
_RENEW_EARLY = 0.1

# Seconds between which a token's stated life is believed: nothing it says makes every request
# ask for another, or overflows a clock.
_SHORTEST_LIFE = 1
_LONGEST_LIFE = 10**9


class Secret(Hidden[str]):
    """A credential that can stand in a header; else `ConfigurationError`, naming the argument."""

    __slots__ = ()

    def __init__(self, name: str, value: str) -> None:
        try:
            super().__init__(header_value(name, value))
        finally:
            del value  # what reports errors may show the variables of each frame


def header_value(name: str, value: object) -> str:
    """`value` if it can stand in a header, else `ConfigurationError` naming the argument only."""
    if isinstance(value, str) and _HEADER_VALUE.fullmatch(value):
        return value
    wrong = _wrong(value)
    del value
    raise ConfigurationError(f"{name} {wrong}")


def _wrong(value: object) -> str:
    if not isinstance(value, str):
        return f"must be a string, got {type(value).__name__}"
    return "holds characters that cannot be sent in a header" if value else "is empty"


class LamAuth:
    """An API operator behind a Ledger Authentication Module.

    `api_key` is needed where the LAM was set up with one; it may be an async callable, called
    before the first request and once after a 401. `store_auth_token` is needed where HashiCorp
    Vault keeps the LAM's secrets.
    """

    _user: str | None = None  # for the repr of one that could not be made

    def __init__(
        self,
        api_user: str | None = None,
        api_key: str | KeySource | None = None,
        store_auth_token: str | None = None,
    ) -> None:
        try:
            if api_user is None and api_key is None:
                raise ConfigurationError("api_key and api_user are both missing")
            if api_user is not None:
                self._user = header_value("api_user", api_user)
            self._key = (
                api_key if api_key is None or callable(api_key) else Secret("api_key", api_key)
            )
            self._store_token = (
                None if store_auth_token is None else Secret("store_auth_token", store_auth_token)
            )
        finally:
            del api_key, store_auth_token

    def __repr__(self) -> str:
        return f"LamAuth(api_user={self._user!r})"

    @property
    def renewable(self) -> bool:
        """True if the key comes from a callable."""
        return callable(self._key)

    @property
    def secrets(self) -> tuple[str, ...]:
        """None beside those of the lease."""
        return ()

    async def lease(self, send: Send, renewal: str | None) -> Lease:  # noqa: ARG002
        """The user, the key and the store token, as far as they were given."""
        key = await _fetch_key(self._key) if callable(self._key) else self._key
        secrets = {_KEY: key, _STORE_TOKEN: self._store_token}
        headers = {name: secret.reveal() for name, secret in secrets.items() if secret}
        user = {_USER: self._user} if self._user else {}
        return Lease(user | headers, secrets=headers.values())


async def _fetch_key(source: KeySource) -> Secret:
    try:
        return Secret("the api_key callable's result", await source())
    except LedgerError:
        raise
    except asyncio.CancelledError:
        if cancellation.is_asked_for():
            raise
        # Not this task was cancelled, but something that the callable awaits.
        error = ConfigurationError("the api_key callable was cancelled")
    except Exception as exc:  # noqa: BLE001 - whatever it raises is the caller's
        # Its type only, and no chain: the words of a key store may quote what it keeps.
        error = ConfigurationError(f"the api_key callable raised {type(exc).__name__}")
    raise error


class ReportingAuth:
    """A reporting key of a workspace on the hosted gateway."""

    renewable = False
    secrets = ()
    _workspace = ""  # for the repr of one that could not be made

    def __init__(self, workspace: str, reporting_api_key: str) -> None:
        try:
            self._workspace = header_value("workspace", workspace)
            self._key = Secret("reporting_api_key", reporting_api_key)
        finally:
            del reporting_api_key

    def __repr__(self) -> str:
        return f"ReportingAuth(workspace={self._workspace!r})"

    async def lease(self, send: Send, renewal: str | None) -> Lease:  # noqa: ARG002
        """The workspace and its reporting key."""
        headers = {_WORKSPACE: self._workspace, _REPORTING_KEY: self._key.reveal()}
        return Lease(headers, secrets=(self._key.reveal(),))


class BearerAuth:
    """A bearer token of the hosted gateway, from `/auth/token`, renewed before it expires."""

    renewable = True
    _workspace = _key_id = ""  # for the repr of one that could not be made

    def __init__(self, workspace: str, api_key_id: str, api_key_secret: str) -> None:
        try:
            self._workspace = header_value("workspace", workspace)
            self._key_id = header_value("api_key_id", api_key_id)
            self._key_secret = Secret("api_key_secret", api_key_secret)
        finally:
            del api_key_secret

    def __repr__(self) -> str:
        return f"BearerAuth(workspace={self._workspace!r}, api_key_id={self._key_id!r})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The key's secret, which is sent in a body."""
        return (self._key_secret.reveal(),)

    async def lease(self, send: Send, renewal: str | None) -> Lease:
        """A fresh access token, by refreshing where that works, else by the key."""
        try:
            tokens = await self._refreshed(send, renewal) or await self._granted(send)
        finally:
            del renewal
        life = min(max(tokens.expires_in, _SHORTEST_LIFE), _LONGEST_LIFE)
        return Lease(
            {_WORKSPACE: self._workspace, "Authorization": f"Bearer {tokens.access_token}"},
            secrets=filter(None, (tokens.access_token, tokens.refresh_token)),
            seconds=life * (1 - _RENEW_EARLY),
            renewal=tokens.refresh_token,
        )

    async def _refreshed(self, send: Send, renewal: str | None) -> AuthResponse | None:
        if renewal is None:
            return None
        try:
            request = _trade("/auth/token/refresh", RefreshJWTRequest(refresh_token=renewal))
            return await self._asked(send, request)
        except ApiError as exc:
            if retry.classify(exc) is not retry.Kind.FINAL:
                raise
            return None  # the refresh token has had its day; the key has not
        finally:
            del renewal

    async def _granted(self, send: Send) -> AuthResponse:
        request = _trade(
            "/auth/token",
            ApiAuthRequest(api_key_id=self._key_id, api_key_secret=self._key_secret.reveal()),
        )
        return await self._asked(send, request)

    async def _asked(self, send: Send, request: Request) -> AuthResponse:
        answer = await send(request, {_WORKSPACE: self._workspace})
        try:
            return codec.decode(answer.body, AuthResponse)
        except DecodeError as exc:
            # The body may hold a token: no excerpt of it, and no cause that quotes it.
            error = DecodeError(
                exc.message, method=request.method, path=request.path, status=answer.status
            )
            error.truncated = exc.truncated
        finally:
            del answer
        raise error


def _trade(path: str, payload: Payload) -> Request:
    """The request that trades `payload` for tokens; no frame of an error may hold the payload."""
    return Request(method="POST", path=path, body=codec.encode(payload), repeatable=True)
