"""What bad input gets: the table of the specification, row by row."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from ledger_async import (
    NFT,
    AuthenticationError,
    BearerAuth,
    ConfigurationError,
    DecodeError,
    LamAuth,
    LedgerClient,
    ListingIncompleteError,
    NotFoundError,
    ProtocolError,
    ReportingAuth,
    TransportError,
)
from ledger_async._exactness.walk_limits import STALL_LIMIT
from ledger_async.sandbox import Fault, Sandbox, SeenRequest

Call = Callable[[LedgerClient], Awaitable[object]]

HOUR = 3600.0
SLOTS = 16
WINDOW = 2 * SLOTS
URL = "https://lam.example"
HUGE = pytest.param(10**5000, id="huge")  # Python refuses to write it out
CONTROL = ["a\nb", "a\r\nX-Other: b", "a\0b", "a\x7fb", "\n", "a\t", "é", "\u2028"]


async def drain(stream: Any) -> list[Any]:
    """Every node, unless the stream hangs."""
    async with asyncio.timeout(24 * HOUR):
        return [node async for node in stream]


# No key, bad base URL, control bytes, a bad page size, account id or concurrency:
# `ConfigurationError` naming the argument, before any request.


def test_no_key_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="api_key"):
        LedgerClient(URL)


@pytest.mark.parametrize(
    "url",
    [
        "",
        " ",
        "lam.example",
        "lam.example:5000",
        "//lam.example",
        "ftp://lam.example",
        "file:///etc/passwd",
        "https://",
        "https:///path",
        "https://lam.example:port",
        "https://lam.example:99999",
        "https://user:secret@lam.example",
        "https://lam.example?query",
        "https://lam.example#fragment",
        "https://lam example",
        "https://lam.example\r\nX: y",
        "https://läm.example",
        "https://[::1",
        b"https://lam.example",
        5000,
    ],
)
def test_a_bad_base_url_is_refused_by_name(url: Any) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        LedgerClient(url, api_key="key")


@pytest.mark.parametrize(
    "url",
    [
        "http://lam.example",
        "http://192.168.0.1:5000",
        "http://127.0.0.1.example",
        "HTTP://lam.example",
    ],
)
def test_plain_http_to_elsewhere_is_refused_by_name(url: str) -> None:
    with pytest.raises(ConfigurationError, match="base_url"):
        LedgerClient(url, api_key="key")


def test_plain_http_to_elsewhere_is_for_those_who_say_so() -> None:
    LedgerClient("http://lam.example", api_key="key", allow_plain_http=True)


def test_a_bad_base_url_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        LedgerClient("https://user:secret@lam.example", api_key="key")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["LEDGER_BASE_URL", "LEDGER_API_KEY", "LEDGER_API_USER"])
def test_a_bad_setting_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGER_API_KEY", "key")
    monkeypatch.setenv(name, "a\nb")
    with pytest.raises(ConfigurationError, match=name.removeprefix("LEDGER_").lower()):
        LedgerClient()


@pytest.mark.parametrize("value", CONTROL)
@pytest.mark.parametrize("name", ["api_key", "api_user"])
def test_control_bytes_in_a_header_are_refused_by_name(name: str, value: str) -> None:
    options: dict[str, Any] = {"api_key": "key", "api_user": "user", name: value}
    with pytest.raises(ConfigurationError, match=name) as caught:
        LedgerClient(URL, **options)
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda value: LamAuth("user", "key", store_auth_token=value), "store_auth_token"),
        (lambda value: ReportingAuth(value, "key"), "workspace"),
        (lambda value: ReportingAuth("workspace", value), "reporting_api_key"),
        (lambda value: BearerAuth(value, "id", "secret"), "workspace"),
        (lambda value: BearerAuth("workspace", value, "secret"), "api_key_id"),
        (lambda value: BearerAuth("workspace", "id", value), "api_key_secret"),
    ],
)
def test_control_bytes_in_any_scheme_are_refused_by_name(
    make: Callable[[str], object], named: str
) -> None:
    with pytest.raises(ConfigurationError, match=named):
        make("a\nb")


async def test_control_bytes_in_a_key_that_is_fetched_are_refused_before_any_request(
    sandbox: Sandbox,
) -> None:
    async def fetch() -> str:
        return "a\nb"

    async with LedgerClient(sandbox.url, api_key=fetch, api_user="user") as ledger:
        with pytest.raises(ConfigurationError, match="api_key"):
            await ledger.accounts.get(101)
    assert sandbox.requests == []


@pytest.mark.parametrize("value", [0, -1, -16, 1.0, "16", True, None, math.inf, HUGE])
def test_a_bad_concurrency_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_concurrency"):
        LedgerClient(URL, api_key="key", max_concurrency=value)


@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf, "30", True, None, HUGE])
def test_a_bad_timeout_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="timeout"):
        LedgerClient(URL, api_key="key", timeout=value)


@pytest.mark.parametrize("value", [None, 3, {"max_attempts": 3}])
def test_a_bad_retry_policy_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="retry"):
        LedgerClient(URL, api_key="key", retry=value)


@pytest.mark.parametrize("options", [{"api_key": "key"}, {"api_user": "user"}])
def test_credentials_given_twice_are_refused_by_name(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="auth"):
        LedgerClient(URL, auth=LamAuth("user", "key"), **options)


@pytest.mark.parametrize("value", ["key", 5, object()])
def test_a_scheme_that_is_none_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="auth"):
        LedgerClient(URL, auth=value)


PAGED: dict[str, Callable[[LedgerClient, Any], Any]] = {
    "nfts.stream": lambda ledger, size: ledger.nfts.stream(101, page_size=size),
    "nfts.stream_accounts": lambda ledger, size: ledger.nfts.stream_accounts([101], page_size=size),
    "nft_collections.stream": lambda ledger, size: ledger.nft_collections.stream(
        101, page_size=size
    ),
    "accounts.stream": lambda ledger, size: ledger.accounts.stream(page_size=size),
}

PAGES: dict[str, Callable[[LedgerClient, Any], Awaitable[object]]] = {
    "nfts.page": lambda ledger, size: ledger.nfts.page(101, page_size=size),
    "nft_collections.page": lambda ledger, size: ledger.nft_collections.page(101, page_size=size),
    "accounts.page": lambda ledger, size: ledger.accounts.page(page_size=size),
}

BAD_SIZES = [0, -1, -100, 1.5, "100", "MAX", "", True, None, HUGE]


@pytest.mark.parametrize("size", BAD_SIZES)
@pytest.mark.parametrize("call", PAGED.values(), ids=PAGED)
async def test_a_stream_refuses_a_bad_page_size_at_once_and_by_name(
    call: Callable[[LedgerClient, Any], Any], size: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="page_size"):
        call(ledger, size)
    assert sandbox.requests == []


@pytest.mark.parametrize("size", BAD_SIZES)
@pytest.mark.parametrize("call", PAGES.values(), ids=PAGES)
async def test_a_page_refuses_a_bad_page_size_by_name(
    call: Callable[[LedgerClient, Any], Awaitable[object]],
    size: Any,
    sandbox: Sandbox,
    ledger: LedgerClient,
) -> None:
    with pytest.raises(ConfigurationError, match="page_size"):
        await call(ledger, size)
    assert sandbox.requests == []


@pytest.mark.parametrize("number", [0, -1, 1.0, "1", True, None, HUGE])
async def test_a_bad_page_number_is_refused_by_name(
    number: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="page number"):
        await ledger.nfts.page(101, number)
    with pytest.raises(ConfigurationError, match="page number"):
        await ledger.accounts.page(number)
    assert sandbox.requests == []


BAD_IDS = ["101", "", "me", 1.0, None, True, -1, "../accounts", b"101", [101], HUGE]


@pytest.mark.parametrize("account_id", BAD_IDS)
@pytest.mark.parametrize("section", ["nfts", "nft_collections"])
async def test_a_stream_refuses_an_account_id_that_is_no_integer_at_once_and_by_name(
    section: str, account_id: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="account_id"):
        getattr(ledger, section).stream(account_id)
    assert sandbox.requests == []


@pytest.mark.parametrize("account_id", BAD_IDS)
async def test_a_stream_of_many_refuses_an_account_id_that_is_no_integer_at_once_and_by_name(
    account_id: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="account_id"):
        ledger.nfts.stream_accounts([101, account_id])
    assert sandbox.requests == []


@pytest.mark.parametrize("account_ids", ["101", b"101", 101, None, 1.5])
async def test_a_stream_of_many_refuses_what_holds_no_ids(
    account_ids: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="account_ids"):
        ledger.nfts.stream_accounts(account_ids)
    assert sandbox.requests == []


BY_ID: dict[str, Callable[[LedgerClient, Any], Awaitable[object]]] = {
    "accounts.get": lambda ledger, account_id: ledger.accounts.get(account_id),
    "nfts.page": lambda ledger, account_id: ledger.nfts.page(account_id),
    "nfts.portfolio": lambda ledger, account_id: ledger.nfts.portfolio(account_id),
    "nft_collections.page": lambda ledger, account_id: ledger.nft_collections.page(account_id),
}


@pytest.mark.parametrize("account_id", BAD_IDS)
@pytest.mark.parametrize("call", BY_ID.values(), ids=BY_ID)
async def test_a_call_refuses_an_account_id_that_is_no_integer_by_name(
    call: Callable[[LedgerClient, Any], Awaitable[object]],
    account_id: Any,
    sandbox: Sandbox,
    ledger: LedgerClient,
) -> None:
    with pytest.raises(ConfigurationError, match="account_id"):
        await call(ledger, account_id)
    assert sandbox.requests == []


@pytest.mark.parametrize("node_type", [dict, NFT("0x", "1", "T", 1), "NFT", int, list[NFT]])
async def test_a_node_type_that_is_no_struct_is_refused_by_name(
    node_type: Any, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(ConfigurationError, match="node_type"):
        ledger.nfts.stream(101, node_type=node_type)
    assert sandbox.requests == []


# Unknown account: `NotFoundError` with `account_id`; with `on_error`, the others go on.


@pytest.mark.parametrize("call", BY_ID.values(), ids=BY_ID)
async def test_an_unknown_account_is_not_found(
    call: Callable[[LedgerClient, Any], Awaitable[object]], ledger: LedgerClient
) -> None:
    with pytest.raises(NotFoundError) as caught:
        await call(ledger, 999)
    assert (caught.value.account_id, caught.value.status) == (999, 404)


async def test_an_unknown_account_is_not_found_by_a_stream(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    with pytest.raises(NotFoundError) as caught:
        await drain(ledger.nfts.stream(999))
    assert caught.value.account_id == 999
    assert len(sandbox.requests) == 1


async def test_an_unknown_account_among_many_ends_the_stream(ledger: LedgerClient) -> None:
    with pytest.raises(NotFoundError) as caught:
        await drain(ledger.nfts.stream_accounts([103, 999]))
    assert caught.value.account_id == 999


@pytest.mark.parametrize("on_error", ["skip", lambda _account_id, _error: None])
async def test_an_unknown_account_among_many_may_be_left_out(
    on_error: Any, ledger: LedgerClient
) -> None:
    stream = ledger.nfts.stream_accounts([999, 103, 998], on_error=on_error)
    assert [node.account_id for node in await drain(stream)] == [103] * 7
    assert isinstance(stream.reports[999].error, NotFoundError)


# Wrong key: `AuthenticationError` after one request.

ALONE: dict[str, Call] = {
    "accounts.get": lambda ledger: ledger.accounts.get(101),
    "accounts.stream": lambda ledger: drain(ledger.accounts.stream()),
    "nfts.page": lambda ledger: ledger.nfts.page(101),
    "nfts.stream": lambda ledger: drain(ledger.nfts.stream(101)),
    "nfts.portfolio": lambda ledger: ledger.nfts.portfolio(101),
    "nft_collections.stream": lambda ledger: drain(ledger.nft_collections.stream(101)),
}


@pytest.mark.parametrize("call", ALONE.values(), ids=ALONE)
async def test_a_wrong_key_is_refused_after_one_request(call: Call, sandbox: Sandbox) -> None:
    async with LedgerClient(sandbox.url, api_key="wrong", api_user=sandbox.api_user) as ledger:
        with pytest.raises(AuthenticationError) as caught:
            await call(ledger)
    assert (caught.value.status, caught.value.attempts) == (401, 1)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("on_error", ["raise", "skip"])
async def test_a_wrong_key_costs_a_stream_of_many_one_request(
    on_error: Any,
) -> None:
    async with (
        Sandbox(dict.fromkeys(range(1, 101), 1), latency=1.0) as sandbox,
        LedgerClient(
            sandbox.url, api_key="wrong", api_user=sandbox.api_user, max_concurrency=4
        ) as ledger,
    ):
        with pytest.raises(AuthenticationError):
            await drain(ledger.nfts.stream_accounts(range(1, 101), on_error=on_error))
        assert len(sandbox.requests) == 1


# A server that is not this API: `DecodeError` or `ProtocolError`, never a made-up status.


@asynccontextmanager
async def speaking(data: bytes) -> AsyncIterator[LedgerClient]:
    """A client of a server that answers every request with these bytes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(data)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, LedgerClient(f"http://127.0.0.1:{port}", api_key="key") as ledger:
        yield ledger


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"220 mail.example ESMTP\r\n",
        b"<!doctype html><title>Welcome</title>\r\n\r\n",
        b'{"edges": []}\r\n\r\n',
        b"\x15\x03\x01\x00\x02\x02\x46" * 9,  # TLS: an alert
        b"\x00" * 40 + b"\r\n\r\n",
        b"HTTP/1.1 twenty OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_a_server_that_does_not_speak_http_is_a_protocol_error_without_a_status(
    data: bytes,
) -> None:
    async with speaking(data) as ledger:
        with pytest.raises(ProtocolError) as caught:
            await ledger.accounts.get(101)
    assert caught.value.status is None


