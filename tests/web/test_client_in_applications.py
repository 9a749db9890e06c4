"""Where an application goes wrong with its client, one sentence names the remedy."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ledger_async import ConfigurationError, LedgerClient
from ledger_async.sandbox import Sandbox
from ledger_async.web import ndjson

pytestmark = pytest.mark.real_time  # a TestClient runs loops of its own, in threads


def application(ledger: LedgerClient) -> Starlette:
    """An application with a client from the start, which its lifespan closes."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with ledger:
            yield

    async def name(_: Request) -> Response:
        return PlainTextResponse((await ledger.accounts.get(101)).name)

    return Starlette(lifespan=lifespan, routes=[Route("/", name)])


async def test_a_test_client_outside_of_with_is_told_to_be_entered(sandbox: Sandbox) -> None:
    def ask_twice() -> str:
        ledger = of(sandbox)
        web = TestClient(application(ledger))
        assert web.get("/").status_code == 200
        with pytest.raises(ConfigurationError) as caught:
            web.get("/")
        asyncio.run(ledger.aclose())
        return str(caught.value)

    with warnings.catch_warnings():
        # Nothing but the garbage collector closes the sockets of a loop that has ended.
        warnings.simplefilter("ignore", ResourceWarning)
        complaint = await asyncio.to_thread(ask_twice)
        gc.collect()
    assert complaint == (
        "a client belongs to the event loop of its first use, which has ended: make a client for "
        "each loop, or have one loop for all, as a TestClient has inside `with TestClient(app)`"
    )


async def test_a_test_client_inside_of_with_serves_any_number_of_requests(sandbox: Sandbox) -> None:
    def ask_twice() -> list[int]:
        with TestClient(application(of(sandbox))) as web:
            return [web.get("/").status_code for _ in range(2)]

    assert await asyncio.to_thread(ask_twice) == [200, 200]


async def test_a_second_loop_at_the_same_time_is_told_of_the_first(sandbox: Sandbox) -> None:
    async with of(sandbox) as ledger:
        await ledger.accounts.get(101)
        with pytest.raises(ConfigurationError, match=r"run_coroutine_threadsafe`$"):
            await asyncio.to_thread(asyncio.run, name_of(ledger))


async def test_a_handler_that_is_no_coroutine_function_is_told_to_be_one(sandbox: Sandbox) -> None:
    async with of(sandbox) as ledger:
        with pytest.raises(ConfigurationError) as caught:  # frameworks run it in a thread
            await asyncio.to_thread(lambda: ndjson(ledger.nfts.stream(101)))
    assert str(caught.value) == (
        "no event loop runs here: use the client in a coroutine, and let a handler be `async def`"
    )


FORKED = """
import asyncio, os, sys
from ledger_async import LedgerClient

async def name(ledger):
    return (await ledger.accounts.get(101)).name

ledger = LedgerClient()
if sys.argv[1] == "used":
    asyncio.run(name(ledger))
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
asyncio.run(name(ledger))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only processes of POSIX are forked")
async def test_a_process_that_was_forked_after_the_first_use_is_told_to_make_its_own(
    sandbox: Sandbox,
) -> None:
    code, complaints = await run_forked(sandbox, "used")
    assert code == 1
    assert (
        "ledger_async.errors.ConfigurationError: a client belongs to the event loop of its first "
        "use, and this process was forked since: make a client in each process, such as in the "
        "lifespan of a web application"
    ) in complaints


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only processes of POSIX are forked")
async def test_a_client_that_was_only_made_before_a_fork_serves_after_it(sandbox: Sandbox) -> None:
    code, _ = await run_forked(sandbox, "unused")
    assert code == 0


def of(sandbox: Sandbox) -> LedgerClient:
    return LedgerClient(sandbox.url, api_key=sandbox.api_key, api_user=sandbox.api_user)


async def name_of(ledger: LedgerClient) -> str:
    return (await ledger.accounts.get(101)).name


async def run_forked(sandbox: Sandbox, way: str) -> tuple[int | None, list[str]]:
    """Exit code and lines of stderr of a process that forks."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", FORKED, way),
        env=os.environ
        | {
            "LEDGER_BASE_URL": sandbox.url,
            "LEDGER_API_KEY": sandbox.api_key,
            "LEDGER_API_USER": sandbox.api_user,
        },
        stderr=subprocess.PIPE,
    )
    _, stderr = await process.communicate()
    return process.returncode, stderr.decode().splitlines()
