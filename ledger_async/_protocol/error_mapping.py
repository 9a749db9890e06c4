"""From an answer to the error that its status stands for."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus

from ledger_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    DecodeError,
    LedgerError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RedirectRefusedError,
    ServerError,
)
from ledger_async.models.base.error import ErrorBody

from . import codec, rate_limit_headers
from .messages import Response

_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    420: RateLimitError,
    429: RateLimitError,
}

_decode = codec.decoder(ErrorBody)

_LONGEST_MESSAGE = 200

# So much of a message is redacted before it is cut: more than a secret takes in any writing.
_LOOKED_THROUGH = 2**16

Redact = Callable[[str], str]

_TARGET = re.compile(
    r"(?P<scheme>(?:[a-z][a-z0-9+.-]*:)?//)(?:[^/?#]*@)?"
    r"(?P<host>(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?)(?=[/?#]|$)",
    re.ASCII | re.IGNORECASE,
)


def error_of(response: Response, redact: Redact = str) -> LedgerError | None:
    """The error that this answer stands for, `None` for a 2xx.

    The server's own words go through `redact` before they become part of an error.
    """
    match response.status // 100:
        case 2:
            return None
        case 3:
            return _redirect(response, redact)
        case 4:
            return _api_error(response, ApiError, redact)
        case 5:
            return _api_error(response, ServerError, redact)
        case _:
            message = f"{response.status} is not a status of this API"
            return ProtocolError(message, status=response.status)


def _api_error(response: Response, default: type[ApiError], redact: Redact) -> ApiError:
    status = response.status
    kind = _BY_STATUS.get(status, default)
    now = time.time()
    wait = rate_limit_headers.retry_after(response.headers, now)
    if wait is None and kind is RateLimitError:
        wait = rate_limit_headers.reset_in(response.headers, now)
    return kind(f"{status} {_message(response, redact)}", status=status, retry_after=wait)


def _message(response: Response, redact: Redact) -> str:
    """The API's own words, or the status's where a gateway answered HTML or nothing."""
    message = ""
    with suppress(DecodeError):
        message = _decode(response.body).message
    message = redact(message.lstrip()[:_LOOKED_THROUGH])[: 4 * _LONGEST_MESSAGE]
    message = "".join(char if char.isprintable() else " " for char in message).strip()
    return message[:_LONGEST_MESSAGE] or _phrase(response.status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return "rate limit exceeded" if _BY_STATUS.get(status) is RateLimitError else "failed"


def _redirect(response: Response, redact: Redact) -> RedirectRefusedError:
    # Only the origin is named: the rest of the target is the server's, and may hold anything.
    match = _TARGET.match(response.headers.get("Location", ""))
    origin = redact(f"{match['scheme']}{match['host']}") if match else ""
    target = f"to {origin or 'elsewhere'}" if match else "within its origin or to nowhere"
    message = f"{response.status} redirect {target} refused: credentials stay with their origin"
    return RedirectRefusedError(message, status=response.status)
