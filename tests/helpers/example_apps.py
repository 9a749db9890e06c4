"""The example applications, served at a port by the servers that people run them on."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from unittest import mock

import aiohttp_app
import fastapi_app
import uvicorn
from aiohttp import web

from ledger_async.sandbox import Fault, Sandbox

WEBHOOK_SECRET = "of the example"


@asynccontextmanager
async def _on_uvicorn(listening: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(fastapi_app.app, ws="none", log_config=None)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not (server.started or serving.done()):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def _on_aiohttp(listening: socket.socket) -> AsyncIterator[None]:
    runner = web.AppRunner(
        aiohttp_app.application(), handler_cancellation=True, shutdown_timeout=1.0
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        yield
    finally:
        await runner.cleanup()


APPS: dict[str, Callable[[socket.socket], AbstractAsyncContextManager[None]]] = {
    "fastapi": _on_uvicorn,
    "aiohttp": _on_aiohttp,
}


@asynccontextmanager
async def served(app: str, workspace: Sandbox) -> AsyncIterator[str]:
    """The address of one of the `APPS`, whose workspace is the sandbox."""
    environment = {
        "LEDGER_BASE_URL": workspace.url,
        "LEDGER_API_KEY": workspace.api_key,
        "LEDGER_API_USER": workspace.api_user,
        "LEDGER_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    with (
        mock.patch.dict(os.environ, environment),
        socket.create_server(("127.0.0.1", 0), backlog=128) as listening,
    ):
        async with APPS[app](listening):
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"


class StandingStill:
    """A sandbox of 2,000 NFTs, where the first request for the tenth page gets no answer.

    Whoever asked is under way until the client gives up after 30 seconds, or is closed.
    """

    def __init__(self) -> None:
        self.workspace = Sandbox({101: 2000})
        self.workspace.fail(Fault.stall(3600), page=10)

    async def begins(self) -> None:
        """Return once the request stands still."""
        while not any(seen.page == 10 for seen in self.workspace.requests):  # noqa: ASYNC110 - as below
            await asyncio.sleep(0.02)

    async def ends(self) -> None:
        """Return once nothing is under way; raise `TimeoutError` if that is the client's doing."""
        async with asyncio.timeout(20):
            while self.workspace.in_flight:  # noqa: ASYNC110 - a sandbox tells of beginnings only
                await asyncio.sleep(0.02)
