"""The nodes of a stream as lines of JSON, those of a page at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from ledger_async import Batch, LedgerError, NodeStream, json


def ndjson(stream: NodeStream[Any]) -> AsyncGenerator[bytes, None]:
    """The nodes as `application/x-ndjson`: a chunk a page, and in it a line for each node.

    A line is one flat object, as `ledger_async.json.lines` writes it: `account_id` first where
    the stream has accounts, then the fields of the node, all digits of its numbers included.

    An error before the first node is raised, so that the answer can have a status of its own. One
    that comes later is the last line, which has a single key that no node has:
    `{"error": {"type": "RateLimitError", "message": "…", …}}`. Where `on_error` has the stream
    leave accounts out, the error of each is such a line, after all nodes. After a whole stream
    nothing but nodes was written. Closing this, or cancelling who reads it, closes the stream.
    """
    return _written(stream, stream.batches())


async def _written(
    stream: NodeStream[Any], batches: AsyncIterator[Batch[Any]]
) -> AsyncGenerator[bytes, None]:
    is_begun = False
    errors: list[LedgerError] = []
    try:
        async for batch in batches:
            if batch.nodes:
                is_begun = True
                yield json.lines(batch.nodes, batch.account_id)
            if batch.report is not None and batch.report.error is not None:
                errors.append(batch.report.error)
    except LedgerError as error:
        if not is_begun:
            raise
        errors.append(error)
    finally:
        await stream.aclose()
    for each in errors:
        yield json.encode({"error": each}) + b"\n"
