"""Webhooks: the event of a delivery that is proven to be Ledger's, unchanged and fresh."""

from __future__ import annotations

import hashlib
import hmac
import math
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from msgspec import Struct

from ._protocol import codec
from ._support import checks
from .errors import ConfigurationError, SignatureError
from .models.base.described import Described

__all__ = ["SignatureError", "WebhookEvent", "verify"]

_Headers = (
    Mapping[str, str]
    | Mapping[bytes, bytes]
    | Iterable[tuple[str, str]]
    | Iterable[tuple[bytes, bytes]]
)

_HEADER = "X-Ledger-Signature"

# Of any real time; and Python refuses to read very long integers.
_UNIX_SECONDS = re.compile(r"[0-9]{1,15}")


class WebhookEvent(Struct, Described, frozen=True):
    """Something happened to one object: fetch the object itself from the API.

    `payload_type` says what the object is (`"TRANSACTION"`), `event_type` what happened to it
    (`"NEW_TRANSACTION_HAS_BEEN_RECEIVED"`); both may take values that are not known yet. What is
    not answered with success is delivered again after 5 seconds, then ever later up to every
    30 minutes, 100 times at most: the same event may come more than once.
    """

    payload_type: str
    event_type: str
    id: int | str


def verify(
    headers: _Headers,
    body: bytes | bytearray | memoryview,
    secret: str | bytes,
    *,
    tolerance: float = 300,
    now: float | None = None,
) -> WebhookEvent:
    """The event of a delivery that `secret` signed; else `SignatureError`, which says why.

    `headers` are those of the request, by names in any case: a mapping, or pairs as in an ASGI
    scope. `body` is the request's, byte for byte. The signature may be `tolerance` seconds older
    or newer than `now`, in Unix seconds.

    `DecodeError` is for a body that is signed, but holds no event; `ConfigurationError` for an
    argument that no delivery is to blame for.
    """
    try:
        mac = _mac(secret)
    finally:
        del secret  # what reports errors may show the variables of each frame
    content = _content(body)
    tolerance = checks.seconds("tolerance", tolerance)
    present = time.time() if now is None else checks.seconds("now", now)
    signed_at, signatures = _parse(_sent(headers))
    mac.update(f"{signed_at}.".encode())
    mac.update(content)
    if not _is_any(mac, signatures):
        raise SignatureError(
            f"no v1 signature of {_HEADER} fits: the secret is another one, or the body is not "
            "byte for byte what was signed"
        )
    # Only now is the time known to be Ledger's word.
    _check_age(present - int(signed_at), tolerance)
    return codec.decode(content, WebhookEvent)


def _mac(secret: object) -> hmac.HMAC:
    try:
        if not isinstance(secret, str | bytes):
            raise ConfigurationError(f"secret must be str or bytes, got {type(secret).__name__}")
        if not secret:
            raise ConfigurationError("secret is empty")
        # Encoding errors quote what they fail on: none may stay in the chain of the one below.
        with suppress(UnicodeEncodeError):
            return hmac.new(
                secret.encode() if isinstance(secret, str) else secret, digestmod=hashlib.sha256
            )
        raise ConfigurationError("secret is not valid Unicode")
    finally:
        del secret


def _content(body: object) -> bytes:
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    raise ConfigurationError(
        f"body must be the raw bytes of the request, got {type(body).__name__}: JSON that was "
        "decoded and written anew is not what was signed"
    )


def _sent(headers: _Headers) -> str:
    """The header's value; one that came twice is one list, as everywhere in HTTP."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    try:
        values = [_text(value) for name, value in pairs if _text(name).lower() == _HEADER.lower()]
    except (TypeError, ValueError) as error:
        raise ConfigurationError("headers must be a mapping or pairs, of str or bytes") from error
    if not values:
        raise SignatureError(f"{_HEADER} is missing")
    return ",".join(values)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, str):
        return value
    raise TypeError(f"neither str nor bytes: {type(value).__name__}")


def _parse(header: str) -> tuple[str, Sequence[str]]:
    """The time as it was signed, and every `v1` signature; other elements are of other schemes."""
    if not header.isascii():
        raise SignatureError(f"{_HEADER} holds characters that are not ASCII")
    elements = [_element(text) for text in header.split(",")]
    times = [value for name, value in elements if name == "t"]
    signatures = [value for name, value in elements if name == "v1"]
    if len(times) != 1:
        raise SignatureError(f"{_HEADER} has {'more than one' if times else 'no'} time (t=)")
    if not _UNIX_SECONDS.fullmatch(times[0]):
        raise SignatureError(f"the time (t=) of {_HEADER} is not in Unix seconds")
    if not signatures:
        raise SignatureError(f"{_HEADER} has no signature (v1=)")
    return times[0], signatures


def _element(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.strip(" \t"), value.strip(" \t")


def _is_any(mac: hmac.HMAC, signatures: Iterable[str]) -> bool:
    expected = mac.hexdigest()
    return any(hmac.compare_digest(expected, each.lower()) for each in signatures)


def _check_age(age: float, tolerance: float) -> None:
    if abs(age) > tolerance:
        apart = f"{math.ceil(abs(age))} s {'ago' if age > 0 else 'in the future by this clock'}"
        raise SignatureError(f"signed {apart}: {tolerance:g} s are tolerated")
