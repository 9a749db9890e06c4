"""An answer whose head has arrived, and the reading of its body."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Protocol

import aiohttp

from ledger_async.errors import ResponseTooLargeError


class Answer(Protocol):
    """As much of an `aiohttp.ClientResponse` as is asked of either transport's answers."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, whose names may be written in any case."""
        ...

    @property
    def content(self) -> aiohttp.StreamReader:
        """The body, as it arrives."""
        ...

    def release(self) -> object:
        """Give the connection back, now that the body was read."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


async def read_body(answer: Answer, limit: int) -> bytes:
    """The whole body; raises `ResponseTooLargeError` once more than `limit` bytes came."""
    chunks: list[bytes] = []
    size = 0
    content = answer.content
    # What has come to its end already is not waited for.
    while chunk := content.read_nowait() if content.is_eof() else await content.readany():
        size += len(chunk)
        if size > limit:
            raise _too_large(answer, limit)
        chunks.append(chunk)
        if content.at_eof() and content.exception() is None:
            break  # the usual end, for a call less
    body = chunks[0] if len(chunks) == 1 else b"".join(chunks)
    if not body:
        return await _rest(answer, limit)
    if isinstance(answer, aiohttp.ClientResponse):
        await _tell(answer, body)
    return body


async def _tell(answer: aiohttp.ClientResponse, body: bytes) -> None:
    """Tell the trace configs of a body, as aiohttp does where it reads one itself, of any size."""
    # Answers that others make up have none.
    for trace in getattr(answer, "_traces", None) or ():
        await trace.send_response_chunk_received(answer.method, answer.url, body)


async def _rest(answer: Answer, limit: int) -> bytes:
    """The body where nothing is left to read: somebody has read it before, or none came."""
    if isinstance(answer, aiohttp.ClientResponse) and (body := await answer.read()):
        if len(body) > limit:
            raise _too_large(answer, limit)
        return body
    if answer.status == HTTPStatus.OK and "Content-Encoding" in answer.headers:
        # aiohttp does not notice that a compressed body was cut before anything came out of it.
        raise aiohttp.ClientPayloadError
    return b""


def _too_large(answer: Answer, limit: int) -> ResponseTooLargeError:
    return ResponseTooLargeError(f"the decoded body passed {limit} bytes", status=answer.status)
