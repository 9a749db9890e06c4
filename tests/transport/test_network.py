"""The options of a connection: what is taken, and what is refused by name before any request."""

from __future__ import annotations

import ssl
from typing import Any

import aiohttp
import pytest

from ledger_async import ConfigurationError, LedgerClient
from ledger_async._transport.choosing_transport import transport_to
from ledger_async._transport.network import DIRECT, Network

URL = "https://lam.example"

BAD: list[tuple[str, object]] = [
    ("ssl", True),
    ("ssl", False),
    ("ssl", "certificate.pem"),
    ("ssl", ssl.SSLContext),
    ("ssl", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)),
    ("proxy", "proxy.example"),
    ("trust_env", None),
    ("trust_env", 1),
    ("trace_configs", aiohttp.TraceConfig()),
    ("trace_configs", aiohttp.TraceConfig),
    ("trace_configs", [aiohttp.TraceConfig]),
    ("trace_configs", [aiohttp.TraceConfig(), None]),
    ("trace_configs", None),
    ("trace_configs", "on"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_option_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"^{name} "):
        LedgerClient(URL, api_key="key", **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ssl", ssl.create_default_context()),
        ("proxy", "http://proxy.example"),
        ("trust_env", True),
        ("trace_configs", [aiohttp.TraceConfig()]),
    ],
)
def test_no_option_is_ignored_beside_a_transport_of_ones_own(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="transport takes the place of"):
        LedgerClient(URL, api_key="key", transport=transport_to(URL, timeout=1), **{name: value})


def test_a_network_without_options_is_direct() -> None:
    assert Network().towards(URL, allow_plain_http=False) == DIRECT
