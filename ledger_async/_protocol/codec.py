"""JSON to structs and back: numbers stay exact, and errors say where they are."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import TypeVar, cast

import msgspec

from ledger_async.errors import DecodeError
from ledger_async.models.base.fields import dec_hook
from ledger_async.models.base.mending import mended

from . import outline

__all__ = ["decode", "decoder", "encode", "excerpt"]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])

_EXCERPT_LENGTH = 80
_TRUNCATED = "Input data was truncated"
_NOT_UTF8 = "Invalid UTF-8 encoded string"  # of msgspec 0.23; those before raise UnicodeDecodeError
_BYTE = re.compile(r"\(byte (\d+)\)$")
_PLACE = re.compile(r" - at (?:`key` in )?`\$([^`]*)`")


def _cached(function: F) -> F:
    # The stub of functools.lru_cache forgets that type[T] gives Decoder[T].
    return cast("F", functools.lru_cache(maxsize=256)(function))


def _number(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("Number out of range") from None


_encoder = msgspec.json.Encoder(decimal_format="number")
_any = msgspec.json.Decoder(float_hook=_number)

# What msgspec raises for JSON of another shape than was wanted, and for what is no JSON.
_REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@_cached
def _decoder(type_: type[T]) -> msgspec.json.Decoder[T]:
    # Fractions of no declared type become `Decimal`.
    return msgspec.json.Decoder(type_, dec_hook=dec_hook, float_hook=_number)


def decode(body: bytes, type_: type[T], *, at: str = "$") -> T:
    """The `type_` that `body` holds as JSON, or `DecodeError` saying where it does not.

    Where servers write something else than they mean, the meaning counts, see `models.mending`.
    `at` is the path of `body` in the JSON that it was cut from.
    """
    own = _decoder(type_)
    try:
        try:
            return own.decode(body)
        except msgspec.ValidationError:
            return own.decode(encode(mended(_any.decode(body), type_)))
    except _REFUSALS as error:
        raise _explained(error, body, at) from error


def decoder(type_: type[T]) -> Callable[[bytes], T]:
    """`decode` for one type and many bodies, which takes servers at their word.

    Looking up a generic type costs as much as decoding a short page.
    """
    own = _decoder(type_)

    def decode_exactly(body: bytes) -> T:
        try:
            return own.decode(body)
        except _REFUSALS as error:
            raise _explained(error, body, "$") from error

    return decode_exactly


def encode(value: object) -> bytes:
    """`value` as JSON under its wire names; a `Decimal` becomes a number, digit by digit."""
    return _encoder.encode(value)


def _explained(error: Exception, body: bytes, at: str) -> DecodeError:
    is_cut_off = _is_cut_off(error, body)
    reason = _reason(error, is_cut_off=is_cut_off) if body.strip() else "the body is empty"
    path = at + _json_path(str(error))
    explained = DecodeError(reason if path == "$" else f"{reason} at {path}")
    explained.json_path = path
    explained.excerpt = excerpt(body, _position(error, body))
    explained.truncated = is_cut_off
    return explained


def _is_cut_off(error: Exception, body: bytes) -> bool:
    # msgspec says so of a bad escape near the end too, and only where nothing is wrong before.
    ends_early = outline.ends_early(body)
    return str(error) == _TRUNCATED if ends_early is None else ends_early


def _reason(error: Exception, *, is_cut_off: bool) -> str:
    if isinstance(error, UnicodeDecodeError) or str(error).startswith(_NOT_UTF8):
        return "the text is not valid UTF-8"
    if isinstance(error, RecursionError):
        return "the JSON is nested too deeply"
    reason = str(error).partition(" - at ")[0]
    if reason == _TRUNCATED and not is_cut_off:
        return "JSON is malformed"
    return reason if reason.startswith("JSON") else reason[0].lower() + reason[1:]


def _json_path(message: str) -> str:
    # A stand-in type reports its own place first; msgspec then appends the place around it.
    return "".join(reversed(_PLACE.findall(message)))


def _position(error: Exception, body: bytes) -> int:
    if isinstance(error, UnicodeDecodeError):
        return body.find(error.object) + error.start  # `object` is one string of the body
    if str(error) == _TRUNCATED:
        return len(body)
    if str(error).startswith(_NOT_UTF8):
        return _end_of_utf8(body)
    byte = _BYTE.search(str(error))
    return int(byte[1]) if byte else 0


def _end_of_utf8(body: bytes) -> int:
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


def excerpt(body: bytes, position: int = 0) -> str:
    """A little of `body`, printable, from around this position."""
    start = max(0, min(position - _EXCERPT_LENGTH // 2, len(body) - _EXCERPT_LENGTH))
    text = body[start : start + _EXCERPT_LENGTH].decode(errors="replace")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
