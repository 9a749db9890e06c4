"""What a block of a test leaves behind: tasks, sockets, warnings, and secrets on display."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import socket
import stat
import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hunter import places

_FDS = Path("/dev/fd")

# A connection that was closed is gone some turns of the loop later.
_TURNS = 10


def open_sockets() -> dict[int, int]:
    """The descriptor of each of this process's sockets, by what tells the sockets apart."""
    found = {}
    for descriptor in map(int, os.listdir(_FDS)):  # noqa: PTH208 - the names are numbers
        with suppress(OSError):  # that of the listing itself is closed by now
            status = os.fstat(descriptor)
            if stat.S_ISSOCK(status.st_mode):
                found[status.st_ino] = descriptor
    return found


def connections_to(port: int) -> int:
    """How many sockets of this process are the client's end of a connection to this port."""
    found = 0
    for descriptor in open_sockets().values():
        with socket.socket(fileno=os.dup(descriptor)) as end, suppress(OSError):
            found += end.getpeername()[1:2] == (port,)
    return found


def complaints(stderr: str) -> list[str]:
    """The lines on standard error, but for those about slow callbacks: a machine is busy."""
    return [line for line in stderr.splitlines() if not line.startswith("Executing <")]


async def settle() -> None:
    """Let what was closed be gone."""
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def _logged(records: list[logging.LogRecord]) -> Iterator[str]:
    for record in records:
        yield logging.Formatter().format(record)
        yield repr(record.args)


@asynccontextmanager
async def nothing_left(
    caplog: pytest.LogCaptureFixture, secret: str
) -> AsyncIterator[list[object]]:
    """Fail if the block leaves anything behind, or shows `secret` in a log or in what it lists.

    The block is given a list, for errors and whatever else a user might print or send along.
    """
    before = open_sockets()
    tasks = asyncio.all_tasks()
    shown: list[object] = []
    caplog.set_level(logging.DEBUG)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield shown
        await settle()
        found = [f"shown: {place}" for each in shown for place in places(each, secret)]
        shown.clear()
        gc.collect()
        found += [f"left running: {task!r}" for task in asyncio.all_tasks() - tasks]
        found += [f"left open: socket {inode}" for inode in open_sockets().keys() - before.keys()]
        found += [f"warned: {warning.message}" for warning in warned]
    records = caplog.records
    found += [
        f"complained: {each.getMessage()}"
        for each in records
        if each.name == "asyncio" and each.levelno >= logging.WARNING
    ]
    found += [f"logged: {text}" for text in _logged(records) if secret in text]
    assert not found, "\n".join(found)
