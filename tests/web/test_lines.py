"""`ndjson`: a chunk a page, a line a node, and never a silent end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import msgspec
import pytest
import transports

from ledger_async import LedgerClient, LedgerError, NodeStream, NotFoundError, json
from ledger_async.sandbox import Fault, Sandbox
from ledger_async.web import events
from ledger_async.web.lines import ndjson

Make = Callable[[LedgerClient], NodeStream[Any]]


def of_one_account(ledger: LedgerClient) -> NodeStream[Any]:
    return ledger.nfts.stream(101)


def of_many_accounts(ledger: LedgerClient) -> NodeStream[Any]:
    return ledger.nfts.stream_accounts([101, 102, 103], ordered=True)


async def chunks_of(stream: NodeStream[Any]) -> list[bytes]:
    return [chunk async for chunk in ndjson(stream)]


def objects_in(chunks: list[bytes]) -> list[dict[str, Any]]:
    text = b"".join(chunks)
    assert text.endswith(b"\n")
    return [json.decode(line) for line in text.splitlines()]


@pytest.mark.parametrize("make", [of_one_account, of_many_accounts])
async def test_each_node_is_a_flat_object_after_its_account(
    make: Make, ledger: LedgerClient
) -> None:
    written = objects_in(await chunks_of(make(ledger)))
    read = [
        {"account_id": batch.account_id} | json.decode(json.encode(node))
        async for batch in make(ledger).batches()
        for node in batch.nodes
    ]
    assert written == read
    assert {next(iter(each)) for each in written} == {"account_id"}


async def test_nodes_without_an_account_are_written_as_they_are(ledger: LedgerClient) -> None:
    written = objects_in(await chunks_of(ledger.accounts.stream()))
    assert [each["id"] for each in written] == [103, 102, 101]
    assert "account_id" not in written[0]


async def test_a_page_is_one_chunk(ledger: LedgerClient) -> None:
    assert [each.count(b"\n") for each in await chunks_of(of_one_account(ledger))] == [100, 100, 50]


async def test_a_listing_of_nothing_has_no_chunk(ledger: LedgerClient) -> None:
    assert await chunks_of(ledger.nfts.stream(102)) == []


async def test_numbers_keep_their_digits(ledger: LedgerClient, sandbox: Sandbox) -> None:
    @sandbox.rewrite
    def huge(_request: object, page: dict[str, Any]) -> bytes:
        text = msgspec.json.encode(page)
        return text.replace(b'"value":1,', b'"value":12345678901234567890123456789012345,')

    written = b"".join(await chunks_of(ledger.nfts.stream(103)))
    assert b'"value":12345678901234567890123456789012345,' in written


class Uncut(msgspec.Struct):
    token_id: str
    price: msgspec.Raw


@pytest.mark.parametrize("make", [ndjson, events])
async def test_json_that_is_handed_on_as_it_came_breaks_no_line(
    make: Callable[[NodeStream[Any]], AsyncIterator[bytes]],
    ledger: LedgerClient,
    sandbox: Sandbox,
) -> None:
    @sandbox.rewrite
    def indented(_request: object, page: dict[str, Any]) -> bytes:
        for edge in page["edges"]:
            edge["node"]["price"] = {"ticker": "a\nb"}
        return msgspec.json.format(msgspec.json.encode(page)).replace(b"\n", b"\r\n")

    stream = ledger.nfts.stream(103, node_type=Uncut)
    written = b"".join([chunk async for chunk in make(stream)])
    assert written.count(b'"ticker": "a\\nb"') == 7
    assert b"\r" not in written
    assert all(line.count(b"{") == line.count(b"}") for line in written.split(b"\n"))


async def test_an_error_before_the_first_node_is_raised(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    with pytest.raises(NotFoundError):
        await chunks_of(ledger.nfts.stream(999))


async def test_an_error_after_the_first_node_is_the_last_line(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.status(404), after=1, times=9)
    *nodes, last = objects_in(await chunks_of(of_one_account(ledger)))
    assert len(nodes) == 100
    assert last.keys() == {"error"}
    assert last["error"]["type"] == "NotFoundError"
    assert (last["error"]["status"], last["error"]["account_id"]) == (404, 101)


async def test_accounts_that_are_left_out_are_errors_after_the_nodes(ledger: LedgerClient) -> None:
    stream = ledger.nfts.stream_accounts([998, 103, 999], ordered=True, on_error="skip")
    *nodes, first, second = objects_in(await chunks_of(stream))
    assert len(nodes) == 7
    assert {next(iter(each)) for each in nodes} == {"account_id"}
    assert [each["error"]["account_id"] for each in (first, second)] == [998, 999]


async def test_a_stream_that_is_stopped_ends_without_an_error(ledger: LedgerClient) -> None:
    stream = ledger.nfts.stream(101, page_size=1)
    chunks = [await anext(lines := ndjson(stream))]
    stream.stop()
    chunks += [chunk async for chunk in lines]
    assert all("account_id" in each for each in objects_in(chunks))


async def test_the_line_of_an_error_shows_no_key(sandbox: Sandbox) -> None:
    sandbox.fail(
        Fault.json({"message": f"no such key: {sandbox.api_key}"}, status=404), after=1, times=9
    )
    credentials = {"api_key": sandbox.api_key, "api_user": sandbox.api_user}
    async with transports.client(sandbox.url, **credentials) as ledger:
        *_, last = await chunks_of(of_one_account(ledger))
    assert b'"error"' in last
    assert sandbox.api_key.encode() not in last


async def test_a_client_that_is_closed_meanwhile_is_an_error_as_well(ledger: LedgerClient) -> None:
    chunks = ndjson(ledger.nfts.stream(101, page_size=1))
    await anext(chunks)
    await ledger.aclose()
    *_, last = [chunk async for chunk in chunks]
    assert json.decode(last)["error"]["type"] == "StreamClosedError"


async def test_a_bug_is_no_end_of_the_lines(ledger: LedgerClient) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    stream = ledger.nfts.stream(101, node_type=Demanding, on_invalid=broken)
    with pytest.raises(ZeroDivisionError):
        await chunks_of(stream)


class Demanding(msgspec.Struct):
    nothing_has_this: int


async def test_closing_the_lines_closes_the_stream(ledger: LedgerClient, sandbox: Sandbox) -> None:
    stream = ledger.nfts.stream(101, page_size=1)
    async with aclosing(ndjson(stream)) as chunks:
        await anext(chunks)
    assert not sandbox.in_flight
    with pytest.raises(LedgerError):
        await anext(stream.batches())


async def test_cancelling_who_reads_the_lines_closes_the_stream(
    ledger: LedgerClient, sandbox: Sandbox
) -> None:
    sandbox.fail(Fault.stall(1000), after=1)
    stream = ledger.nfts.stream(101)
    reader = asyncio.create_task(chunks_of(stream))
    await asyncio.sleep(10)
    reader.cancel()
    await asyncio.wait([reader])
    assert reader.cancelled()
    assert not ledger._runtime.live.streams
