"""Certificates that one side of a TLS connection refused: which side, and why.

A server that refuses the client's certificate says so by an alert. With TLS 1.2 that ends the
handshake; with TLS 1.3 the client has finished its own part by then, so that the alert comes in
the place of an answer, and aiohttp hands on no more of it than its text.
"""

from __future__ import annotations

import re
import ssl

_ALERT = re.compile(r"\[SSL: \w*ALERT_(?P<name>\w+)\] (?P<text>[^(]*\w)")

_OF_CERTIFICATES = frozenset(
    {
        "ACCESS_DENIED",
        "BAD_CERTIFICATE",
        "CERTIFICATE_EXPIRED",
        "CERTIFICATE_REVOKED",
        "CERTIFICATE_UNKNOWN",
        "NO_CERTIFICATE",
        "UNKNOWN_CA",
        "UNSUPPORTED_CERTIFICATE",
    }
)


def certificate_refusal(error: BaseException, peer: str) -> str | None:
    """Who refused whose certificate, `None` where the failure was not of that kind."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the {peer}'s certificate is not trusted: {_reason(error)}"
    match alert_in(error):
        case ("CERTIFICATE_REQUIRED", text):
            return f"the {peer} refused the client, which showed no certificate: {text}"
        case (name, text) if name in _OF_CERTIFICATES:
            return f"the {peer} refused the client's certificate: {text}"
        case _:
            return None


def handshake_refusal(error: BaseException, peer: str) -> str:
    """Why there is no TLS connection, where no certificate is known to be the reason."""
    match alert_in(error):
        case ("HANDSHAKE_FAILURE", text):
            # Up to TLS 1.2 that is all it says to a client that shows no certificate.
            return (
                f"the {peer} refused the TLS handshake, "
                f"as it does where it wants a client certificate and gets none: {text}"
            )
        case (_, text):
            return f"the {peer} refused the TLS handshake: {text}"
        case _:
            return f"no trusted TLS connection: {error}"


def alert_in(error: BaseException) -> tuple[str, str] | None:
    """The name and the words of the alert that an error tells of."""
    found = _ALERT.search(str(error))
    return found and (found["name"], found["text"])


def _reason(error: ssl.SSLCertVerificationError) -> str:
    return getattr(error, "verify_message", None) or str(error)
