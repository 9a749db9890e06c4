"""The gatekeeper: the three authentication schemes of the API, and its tokens."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from aiohttp.hdrs import AUTHORIZATION

from ledger_async.sandbox._governance.challenges import check_public_key

if TYPE_CHECKING:
    from collections.abc import Mapping

API_USER = "X-Ledger-API-User"
API_KEY = "X-Ledger-API-Key"
STORE_AUTH_TOKEN = "X-Ledger-Store-Auth-Token"  # noqa: S105 - a header's name
WORKSPACE = "X-Ledger-Workspace"
REPORTING_API_KEY = "X-Ledger-Reporting-API-Key"


@dataclass(eq=False, repr=False, kw_only=True)
class Credentials:
    """The credentials that a sandbox accepts; change any of them while it runs.

    An empty `api_key` plays a LAM that was set up without one; a `store_auth_token` plays one
    behind HashiCorp Vault. `token_lifetime` is in seconds. API users register under
    `registration_url_id`. Signatures of approvals are checked once there is an
    `operator_public_key`, in PEM; until then only what they are over.
    """

    api_user: str = "sandbox-operator"
    api_key: str = "sandbox-key"
    store_auth_token: str | None = None
    workspace: str = "sandbox-workspace"
    reporting_api_key: str = "sandbox-reporting-key"
    api_key_id: str = "sandbox-key-id"
    api_key_secret: str = "sandbox-key-secret"  # noqa: S105 - opens nothing but this sandbox
    token_lifetime: int = 300
    registration_url_id: str = "sandbox-registration"
    operator_public_key: str | None = None

    def __setattr__(self, name: str, value: object) -> None:
        if name == "operator_public_key" and value is not None:
            check_public_key(value)
        super().__setattr__(name, value)


class Gatekeeper:
    """Checks requests against credentials, and hands out bearer tokens for them."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._expiry: dict[str, float] = {}
        self._refresh_tokens: set[str] = set()
        self._issued = count(1)

    def objection(self, headers: Mapping[str, str], now: float) -> str | None:
        """Say what keeps a request out, by header name and never by value."""
        for name, value in self._wanted(headers).items():
            if headers.get(name) != value:
                return f"{name} is missing or wrong"
        if AUTHORIZATION in headers and not self._is_live(headers[AUTHORIZATION], now):
            return f"{AUTHORIZATION} holds no access token that is valid now"
        return None

    def is_through_lam(self, headers: Mapping[str, str]) -> bool:
        """Say whether a request comes as an API user's, and not by way of the hosted gateway."""
        return not headers.keys() & {AUTHORIZATION, REPORTING_API_KEY}

    def issue(self, now: float) -> dict[str, str | int]:
        """Return a new pair of tokens, as `POST /auth/token` answers."""
        number = next(self._issued)
        access, refresh = f"sandbox-access-{number}", f"sandbox-refresh-{number}"
        lifetime = self._credentials.token_lifetime
        self._expiry[access] = now + lifetime
        self._refresh_tokens.add(refresh)
        return {
            "access_token": access,
            "expires_in": lifetime,
            "refresh_token": refresh,
            "session_state": f"sandbox-session-{number}",
            "token_type": "Bearer",
        }

    def knows(self, api_key_id: str, api_key_secret: str) -> bool:
        """Say whether these are the credentials that buy a token."""
        own = self._credentials
        return (api_key_id, api_key_secret) == (own.api_key_id, own.api_key_secret)

    def redeem(self, refresh_token: str) -> bool:
        """Use up a refresh token; false when it is unknown or was used before."""
        if refresh_token not in self._refresh_tokens:
            return False
        self._refresh_tokens.remove(refresh_token)
        return True

    def expire(self, *, refresh_tokens: bool) -> None:
        """Forget every access token, and every refresh token too if asked."""
        self._expiry.clear()
        if refresh_tokens:
            self._refresh_tokens.clear()

    def _wanted(self, headers: Mapping[str, str]) -> dict[str, str]:
        own = self._credentials
        if AUTHORIZATION in headers:
            return {WORKSPACE: own.workspace}
        if REPORTING_API_KEY in headers:
            return {WORKSPACE: own.workspace, REPORTING_API_KEY: own.reporting_api_key}
        lam = {
            API_USER: own.api_user,
            API_KEY: own.api_key,
            STORE_AUTH_TOKEN: own.store_auth_token,
        }
        return {name: value for name, value in lam.items() if value}

    def _is_live(self, authorization: str, now: float) -> bool:
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and now < self._expiry.get(token, now)
