"""Requests through a forward proxy: where its address comes from, and what crosses it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from forward_proxy import ForwardProxy
from hostile import page
from hunter import places, shown
from raw_server import OK, RawServer, hang_up, reply
from tls import asking, serving

from ledger_async import ConfigurationError, LedgerClient, LedgerError, RetryPolicy, TransportError
from ledger_async._protocol.messages import Headers, Request
from ledger_async._transport.choosing_transport import transport_to
from ledger_async._transport.network import Network
from ledger_async._transport.proxy import checked_proxy, environment_proxy

KEY = "key-that-nobody-may-see"
PASSWORD = "password-that-nobody-may-see"
PACKED = "dXNlcjpwYXNzd29yZC10aGF0LW5vYm9keS1tYXktc2Vl"  # both, as Basic has them
USER = f"user:{PASSWORD}@"
ORIGIN = "https://lam.example"
ONCE = RetryPolicy(max_attempts=1, max_outage=0)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def context(authority: trustme.CA) -> ssl.SSLContext:
    return asking(authority)


@pytest.fixture
async def proxy() -> AsyncIterator[ForwardProxy]:
    async with ForwardProxy() as opened:
        yield opened


@pytest.fixture
async def server(authority: trustme.CA) -> AsyncIterator[RawServer]:
    async with RawServer(reply(page()), tls=serving(authority)) as opened:
        yield opened


@asynccontextmanager
async def client(url: str, **options: Any) -> AsyncIterator[LedgerClient]:
    async with LedgerClient(url, api_key=KEY, **options) as ledger:
        yield ledger


async def failure(url: str, **options: Any) -> TransportError:
    async with client(url, **options) as ledger:
        with pytest.raises(TransportError) as caught:
            await ledger.nfts.page(101)
    return caught.value


# What crosses it


async def test_to_an_https_origin_all_crosses_it_inside_the_tunnel(
    proxy: ForwardProxy, server: RawServer, context: ssl.SSLContext
) -> None:
    async with client(server.url, ssl=context, proxy=proxy.url) as ledger:
        for _ in range(2):
            assert (await ledger.nfts.page(101)).nodes
    assert [each.headers["x-ledger-api-key"] for each in server.requests] == [KEY, KEY]
    (head,) = proxy.heads  # one tunnel for both
    assert head.startswith(f"CONNECT 127.0.0.1:{server.port} HTTP/1.1\r\n")
    assert "proxy-authorization" not in head.lower()
    assert len(proxy.seen) > len(head)
    for clear in KEY, "accounts", "api_key", "API-Key":
        assert clear.lower().encode() not in proxy.seen.lower()


async def test_credentials_are_for_the_proxy_and_not_for_the_server(
    proxy: ForwardProxy, server: RawServer, context: ssl.SSLContext
) -> None:
    url = proxy.url_for("us%40er:p%3Aass@")
    async with client(server.url, ssl=context, proxy=url) as ledger:
        assert (await ledger.nfts.page(101)).nodes
    assert "Proxy-Authorization: Basic dXNAZXI6cDphc3M=\r\n" in proxy.heads[0]
    assert "proxy-authorization" not in server.requests[0].headers


async def test_plain_http_crosses_it_in_clear_where_that_is_allowed(proxy: ForwardProxy) -> None:
    async with RawServer(reply(page())) as server:
        options = {"proxy": proxy.url_for(USER), "allow_plain_http": True}
        async with client(server.url, **options) as ledger:
            assert (await ledger.nfts.page(101)).nodes
        url = server.url
    assert proxy.heads[0].startswith(f"GET {url}/accounts/101/nfts?")
    assert f"Proxy-Authorization: Basic {PACKED}\r\n" in proxy.heads[0]


def test_plain_http_through_it_is_refused_otherwise_even_to_this_machine() -> None:
    with pytest.raises(ConfigurationError, match="would show the key to the proxy"):
        LedgerClient("http://127.0.0.1:1", api_key=KEY, proxy="http://proxy.example")


async def test_a_proxy_may_speak_tls_itself(
    authority: trustme.CA, server: RawServer, context: ssl.SSLContext
) -> None:
    async with ForwardProxy(tls=serving(authority)) as proxy:
        options = {"ssl": context, "proxy": proxy.url_for(USER)}
        async with client(server.url, **options) as ledger:
            assert (await ledger.nfts.page(101)).nodes
        assert f"Basic {PACKED}" in proxy.heads[0]
        assert KEY.encode() not in proxy.seen


async def test_a_client_certificate_is_shown_to_the_server_through_the_tunnel(
    proxy: ForwardProxy, authority: trustme.CA
) -> None:
    tls = serving(authority, clients_of=authority)
    async with RawServer(reply(page()), tls=tls) as server:
        options = {"ssl": asking(authority, known_to=authority), "proxy": proxy.url}
        async with client(server.url, **options) as ledger:
            assert (await ledger.nfts.page(101)).nodes


# How it fails


def refusing(status: str) -> bytes:
    return reply(f"{KEY} {PASSWORD}".encode(), f"X-Echo: {PACKED}", status=status)


@pytest.mark.parametrize(
    "status", ["407 Proxy Authentication Required", "403 Forbidden", "302 Found"]
)
async def test_a_refusal_is_final_and_names_the_status_and_the_proxy(
    status: str, proxy: ForwardProxy
) -> None:
    proxy.refusal = refusing(status)
    error = await failure(ORIGIN, proxy=proxy.url_for(USER))
    assert error.message == f"the proxy 127.0.0.1:{proxy.port} refused with status {status}"
    assert (error.attempts, error.transient, error.sent) == (1, False, False)


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Service Unavailable"])
async def test_trouble_of_the_proxy_may_pass(
    status: str, proxy: ForwardProxy, server: RawServer, context: ssl.SSLContext
) -> None:
    proxy.refusal = refusing(status)
    async with client(server.url, ssl=context, proxy=proxy.url) as ledger:
        call = asyncio.create_task(ledger.nfts.page(101))
        await proxy.asked.wait()
        proxy.refusal = None
        assert (await call).nodes


async def test_trouble_that_does_not_pass_names_the_status(proxy: ForwardProxy) -> None:
    proxy.refusal = refusing("504 Gateway Timeout")
    error = await failure(ORIGIN, proxy=proxy.url, retry=ONCE)
    assert "refused with status 504 Gateway Timeout" in error.message
    assert (error.transient, error.sent) == (True, False)


async def test_in_plain_http_a_407_is_of_the_proxy(proxy: ForwardProxy) -> None:
    proxy.refusal = refusing("407 Who are you")
    error = await failure("http://lam.example", proxy=proxy.url, allow_plain_http=True)
    assert error.message.endswith("refused with status 407 Proxy Authentication Required")
    assert (error.attempts, error.transient) == (1, False)


async def test_a_407_through_the_tunnel_is_of_the_server(
    proxy: ForwardProxy, server: RawServer, context: ssl.SSLContext
) -> None:
    server.answer = reply(b"{}", status="407 Odd")
    async with client(server.url, ssl=context, proxy=proxy.url) as ledger:
        with pytest.raises(LedgerError) as caught:
            await ledger.nfts.page(101)
    assert caught.value.status == 407


async def test_a_proxy_that_is_not_there_is_named() -> None:
    async with ForwardProxy() as gone:
        url, port = gone.url_for(USER), gone.port
    error = await failure(ORIGIN, proxy=url, retry=ONCE)
    assert error.message.startswith(f"the proxy 127.0.0.1:{port} cannot be reached: ")
    assert (error.transient, error.sent) == (True, False)


async def test_a_proxy_whose_name_does_not_resolve_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_such_name)
    error = await failure(ORIGIN, proxy="http://proxy.example", retry=ONCE)
    assert error.message.startswith("the proxy proxy.example:80 cannot be reached: ")


async def test_a_proxy_that_hangs_up_is_named(proxy: ForwardProxy) -> None:
    proxy.refusal = b""
    error = await failure(ORIGIN, proxy=proxy.url, retry=ONCE)
    assert error.message.startswith(f"the proxy 127.0.0.1:{proxy.port} cannot be reached: ")
    assert (error.transient, error.sent) == (True, False)


async def test_a_certificate_that_is_not_trusted_is_told_by_whose_it_is(
    authority: trustme.CA, server: RawServer, proxy: ForwardProxy
) -> None:
    error = await failure(server.url, proxy=proxy.url)
    assert error.message.startswith("the server's certificate is not trusted: ")
    async with ForwardProxy(tls=serving(authority)) as encrypted:
        error = await failure(server.url, proxy=encrypted.url)
    assert error.message.startswith("the proxy's certificate is not trusted: ")
    assert (error.attempts, error.sent) == (1, False)


async def refused(proxy: ForwardProxy, server: RawServer) -> None:
    proxy.refusal = refusing("407 No")


async def cut(proxy: ForwardProxy, server: RawServer) -> None:
    server.answer = reply(b"half", length=8)


async def gone(proxy: ForwardProxy, server: RawServer) -> None:
    await proxy.__aexit__(None, None, None)


async def silent(proxy: ForwardProxy, server: RawServer) -> None:
    server.answer = hang_up


async def untidy(proxy: ForwardProxy, server: RawServer) -> None:
    proxy.refusal = b"this is not HTTP\r\n\r\n"


async def nowhere(proxy: ForwardProxy, server: RawServer) -> None:
    proxy.leads_to = 1  # where nothing listens


FAILURES = [refused, cut, gone, silent, untidy, nowhere]


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("fail", FAILURES)
async def test_its_credentials_are_in_no_frame_of_any_error(
    fail: Any, scheme: str, proxy: ForwardProxy, authority: trustme.CA
) -> None:
    tls = serving(authority) if scheme == "https" else None
    async with RawServer(reply(page()), tls=tls) as server:
        options = {"ssl": asking(authority), "proxy": proxy.url_for(USER), "timeout": 1.0}
        async with client(server.url, **options, allow_plain_http=True, retry=ONCE) as ledger:
            await ledger.nfts.page(101)
            await fail(proxy, server)
            with pytest.raises(LedgerError) as caught:
                await asyncio.gather(*(ledger.nfts.page(101) for _ in range(4)))
            for secret in PASSWORD, PACKED, KEY:
                assert places(caught.value, secret) == []
                assert secret not in shown(caught.value)
                assert secret not in repr(ledger)


@pytest.mark.parametrize("bad", [{"timeout": -1}, {"ssl": True}, {"trace_configs": None}], ids=str)
def test_nor_where_another_option_is_bad(bad: dict[str, Any]) -> None:
    options: dict[str, Any] = {"proxy": f"http://{USER}proxy.example", **bad}
    with pytest.raises(ConfigurationError) as caught:
        LedgerClient(ORIGIN, api_key=KEY, **options)
    assert places(caught.value, PASSWORD) == places(caught.value, PACKED) == []


# Where its address comes from


@pytest.mark.parametrize(
    "url",
    [
        "",
        "proxy.example",
        "proxy.example:3128",
        "socks5://proxy.example",
        "http://",
        "http://proxy.example/path",
        "http://proxy.example?query",
        "http://proxy.example#fragment",
        f"http://{USER}proxy.example/path",
        f"http://{USER}proxy example",
        "http://proxy.example:99999",
        "http://[::12345]:1",
        b"http://proxy.example",
        8080,
    ],
)
def test_what_is_no_address_of_a_proxy_is_refused_by_name_and_not_shown(url: Any) -> None:
    with pytest.raises(ConfigurationError, match="proxy must look like") as caught:
        LedgerClient(ORIGIN, api_key=KEY, proxy=url)
    assert PASSWORD not in shown(caught.value)
    assert places(caught.value, PASSWORD) == []


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://proxy.example", "proxy.example:80"),
        ("https://proxy.example/", "proxy.example:443"),
        ("http://10.0.0.1:3128", "10.0.0.1:3128"),
        ("http://[::1]:3128", "[::1]:3128"),
        (f"http://{USER}proxy.example:8080/", "proxy.example:8080"),
    ],
)
def test_an_address_shows_the_place_only(url: str, place: str) -> None:
    proxy = checked_proxy("proxy", url)
    assert proxy.place == place
    assert PASSWORD not in repr(proxy)
    assert places(proxy, PASSWORD) == places(proxy, PACKED) == []


ENVIRONMENTS: list[tuple[dict[str, str], str, str | None]] = [
    ({}, ORIGIN, None),
    ({"HTTPS_PROXY": "http://a:1"}, ORIGIN, "a:1"),
    ({"https_proxy": "http://b:1", "HTTPS_PROXY": "http://a:1"}, ORIGIN, "b:1"),
    ({"HTTPS_PROXY": "a:1"}, ORIGIN, "a:1"),
    ({"HTTP_PROXY": "http://a:1"}, ORIGIN, None),
    ({"HTTP_PROXY": "http://a:1"}, "http://lam.example", "a:1"),
    ({"ALL_PROXY": "http://a:1"}, ORIGIN, "a:1"),
    ({"ALL_PROXY": "http://a:1", "HTTPS_PROXY": "http://b:1"}, ORIGIN, "b:1"),
    ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "*"}, ORIGIN, None),
    ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "other, lam.example"}, ORIGIN, None),
    ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": ".example"}, ORIGIN, None),
    ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "lam.example:443"}, ORIGIN, None),
    ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "lam.example:8443"}, ORIGIN, "a:1"),
    ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "am.example"}, ORIGIN, "a:1"),
    ({"HTTPS_PROXY": "http://a:1", "NO_PROXY": "::1"}, "https://[::1]:8443", None),
    ({"HTTPS_PROXY": "http://a:1", "no_proxy": "[::1]"}, "https://[::1]", None),
]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("http", "https", "all", "no"):
        monkeypatch.delenv(f"{name}_proxy", raising=False)
        monkeypatch.delenv(f"{name}_proxy".upper(), raising=False)
    return monkeypatch


@pytest.mark.parametrize(("variables", "origin", "place"), ENVIRONMENTS, ids=str)
def test_the_environment_names_it_by_the_rules_of_the_standard_library(
    variables: dict[str, str], origin: str, place: str | None, environment: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    found = environment_proxy(origin)
    assert (found and found.place) == place


def test_a_bad_one_of_the_environment_is_named_by_its_variable(
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("HTTPS_PROXY", f"socks5://{USER}proxy.example")
    with pytest.raises(ConfigurationError, match="https_proxy of the environment must") as caught:
        LedgerClient(ORIGIN, api_key=KEY, trust_env=True)
    assert places(caught.value, PASSWORD) == []
    LedgerClient(ORIGIN, api_key=KEY)


async def test_the_environment_is_followed_where_trust_env_says_so(
    proxy: ForwardProxy,
    server: RawServer,
    context: ssl.SSLContext,
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("HTTPS_PROXY", proxy.url)
    async with client(server.url, ssl=context) as ledger:
        await ledger.nfts.page(101)
    assert proxy.heads == []
    async with client(server.url, ssl=context, trust_env=True) as ledger:
        await ledger.nfts.page(101)
    assert len(proxy.heads) == 1


async def test_an_argument_goes_before_the_environment(
    proxy: ForwardProxy,
    server: RawServer,
    context: ssl.SSLContext,
    environment: pytest.MonkeyPatch,
) -> None:
    environment.setenv("ALL_PROXY", "http://nobody.example")
    environment.setenv("NO_PROXY", "*")
    options = {"ssl": context, "proxy": proxy.url, "trust_env": True}
    async with client(server.url, **options) as ledger:
        await ledger.nfts.page(101)
    assert len(proxy.heads) == 1


@pytest.mark.parametrize("through_proxy", [True, False])
async def test_no_netrc_is_read(
    proxy: ForwardProxy,
    server: RawServer,
    context: ssl.SSLContext,
    environment: pytest.MonkeyPatch,
    tmp_path: Path,
    *,
    through_proxy: bool,
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text(f"machine 127.0.0.1 login user password {PASSWORD}\n")
    environment.setenv("HOME", str(tmp_path))
    environment.setenv("NETRC", str(netrc))
    if through_proxy:
        environment.setenv("HTTPS_PROXY", proxy.url)
    async with client(server.url, ssl=context, trust_env=True) as ledger:
        await ledger.nfts.page(101)
    assert len(proxy.heads) == int(through_proxy)
    assert "authorization" not in "".join(proxy.heads).lower()
    assert "authorization" not in server.requests[0].headers


# By the transport alone


async def test_the_lean_way_which_knows_no_proxies_is_not_taken(
    proxy: ForwardProxy, server: RawServer, context: ssl.SSLContext
) -> None:
    server.answer = reply()
    network = Network(ssl=context, proxy=checked_proxy("proxy", proxy.url))
    transport = transport_to(server.url, network, timeout=30)
    try:
        assert (await transport.send(Request(path="/"), Headers({}))).body == OK
    finally:
        await transport.close()
    assert len(proxy.heads) == 1
