"""An application as servers run it in tests: the NFTs of an account, streamed or counted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ledger_async import LedgerClient
from ledger_async.web import ndjson

CONCURRENCY = 4  # of each process
GRACE = 1.0  # seconds


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[dict[str, LedgerClient]]:
    async with LedgerClient(max_concurrency=CONCURRENCY) as ledger:
        yield {"ledger": ledger}
        await ledger.drain(GRACE)


async def count(request: Request) -> Response:
    nfts = request.state.ledger.nfts.stream(request.path_params["account_id"])
    return PlainTextResponse(str(len([nft async for nft in nfts])))


async def stream(request: Request) -> Response:
    nfts = request.state.ledger.nfts.stream(request.path_params["account_id"])
    return StreamingResponse(ndjson(nfts), media_type="application/x-ndjson")


app = Starlette(
    lifespan=lifespan,
    routes=[
        Route("/accounts/{account_id:int}/count", count),
        Route("/accounts/{account_id:int}/nfts", stream),
    ],
)
