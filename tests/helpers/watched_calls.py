"""Calls that a tool looks on at, in a process of its own: `python watched_calls.py TOOL`.

It prints as JSON what came of a stream, of a POST and of an answer that was cut off, the headers
of what arrived at the server, and what the tool has seen.
"""

# ruff: noqa: PLC0415 - each tool is imported where it alone looks on

from __future__ import annotations

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from hostile import page
from raw_server import Peer, RawServer, last_words, reply

from ledger_async import LedgerClient, LedgerError, RetryPolicy

PAGES = 3
USER = b'{"device_id": "1", "name": "anna", "role": "", "type_": "", "workspace": ""}'
CUT_OFF = last_words(reply(b"half", length=8))
ONCE = RetryPolicy(max_attempts=1, max_outage=0)

Seen = dict[str, Any]
Tool = Callable[[RawServer, Seen], AbstractAsyncContextManager[None]]


def body_for(method: str, url: str) -> bytes:
    """What a server of one listing of a few pages says."""
    if method == "POST":
        return USER
    number = int(parse_qs(urlsplit(url).query)["page"][0])
    return page(str(number), count=PAGES, more=number < PAGES)


async def calls(url: str, cut_off: Callable[[], None]) -> Seen:
    """What comes of each kind of call."""
    async with LedgerClient(url, api_key="key", retry=ONCE) as ledger:
        tokens = sorted([nft.token_id async for nft in ledger.nfts.stream(101, page_size=1)])
        user = await ledger.api_users.create("anna")
        cut_off()
        try:
            await ledger.nfts.page(101)
        except LedgerError as error:
            return {"tokens": tokens, "user": user.name, "error": error.message}
    raise AssertionError("an answer that was cut off was taken for a whole one")


@asynccontextmanager
async def nobody(server: RawServer, seen: Seen) -> AsyncIterator[None]:
    yield


@asynccontextmanager
async def sentry(server: RawServer, seen: Seen) -> AsyncIterator[None]:
    import sentry_sdk
    from sentry_sdk.transport import Transport

    class Memory(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            items = [each.payload.json for each in envelope.items if each.type == "transaction"]
            spans.extend(span for each in items for span in each["spans"])

    spans: list[Any] = []
    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=Memory, traces_sample_rate=1.0)
    with sentry_sdk.start_transaction(name="calls"):
        yield
    sentry_sdk.flush()
    seen["spans"] = sum(span["op"] == "http.client" for span in spans)


@asynccontextmanager
async def opentelemetry(server: RawServer, seen: Seen) -> AsyncIterator[None]:
    from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    provider, exporter = TracerProvider(), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    AioHttpClientInstrumentor().instrument(tracer_provider=provider)
    yield
    seen["spans"] = len(exporter.get_finished_spans())


@asynccontextmanager
async def vcrpy(server: RawServer, seen: Seen) -> AsyncIterator[None]:
    import vcr  # type: ignore[import-untyped] # it says nothing of types

    with tempfile.TemporaryDirectory() as folder:
        cassette = str(Path(folder) / "cassette.yaml")
        with vcr.use_cassette(cassette) as recording:
            yield
        seen["recorded"] = len(recording)
        asked = len(server.requests)
        with vcr.use_cassette(cassette, record_mode="none"):
            async with LedgerClient(server.url, api_key="key", retry=ONCE) as ledger:
                stream = ledger.nfts.stream(101, page_size=1)
                seen["played"] = sorted([nft.token_id async for nft in stream])
        seen["asked again"] = len(server.requests) - asked


@asynccontextmanager
async def aioresponses(server: RawServer, seen: Seen) -> AsyncIterator[None]:
    from aioresponses import CallbackResult
    from aioresponses_shim import answers

    def answer(url: Any, **_: Any) -> Any:
        if server.answer is CUT_OFF:
            raise aiohttp.ClientPayloadError
        return CallbackResult(body=body_for("GET", str(url)))

    with answers() as mocked:
        mocked.get(re.compile(".*"), callback=answer, repeat=True)
        mocked.post(re.compile(".*"), body=USER)
        yield
        requests = [each for some in mocked.requests.values() for each in some]
        seen["keys"] = [each.kwargs["headers"]["X-Ledger-API-Key"] for each in requests]


TOOLS: dict[str, Tool] = {
    "nobody": nobody,
    "sentry": sentry,
    "opentelemetry": opentelemetry,
    "vcrpy": vcrpy,
    "aioresponses": aioresponses,
}


async def main(tool: Tool) -> Seen:
    async def answer(peer: Peer) -> None:
        method, url, _ = server.requests[-1].line.split()
        await peer.send(reply(body_for(method, url)))

    async with RawServer(answer) as server:
        seen: Seen = {}
        async with tool(server, seen):
            seen |= await calls(server.url, lambda: setattr(server, "answer", CUT_OFF))
    seen["sent"] = [each.headers for each in server.requests]
    return seen


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(TOOLS[sys.argv[1]]))))  # noqa: T201 - for the test
