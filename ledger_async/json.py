"""JSON with exact numbers: structs and builtins under the names of the wire, digit by digit.

As `msgspec.json`, but that no number is rounded: fractions are `Decimal` both ways. So
`decode(encode(x), type=type(x)) == x`, and what is written is what the API wrote. Secrets are
written too, since they are sent so: it is `repr` that hides them.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, overload

import msgspec

from ._protocol import codec
from .errors import LedgerError
from .models.base.fields import StandIn

__all__ = ["decode", "encode", "lines", "schema"]

T = TypeVar("T")
JsonSchema = dict[str, Any]

_BREAKS_TO_SPACES = bytes.maketrans(b"\r\n", b"  ")
_NOT_FINITE = "JSON has no number that is not finite"
_REF = "#/$defs/{name}"
_NUMBER: JsonSchema = {"type": "number"}
_PLAIN: dict[type, JsonSchema] = {
    Decimal: _NUMBER,
    datetime: {"type": "string", "format": "date-time"},
    dict: {"type": "object"},
    int: {"type": "integer"},
    object: {"description": "Any JSON."},  # msgspec takes an empty schema for none
}


class ErrorFacts(msgspec.Struct, omit_defaults=True):
    """An error as JSON: the name of its class, its message, and those of its facts that apply."""

    type: str
    message: str
    status: int | None = None
    method: str | None = None
    path: str | None = None
    account_id: int | None = None
    page: int | None = None
    attempts: int | None = None
    retry_after: float | None = None
    outage: float | None = None
    json_path: str | None = None
    covered: int | None = None


def _facts(error: object) -> ErrorFacts:
    if not isinstance(error, LedgerError):
        raise TypeError(f"JSON has no form for {type(error).__name__}")
    names = ErrorFacts.__struct_fields__[1:]
    facts: dict[str, Any] = {name: getattr(error, name, None) for name in names}
    return ErrorFacts(type(error).__name__, **facts)


_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_facts)


def encode(value: object) -> bytes:
    """Write `value` as JSON: structs under their wire names, each `Decimal` as a number.

    Raises `TypeError` for a value that JSON has no form for, as `msgspec.json.encode` does, and
    `ValueError` for a number that is not finite. Only a float in a struct of your own becomes
    `null` then.
    """
    with _one_wording():
        data = _encoder.encode(value)
    if b"NaN" in data or b"Infinity" in data:  # in a text, or as what is no number of JSON
        _refuse_what_is_no_number(data)
    if b"null" in data and _holds_what_is_no_number(value):  # which msgspec writes as `null`
        raise ValueError(_NOT_FINITE)
    return data


def lines(nodes: Sequence[msgspec.Struct], account_id: int | None = None) -> bytes:
    """Write each node as a line of JSON: its fields, after the `account_id` if there is one.

    A node with a field of that name keeps its own. Line breaks between the tokens of a
    `msgspec.Raw` become spaces. Raises what `encode` raises.
    """
    with _one_wording():
        data = _lines(nodes, account_id)
        if data.count(b"\n") != len(nodes) or b"\r" in data:
            data = b"".join([_one_line(_lines([node], account_id)) for node in nodes])
    if b"NaN" in data or b"Infinity" in data:
        for node in nodes:
            encode(node)  # raises where that stands for a number
    return data


@overload
def decode(raw: bytes | bytearray | memoryview | msgspec.Raw | str) -> Any: ...


@overload
def decode(raw: bytes | bytearray | memoryview | msgspec.Raw | str, *, type: type[T]) -> T: ...


def decode(
    raw: bytes | bytearray | memoryview | msgspec.Raw | str,
    *,
    type: Any = Any,  # noqa: A002 - msgspec's name
) -> Any:
    """Read JSON as a `type`: a struct, or any other type that msgspec knows.

    Without one, objects become dicts and fractions `Decimal`. Raises `DecodeError`, whose
    `json_path` and `excerpt` say where `raw` is no JSON, or no `type`.
    """
    return codec.decode(_bytes(raw), type)


def schema(type: Any) -> JsonSchema:  # noqa: A002 - as in msgspec.json
    """The JSON Schema of what `encode` writes for a `type`, its structs under `$defs`.

    Raises `TypeError` for a `type` that JSON has no form for.
    """
    root, defs = _described([type])
    return {**root, "$defs": defs} if defs else root


@contextmanager
def _one_wording() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        if "non-finite" in str(error):  # as msgspec calls it from 0.23 on; those before write it
            raise ValueError(_NOT_FINITE) from None
        raise


def _lines(nodes: Sequence[msgspec.Struct], account_id: int | None) -> bytes:
    if account_id is None:
        return _encoder.encode_lines(nodes)
    write = _encoder.encode
    if not all(map(_begins_with_a_field, {*map(type, nodes)})):
        return b"".join([write(_after(account_id, node)) + b"\n" for node in nodes])
    head = b'{"account_id":%d,' % account_id
    return b"".join([b"%b%b\n" % (head, write(node)[1:]) for node in nodes])


def _one_line(line: bytes) -> bytes:
    """The same JSON without line breaks but the last: in its strings they are escaped anyway."""
    return line[:-1].translate(_BREAKS_TO_SPACES) + b"\n"


@cache
def _begins_with_a_field(type_: type[msgspec.Struct]) -> bool:
    """True if its objects are never empty, and have no `account_id` of their own."""
    config, fields = type_.__struct_config__, type_.__struct_encode_fields__
    is_object = not (config.array_like or config.omit_defaults)
    return is_object and bool(fields) and "account_id" not in fields


def _after(account_id: int, node: msgspec.Struct) -> object:
    value = msgspec.to_builtins(node, builtin_types=(Decimal,))
    return {"account_id": account_id, **value} if isinstance(value, dict) else value


def _refuse_what_is_no_number(data: bytes) -> None:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError:
        raise ValueError(_NOT_FINITE) from None


def _holds_what_is_no_number(value: object) -> bool:
    """True if such a float stands in dicts and lists: structs of the package have none."""
    match value:
        case float():
            return not math.isfinite(value)
        case dict():
            return any(map(_holds_what_is_no_number, value.values()))
        case list() | tuple():
            return any(map(_holds_what_is_no_number, value))
    return False


def _bytes(raw: bytes | bytearray | memoryview | msgspec.Raw | str) -> bytes:
    if isinstance(raw, str):
        return raw.encode(errors="surrogatepass")  # half a character is the decoder's to refuse
    return raw if isinstance(raw, bytes) else bytes(memoryview(raw))


def _described(types: list[Any]) -> tuple[JsonSchema, JsonSchema]:
    """The schema of the first type, and those of all structs, within stand-ins too."""
    met: list[Any] = []

    def described(type_: Any) -> JsonSchema:
        accepts = _accepted(type_)
        met.extend(each for each in accepts if each not in _PLAIN and each not in types)
        parts = [_part(each) for each in accepts]
        return {"anyOf": parts} if len(parts) > 1 else parts[0]

    (root, *_), defs = msgspec.json.schema_components(
        types, schema_hook=described, ref_template=_REF
    )
    if met:
        return _described([*types, *dict.fromkeys(met)])
    return _tidied(root), _tidied(defs)


def _accepted(type_: type) -> tuple[type, ...]:
    """The types that describe one that msgspec does not know."""
    if isinstance(type_, StandIn):
        return type_.accepts
    if type_ is object:
        return (object,)
    if issubclass(type_, LedgerError):
        return (ErrorFacts,)
    raise TypeError(f"JSON has no form for {type_.__name__}")


def _part(type_: type) -> JsonSchema:
    return _PLAIN.get(type_) or {"$ref": _REF.format(name=type_.__name__)}


def _tidied(node: Any) -> Any:
    """The schema with decimals as numbers, as they are written, and docstrings as they are read."""
    match node:
        case {"type": "string", "format": "decimal", **rest}:
            return rest | _NUMBER
        case {"description": str(text), **rest}:
            return {"description": inspect.cleandoc(text), **_tidied(rest)}
        case dict():
            return {key: _tidied(each) for key, each in node.items()}
        case list():
            return [_tidied(each) for each in node]
    return node
