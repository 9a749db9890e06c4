"""The command line in a process of its own, and a sandbox that keeps it waiting."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Callable
from math import inf

from aiohttp import web
from aiohttp.typedefs import Handler

from ledger_async.sandbox import Fault, Sandbox

MODULE = ("-m", "ledger_async")
TIMEOUT = 10  # seconds; none of these takes one

Process = subprocess.Popen[str]
Start = Callable[..., Process]


def ended(process: Process) -> tuple[int, str]:
    """Its exit code, and what it said on stderr."""
    _, err = process.communicate(timeout=TIMEOUT)
    return process.returncode, err


def held(sandbox: Sandbox, account_id: int | None = None) -> threading.Event:
    """Have the sandbox answer nothing, or nothing of an account; set once somebody has asked."""
    asked = threading.Event()

    async def play(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked.set()
        await asyncio.sleep(TIMEOUT)
        return await handler(request)

    sandbox.fail(Fault("held", play), times=inf, account_id=account_id)
    return asked
