"""NFTs of a workspace as typed JSON, as lines, and on a live page.

Run it in this folder: `uvicorn fastapi_app:app --timeout-graceful-shutdown 10`, or uvicorn would
wait for pages that are open. The workspace is that of `LEDGER_BASE_URL`, `LEDGER_API_KEY` and
`LEDGER_API_USER`, and deliveries are signed with `LEDGER_WEBHOOK_SECRET`. Needs
`pip install fastapi uvicorn`. `make web` serves it on a sandbox.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class WithHeaders:
    """Put `HEADERS` on every answer; unlike `BaseHTTPMiddleware`, it passes streams as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Call the application with a `send` that adds them."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, send_with_headers)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, LedgerClient]]:
    """Open one client for all requests, and at the end let those go on that are under way."""
    async with LedgerClient() as ledger:
        yield {"ledger": ledger}
        await ledger.drain(10)


async def client(request: Request) -> LedgerClient:
    """The client that `lifespan` has opened."""
    ledger: LedgerClient = request.state.ledger
    return ledger


Ledger = Annotated[LedgerClient, Depends(client)]
AccountId = Annotated[int, Field(ge=0, lt=2**63)]
# FastAPI's own pages take scripts from elsewhere, which the policy forbids; /openapi.json stays.
app = FastAPI(title="NFTs of the workspace", lifespan=lifespan, docs_url=None, redoc_url=None)
app.add_middleware(WithHeaders)
app.mount("/static", StaticFiles(directory=STATIC))


@app.exception_handler(NotFoundError)
async def missing(_: Request, error: Exception) -> JSONResponse:
    """404: the workspace has no such object."""
    return JSONResponse({"detail": str(error)}, 404)


@app.exception_handler(RateLimitError)
async def too_many(_: Request, error: RateLimitError) -> JSONResponse:
    """429: the client would have had to wait for longer than it was told to."""
    later = {"Retry-After": str(math.ceil(error.retry_after or 1))}
    return JSONResponse({"detail": str(error)}, 429, later)


@app.exception_handler(ServerError)
@app.exception_handler(TransportError)
async def unavailable(_: Request, error: Exception) -> JSONResponse:
    """502: the workspace does not answer, or fails."""
    return JSONResponse({"detail": str(error)}, 502)


class Holder(BaseModel):
    """An account, and how many NFTs it holds."""

    id: int
    name: str
    nfts: int


@app.get("/")
async def page() -> FileResponse:
    """The page on which NFTs appear while they are read."""
    return FileResponse(STATIC / "page.html")


@app.get("/accounts")
async def accounts(ledger: Ledger) -> list[Holder]:
    """The newest hundred accounts; the page waits for their names as long as for the NFTs."""

    async def holder(account: Account) -> Holder:
        first = await ledger.nfts.page(account.id, page_size=1)
        return Holder(id=account.id, name=account.name, nfts=first.page_info.count)

    newest = await ledger.accounts.page(1, page_size=100)
    return await asyncio.gather(*map(holder, newest.nodes))


@app.get("/accounts/{account_id}/nfts")
async def nfts(account_id: AccountId, ledger: Ledger) -> list[NFT]:
    """Every NFT of an account; 429 if the rate limit would hold this for over 5 s, 502 if down."""
    impatient = ledger.with_options(retry=RetryPolicy(max_wait=5, max_outage=0))
    return [nft async for nft in impatient.nfts.stream(account_id)]


def all_nfts(ledger: LedgerClient) -> NodeStream[AccountNode[NFT]]:
    """The NFTs of all accounts; one that fails is left out, and the end says so."""
    ids = (account.id async for account in ledger.accounts.stream())
    return ledger.nfts.stream_accounts(ids, on_error="skip")


# nginx holds nothing back then.
AS_IT_COMES = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@app.get("/nfts.ndjson")
async def lines(ledger: Ledger) -> StreamingResponse:
    """Every NFT of the workspace, one to a line, while they are read."""
    chunks = await begun(ndjson(all_nfts(ledger)))  # an error until then has a status of its own
    return StreamingResponse(chunks, headers=AS_IT_COMES, media_type="application/x-ndjson")


@app.get("/progress")
async def progress(ledger: Ledger) -> StreamingResponse:
    """The same as server-sent events, with how far it has come, and at the end the proofs."""
    chunks = events(all_nfts(ledger))
    return StreamingResponse(chunks, headers=AS_IT_COMES, media_type="text/event-stream")


@app.post("/webhooks/ledger", status_code=204)
async def receive(request: Request) -> None:
    """Answer at once and work afterwards: what is not answered with success comes again."""
    secret = os.environ["LEDGER_WEBHOOK_SECRET"]
    try:
        event = verify(request.headers, await request.body(), secret)
    except SignatureError as error:
        raise HTTPException(401, str(error)) from error
    logging.getLogger("uvicorn.error").info("%s", event)
