"""Programs in processes of their own, which are given their work on standard input."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import msgspec
from load_server import Load

HERE = Path(__file__).parent

_LONGEST_LINE = 1 << 24


@asynccontextmanager
async def server(load: Load) -> AsyncIterator[str]:
    """The URL of a server of this load."""
    process = await python(HERE / "load_server.py")
    try:
        tell(process, load)
        yield f"http://127.0.0.1:{int(await line(process))}"
    finally:
        process.terminate()
        await process.wait()


async def answer(given: object, *arguments: str | Path) -> bytes:
    """The line that a program prints when it is given this; raise `SystemExit` where it fails."""
    process = await python(*arguments)
    tell(process, given)
    found = await line(process)
    if await process.wait():
        raise SystemExit(f"{' '.join(map(str, arguments))} failed")
    return found


async def python(*arguments: str | Path) -> Process:
    """A process of this Python."""
    return await command(sys.executable, *arguments)


async def command(
    *arguments: str | Path, errors: int | None = None, env: Mapping[str, str] | None = None
) -> Process:
    """A process that runs a command."""
    return await asyncio.create_subprocess_exec(
        *arguments, stdin=PIPE, stdout=PIPE, stderr=errors, env=env, limit=_LONGEST_LINE
    )


def tell(process: Process, given: object) -> None:
    """Write a line of JSON to a process, which goes out as the process reads."""
    cast("asyncio.StreamWriter", process.stdin).write(msgspec.json.encode(given) + b"\n")


async def line(process: Process) -> bytes:
    """The next line that a process prints."""
    return await cast("asyncio.StreamReader", process.stdout).readline()
