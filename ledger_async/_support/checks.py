"""Checks of arguments, which raise errors that name the argument."""

from __future__ import annotations

import inspect
import operator
import re
import reprlib
import sys
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from ledger_async.errors import ConfigurationError

_SCALARS: Mapping[Any, str] = {
    bool: "True or False",
    date: "a date",
    datetime: "a datetime",
    int: "an integer",
    str: "a string",
}

_SLASH = re.compile(r"[/\\]")

# Every server can hold these, and Python refuses to write out much longer integers.
_LARGEST = 2**63 - 1

# Clocks count seconds in floats, and the largest integers are none.
_LONGEST = sys.float_info.max


def count(name: str, value: object) -> int:
    """Return `value` if it is an integer of 1 or more; else raise `ConfigurationError`."""
    return _integer(name, value, least=1)


def identifier(name: str, value: object) -> int:
    """Return `value` if it is an integer of 0 or more; else raise `ConfigurationError`."""
    return _integer(name, value, least=0)


def seconds(name: str, value: object) -> float:
    """Return `value` if it is a finite number of 0 or more; else raise `ConfigurationError`."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST:
        return value
    raise _refusal(name, "a number of seconds", value)


def text(name: str, value: object) -> str:
    """Return `value` if it is a string that fits into a path; else raise `ConfigurationError`."""
    # A server, or a proxy before it, may decode slashes, and then resolve the dots between them.
    if isinstance(value, str) and value.isprintable() and all(map(_tells, _SLASH.split(value))):
        return str.__str__(value)
    raise _refusal(
        name, "a string of printable characters, no part of it empty or mere dots", value
    )


def _tells(part: str) -> bool:
    return part.strip(". ") != ""


def typed(name: str, value: object, type_: Any) -> None:
    """Raise `ConfigurationError` unless msgspec accepts `value` as a `type_`.

    Structs need no tag to be part of a union.
    """
    structs, others = _parted(type_)
    if isinstance(value, structs):
        return
    if not others:
        raise ConfigurationError(f"{name} must be {_named(structs)}, got {type(value).__name__}")
    try:
        msgspec.convert(value, reduce(or_, others), builtin_types=(date, datetime))
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name} {_complaint(value, error, structs, others)}") from None


def kinds_of(type_: Any) -> tuple[Any, ...]:
    """The members of a union; of any other type, itself. A stand-in is what it accepts."""
    members = get_args(type_) if get_origin(type_) in {Union, UnionType} else (type_,)
    return tuple(kind for each in members for kind in getattr(each, "accepts", (each,)))


@lru_cache(maxsize=1024)
def _parted(type_: Any) -> tuple[tuple[type, ...], tuple[Any, ...]]:
    """The structs of a type, and all the rest."""
    kinds = kinds_of(type_)
    structs = tuple(
        kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    )
    return structs, tuple(kind for kind in kinds if kind not in structs)


def _complaint(
    value: object, error: Exception, structs: tuple[type, ...], others: tuple[Any, ...]
) -> str:
    """Say what is wrong, without the value, which may be a secret."""
    if structs:
        return f"must be {_named(structs)}, got {type(value).__name__}"
    choices = [each for kind in others if get_origin(kind) is Literal for each in get_args(kind)]
    if choices:
        single = "" if isinstance(value, str) else f"a single string, got {type(value).__name__}: "
        return f"must be {single}one of {', '.join(choices)}"
    plain = [getattr(kind, "__origin__", kind) for kind in others if kind is not NoneType]
    if type(value) not in plain and all(kind in _SCALARS for kind in plain):
        wanted = " or ".join(_SCALARS[kind] for kind in plain)
        return f"must be {wanted}, got {type(value).__name__}"
    return f"is refused: {error}"


def _named(structs: tuple[type, ...]) -> str:
    return " or ".join(struct.__name__ for struct in structs)


def handler(name: str, value: object) -> None:
    """Raise `ConfigurationError` unless `value` is `"raise"`, `"skip"` or a plain function."""
    plain = callable(value) and not inspect.iscoroutinefunction(value)
    if not (plain or value in ("raise", "skip")):
        raise ConfigurationError(f'{name} must be "raise", "skip" or a plain function')


def _integer(name: str, value: object, *, least: int) -> int:
    try:
        number = operator.index(value)  # type: ignore[arg-type] # it raises for what it cannot take
    except TypeError:
        number = -1
    if isinstance(value, bool) or not least <= number <= _LARGEST:
        raise _refusal(name, f"an integer of {least} or more, below 2**63", value)
    return number


def _refusal(name: str, wanted: str, value: object) -> ConfigurationError:
    return ConfigurationError(f"{name} must be {wanted}, got {shown(value)}")


class _Short(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        try:
            repr(x)
        except ValueError:  # thousands of digits, which Python refuses to write out
            return "int too large to show"
        return super().repr_int(x, level)


_SHORT = _Short()


def shown(value: object) -> str:
    """`value` as an error shows it: cut short, and even if Python refuses to write it out."""
    return _SHORT.repr(value)
