"""Every way in which aiohttp and the network fail, in our words."""

from __future__ import annotations

import ssl
from http import HTTPStatus

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from ledger_async.errors import LedgerError, ProtocolError, RequestTimeoutError, TransportError

from .proxy import Proxy
from .tls_refusals import certificate_refusal, handshake_refusal

# Everything that aiohttp raises for a server's or a network's fault. TimeoutError is an OSError;
# a host name that cannot be encoded for the resolver raises UnicodeError.
FOREIGN = (aiohttp.ClientError, HttpProcessingError, OSError, UnicodeError)

# Failures after which the server cannot have seen the request.
_NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ServerFingerprintMismatch, UnicodeError)

# The statuses of a proxy that may pass: it asks for patience, or has trouble of its own or with
# the server.
_PASSING = frozenset({408, 429, 500, 502, 503, 504})

_AS_SOME_DO = "as some do that refuse the client's certificate, or want one and get none"


def translate(exc: BaseException, proxy: Proxy | None = None) -> LedgerError:
    """Our error for one of `FOREIGN`, met on the way through `proxy` if there is one.

    Only what the operating system says is chained to it and quoted: other exceptions of aiohttp
    carry the headers that were sent, or pieces of an answer that may echo them.
    """
    error = _counterpart(exc, proxy)
    if isinstance(exc, OSError):
        # Without what it came from.
        exc.__cause__ = exc.__context__ = None
        error.__cause__ = exc
    return error


def _counterpart(exc: BaseException, proxy: Proxy | None) -> LedgerError:
    match exc:
        case TimeoutError():
            return RequestTimeoutError("no whole answer in time")
        case aiohttp.ClientHttpProxyError():
            return refused_by_proxy(exc.status, proxy)
        # aiohttp gives malformed HTTP the status 400, which nobody sent.
        case aiohttp.ClientResponseError() | HttpProcessingError():
            return ProtocolError("the answer is not valid HTTP")
        case aiohttp.ClientPayloadError():
            return TransportError("the answer was cut off or is corrupt")
        case _:
            return _no_connection(exc, proxy)


def refused_by_proxy(status: int, proxy: Proxy | None) -> TransportError:
    """The error of a proxy that passes nothing on; its words are not quoted, nor is its body."""
    place = f" {proxy.place}" if proxy else ""
    error = TransportError(f"the proxy{place} refused with status {status}{_meaning(status)}")
    error.transient = status in _PASSING
    error.sent = False
    return error


def turned_away() -> TransportError:
    """The error of a server that hung up right after the handshake, before it answered anything."""
    return final(f"the server closed the first TLS connection without an answer, {_AS_SOME_DO}")


def _meaning(status: int) -> str:
    return f" {HTTPStatus(status).phrase}" if status in {*HTTPStatus} else ""


def _no_connection(exc: BaseException, proxy: Proxy | None) -> TransportError:
    """The error of a connection that there never was, or that ended early."""
    met = proxy if proxy is not None and _leads_to(proxy, exc) else None
    peer, said = "server" if met is None else "proxy", getattr(exc, "os_error", exc)
    if refused := certificate_refusal(said, peer):
        error = final(refused)
        error.sent = False  # a server reads no request of whom it does not let in
        return error
    if isinstance(exc, aiohttp.ClientSSLError | aiohttp.ServerFingerprintMismatch | ssl.SSLError):
        error = final(handshake_refusal(said, peer))
    elif said is not exc and isinstance(said, ConnectionError) and said.errno is None:
        # asyncio's own error, without words, where a handshake ends before its time.
        error = TransportError(
            f"the {peer} closed the connection during the TLS handshake, {_AS_SOME_DO}"
        )
    else:
        error = TransportError(_complaint(exc, said, met))
    error.sent = not isinstance(exc, _NEVER_SENT)
    return error


def _complaint(exc: BaseException, said: BaseException, met: Proxy | None) -> str:
    if met is None:
        return f"the connection failed: {_words(exc)}"
    return f"the proxy {met.place} cannot be reached: {_words(said)}"


def _leads_to(proxy: Proxy, exc: BaseException) -> bool:
    """True for the failure of a connection to the proxy itself."""
    if not isinstance(exc, aiohttp.ClientConnectorError):
        return False
    return (exc.host, exc.port) == (proxy.url.raw_host, proxy.url.port)


def _words(exc: BaseException) -> str:
    """The words of the operating system, for others may quote what was sent or answered."""
    return str(exc) if isinstance(exc, OSError) and str(exc) else type(exc).__name__


def final(message: str) -> TransportError:
    """The error of a failure that another try would only repeat."""
    error = TransportError(message)
    error.transient = False
    return error
