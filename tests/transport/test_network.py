"""The options of a connection: what is taken, and what is refused by name before any request."""

from __future__ import annotations

import ssl
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from raw_server import RawServer, hang_up, reply

from ledger_async import ConfigurationError, LedgerClient, RetryPolicy, TransportError
from ledger_async._transport.choosing_transport import transport_to
from ledger_async._transport.network import DIRECT, Network

USER = b'{"device_id": "1", "name": "anna", "role": "", "type_": "", "workspace": ""}'

# What aiohttp's reference lists of a response, beside what it warns of.
DOCUMENTED = {
    *("version", "status", "reason", "ok", "method", "url", "real_url", "connection", "content"),
    *("cookies", "headers", "raw_headers", "links", "content_type", "charset", "history"),
    *("content_disposition", "request_info", "close", "release", "read", "text", "json"),
    *("get_encoding", "raise_for_status"),
}

EVENTS = [
    "request_start",
    "connection_create_start",
    "connection_create_end",
    "request_headers_sent",
    "request_chunk_sent",
    "request_end",
    "response_chunk_received",
]

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


# Trace configs of one's own


async def test_own_hooks_see_every_attribute_of_an_answer_and_their_headers_are_sent() -> None:
    seen: list[object] = []

    async def add(
        _: object, context: SimpleNamespace, start: aiohttp.TraceRequestStartParams
    ) -> None:
        seen.append(context.trace_request_ctx)
        start.headers["traceparent"] = "00-1"

    async def look(_: object, __: object, end: aiohttp.TraceRequestEndParams) -> None:
        answer = end.response
        assert {name for name in DOCUMENTED if not hasattr(answer, name)} == set()
        seen.extend([answer.status, answer.reason, answer.method, answer.request_info.url.path])

    config = aiohttp.TraceConfig()
    config.on_request_start.append(add)
    config.on_request_end.append(look)
    async with (
        RawServer(reply(USER, status="201 Made")) as server,
        LedgerClient(server.url, api_key="key", trace_configs=[config]) as ledger,
    ):
        await ledger.api_users.create("anna")
    assert seen == [None, 201, "Made", "POST", "/api_users"]
    assert server.requests[0].headers["traceparent"] == "00-1"


async def test_every_event_of_a_new_connection_and_of_both_bodies_is_told() -> None:
    seen: list[str] = []
    config = aiohttp.TraceConfig()
    for name in EVENTS:

        async def note(*_: object, name: str = name) -> None:
            seen.append(name)

        getattr(config, f"on_{name}").append(note)
    async with (
        RawServer(reply(USER)) as server,
        LedgerClient(server.url, api_key="key", trace_configs=(config,)) as ledger,
    ):
        await ledger.api_users.create("anna")
    assert seen == EVENTS


async def test_an_error_is_told_as_aiohttp_tells_it() -> None:
    seen: list[type[BaseException]] = []

    async def note(_: object, __: object, params: aiohttp.TraceRequestExceptionParams) -> None:
        seen.append(type(params.exception))

    config = aiohttp.TraceConfig()
    config.on_request_exception.append(note)
    options: dict[str, Any] = {"retry": RetryPolicy(max_attempts=1), "trace_configs": [config]}
    async with (
        RawServer(hang_up) as server,
        LedgerClient(server.url, api_key="key", **options) as ledger,
    ):
        with pytest.raises(TransportError):
            await ledger.nfts.page(101)
    assert seen == [aiohttp.ServerDisconnectedError]
