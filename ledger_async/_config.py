"""A client's options, settled once: arguments, then environment, then defaults, all checked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Literal, get_args

import msgspec

from ._auth.lease import Auth
from ._auth.schemes import KeySource, LamAuth
from ._governor.limiter import Limiter
from ._governor.retry import RetryPolicy
from ._support import checks
from ._support.hosts import HOST_AND_PORT, LAST_PORT, is_host, is_loopback
from ._support.observer import Observer, checked_observer
from ._transport.network import DIRECT, Network
from ._transport.transport import Transport
from .errors import ConfigurationError

HOSTED_GATEWAY = "https://api.vault.ledger.com"

_BASE_URL = re.compile(
    rf"(?P<scheme>https?)://{HOST_AND_PORT}"
    r"(?:/[!$-.0->@-~/]*)?",  # visible ASCII without a quote, "#" and "?"
    re.ASCII,
)


Priority = Literal["interactive", "bulk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOptions:
    """Options of single calls: what `with_options` changes, for all that is called on its view.

    Without a `priority`, awaited calls are interactive and the pages of streams are bulk.
    """

    retry: RetryPolicy
    timeout: float
    priority: Priority | None = None
    max_wait: float | None = None

    @property
    def policy(self) -> RetryPolicy:
        """The `retry` of these calls, with their own `max_wait` if they have one."""
        if self.max_wait is None:
            return self.retry
        return msgspec.structs.replace(self.retry, max_wait=self.max_wait)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Options that passed every check."""

    base_url: str
    auth: Auth
    max_concurrency: int
    options: CallOptions
    network: Network
    transport: Transport | None
    observer: Observer | None = None
    limiter: Limiter | None = None


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
    network: Network,
    transport: Transport | None,
    observer: Observer | None = None,
    limiter: Limiter | None = None,
) -> Config:
    """The options to work with; raises a `ConfigurationError` that names the argument at fault."""
    if base_url is None:
        base_url = os.environ.get("LEDGER_BASE_URL") or HOSTED_GATEWAY
    origin = checked_base_url(base_url, allow_plain_http=allow_plain_http)
    return Config(
        base_url=origin,
        auth=_settled_auth(auth, api_key, api_user),
        max_concurrency=checks.count("max_concurrency", max_concurrency),
        options=CallOptions(retry=_settled_retry(retry), timeout=_settled_timeout(timeout)),
        network=network.towards(origin, allow_plain_http=allow_plain_http),
        transport=_settled_transport(transport, network),
        observer=checked_observer(observer),
        limiter=_settled_limiter(limiter),
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
    if max_wait is not None:
        max_wait = checks.seconds("max_wait", max_wait)
    return CallOptions(
        retry=options.retry if retry is None else _settled_retry(retry),
        timeout=options.timeout if timeout is None else _settled_timeout(timeout),
        priority=priority or options.priority,
        max_wait=options.max_wait if max_wait is None else max_wait,
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
    if match is None or int(match["port"] or 0) > LAST_PORT or not is_host(match["host"]):
        raise ConfigurationError(
            "base_url must look like https://host:port/path, without credentials, query or fragment"
        )
    if match["scheme"] == "http" and not allow_plain_http and not is_loopback(match["host"]):
        raise ConfigurationError(
            "base_url is plain http, which would show the key to the network: "
            "use https, or say allow_plain_http=True"
        )
    return match[0].rstrip("/")


def _settled_timeout(value: object) -> float:
    if value == 0:
        raise ConfigurationError("timeout must be above 0 seconds")
    return checks.seconds("timeout", value)


def _settled_limiter(value: Limiter | None) -> Limiter | None:
    # As for a transport.
    if value is not None and (isinstance(value, type) or not isinstance(value, Limiter)):
        raise ConfigurationError(f"limiter is not a Limiter: {type(value).__name__}")
    return value


def _settled_transport(value: Transport | None, network: Network) -> Transport | None:
    # A class has all the methods, too, but nothing to send with.
    if value is not None and (isinstance(value, type) or not isinstance(value, Transport)):
        raise ConfigurationError(f"transport has no send and close: {type(value).__name__}")
    if value is not None and network != DIRECT:
        raise ConfigurationError(
            "transport takes the place of ssl, proxy, trust_env and trace_configs: give one"
        )
    return value
