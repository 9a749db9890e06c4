"""The network between a client and its origin: certificates, a proxy, and who looks on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ssl import PROTOCOL_TLS_SERVER, SSLContext

from aiohttp import TraceConfig

from ledger_async._support import checks
from ledger_async.errors import ConfigurationError

from .proxy import Proxy, checked_proxy, environment_proxy

__all__ = ["DIRECT", "Network", "TraceConfig", "checked_network"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Options of a connection that passed every check."""

    ssl: SSLContext | None = None
    proxy: Proxy | None = None
    trust_env: bool = False
    trace_configs: tuple[TraceConfig, ...] = ()

    def towards(self, origin: str, *, allow_plain_http: bool) -> Network:
        """The network as requests to `origin` meet it, with the proxy that the environment names.

        Raises `ConfigurationError` where the key would cross a proxy in clear, which may not
        happen by accident: not even to an origin on this machine, where the proxy need not be.
        """
        proxy = self.proxy
        if proxy is None and self.trust_env:
            proxy = environment_proxy(origin)
        if proxy and origin.startswith("http:") and not allow_plain_http:
            raise ConfigurationError(
                "base_url is plain http, which would show the key to the proxy: use https, "
                "let NO_PROXY name the host, or say allow_plain_http=True"
            )
        return replace(self, proxy=proxy)


DIRECT = Network()
"""No proxy, nobody who looks on, and the certificates that the machine trusts."""


def checked_network(
    *, ssl: object, proxy: object, trust_env: bool, trace_configs: object
) -> Network:
    """These arguments of a client; raises a `ConfigurationError` that names the one at fault."""
    checks.typed("trust_env", trust_env, bool)
    try:
        return Network(
            ssl=_checked_context(ssl),
            proxy=None if proxy is None else checked_proxy("proxy", proxy),
            trust_env=trust_env,
            trace_configs=_checked_configs(trace_configs),
        )
    finally:
        del proxy  # no frame of an error may hold its password


def _checked_context(context: object) -> SSLContext | None:
    if context is None:
        return None
    if not isinstance(context, SSLContext):
        raise ConfigurationError(f"ssl must be an ssl.SSLContext, got {type(context).__name__}")
    if context.protocol is PROTOCOL_TLS_SERVER:
        raise ConfigurationError(
            "ssl is a context for servers: ssl.create_default_context() makes one for clients"
        )
    return context


def _checked_configs(configs: object) -> tuple[TraceConfig, ...]:
    given = tuple(configs) if isinstance(configs, Iterable) else (None,)
    if not all(isinstance(each, TraceConfig) for each in given):
        raise ConfigurationError("trace_configs must be a sequence of aiohttp.TraceConfig")
    return given
