"""Every error this package raises, with its facts as attributes and never a secret.

LedgerError
├── ConfigurationError (ValueError)    a bad argument, or a misused or closed client
├── TransportError                     cannot connect, or the connection was cut off
│   └── RequestTimeoutError (TimeoutError)
├── ProtocolError                      the answer is not HTTP, or not of this API
│   ├── RedirectRefusedError           a 3xx; the key never follows it
│   └── ResponseTooLargeError          the decoded body passed the cap
├── DecodeError                        the body is not the JSON that was expected
├── ApiError                           the API answered with an error status
│   ├── BadRequestError                400
│   ├── AuthenticationError            401
│   ├── PermissionDeniedError          403
│   ├── NotFoundError                  404
│   ├── RateLimitError                 420 and 429
│   └── ServerError                    5xx
├── ListingIncompleteError             a listing could not be covered, and says so
├── FleetError                         the cluster that a fleet works on is gone, or lost a chunk
├── SignatureError                     a webhook delivery is not proven to be Ledger's
├── StoreError                         what keeps a mirror is gone, full, or refuses us
│   ├── RowRefusedError                a value is one that the store cannot hold
│   └── StoreLockedError               another run holds the table
└── StreamClosedError                  the stream was closed or cancelled under its consumer
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

E = TypeVar("E", bound=BaseException)


class LedgerError(Exception):
    """Base of all errors of this package.

    Attributes are `None` where they do not apply: `method`, `path`, `status` (HTTP status
    code), `account_id`, `page` (number, from 1), `attempts` (requests sent for this call),
    `retry_after` (seconds), and `outage` (seconds for which the server has answered nothing well,
    where the client gave up on it for all calls).
    """

    outage: float | None = None

    def __init__(
        self,
        message: str,
        *,
        method: str | None = None,
        path: str | None = None,
        status: int | None = None,
        account_id: int | None = None,
        page: int | None = None,
        attempts: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.method = method
        self.path = path
        self.status = status
        self.account_id = account_id
        self.page = page
        self.attempts = attempts
        self.retry_after = retry_after

    def __str__(self) -> str:
        page = f"(page {self.page})" if self.page is not None else None
        account = f"account {self.account_id}" if self.account_id is not None else None
        place = " ".join(part for part in (self.method, self.path or account, page) if part)
        text = f"{place}: {self.message}" if place else self.message
        if self.attempts is not None and self.attempts > 1:
            text += f" (after {self.attempts} attempts)"
        if self.outage is not None and self.outage >= 1:
            text += f" (nothing for {self.outage:.0f} s)"
        return text

    def __reduce__(self) -> tuple[Callable[[], LedgerError], tuple[()], dict[str, Any]]:
        # Exceptions pickle as type(*args), which would lose every keyword-only fact.
        return partial(type(self), self.message), (), self.__dict__


class ConfigurationError(LedgerError, ValueError):
    """A bad argument, found before anything is sent; or a client misused, or closed meanwhile."""


class TransportError(LedgerError):
    """No whole answer arrived: cannot connect, or the connection was cut off.

    `transient` is false where asking again cannot help, as with an untrusted certificate;
    `sent` is false where the request certainly did not reach the API.
    """

    transient: bool = True
    sent: bool = True


class RequestTimeoutError(TransportError, TimeoutError):
    """One attempt took longer than `timeout` seconds."""


class ProtocolError(LedgerError):
    """The answer is not HTTP, or does not come from this API."""


class RedirectRefusedError(ProtocolError):
    """The server answered with a redirect, which is never followed: the key stays where it is."""


class ResponseTooLargeError(ProtocolError):
    """The decoded body passed the size cap."""


class DecodeError(LedgerError):
    """The body does not decode: `json_path` says where, `excerpt` shows a little of it.

    `truncated` is true where the JSON just ended too early.
    """

    truncated: bool = False
    json_path: str | None = None
    excerpt: str | None = None

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text}, in {self.excerpt!r}" if self.excerpt else text


class ApiError(LedgerError):
    """The API answered with an error status; `status` is what it sent."""


class BadRequestError(ApiError):
    """400: a parameter was refused."""


class AuthenticationError(ApiError):
    """401: bad or expired credentials."""


class PermissionDeniedError(ApiError):
    """403: the credentials do not reach this."""


class NotFoundError(ApiError):
    """404: no such object."""


class RateLimitError(ApiError):
    """420 or 429 that could not be waited out; `retry_after` is in seconds."""


class ServerError(ApiError):
    """5xx: the server failed."""


class ListingIncompleteError(LedgerError):
    """A listing moves too fast, or shows too little, so that nothing proves that all of it came.

    `covered` is how many elements came. Where the server refused a page, that is the cause.
    """

    covered: int | None = None


class FleetError(LedgerError):
    """The cluster that a fleet works on cannot be reached, is gone, or lost too many workers.

    What its workers had committed stays: run again, and a mirror goes on.
    """


class SignatureError(LedgerError):
    """A webhook delivery is not proven to be Ledger's, or not fresh: answer 401, no more."""


class StoreError(LedgerError):
    """The database or directory that keeps a mirror cannot be reached, is full, or refuses us.

    What was committed before stays: run again, and the mirror goes on.
    """


class RowRefusedError(StoreError):
    """A value of a row is one that the store cannot hold: nothing of the write was kept."""


class StoreLockedError(StoreError):
    """Another run holds the table; the message says which, and since when."""


class StreamClosedError(LedgerError):
    """The stream was closed under its consumer, or an earlier read was cancelled, or failed."""


def concerns_all(error: LedgerError) -> bool:
    """True if this will meet every account: going on would only hammer the server."""
    everywhere = isinstance(error, AuthenticationError | ConfigurationError | RateLimitError)
    return everywhere or error.outage is not None


def without_frames(error: E) -> E:
    """Drop the frames of an error that is kept, and of its cause: they hold all that they knew."""
    if error.__cause__ is not None:
        error.__cause__.with_traceback(None)
    return error.with_traceback(None)


def without_chain(error: E) -> E:
    """Drop the frames of an error that is sent away, and all that it came from.

    That may not pickle, and it may lead back to the error, as a group does that holds it.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def frameless(error: E, *, handled: BaseException | None) -> E:
    """Drop every frame in the chain of `error`, since frames may hold secrets.

    Whatever the caller has `handled` meanwhile is in the chain, too, and stays as it is.
    """
    chain: list[BaseException] = [error]
    for each in chain:
        each.with_traceback(None)
        chain += [
            one for one in _linked(each) if all(one is not any_ for any_ in (handled, *chain))
        ]
    return error


def _linked(error: BaseException) -> list[BaseException]:
    """The errors that `error` came from, and those it holds, as groups do and aiohttp's own."""
    linked = (error.__cause__, error.__context__, *error.args, *getattr(error, "exceptions", ()))
    return [each for each in linked if isinstance(each, BaseException)]
