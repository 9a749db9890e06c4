"""JSON with exact numbers: structs and builtins under the names of the wire, digit by digit.

As `msgspec.json`, but that no number is rounded: fractions are `Decimal` both ways. So
`decode(encode(x), type=type(x)) == x`, and what is written is what the API wrote.
"""

from __future__ import annotations

from typing import Any, TypeVar, overload

import msgspec

from ._protocol import codec

__all__ = ["decode", "encode"]

T = TypeVar("T")


def encode(value: object) -> bytes:
    """Write `value` as JSON: structs under their wire names, each `Decimal` as a number.

    Raises `TypeError` for a value that JSON has no form for, as `msgspec.json.encode` does, and
    `ValueError` for a `Decimal` that is not finite.
    """
    data = codec.encode(value)
    if b"NaN" in data or b"Infinity" in data:  # in a text, or as what is no number of JSON
        _refuse_what_is_no_number(data)
    return data


@overload
def decode(raw: bytes | bytearray | memoryview | str) -> Any: ...


@overload
def decode(raw: bytes | bytearray | memoryview | str, *, type: type[T]) -> T: ...


def decode(raw: bytes | bytearray | memoryview | str, *, type: Any = Any) -> Any:  # noqa: A002 - msgspec's name
    """Read JSON as a `type`: a struct, or any other type that msgspec knows.

    Without one, objects become dicts and fractions `Decimal`. Raises `DecodeError`, whose
    `json_path` and `excerpt` say where `raw` is no JSON, or no `type`.
    """
    return codec.decode(_bytes(raw), type)


def _refuse_what_is_no_number(data: bytes) -> None:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError:
        raise ValueError("JSON has no number that is not finite") from None


def _bytes(raw: bytes | bytearray | memoryview | str) -> bytes:
    if isinstance(raw, str):
        return raw.encode(errors="surrogatepass")  # half a character is the decoder's to refuse
    return raw if isinstance(raw, bytes) else bytes(memoryview(raw))
