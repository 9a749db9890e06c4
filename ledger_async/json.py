"""JSON with exact numbers: structs and builtins under the names of the wire, digit by digit.

As `msgspec.json`, but that no number is rounded: fractions are `Decimal` both ways. So
`decode(encode(x), type=type(x)) == x`, and what is written is what the API wrote. Secrets are
written too, since they are sent so: it is `repr` that hides them.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, overload

import msgspec

from ._protocol import codec

__all__ = ["decode", "encode", "schema"]

T = TypeVar("T")
JsonSchema = dict[str, Any]

_REF = "#/$defs/{name}"
_NUMBER: JsonSchema = {"type": "number"}
_PLAIN: dict[type, JsonSchema] = {
    Decimal: _NUMBER,
    datetime: {"type": "string", "format": "date-time"},
    dict: {"type": "object"},
    int: {"type": "integer"},
    object: {"description": "Any JSON."},  # msgspec takes an empty schema for none
}


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


def schema(type: Any) -> JsonSchema:  # noqa: A002 - as in msgspec.json
    """The JSON Schema of what `encode` writes for a `type`, its structs under `$defs`."""
    root, defs = _described([type])
    return {**root, "$defs": defs} if defs else root


def _refuse_what_is_no_number(data: bytes) -> None:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError:
        raise ValueError("JSON has no number that is not finite") from None


def _bytes(raw: bytes | bytearray | memoryview | str) -> bytes:
    if isinstance(raw, str):
        return raw.encode(errors="surrogatepass")  # half a character is the decoder's to refuse
    return raw if isinstance(raw, bytes) else bytes(memoryview(raw))


def _described(types: list[Any]) -> tuple[JsonSchema, JsonSchema]:
    """The schema of the first type, and those of all structs, within stand-ins too."""
    met: list[Any] = []

    def described(type_: Any) -> JsonSchema:
        accepts = getattr(type_, "accepts", (type_,))
        met.extend(each for each in accepts if each not in _PLAIN and each not in types)
        parts = [_part(each) for each in accepts]
        return {"anyOf": parts} if len(parts) > 1 else parts[0]

    (root, *_), defs = msgspec.json.schema_components(
        types, schema_hook=described, ref_template=_REF
    )
    if met:
        return _described([*types, *dict.fromkeys(met)])
    return _with_numbers(root), _with_numbers(defs)


def _part(type_: type) -> JsonSchema:
    return _PLAIN.get(type_) or {"$ref": _REF.format(name=type_.__name__)}


def _with_numbers(node: Any) -> Any:
    """The schema with decimals as they are written: msgspec takes them for strings."""
    match node:
        case {"type": "string", "format": "decimal", **rest}:
            return rest | _NUMBER
        case dict():
            return {key: _with_numbers(each) for key, each in node.items()}
        case list():
            return [_with_numbers(each) for each in node]
    return node
