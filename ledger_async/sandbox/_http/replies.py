"""Answers in the API's form."""

from __future__ import annotations

import gzip
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import hdrs, web
from multidict import CIMultiDict

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = {status.value: status.phrase.replace(" ", "") for status in HTTPStatus}
_NAMES[420] = "RateLimitExceeded"
_WORTH_PACKING = 1400  # bytes: less fits one packet as it is

_encoder = msgspec.json.Encoder(decimal_format="number")


def reply(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return `body` as JSON, or as it is if it is bytes already; `headers` have the last word."""
    merged = CIMultiDict({hdrs.CONTENT_TYPE: "application/json"})
    merged.update(headers or {})
    whole = body if isinstance(body, bytes) else _encoder.encode(body)
    return web.Response(body=whole, status=status, headers=merged)


def error(status: int, message: str, *, headers: Mapping[str, str] | None = None) -> web.Response:
    """Return the contract's error body."""
    name = _NAMES.get(status, "Error")
    body = {"message": message, "name": name, "status_code": status}
    return reply(body, status=status, headers=headers)


def content(response: web.StreamResponse) -> bytes:
    """Return the body of an answer that was not sent yet."""
    body = response.body if isinstance(response, web.Response) else None
    return body if isinstance(body, bytes) else b""


def packed(response: web.StreamResponse) -> web.StreamResponse:
    """Return the answer with its body compressed, if that is worth it."""
    body = content(response)
    if len(body) < _WORTH_PACKING:
        return response
    headers = response.headers.copy()
    headers[hdrs.CONTENT_ENCODING] = "gzip"
    # The fastest level: this server shares its processor with the client that is under test.
    squeezed = gzip.compress(body, 1, mtime=0)
    return web.Response(body=squeezed, status=response.status, headers=headers)
