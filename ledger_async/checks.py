"""Checks of arguments, each an error that names the argument."""

from __future__ import annotations

import math

from .errors import ConfigurationError


def count(name: str, value: object) -> int:
    """`value`, if it is an integer of 1 or more; else `ConfigurationError`."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    raise ConfigurationError(f"{name} must be an integer of 1 or more, got {value!r:.50}")


def seconds(name: str, value: object) -> float:
    """`value`, if it is a finite number of 0 or more; else `ConfigurationError`."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
        return value
    raise ConfigurationError(f"{name} must be a number of seconds, got {value!r:.50}")
