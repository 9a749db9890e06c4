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
from ledger_async._pages.invalid_nodes import decode_node
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


def raw(change: str, to: str | bytes) -> bytes:
    """A good node with this in place of that."""
    good = '{"contract_address":"0xbad","token_id":"7","token_type":"T","value":1,"new":"?"}'
    return good.encode().replace(change.encode(), to if isinstance(to, bytes) else to.encode())


WRONG = {
    "without its identity": b'{"token_id": "7", "token_type": "T", "value": 1}',
    "null": b"null",
    "a list": b"[]",
    "an integer of 5,000 digits": raw("1", "1" * 5000),
    "no UTF-8": raw("T", b"\xff"),
    "no UTF-8 in its identity": raw("7", b"\xff"),
    "half a surrogate": raw("T", r"\ud83d"),
    "half a surrogate at its end": b'{"token_id": "\\ud83d"}',
    "half a surrogate where nobody looks": raw("?", r"\ud83d"),
    "half a surrogate in its identity": raw("7", r"\ud83d"),
    "half a surrogate in a key": raw("new", r"\ud83d"),
    "a raw line break": raw("T", "\n"),
    "a raw control character where nobody looks": raw("?", "\0"),
    "an escape that there is not": raw("?", r"\x"),
    "NaN": raw("1", "NaN"),
    "Infinity where nobody looks": raw('"?"', "-Infinity"),
    "a leading zero": raw("1", "01"),
    "a fraction": raw("1", "1.5"),
    "1e4300": raw("1", "1e4300"),
    # From 3.14 on Python counts no levels, but the stack that is left: it has room for 100,000.
    "300,000 lists deep": raw('"?"', "[" * 300_000 + "]" * 300_000),
    "300,000 objects deep": raw('"?"', '{"":' * 300_000 + "0" + "}" * 300_000),
    "quotes within a string": raw("?", 'a "word" of it'),
    "a comma too much": raw("1", "1,"),
    "nothing": b"",
}
wrong = pytest.mark.parametrize("bad", WRONG.values(), ids=WRONG)


def page_of(*nodes: bytes, info: bytes = b'{"count": 5, "has_next_page": false}') -> bytes:
    edges = (b'{"cursor": %d, "node": %b}' % each for each in enumerate(nodes))
    return b'{"edges": [%b], "page_info": %b}' % (b", ".join(edges), info)


GOOD = [
    b'{"contract_address":"0x","token_id":"%d","token_type":"T","value":1}' % number
    for number in range(4)
]


@asynccontextmanager
async def answering(*bodies: bytes) -> AsyncIterator[tuple[Sandbox, LedgerClient]]:
    """A workspace that answers with these, in turn, and then truly."""
    async with Sandbox({101: 0}) as sandbox, client(sandbox) as ledger:
        for body in bodies:
            sandbox.fail(Fault.status(200, body=body))
        yield sandbox, ledger


@wrong
async def test_whatever_is_wrong_with_it_the_others_come(bad: bytes) -> None:
    invalid: list[InvalidNode] = []
    async with answering(page_of(*GOOD[:2], bad, *GOOD[2:])) as (_, ledger):
        stream = ledger.nfts.stream(101, on_invalid=invalid.append)
        assert [node.token_id for node in await read(stream)] == ["0", "1", "2", "3"]
        assert stream.reports[101].status == "exact"
    (node,) = invalid
    assert (node.account_id, node.page, node.index, node.raw) == (101, 1, 2, bad)
    assert (node.error.account_id, node.error.page) == (101, 1)
    assert (node.error.json_path or "").startswith("$.edges[2].node")


Call = Callable[[LedgerClient], Any]
CALLS: dict[str, Call] = {
    "a page": lambda ledger: ledger.nfts.page(101),
    "a stream": lambda ledger: read(ledger.nfts.stream(101)),
    "a stream of many": lambda ledger: read(ledger.nfts.stream_accounts([101])),
}


@wrong
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_the_error_names_it_with_its_account_and_its_page(call: Call, bad: bytes) -> None:
    async with answering(page_of(*GOOD[:2], bad, *GOOD[2:])) as (sandbox, ledger):
        with pytest.raises(DecodeError) as caught:
            await call(ledger)
        assert len(sandbox.requests) == 1
    error = caught.value
    assert (error.account_id, error.page, error.truncated) == (101, 1, False)
    assert (error.json_path or "").startswith("$.edges[2].node")
    assert str(error).startswith("GET /accounts/101/nfts (page 1): ")
    assert f" at {error.json_path}" in str(error)


