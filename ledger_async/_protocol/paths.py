"""Paths of requests, filled with parameters that were checked."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from ledger_async._support import checks


class _Segment:
    """A parameter of a path: a number, or with the format `s` a string."""

    def __init__(self, name: str, value: object) -> None:
        self._name, self._value = name, value

    def __format__(self, kind: str) -> str:
        if kind == "s":
            return quote(checks.text(self._name, self._value), safe="")
        return str(checks.identifier(self._name, self._value))


def fill(template: str, parameters: Mapping[str, object]) -> str:
    """The path that `template` makes with these parameters, such as `/currencies/{name:s}`.

    Raises `ConfigurationError`, naming the parameter, for one that no path can hold.
    """
    return template.format_map({name: _Segment(name, each) for name, each in parameters.items()})
