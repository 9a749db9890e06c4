"""Arguments given as `key=value`, read as the signature of a method says."""

from __future__ import annotations

import inspect
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from ledger_async import ConfigurationError


class Parameter(NamedTuple):
    """One keyword of a method."""

    type: Any
    is_required: bool


def keywords(method: Callable[..., object]) -> dict[str, Parameter]:
    """The keywords of a method by name, its filters among them."""
    taken: dict[str, Parameter] = {}
    for each in inspect.signature(method, eval_str=True).parameters.values():
        if each.kind is each.VAR_KEYWORD:
            (filters,) = get_args(each.annotation)
            types = get_type_hints(filters, include_extras=True)
            taken |= {name: Parameter(type_, False) for name, type_ in types.items()}
        elif each.kind is not each.VAR_POSITIONAL:
            taken[each.name] = Parameter(each.annotation, each.default is each.empty)
    return taken


def pairs(tokens: Iterable[str]) -> dict[str, list[str]]:
    """The values that were given to each key, in their order."""
    given: dict[str, list[str]] = {}
    for token in tokens:
        key, equals, value = token.partition("=")
        if not (key and equals):
            raise ConfigurationError(f"{token!r} is not key=value")
        given.setdefault(key, []).append(value)
    return given


def read(given: Mapping[str, Sequence[str]], taken: Mapping[str, Parameter]) -> dict[str, Any]:
    """The arguments that these values make; `ConfigurationError` says what is taken instead."""
    for key in given:
        if key not in taken:
            raise ConfigurationError(f"there is no {key} here: {_listed(taken)}")
    for key, parameter in taken.items():
        if parameter.is_required and key not in given:
            raise ConfigurationError(f"{key}= is missing: it takes {_wanted(parameter.type)}")
    return {key: _argument(key, values, taken[key].type) for key, values in given.items()}


def _listed(taken: Mapping[str, Parameter]) -> str:
    return f"there are {', '.join(taken)}" if taken else "this path takes no key=value"


def _argument(key: str, values: Sequence[str], type_: Any) -> object:
    kinds = list(kinds_of(type_))
    for kind in kinds:
        if get_origin(kind) is Iterable:
            return [_value(key, each, list(kinds_of(get_args(kind)[0]))) for each in values]
    if len(values) > 1:
        raise ConfigurationError(f"{key} takes one value, got {len(values)}")
    return _value(key, values[0], kinds)


def _value(key: str, text: str, kinds: Iterable[Any]) -> object:
    for kind in kinds:
        with suppress(KeyError, OverflowError, ValueError):
            return _reader(kind)(text)
    wanted = " or ".join(map(_wanted, kinds))
    raise ConfigurationError(f"{key} must be {wanted}, got {reprlib.repr(text)}")


def _reader(kind: Any) -> Callable[[str], object]:
    choices = {each: each for each in get_args(kind)} if get_origin(kind) is Literal else {}
    return _READERS.get(kind, choices.__getitem__)


def kinds_of(type_: Any) -> Iterator[Any]:
    """The types of a value but for `None`, without constraints: the call checks those."""
    if get_origin(type_) is Annotated:
        type_ = get_args(type_)[0]
    if get_origin(type_) in {Union, UnionType}:
        for each in get_args(type_):
            yield from kinds_of(each)
    elif type_ is not type(None):
        yield type_


def _wanted(type_: Any) -> str:
    return " or ".join(_NAMES.get(kind) or _choices(kind) for kind in kinds_of(type_))


def _choices(literal: Any) -> str:
    values = get_args(literal)
    return ("one of " if len(values) > 1 else "") + ", ".join(map(str, values))


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone()  # local time unless it has an offset


_READERS: Mapping[Any, Callable[[str], object]] = {
    bool: _boolean,
    date: date.fromisoformat,
    datetime: _moment,
    int: int,
    str: str,
}
_NAMES: Mapping[Any, str] = {
    bool: "true or false",
    date: "an ISO date",
    datetime: "an ISO date-time",
    int: "an integer",
    str: "text",
}
