"""A client's options, settled once: arguments, then environment, then defaults, all checked."""

from __future__ import annotations

import ipaddress
import math
import os
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from .auth import Auth, KeySource, LamAuth
from .errors import ConfigurationError
from .retry import RetryPolicy

HOSTED_GATEWAY = "https://api.vault.ledger.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Options that passed every check."""

    base_url: str
    auth: Auth
    max_concurrency: int
    retry: RetryPolicy
    timeout: float


def settle(
    base_url: str | None,
    *,
    api_key: str | KeySource | None,
    api_user: str | None,
    auth: Auth | None,
    max_concurrency: int,
    retry: RetryPolicy,
    timeout: float,
    allow_plain_http: bool,
) -> Config:
    """The options to work with; `ConfigurationError` names the argument that will not do."""
    if base_url is None:
        base_url = os.environ.get("LEDGER_BASE_URL") or HOSTED_GATEWAY
    if not isinstance(retry, RetryPolicy):
        raise ConfigurationError("retry must be a RetryPolicy")
    return Config(
        base_url=checked_base_url(base_url, allow_plain_http=allow_plain_http),
        auth=_settled_auth(auth, api_key, api_user),
        max_concurrency=_checked_concurrency(max_concurrency),
        retry=retry,
        timeout=_checked_timeout(timeout),
    )


def _settled_auth(auth: Auth | None, key: str | KeySource | None, user: str | None) -> Auth:
    if auth is not None:
        if key is not None or user is not None:
            raise ConfigurationError("auth takes the place of api_key and api_user: give one")
        if not callable(getattr(auth, "lease", None)):
            raise ConfigurationError(f"auth is not a scheme: {type(auth).__name__}")
        return auth
    if key is None:
        key = os.environ.get("LEDGER_API_KEY")
    if key is None:
        raise ConfigurationError("api_key is missing: pass it, or set LEDGER_API_KEY")
    return LamAuth(user if user is not None else os.environ.get("LEDGER_API_USER"), key)


def checked_base_url(url: object, *, allow_plain_http: bool) -> str:
    """`url` without a trailing slash, if requests with credentials may go there."""
    if not isinstance(url, str):
        raise ConfigurationError(f"base_url must be a string, got {type(url).__name__}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as exc:
        raise ConfigurationError(f"base_url is not a URL: {exc}") from None
    if parts.scheme not in {"http", "https"} or not host or not url.isascii() or " " in url:
        raise ConfigurationError("base_url must look like https://host or http://host:port")
    if parts.username is not None or parts.query or parts.fragment:
        raise ConfigurationError("base_url must have no credentials, query or fragment")
    if not (allow_plain_http or parts.scheme == "https" or _is_loopback(parts)):
        raise ConfigurationError(
            "base_url is plain http, which would show the key to the network: "
            "use https, or say allow_plain_http=True"
        )
    return url.rstrip("/")


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _checked_concurrency(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ConfigurationError(f"max_concurrency must be an integer of 1 or more, got {value!r}")
    return value


def _checked_timeout(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf:
        return value
    raise ConfigurationError(f"timeout must be a number of seconds above 0, got {value!r}")
