"""One node that does not decode, and the ninety-nine others of its page."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from ledger_async import (
    NFT,
    AccountNode,
    ConfigurationError,
    DecodeError,
    InvalidNode,
    LedgerClient,
    NodeStream,
    StreamClosedError,
)
from ledger_async.lenient import decode_node
from ledger_async.sandbox import Fault, Sandbox, SeenRequest

BAD = {"contract_address": "0xbad", "token_id": "7", "token_type": "ERC721", "value": "many"}


class Token(msgspec.Struct, frozen=True):
    """Its own identity it does not declare."""

    value: int


def client(sandbox: Sandbox) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user)


@asynccontextmanager
async def serving(
    *bad: tuple[int, Any], accounts: dict[int, int] | None = None, latency: float = 0.0
) -> AsyncIterator[tuple[Sandbox, LedgerClient]]:
    """A workspace in which what stands at these places, from 0, of each listing is bad."""
    workspace = Sandbox(accounts or {101: 250}, latency=latency)
    async with workspace as sandbox, client(sandbox) as ledger:

        @sandbox.rewrite
        def spoil(seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            first = ((seen.page or 1) - 1) * (seen.page_size or 100)
            for place, node in bad:
                if 0 <= place - first < len(page["edges"]):
                    page["edges"][place - first]["node"] = node
            return page

        yield sandbox, ledger


async def read(stream: NodeStream[Any]) -> list[Any]:
    return [node async for node in stream]


async def test_a_node_that_does_not_decode_is_an_error_that_says_where() -> None:
    async with serving((142, BAD)) as (_, ledger):
        with pytest.raises(DecodeError) as caught:
            await read(ledger.nfts.stream(101))
    assert (caught.value.page, caught.value.json_path) == (2, "$.edges[42].node.value")


async def test_skipped_the_others_of_its_page_stay_typed_and_in_order() -> None:
    async with serving((142, BAD)) as (sandbox, ledger):
        nodes = await read(ledger.nfts.stream(101, on_invalid="skip"))
        held = sandbox.identities(101)
    assert {type(node) for node in nodes} == {NFT}
    assert [(node.contract_address, node.token_id) for node in nodes] == held[:142] + held[143:]


async def test_skipped_it_is_counted_and_the_listing_is_exact_all_the_same() -> None:
    async with serving((5, BAD), (142, {})) as (_, ledger):
        stream = ledger.nfts.stream(101, on_invalid="skip")
        await read(stream)
        report = stream.reports[101]
    assert (report.status, report.nodes, report.invalid) == ("exact", 248, 2)


async def test_skipped_it_is_logged_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    async with serving((142, BAD)) as (_, ledger):
        await read(ledger.nfts.stream(101, on_invalid="skip"))
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "node left out: account 101 (page 2): expected `int`" in record.message
    assert "$.edges[42].node.value" in record.message


async def test_a_callable_is_given_the_node_as_it_came_and_its_place() -> None:
    invalid: list[InvalidNode] = []
    async with serving((142, BAD)) as (_, ledger):
        nodes = await read(ledger.nfts.stream(101, on_invalid=invalid.append))
    (node,) = invalid
    assert len(nodes) == 249
    assert (node.account_id, node.page, node.index) == (101, 2, 42)
    assert msgspec.json.decode(node.raw) == BAD
    assert (node.error.json_path, node.error.page) == ("$.edges[42].node.value", 2)


async def test_nodes_of_many_accounts_come_with_their_account() -> None:
    invalid: list[InvalidNode] = []
    async with serving((3, BAD), accounts={101: 5, 102: 7, 103: 2}) as (_, ledger):
        stream = ledger.nfts.stream_accounts([101, 102, 103], on_invalid=invalid.append)
        nodes = await read(stream)
    assert {type(node) for node in nodes} == {AccountNode}
    assert len(nodes) == 12
    assert sorted(node.account_id or 0 for node in invalid) == [101, 102]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({"token_id": "7", "token_type": "T", "value": 1}, id="without its identity"),
        pytest.param(None, id="null"),
        pytest.param([], id="a list"),
        pytest.param(
            msgspec.Raw(b'{"token_id": "7", "value": 1%s}' % (b"0" * 4999)),
            id="an integer of 5,000 digits",
        ),
        pytest.param(msgspec.Raw(b'{"token_id": "\xff"}'), id="no UTF-8"),
    ],
)
async def test_whatever_is_wrong_with_it_the_others_come(bad: Any) -> None:
    invalid: list[InvalidNode] = []
    async with serving((2, bad), accounts={101: 5}) as (_, ledger):
        nodes = await read(ledger.nfts.stream(101, on_invalid=invalid.append))
    assert (len(nodes), len(invalid)) == (4, 1)


async def test_a_struct_that_does_not_declare_its_identity_is_told_apart_all_the_same() -> None:
    invalid: list[InvalidNode] = []
    async with serving((2, BAD), accounts={101: 5}) as (_, ledger):
        stream = ledger.nfts.stream(101, node_type=Token, on_invalid=invalid.append)
        assert len(await read(stream)) == 4
    assert len(invalid) == 1


@pytest.mark.parametrize("bad", [BAD, {}], ids=["by its identity", "by all that it is"])
async def test_one_that_shifts_to_the_next_page_is_handed_on_once(bad: dict[str, Any]) -> None:
    invalid: list[InvalidNode] = []
    async with Sandbox({101: 30}) as sandbox, client(sandbox) as ledger:
        last = sandbox.identities(101)[9]

        @sandbox.on_request
        def insert(seen: SeenRequest) -> None:
            if seen.page == 2:
                sandbox.add_nfts(101)

        @sandbox.rewrite
        def spoil(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            for edge in page["edges"]:
                if (edge["node"]["contract_address"], edge["node"]["token_id"]) == last:
                    edge["node"] = bad
            return page

        stream = ledger.nfts.stream(101, page_size=10, on_invalid=invalid.append)
        assert len(await read(stream)) == 29
        assert (len(invalid), stream.reports[101].invalid) == (1, 1)


async def test_pages_that_hold_nothing_else_do_not_hold_up_the_stream() -> None:
    bad = [(place, {**BAD, "token_id": str(place)}) for place in range(200)]
    async with serving(*bad, accounts={101: 201}) as (_, ledger):
        stream = ledger.nfts.stream(101, page_size=1, on_invalid="skip")
        assert len(await read(stream)) == 1
        assert stream.reports[101].invalid == 200


async def test_nodes_are_decoded_one_by_one_only_on_a_page_that_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: list[int | None] = []

    def watched(*args: Any, page: int | None, **place: Any) -> Any:
        decoded.append(page)
        return decode_node(*args, page=page, **place)

    monkeypatch.setattr("ledger_async.reader.decode_node", watched)
    async with serving((142, BAD)) as (_, ledger):
        await read(ledger.nfts.stream(101, on_invalid="skip"))
    assert decoded == [2] * 100


async def test_an_error_of_the_callable_ends_the_stream() -> None:
    def refuse(node: InvalidNode) -> None:
        raise KeyError(node.index)

    async with serving((2, BAD)) as (_, ledger):
        with pytest.raises(KeyError):
            await read(ledger.nfts.stream(101, on_invalid=refuse))


@pytest.mark.parametrize(
    ("raised", "error"), [(KeyError, KeyError), (asyncio.CancelledError, StreamClosedError)]
)
@pytest.mark.parametrize("pauses", [False, True])
async def test_no_node_comes_after_an_error_of_the_callable(
    raised: type[BaseException], error: type[BaseException], *, pauses: bool
) -> None:
    def refuse(_: InvalidNode) -> None:
        raise raised

    nodes: list[Any] = []
    async with serving((45, BAD), accounts={101: 200}, latency=1.0) as (_, ledger):
        before = (await ledger.nfts.page(101, 1, page_size=40)).nodes

        async def use() -> None:
            async for node in ledger.nfts.stream(101, page_size=10, on_invalid=refuse):
                nodes.append(node)
                if pauses:
                    await asyncio.sleep(0)

        with pytest.raises(error):
            await use()
    assert nodes == before[: len(nodes)]


async def test_a_page_that_is_none_is_an_error_whatever_is_to_be_done_with_nodes() -> None:
    async with serving() as (sandbox, ledger):
        sandbox.fail(Fault.json({"edges": 7, "page_info": {"count": 1, "has_next_page": False}}))
        with pytest.raises(DecodeError):
            await read(ledger.nfts.stream(101, on_invalid="skip"))


async def test_a_page_that_was_cut_off_is_asked_for_again() -> None:
    async with serving((2, BAD), accounts={101: 5}) as (sandbox, ledger):
        sandbox.fail(Fault.cut())
        stream = ledger.nfts.stream(101, on_invalid="skip")
        assert (len(await read(stream)), len(sandbox.requests)) == (4, 2)


async def test_a_page_that_echoes_the_key_is_an_error_that_does_not_show_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Sandbox({101: 5}) as sandbox, client(sandbox) as ledger:

        @sandbox.rewrite
        def echo(_seen: SeenRequest, page: dict[str, Any]) -> dict[str, Any]:
            page["edges"][2]["node"] = {**BAD, "token_type": sandbox.api_key}
            return page

        with pytest.raises(DecodeError) as caught:
            await read(ledger.nfts.stream(101, on_invalid="skip"))
    assert sandbox.api_key not in f"{caught.value!r} {caught.value} {caplog.text}"


async def test_accounts_may_be_skipped_too() -> None:
    async with Sandbox({101: 0, 102: 0, 103: 0}) as sandbox, client(sandbox) as ledger:
        sandbox.set_account(102, name=5)
        stream = ledger.accounts.stream(on_invalid="skip")
        assert [account.id for account in await read(stream)] == [103, 101]
        assert stream.reports[None].invalid == 1


async def handle(node: InvalidNode) -> None:
    """It would have to be awaited."""


@pytest.mark.parametrize("value", ["", "Skip", None, True, 1, handle])
async def test_anything_else_is_refused_by_name(value: Any, ledger: LedgerClient) -> None:
    calls: list[Callable[[], object]] = [
        lambda: ledger.nfts.stream(101, on_invalid=value),
        lambda: ledger.nfts.stream_accounts([101], on_invalid=value),
        lambda: ledger.accounts.stream(on_invalid=value),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError, match="on_invalid"):
            call()
