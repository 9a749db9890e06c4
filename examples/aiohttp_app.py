"""NFTs of a workspace as JSON, as lines and on a live page: `python examples/aiohttp_app.py`.

The workspace is that of `LEDGER_BASE_URL`, `LEDGER_API_KEY` and `LEDGER_API_USER`, and deliveries
are signed with `LEDGER_WEBHOOK_SECRET`. aiohttp comes with `ledger_async`.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from ledger_async import (
    NFT,
    Account,
    AccountNode,
    LedgerClient,
    NodeStream,
    NotFoundError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    TransportError,
    json,
)
from ledger_async.web import begun, events, ndjson
from ledger_async.webhooks import SignatureError, verify

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' https: http:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
LEDGER = web.AppKey("ledger", LedgerClient)


async def client(app: web.Application) -> AsyncIterator[None]:
    """Open one client for all requests, and at the end let those go on that are under way."""
    async with LedgerClient() as app[LEDGER]:
        yield
        await app[LEDGER].drain(10)


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Put `HEADERS` on every answer."""
    response.headers.update(HEADERS)


@web.middleware
async def answer_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with 404, 429 or 502 for ours; once one has begun, its last line has the error."""
    try:
        return await handler(request)
    except NotFoundError as error:
        return web.json_response({"detail": str(error)}, status=404)
    except RateLimitError as error:
        later = {"Retry-After": str(math.ceil(error.retry_after or 1))}
        return web.json_response({"detail": str(error)}, status=429, headers=later)
    except (ServerError, TransportError) as error:
        return web.json_response({"detail": str(error)}, status=502)


def answer(value: Any) -> web.Response:
    """Answer with JSON in which structs have the names, and numbers the digits, of the wire."""
    return web.Response(body=json.encode(value), content_type="application/json")


async def send(
    request: web.Request, chunks: AsyncGenerator[bytes, None], content_type: str
) -> web.StreamResponse:
    """Send the chunks as they come; an error before the first has a status of its own."""
    response = web.StreamResponse(headers={"Content-Type": content_type})
    response.headers.update({"Cache-Control": "no-store", "X-Accel-Buffering": "no"})  # of nginx
    async with aclosing(await begun(chunks)) as all_chunks:
        await response.prepare(request)
        async for chunk in all_chunks:
            await response.write(chunk)
    return response


async def page(_: web.Request) -> web.FileResponse:
    """The page on which NFTs appear while they are read."""
    return web.FileResponse(STATIC / "page.html")


async def accounts(request: web.Request) -> web.Response:
    """The newest hundred accounts; the page waits for their names as long as for the NFTs."""
    ledger = request.app[LEDGER]

    async def holder(account: Account) -> dict[str, Any]:
        first = await ledger.nfts.page(account.id, page_size=1)
        return {"id": account.id, "name": account.name, "nfts": first.page_info.count}

    newest = await ledger.accounts.page(1, page_size=100)
    return answer(await asyncio.gather(*map(holder, newest.nodes)))


async def nfts(request: web.Request) -> web.Response:
    """Every NFT of an account; 429 if the rate limit would hold this for over 5 s, 502 if down."""
    patience = RetryPolicy(max_wait=5, max_outage=0)
    impatient = request.app[LEDGER].with_options(retry=patience)
    stream = impatient.nfts.stream(int(request.match_info["account_id"]))
    return answer([nft async for nft in stream])


def all_nfts(ledger: LedgerClient) -> NodeStream[AccountNode[NFT]]:
    """The NFTs of all accounts; one that fails is left out, and the end says so."""
    ids = (account.id async for account in ledger.accounts.stream())
    return ledger.nfts.stream_accounts(ids, on_error="skip")


async def lines(request: web.Request) -> web.StreamResponse:
    """Every NFT of the workspace, one to a line, while they are read."""
    return await send(request, ndjson(all_nfts(request.app[LEDGER])), "application/x-ndjson")


async def progress(request: web.Request) -> web.StreamResponse:
    """The same as server-sent events, with how far it has come, and at the end the proofs."""
    return await send(request, events(all_nfts(request.app[LEDGER])), "text/event-stream")


async def receive(request: web.Request) -> web.Response:
    """Answer at once and work afterwards: what is not answered with success comes again."""
    try:
        event = verify(request.headers, await request.read(), os.environ["LEDGER_WEBHOOK_SECRET"])
    except SignatureError as error:
        raise web.HTTPUnauthorized(text=str(error)) from error
    logging.getLogger("aiohttp.web").info("%s", event)
    return web.Response(status=204)


def application() -> web.Application:
    """The application, whose client opens as it starts."""
    app = web.Application(middlewares=[answer_errors])
    app.cleanup_ctx.append(client)
    app.on_response_prepare.append(add_headers)
    app.router.add_static("/static", STATIC)
    app.add_routes(
        [
            web.get("/", page),
            web.get("/accounts", accounts),
            web.get(r"/accounts/{account_id:\d{1,18}}/nfts", nfts),
            # aiohttp would send a stream to who asks for its head alone.
            web.get("/nfts.ndjson", lines, allow_head=False),
            web.get("/progress", progress, allow_head=False),
            web.post("/webhooks/ledger", receive),
        ]
    )
    return app


if __name__ == "__main__":
    # A browser that goes away cancels its handler, and with that closes its stream.
    web.run_app(
        application(),
        host="127.0.0.1",
        port=8000,
        handler_cancellation=True,
        shutdown_timeout=10.0,  # pages that are open
    )