async def test_garbage_in_a_stream_is_a_protocol_error_that_says_where(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(Fault.garbage(), page=2)
    with pytest.raises(ProtocolError) as caught:
        await drain(ledger.nfts.stream(101))
    assert (caught.value.status, caught.value.account_id, caught.value.page) == (None, 101, 2)


async def test_a_web_page_is_a_decode_error(sandbox: Sandbox, ledger: LedgerClient) -> None:
    sandbox.fail(Fault.html("<title>Welcome</title>", status=200))
    with pytest.raises(DecodeError) as caught:
        await drain(ledger.nfts.stream(101))
    assert caught.value.status is None
    assert "Welcome" in (caught.value.excerpt or "")


EDGE: dict[str, Any] = {"cursor": 0, "node": {"contract_address": "0x", "token_id": "1"}}
INFO: dict[str, Any] = {"count": 0, "has_next_page": False}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "$"),
        ([], "$"),
        (None, "$"),
        ("edges", "$"),
        (42, "$"),
        ({"hello": "world"}, "$"),
        ({"edges": []}, "$"),
        ({"page_info": INFO}, "$"),
        ({"edges": {}, "page_info": INFO}, "$.edges"),
        ({"edges": [{}], "page_info": INFO}, "$.edges[0]"),
        ({"edges": [None], "page_info": INFO}, "$.edges[0]"),
        ({"edges": [EDGE], "page_info": INFO}, "$.edges[0].node"),
        ({"edges": [], "page_info": {}}, "$.page_info"),
        ({"edges": [], "page_info": {"count": "9", "has_next_page": False}}, "$.page_info.count"),
        ({"edges": [], "page_info": {"count": 1.5, "has_next_page": False}}, "$.page_info.count"),
        ({"edges": [], "page_info": {"count": None, "has_next_page": False}}, "$.page_info.count"),
        ({"edges": [], "page_info": {"count": 0, "has_next_page": 0}}, "$.page_info.has_next_page"),
    ],
)
async def test_other_json_is_a_decode_error_that_says_where(
    body: Any, path: str, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(Fault.json(body))
    with pytest.raises(DecodeError) as caught:
        await drain(ledger.nfts.stream(101))
    assert caught.value.json_path == path
    assert (caught.value.account_id, caught.value.page) == (101, 1)


@pytest.mark.parametrize(
    "body",
    [b"null", b"\xff\xfe", b"{]", b"NaN", b'"' + b"\xff" + b'"', b"[" * 10_000 + b"]" * 10_000],
)
async def test_a_body_that_is_no_json_of_this_api_is_a_decode_error(
    body: bytes, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(Fault.json(msgspec.Raw(body)) if body == b"null" else Fault.status(200, body=body))
    with pytest.raises(DecodeError) as caught:
        await drain(ledger.nfts.stream(101))
    assert caught.value.status is None


async def test_a_body_that_is_not_compressed_as_it_says_is_a_transport_error(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    headers = {"Content-Encoding": "gzip"}
    sandbox.fail(Fault.status(200, body=b"not gzip", headers=headers), times=math.inf)
    with pytest.raises(TransportError, match="corrupt") as caught:
        await ledger.accounts.get(101)
    assert caught.value.status is None


@pytest.mark.parametrize("status", [299, 203, 201])
async def test_a_page_that_comes_with_another_good_status_is_a_page(
    status: int, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    sandbox.fail(Fault.json({"edges": [], "page_info": INFO}, status=status))
    assert await drain(ledger.nfts.stream(101)) == []


# Contradicting pages: the stream ends or raises within a bounded number of requests.


def lie(sandbox: Sandbox, **info: Any) -> None:
    """State this about every page, whatever is true."""

    @sandbox.rewrite
    def rewrite(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        return {**page, "page_info": {**page["page_info"], **info}}


@pytest.mark.parametrize("count", [-(2**70), -1, 0, 1, 249])
async def test_a_count_that_is_too_low_is_found_out_and_pages_that_overlap_prove_without_it(
    count: int, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    lie(sandbox, count=count)
    stream = ledger.nfts.stream(101, page_size=10)
    assert len(await drain(stream)) == 250
    assert stream.reports[101].status == "repaired"
    assert len(sandbox.requests) <= 25 + WINDOW


@pytest.mark.parametrize("count", [251, 10**12, 2**70])
async def test_a_count_that_nothing_contradicts_is_an_error_if_fewer_elements_are_there(
    count: int, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    lie(sandbox, count=count)
    stream = ledger.nfts.stream(101, page_size=10)
    with pytest.raises(ListingIncompleteError, match="`count` says that there are more"):
        await drain(stream)
    report = stream.reports[101]
    assert (report.nodes, report.status) == (250, "unverified")
    assert len(sandbox.requests) <= 2 * (25 + WINDOW)


async def test_a_count_that_never_stops_growing_ends_all_the_same(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    @sandbox.rewrite
    def grow(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        return {**page, "page_info": {**page["page_info"], "count": 10 ** len(sandbox.requests)}}

    stream = ledger.nfts.stream(101, page_size=10)
    with pytest.raises(ListingIncompleteError):
        await drain(stream)
    assert stream.reports[101].nodes == 250
    assert len(sandbox.requests) <= 2 * (25 + WINDOW)


@pytest.mark.parametrize("count", [0, 250, 10**12])
async def test_empty_pages_for_ever_are_given_up(
    count: int, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    @sandbox.rewrite
    def empty(_seen: SeenRequest, _page: dict[str, Any]) -> dict[str, Any]:
        return {"edges": [], "page_info": {"count": count, "has_next_page": True}}

    with pytest.raises(ListingIncompleteError):
        await drain(ledger.nfts.stream(101))
    assert len(sandbox.requests) <= STALL_LIMIT + WINDOW


@pytest.mark.parametrize("count", [0, 250, 10**12])
async def test_the_same_page_again_and_again_is_given_up(
    count: int, sandbox: Sandbox, ledger: LedgerClient
) -> None:
    first: list[dict[str, Any]] = []

    @sandbox.rewrite
    def repeat(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        first.append(page)
        return {**first[0], "page_info": {"count": count, "has_next_page": True}}

    with pytest.raises(ListingIncompleteError):
        await drain(ledger.nfts.stream(101, page_size=10))
    assert len(sandbox.requests) <= 1 + STALL_LIMIT + WINDOW


async def test_a_listing_that_never_ends_is_given_up_after_what_it_held(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    lie(sandbox, has_next_page=True)
    nodes: list[NFT] = []

    async def read() -> None:
        async for node in ledger.nfts.stream(101, page_size=10):
            nodes.append(node)  # noqa: PERF401 - what came counts, although an error follows

    with pytest.raises(ListingIncompleteError) as caught:
        await read()
    assert len(nodes) == 250
    assert caught.value.account_id == 101
    assert len(sandbox.requests) <= 25 + STALL_LIMIT + WINDOW


async def test_a_listing_that_contradicts_itself_may_be_left_out(
    sandbox: Sandbox, ledger: LedgerClient
) -> None:
    @sandbox.rewrite
    def never_end(seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
        more = seen.account_id == 101 or page["page_info"]["has_next_page"]
        return {**page, "page_info": {**page["page_info"], "has_next_page": more}}

    stream = ledger.nfts.stream_accounts([101, 102, 103], on_error="skip")
    assert len(await drain(stream)) == 250 + 7
    assert isinstance(stream.reports[101].error, ListingIncompleteError)


async def test_an_on_error_that_would_have_to_be_awaited_is_refused(ledger: LedgerClient) -> None:
    async def handle(account_id: int, error: Exception) -> None: ...

    with pytest.raises(ConfigurationError, match="on_error"):
        ledger.nfts.stream_accounts([101], on_error=handle)  # type: ignore[arg-type]
