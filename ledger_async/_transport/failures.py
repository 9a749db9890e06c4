"""Every way in which aiohttp and the network fail, in our words."""

from __future__ import annotations

import ssl

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from ledger_async.errors import LedgerError, ProtocolError, RequestTimeoutError, TransportError

# Everything that aiohttp raises for a server's or a network's fault. TimeoutError is an OSError;
# a host name that cannot be encoded for the resolver raises UnicodeError.
FOREIGN = (aiohttp.ClientError, HttpProcessingError, OSError, UnicodeError)

# Failures after which the server cannot have seen the request.
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ServerFingerprintMismatch, UnicodeError)


def translate(exc: BaseException) -> LedgerError:
    """Our error for one of `FOREIGN`.

    Only what the operating system says is chained to it and quoted: other exceptions of aiohttp
    carry the headers that were sent, or pieces of an answer that may echo them.
    """
    error = _counterpart(exc)
    if isinstance(exc, OSError):
        # Without what it came from.
        exc.__cause__ = exc.__context__ = None
        error.__cause__ = exc
    return error


def _counterpart(exc: BaseException) -> LedgerError:
    match exc:
        case TimeoutError():
            return RequestTimeoutError("no whole answer in time")
        # aiohttp gives malformed HTTP the status 400, which nobody sent.
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return ProtocolError("the answer is not valid HTTP")
        case aiohttp.ClientPayloadError():
            return TransportError("the answer was cut off or is corrupt")
        case aiohttp.ClientSSLError() | aiohttp.ServerFingerprintMismatch() | ssl.SSLError():
            error = final(f"no trusted TLS connection: {exc}")
        case OSError() if str(exc):
            error = TransportError(f"the connection failed: {exc}")
        case _:
            error = TransportError(f"the connection failed: {type(exc).__name__}")
    error.sent = not isinstance(exc, _NEVER_SENT)
    return error


def final(message: str) -> TransportError:
    """The error of a failure that another try would only repeat."""
    error = TransportError(message)
    error.transient = False
    return error
