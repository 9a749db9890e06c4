"""Query strings: filters as the API takes them, each checked against its type."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, SupportsIndex, get_args, get_origin, get_type_hints
from urllib.parse import urlencode

from ledger_async._support import checks
from ledger_async.errors import ConfigurationError

# No id or bound is as large, and Python refuses to write out much longer integers.
_BEYOND_INTEGERS = 2**256

_MINUTE = timedelta(minutes=1)

Types = Mapping[str, Any]


@lru_cache(maxsize=64)
def types_of(filters: type) -> Types:
    """The type that each filter of this TypedDict takes, by name."""
    return get_type_hints(filters, include_extras=True)


def encode_query(parameters: Mapping[str, object], types: Types) -> str:
    """The query string of these parameters: arrays repeat their key, `None` is not sent.

    Raises `ConfigurationError`, naming the parameter, for one that is not among `types`, and for
    a value that is not of its type.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if name not in types:
            known = ", ".join(types) or "none"
            raise ConfigurationError(f"there is no filter {name}; those that there are: {known}")
        if value is not None:
            pairs += [(name, text) for text in _texts(name, value, types[name])]
    return urlencode(pairs)


def _texts(name: str, value: object, type_: Any) -> list[str]:
    item = _item_type(type_)
    if item is None:
        return [_text(name, value, type_)]
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ConfigurationError(f"{name} takes a list of values, got {checks.shown(value)}")
    texts = [_text(f"each {name}", each, item) for each in value]
    if not texts:
        # Sent as nothing, it would be no filter at all and match everything.
        raise ConfigurationError(f"{name} is empty: leave it out, or give None")
    return texts


def _item_type(type_: Any) -> Any:
    """The type of an array's items; `None` for a type that is no array."""
    for kind in (type_, *get_args(type_)):
        if get_origin(kind) is Iterable:
            return get_args(kind)[0]
    return None


def _text(name: str, value: object, type_: Any) -> str:
    value = _builtin(name, value)
    if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
        raise ConfigurationError(f"{name} holds half a character, which has no encoding")
    if type(value) is int and abs(value) >= _BEYOND_INTEGERS:
        raise ConfigurationError(f"{name} is an integer of more than 256 bits")
    checks.typed(name, value, type_)
    return _moment(name, value) if isinstance(value, datetime) else _plain(value)


def _builtin(name: str, value: object) -> object:
    """`value` as msgspec knows it: a member of an enum stands for its string or integer."""
    match value:
        case bool():
            return value
        case str():
            return str.__str__(value)
        case SupportsIndex():
            with suppress(TypeError):  # arrays have the method, but most have no such value
                return operator.index(value)
        case datetime() if type(value) is not datetime:
            return _iso(name, value)
    return value


def _iso(name: str, value: datetime) -> datetime:
    # Some libraries have a datetime for a moment that is missing: it has no ISO form.
    with suppress(TypeError, ValueError):
        return datetime.fromisoformat(value.isoformat())
    kind = type(value).__name__
    raise ConfigurationError(f"{name} must be a datetime, got {kind}, which has no ISO form")


def _moment(name: str, value: datetime) -> str:
    offset = value.utcoffset()
    if offset is None:
        raise ConfigurationError(f"{name} must be an aware datetime, got one without a time zone")
    if offset % _MINUTE:
        # Local times before there were time zones have such offsets, which RFC 3339 lacks.
        with suppress(OverflowError):
            return value.astimezone(UTC).isoformat()
        raise ConfigurationError(f"{name} is out of range in UTC")
    return value.isoformat()


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
