"""A client's options, settled once: arguments, then environment, then defaults, all checked."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from ._auth.lease import Auth
from ._auth.schemes import KeySource, LamAuth
from ._governor.retry import RetryPolicy
from ._support import checks
from ._transport.transport import Transport
from .errors import ConfigurationError

HOSTED_GATEWAY = "https://api.vault.ledger.com"

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_BASE_URL = re.compile(
    r"(?P<scheme>https?)://"
    rf"(?P<host>{_LABEL}(?:\.{_LABEL})*\.?|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?:/[!$-.0->@-~/]*)?",  # visible ASCII without a quote, "#" and "?"
    re.ASCII,
)
_LAST_PORT = 65535


Priority = Literal["interactive", "bulk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """Options of single calls: what `with_options` changes, for all that is called on its view.

    Without a `priority`, awaited calls are interactive and the pages of streams are bulk.
    """

    retry: RetryPolicy
    timeout: float
    priority: Priority | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Options that passed every check."""

    base_url: str
    auth: Auth
    max_concurrency: int
    options: CallOptions
    transport: Transport | None


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
    transport: Transport | None,
) -> Config:
    """The options to work with; raises a `ConfigurationError` that names the argument at fault."""
    if base_url is None:
        base_url = os.environ.get("LEDGER_BASE_URL") or HOSTED_GATEWAY
    return Config(
        base_url=checked_base_url(base_url, allow_plain_http=allow_plain_http),
        auth=_settled_auth(auth, api_key, api_user),
        max_concurrency=checks.count("max_concurrency", max_concurrency),
        options=CallOptions(retry=_settled_retry(retry), timeout=_settled_timeout(timeout)),
        transport=_settled_transport(transport),
    )


def settle_again(
    options: CallOptions,
    *,
    priority: Priority | None,
    timeout: float | None,
    max_wait: float | None,
    retry: RetryPolicy | None,
) -> CallOptions:
    """These options with others in their place, as far as they are given; checked as `settle`'s."""
    if priority not in (None, *get_args(Priority)):
        shown = checks.shown(priority)
        raise ConfigurationError(f'priority must be "interactive" or "bulk", got {shown}')
    policy = options.retry if retry is None else _settled_retry(retry)
    if max_wait is not None:
        policy = msgspec.structs.replace(policy, max_wait=checks.seconds("max_wait", max_wait))
    return CallOptions(
        retry=policy,
        timeout=options.timeout if timeout is None else _settled_timeout(timeout),
        priority=priority or options.priority,
    )


def _settled_retry(retry: object) -> RetryPolicy:
    if not isinstance(retry, RetryPolicy):
        raise ConfigurationError("retry must be a RetryPolicy")
    return retry


def _settled_auth(auth: Auth | None, key: str | KeySource | None, user: str | None) -> Auth:
    if auth is not None:
        if key is not None or user is not None:
            raise ConfigurationError("auth takes the place of api_key and api_user: give one")
        if isinstance(auth, type) or not isinstance(auth, Auth):
            raise ConfigurationError(f"auth is not a scheme: {type(auth).__name__}")
        return auth
    if key is None:
        key = os.environ.get("LEDGER_API_KEY")
    if key is None:
        raise ConfigurationError("api_key is missing: pass it, or set LEDGER_API_KEY")
    return LamAuth(user if user is not None else os.environ.get("LEDGER_API_USER"), key)


def checked_base_url(url: object, *, allow_plain_http: bool) -> str:
    """`url` without a trailing slash, if requests with credentials may go there."""
    # No message repeats the URL: it may hold a password.
    match = _BASE_URL.fullmatch(url) if isinstance(url, str) else None
    if match is None or int(match["port"] or 0) > _LAST_PORT or not _is_host(match["host"]):
        raise ConfigurationError(
            "base_url must look like https://host:port/path, without credentials, query or fragment"
        )
    if match["scheme"] == "http" and not allow_plain_http and not _is_loopback(match["host"]):
        raise ConfigurationError(
            "base_url is plain http, which would show the key to the network: "
            "use https, or say allow_plain_http=True"
        )
    return match[0].rstrip("/")


def _is_host(host: str) -> bool:
    """True for a name, and for an IPv6 address in brackets."""
    try:
        return not host.startswith("[") or bool(ipaddress.IPv6Address(host.strip("[]")))
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _settled_timeout(value: object) -> float:
    if value == 0:
        raise ConfigurationError("timeout must be above 0 seconds")
    return checks.seconds("timeout", value)


def _settled_transport(value: Transport | None) -> Transport | None:
    # A class has all the methods, too, but nothing to send with.
    if value is not None and (isinstance(value, type) or not isinstance(value, Transport)):
        raise ConfigurationError(f"transport has no send and close: {type(value).__name__}")
    return value
