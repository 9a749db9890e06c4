"""What an answer means: nothing to say, or the error that its status stands for."""

from __future__ import annotations

import re
import time
from http import HTTPStatus

import msgspec

from . import ratelimit
from .errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    LedgerError,
    NotFoundError,
    PermissionDeniedError,
    ProtocolError,
    RateLimitError,
    RedirectRefusedError,
    ServerError,
)
from .models.error import ErrorBody
from .wire import Response

_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    420: RateLimitError,
    429: RateLimitError,
}

_LONGEST_MESSAGE = 200

_TARGET = re.compile(
    r"(?P<scheme>(?:[a-z][a-z0-9+.-]*:)?//)(?:[^/?#]*@)?"
    r"(?P<host>(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?)(?=[/?#]|$)",
    re.ASCII | re.IGNORECASE,
)


def error_of(response: Response) -> LedgerError | None:
    """The error that this answer stands for, `None` for a 2xx."""
    match response.status // 100:
        case 2:
            return None
        case 3:
            return _redirect(response)
        case 4:
            return _api_error(response, ApiError)
        case 5:
            return _api_error(response, ServerError)
        case _:
            message = f"{response.status} is not a status of this API"
            return ProtocolError(message, status=response.status)


def _api_error(response: Response, default: type[ApiError]) -> ApiError:
    status = response.status
    kind = _BY_STATUS.get(status, default)
    now = time.time()
    wait = ratelimit.retry_after(response.headers, now)
    if wait is None and kind is RateLimitError:
        wait = ratelimit.reset_in(response.headers, now)
    return kind(f"{status} {_message(response)}", status=status, retry_after=wait)


def _message(response: Response) -> str:
    """The API's own words, or the status's where a gateway answered HTML or nothing."""
    try:
        message = msgspec.json.decode(response.body, type=ErrorBody).message
    except (ValueError, RecursionError):
        message = ""
    message = message.lstrip()[: 4 * _LONGEST_MESSAGE]
    message = "".join(char if char.isprintable() else " " for char in message).strip()
    return message[:_LONGEST_MESSAGE] or _phrase(response.status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase.lower()
    except ValueError:
        return "rate limit exceeded" if _BY_STATUS.get(status) is RateLimitError else "failed"


def _redirect(response: Response) -> RedirectRefusedError:
    # Only the origin is named: the rest of the target is the server's, and may hold anything.
    match = _TARGET.match(response.headers.get("Location", ""))
    target = f"to {match['scheme']}{match['host']}" if match else "within its origin or to nowhere"
    message = f"{response.status} redirect {target} refused: credentials stay with their origin"
    return RedirectRefusedError(message, status=response.status)
