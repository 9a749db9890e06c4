"""What goes out and what comes back, as values that know nothing of sockets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from .errors import ConfigurationError

# No id or bound is as large, and Python refuses to write out much longer integers.
_BEYOND_INTEGERS = 2**256


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the API; `account_id` and `page` are facts for whoever reads its error.

    `repeatable` says whether it does no harm to send it twice; `None` leaves that to `method`.
    """

    method: str = "GET"
    path: str
    query: str = ""
    body: bytes | None = None
    account_id: int | None = None
    page: int | None = None
    repeatable: bool | None = None

    @property
    def is_repeatable(self) -> bool:
        """Whether it does no harm to send it twice."""
        return self.method == "GET" if self.repeatable is None else self.repeatable

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"  # a body may hold a secret


class Response(msgspec.Struct, frozen=True):
    """One whole answer, its body decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


def encode_query(parameters: Mapping[str, object]) -> str:
    """The query string of these parameters: arrays repeat their key, `None` is not sent.

    Raises `ConfigurationError`, naming the parameter, for a value that cannot be sent.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
            texts = [_text(name, each) for each in value]
            if not texts:
                # Sent as nothing, it would be no filter at all and match everything.
                raise ConfigurationError(f"{name} is empty: leave it out, or give None")
            pairs += [(name, text) for text in texts]
        elif value is not None:
            pairs.append((name, _text(name, value)))
    return urlencode(pairs)


def _text(name: str, value: object) -> str:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ConfigurationError(f"{name} must be an aware datetime, got a naive one")
        return value.isoformat()
    # An enum member of a string or a number stands for its value, whatever its str() shows.
    if isinstance(value, str):
        if any("\ud800" <= char <= "\udfff" for char in value):
            raise ConfigurationError(f"{name} holds half a character, which has no encoding")
        return str.__str__(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _BEYOND_INTEGERS:
        return int.__repr__(value)
    raise ConfigurationError(f"{name} does not take a value of type {type(value).__name__}")
