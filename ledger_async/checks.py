"""Checks of arguments, each an error that names the argument."""

from __future__ import annotations

import inspect
import math
import operator
import reprlib
from datetime import date, datetime
from functools import lru_cache, reduce
from operator import or_
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from .errors import ConfigurationError

# What every server can hold; and Python refuses to write out much longer integers.
_LARGEST = 2**63 - 1


def count(name: str, value: object) -> int:
    """`value`, if it is an integer of 1 or more; else `ConfigurationError`."""
    return _integer(name, value, least=1)


def identifier(name: str, value: object) -> int:
    """`value`, if it is an integer of 0 or more; else `ConfigurationError`."""
    return _integer(name, value, least=0)


def seconds(name: str, value: object) -> float:
    """`value`, if it is a finite number of 0 or more; else `ConfigurationError`."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return value
    raise _refusal(name, "a number of seconds", value)


def text(name: str, value: object) -> str:
    """`value`, if it is a string that can be a part of a path; else `ConfigurationError`."""
    # A server, or a proxy before it, may resolve dots.
    if isinstance(value, str) and value.isprintable() and value.strip(". "):
        return str.__str__(value)
    raise _refusal(name, "a string with something to read in it", value)


def typed(name: str, value: object, type_: Any) -> None:
    """Nothing, if `value` is of `type_`, one that msgspec knows; else `ConfigurationError`.

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
        raise ConfigurationError(f"{name} {_complaint(error, structs, others)}") from None


@lru_cache(maxsize=1024)
def _parted(type_: Any) -> tuple[tuple[type, ...], tuple[Any, ...]]:
    """The structs of a type, and all the rest."""
    kinds = get_args(type_) if get_origin(type_) in {Union, UnionType} else (type_,)
    structs = tuple(
        kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)
    )
    return structs, tuple(kind for kind in kinds if kind not in structs)


def _complaint(error: Exception, structs: tuple[type, ...], others: tuple[Any, ...]) -> str:
    """What is wrong, without the value, which may be a secret."""
    if structs:
        return f"must be {_named(structs)}"
    choices = [each for kind in others if get_origin(kind) is Literal for each in get_args(kind)]
    if choices:
        return "must be one of " + ", ".join(choices)
    return "is refused: " + str(error)


def _named(structs: tuple[type, ...]) -> str:
    return " or ".join(struct.__name__ for struct in structs)


def handler(name: str, value: object) -> None:
    """Nothing, if `value` is `"raise"`, `"skip"` or a plain function; else `ConfigurationError`."""
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
    return ConfigurationError(f"{name} must be {wanted}, got {reprlib.repr(value)}")
