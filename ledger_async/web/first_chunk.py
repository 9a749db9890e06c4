"""The first chunk before the status: an error until then can have a status of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing


async def begun(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The same chunks, once the first of them is there, or there is none.

    Frameworks send the status of an answer before they ask for its first chunk. `await
    begun(ndjson(stream))` raises here what comes before that, while it can still become a 404.
    Closing this closes the stream, also before anything of it was read.
    """
    waiting = _from_the_first(chunks)
    await anext(waiting)
    return waiting


async def _from_the_first(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(chunks):
        first = await anext(chunks, None)
        yield b""  # which `begun` takes: a generator that has not begun would close nothing
        if first is None:
            return
        yield first
        async for chunk in chunks:
            yield chunk
