"""aioresponses 0.7 on aiohttp 3.14, which broke it twice.

- `ClientResponse` wants to be told its `stream_writer`, to ask it how much was sent.
- A body of more than 128 KiB is fed to the reader at once, before there is a parser, and the
  reader that has enough asserts that there is one to be paused. So a reader never has enough.

Both places are looked up in `aioresponses.core`, where this module puts in what fits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from aiohttp import ClientResponse, StreamReader
from aiohttp.client_proto import ResponseHandler
from aioresponses import aioresponses

_UNBOUNDED = 2**40


class _Response(ClientResponse):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        nothing_sent: Any = SimpleNamespace(output_size=0)
        super().__init__(*args, stream_writer=nothing_sent, **kwargs)


def _reader(loop: asyncio.AbstractEventLoop) -> StreamReader:
    return StreamReader(ResponseHandler(loop=loop), limit=_UNBOUNDED, loop=loop)


@contextmanager
def answers() -> Iterator[aioresponses]:
    """An `aioresponses` that works: every request of an aiohttp session is answered by it."""
    with (
        patch("aioresponses.core.ClientResponse", _Response),
        patch("aioresponses.core.stream_reader_factory", _reader),
        aioresponses() as mocked,
    ):
        yield mocked