@wrong
async def test_skipped_it_is_logged_with_its_account_and_its_page(
    bad: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with answering(page_of(*GOOD[:2], bad, *GOOD[2:])) as (_, ledger):
        assert len(await read(ledger.nfts.stream(101, on_invalid="skip"))) == 4
    assert "node left out: account 101 (page 1): " in caplog.text
    assert " at $.edges[2].node" in caplog.text


MEANT = {
    "an integer as JavaScript writes it": raw("1", "1e+0"),
    "null for a list": raw(
        '"new":"?"',
        '"metadata":{"media":"","medias":{},"properties":null,"tokenId":"7","tokenName":""}',
    ),
    "no UTF-8 where nobody looks": raw("?", b"\xff"),
}


@pytest.mark.parametrize("node", MEANT.values(), ids=MEANT)
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
async def test_what_is_meant_is_read_where_it_is_clear(call: Call, node: bytes) -> None:
    async with answering(page_of(GOOD[0], node)) as (_, ledger):
        got = await call(ledger)
    nodes = [getattr(each, "node", each) for each in getattr(got, "nodes", got)]
    assert [(each.token_id, each.value) for each in nodes] == [("0", 1), ("7", 1)]


SPOILT = page_of(*GOOD, b"NaN")
INFO = b'"page_info": {"count": 5, "has_next_page": false}'
AROUND = {
    "the page info first": b'{%b, "edges": [{"node": NaN, "cursor": 0}]}' % INFO,
    "garbage before": SPOILT.replace(b"{", b'{"\\ud83d": ["\\x", NaN], ', 1),
    "garbage within an edge": SPOILT.replace(b'"cursor": 1', b'"new": 01, "cursor": 1'),
    "garbage within the page info": SPOILT.replace(b'"count"', b'"new": "\n", "count"'),
    "edges twice": SPOILT.replace(b"{", b'{"edges": [{"node": Infinity}], ', 1),
    "a node twice": SPOILT.replace(b'"node": NaN', b'"node": 1, "node": NaN'),
    "counts as JavaScript writes them": SPOILT.replace(b'"count": 5', b'"count": 0.5e1'),
    "over many lines": SPOILT.replace(b" ", b"\r\n\t"),
}


@pytest.mark.parametrize("body", AROUND.values(), ids=AROUND)
async def test_whatever_is_around_it_the_others_come(body: bytes) -> None:
    invalid: list[InvalidNode] = []
    async with answering(body) as (_, ledger):
        nodes = await read(ledger.nfts.stream(101, on_invalid=invalid.append, consistency="fast"))
    assert [node.token_id for node in nodes] in ([], ["0", "1", "2", "3"])
    assert [node.raw for node in invalid] == [b"NaN"]


@pytest.mark.parametrize("on_invalid", ["raise", "skip"])
async def test_null_for_the_edges_is_an_empty_page(on_invalid: Any) -> None:
    body = b'{"edges": null, "page_info": {"count": 0, "has_next_page": false}}'
    async with answering(body, body) as (_, ledger):
        assert await read(ledger.nfts.stream(101, on_invalid=on_invalid)) == []
        assert (await ledger.nfts.page(101)).edges == ()


@pytest.mark.parametrize("on_invalid", ["raise", "skip"])
@pytest.mark.parametrize("cut", [1, 20, 60, 90])
async def test_a_page_that_was_cut_off_behind_it_is_asked_for_again(
    cut: int, on_invalid: Any
) -> None:
    async with answering(SPOILT[:-cut]) as (sandbox, ledger):
        assert await read(ledger.nfts.stream(101, on_invalid=on_invalid)) == []
        assert len(sandbox.requests) == 2


BROKEN = {
    "a comma too few": (SPOILT.replace(b"}, {", b"} {", 1), "$"),
    "a comma too much": (SPOILT.replace(b"}, {", b"},, {", 1), "$"),
    "brackets that do not match": (SPOILT.replace(b"}]", b"]}"), "$"),
    "garbage behind": (SPOILT + b"x", "$"),
    "garbage for a cursor": (SPOILT.replace(b'"cursor": 1', b'"cursor": 01'), "$"),
    "a cursor that is none": (SPOILT.replace(b'"cursor": 1', b'"cursor": {}'), "$.edges[1].cursor"),
    "no count": (SPOILT.replace(b'"count": 5, ', b""), "$.page_info"),
    "an edge that is none": (SPOILT.replace(b"NaN}", b"NaN}, 7"), "$.edges[5]"),
    "edges that are none": (b'{"new": NaN, "edges": {}, %b}' % INFO, "$.edges"),
}


@pytest.mark.parametrize(("body", "path"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("on_invalid", ["raise", "skip"])
async def test_a_page_that_is_broken_around_its_nodes_is_an_error_that_says_where(
    body: bytes, path: str, on_invalid: Any
) -> None:
    async with answering(body) as (sandbox, ledger):
        with pytest.raises(DecodeError) as caught:
            await read(ledger.nfts.stream(101, on_invalid=on_invalid))
        assert len(sandbox.requests) == 1
    assert (caught.value.json_path, caught.value.page) == (path, 1)
    assert (caught.value.excerpt or "?") in body.decode()


async def test_a_page_of_nothing_else_is_no_page() -> None:
    invalid: list[InvalidNode] = []
    async with answering(page_of(*[b"0"] * 10_001)) as (_, ledger):
        with pytest.raises(DecodeError) as caught:
            await read(ledger.nfts.stream(101, on_invalid=invalid.append))
    assert caught.value.json_path == "$.edges[10000].node"
    assert invalid == []


async def test_a_page_that_is_made_to_take_long_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ledger_async._protocol.outline._MOST_STEPS", 1000)
    async with answering(page_of(*GOOD, raw('"?"', "[],{}," * 1000 + "NaN"))) as (_, ledger):
        with pytest.raises(DecodeError, match="malformed") as caught:
            await read(ledger.nfts.stream(101, on_invalid="skip"))
    assert caught.value.json_path == "$"


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


async def test_it_is_known_by_its_identity_whatever_changes_of_it() -> None:
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
                node = edge["node"]
                if (node["contract_address"], node["token_id"]) == last:
                    node = msgspec.json.encode({**node, "new": len(sandbox.requests)})
                    edge["node"] = msgspec.Raw(node[:-1] + b',"worse":"\\ud83d"}')
            return page

        stream = ledger.nfts.stream(101, page_size=10, on_invalid=invalid.append)
        assert len(await read(stream)) == 29
        assert len(invalid) == 1


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

    def watched(raw: bytes, node_type: Any, request: Any, index: int) -> Any:
        decoded.append(request.page)
        return decode_node(raw, node_type, request, index)

    monkeypatch.setattr("ledger_async._pages.invalid_nodes.decode_node", watched)
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


@pytest.mark.parametrize("on_invalid", ["raise", "skip"])
@pytest.mark.parametrize("bad", [b'"\\ud83d"', b"[%b]", b'{"\xff": "%b", "value": NaN}'])
async def test_a_malformed_node_that_echoes_the_key_is_an_error_that_does_not_show_it(
    bad: bytes, on_invalid: Any, caplog: pytest.LogCaptureFixture
) -> None:
    async with answering() as (sandbox, ledger):
        key = sandbox.api_key
        new = b'"%b"' % key.encode()
        body = page_of(*GOOD, bad.replace(b"%b", key.encode())).replace(b"{", b'{"a": %b,' % new, 1)
        sandbox.fail(Fault.status(200, body=body))
        with pytest.raises(DecodeError) as caught:
            await read(ledger.nfts.stream(101, on_invalid=on_invalid))
    assert key not in f"{caught.value!r} {caught.value} {caught.value.__cause__!r} {caplog.text}"
    assert caught.value.json_path == "$.edges[4].node"


async def test_a_rule_of_another_shape_costs_its_account_nothing() -> None:
    odd = {"id": 1, "type": "WHITELIST", "data": {"whitelists": [7]}}
    async with Sandbox({101: 0, 102: 0}) as sandbox, client(sandbox) as ledger:
        rules = [{"id": 1, "index": 0, "name": "Rule 1", "rules": [odd]}]
        sandbox.set_account(102, governance_rules=rules)
        accounts = await read(ledger.accounts.stream())
    assert [account.id for account in accounts] == [102, 101]
    assert accounts[0].governance_rules[0].rules == (odd,)


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
