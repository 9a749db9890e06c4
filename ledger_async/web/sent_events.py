"""A stream as server-sent events: its nodes, its progress meanwhile, and how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from itertools import count
from typing import Any

from ledger_async import Batch, ConfigurationError, LedgerError, NodeStream, json

# Proxies close what says nothing for long, often after 30 seconds.
_LONGEST_SILENCE = 15.0

_FIGURES = (
    "accounts_done",
    "accounts_known",
    "pages",
    "nodes",
    "attempts",
    "retries",
    "throttles",
    "waited",
    "wait_left",
    "concurrency",
    "concurrency_reason",
)


def events(stream: NodeStream[Any], every: float = 0.5) -> AsyncGenerator[bytes, None]:
    """The stream as `text/event-stream`, each event with JSON of one line as its data.

    - `progress`: the figures of `stream.progress`, at once and then every so many seconds, also
      while nothing comes. `wait_left` is how long the rate limit holds requests back, and
      `concurrency_reason` says why fewer are in flight than could be.
    - `nodes`: those of a page, as a list of the objects that `ndjson` writes.
    - `done`: the last `progress`, and by account id the `reports`, which say what is proven; that
      of a listing that belongs to no account is under `null`.
    - `failed`: the error, in place of `done`. Its name is not `error`, which browsers call it when
      a connection is lost.

    A browser's `EventSource` connects again after either end, unless the page closes it then.
    Closing this, or cancelling who reads it, closes the stream. Raises `ConfigurationError` unless
    `every` is more than 0 and at most 15 seconds: proxies close what says nothing for longer.
    """
    if isinstance(every, bool) or not isinstance(every, int | float):
        raise ConfigurationError("every must be a number of seconds")
    if not 0 < every <= _LONGEST_SILENCE:
        raise ConfigurationError(f"every must be more than 0 and at most {_LONGEST_SILENCE:g} s")
    return _sent(stream, stream.batches(), every)


async def _sent(
    stream: NodeStream[Any], batches: AsyncIterator[Batch[Any]], every: float
) -> AsyncGenerator[bytes, None]:
    number = count(1)
    try:
        yield _event(next(number), "progress", json.encode(_figures(stream)))
        async with aclosing(_timed(batches, every)) as timed:
            async for batch in timed:
                if batch is None:
                    yield _event(next(number), "progress", json.encode(_figures(stream)))
                elif batch.nodes:
                    yield _event(next(number), "nodes", _listed(batch))
        yield _event(next(number), "done", json.encode(_end(stream)))
    except LedgerError as error:
        yield _event(next(number), "failed", json.encode(error))
    finally:
        await stream.aclose()


def _figures(stream: NodeStream[Any]) -> dict[str, object]:
    return {name: getattr(stream.progress, name) for name in _FIGURES}


def _end(stream: NodeStream[Any]) -> dict[str, object]:
    reports = {"null" if key is None else key: each for key, each in stream.reports.items()}
    return {"progress": _figures(stream), "reports": reports}


def _listed(batch: Batch[Any]) -> bytes:
    lines = json.lines(batch.nodes, batch.account_id)
    return b"[" + lines.removesuffix(b"\n").replace(b"\n", b",") + b"]"


def _event(number: int, name: str, data: bytes) -> bytes:
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (number, name.encode(), data)


async def _timed(
    batches: AsyncIterator[Batch[Any]], every: float
) -> AsyncGenerator[Batch[Any] | None, None]:
    """The batches, and `None` whenever so many seconds have passed."""
    now = asyncio.get_running_loop().time
    due = now() + every
    reading = _reading(batches)
    try:
        while True:
            await asyncio.wait([reading], timeout=max(0.0, due - now()))
            if now() >= due:
                due = now() + every
                yield None
            if reading.done():
                batch = reading.result()
                if batch is None:
                    return
                yield batch
                reading = _reading(batches)
    finally:
        reading.cancel()
        await asyncio.wait([reading])


def _reading(batches: AsyncIterator[Batch[Any]]) -> asyncio.Task[Batch[Any] | None]:
    """A task that reads the next batch, `None` at the end: it may outlast a wait for it."""

    async def read() -> Batch[Any] | None:
        return await anext(batches, None)

    task = asyncio.create_task(read())
    task.add_done_callback(_retrieve)
    return task


def _retrieve(task: asyncio.Task[Batch[Any] | None]) -> None:
    """Nobody may ask for its error any more, and asyncio would complain."""
    if not task.cancelled():
        task.exception()
