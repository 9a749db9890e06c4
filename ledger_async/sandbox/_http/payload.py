"""Bodies of requests as structs, or a refusal that says what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from ledger_async.errors import ConfigurationError
from ledger_async.sandbox._data.shelf import RefusedError

S = TypeVar("S", bound=msgspec.Struct)


def decoded(body: bytes, *kinds: type[S]) -> S:
    """Return the body as the first of these structs that it is tagged for or fits."""
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError(str(error)) from error
    if not isinstance(value, dict):
        raise RefusedError("the body is no JSON object")
    made: S = _one_of(kinds, value, "$")
    return made


def _one_of(kinds: tuple[type[S], ...], value: dict[str, Any], at: str) -> S:
    """Try the kinds with the right tag; where none has a tag, all of them.

    Payloads hold unions of structs without tags, which msgspec does not decode.
    """
    field = kinds[0].__struct_config__.tag_field
    if field is None:
        return _first_that_fits(kinds, value, at)
    fitting = tuple(kind for kind in kinds if kind.__struct_config__.tag == value.get(field))
    if not fitting:
        tags = sorted({str(kind.__struct_config__.tag) for kind in kinds})
        raise RefusedError(f"{at}.{field} must be one of {', '.join(tags)}")
    return _first_that_fits(fitting, value, at)


def _first_that_fits(kinds: tuple[type[S], ...], value: dict[str, Any], at: str) -> S:
    refusals = []
    for kind in kinds:
        try:
            return _made(kind, value, at)
        except RefusedError as refusal:
            refusals.append(refusal)
    raise refusals[-1]


def _made(kind: type[S], value: dict[str, Any], at: str) -> S:
    fields = msgspec.structs.fields(kind)
    for field in fields:
        if field.required and field.encode_name not in value:
            raise RefusedError(f"{at}.{field.encode_name} is missing")
    parts = {
        field.name: _part(field.type, value[field.encode_name], f"{at}.{field.encode_name}")
        for field in fields
        if field.encode_name in value
    }
    try:
        return kind(**parts)
    except ConfigurationError as error:
        raise RefusedError(f"{error} - at {at}") from error


def _part(hint: Any, value: Any, at: str) -> Any:
    structs = _structs(hint)
    if structs and isinstance(value, dict):
        return _one_of(structs, value, at)
    return tuple(value) if isinstance(value, list) else value


@lru_cache
def _structs(hint: Any) -> tuple[type[msgspec.Struct], ...]:
    kinds = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    if any(get_origin(kind) is Mapping for kind in kinds):
        return ()  # any object will do
    return tuple(
        kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    )
