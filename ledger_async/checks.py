"""Checks of arguments, each an error that names the argument."""

from __future__ import annotations

import inspect
import math
import operator
import reprlib

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
