"""A forward proxy: read from an argument or from the environment, its credentials hidden."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from urllib.request import (  # type: ignore[attr-defined] # the stubs leave one of them out
    getproxies_environment,
    proxy_bypass_environment,
)

from yarl import URL

from ledger_async._support.hosts import HOST_AND_PORT, LAST_PORT, is_host
from ledger_async._support.secrets import Hidden
from ledger_async.errors import ConfigurationError

_PROXY_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:(?P<credentials>[!-.0->A-~]*)@)?"  # visible ASCII without "/", "?" and "@"
    rf"{HOST_AND_PORT}/?",
    re.ASCII,
)
_SHAPE = "must look like http://user:password@host:port, without path, query or fragment"

_AUTHORIZATION = "Proxy-Authorization"


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy is, and what it is told of who asks; shows the place only."""

    url: URL
    _authorization: Hidden[str] | None = None

    @property
    def place(self) -> str:
        """The host and the port, for messages."""
        return f"{self.url.host_subcomponent}:{self.url.port}"

    def headers(self) -> Mapping[str, str]:
        """The headers that are for the proxy, and for nobody behind it."""
        given = self._authorization
        return {} if given is None else {_AUTHORIZATION: given.reveal()}


def checked_proxy(name: str, url: object) -> Proxy:
    """The proxy at `url`; else `ConfigurationError`, which names the argument and not its value."""
    try:
        proxy = _parsed(url)
    finally:
        del url  # no frame of an error may hold a password
    if proxy is None:
        raise ConfigurationError(f"{name} {_SHAPE}")
    return proxy


def environment_proxy(origin: str) -> Proxy | None:
    """The proxy that the environment names for an origin, by the rules of `urllib`.

    That is `HTTPS_PROXY` or `HTTP_PROXY`, whichever is for the origin's scheme, or `ALL_PROXY`,
    in lower case or upper, unless `NO_PROXY` lists the host. aiohttp's own way would look into
    `.netrc` for credentials.
    """
    url, proxies = URL(origin, encoded=True), getproxies_environment()
    hosts = f"{url.host_subcomponent}:{url.port}", url.raw_host or ""
    if any(proxy_bypass_environment(each, proxies) for each in hosts):
        return None
    named = [name for name in (url.scheme, "all") if name in proxies]
    if not named:
        return None
    given = proxies[named[0]]
    return checked_proxy(
        f"{named[0]}_proxy of the environment", given if "://" in given else f"http://{given}"
    )


def _parsed(url: object) -> Proxy | None:
    match = _PROXY_URL.fullmatch(url) if isinstance(url, str) else None
    if match is None or int(match["port"] or 0) > LAST_PORT or not is_host(match["host"]):
        return None
    port = match["port"] or {"http": "80", "https": "443"}[match["scheme"]]
    place = URL(f"{match['scheme']}://{match['host']}:{port}")
    given = match["credentials"]
    return Proxy(place, None if given is None else Hidden(_basic(given)))


def _basic(credentials: str) -> str:
    user, _, password = credentials.partition(":")
    plain = f"{unquote(user)}:{unquote(password)}"
    return f"Basic {b64encode(plain.encode()).decode()}"
