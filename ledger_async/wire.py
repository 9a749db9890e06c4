"""What goes out and what comes back, as values that know nothing of sockets."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, SupportsIndex, get_args, get_origin, get_type_hints
from urllib.parse import quote, urlencode

import msgspec

from . import checks
from .errors import ConfigurationError
from .hidden import Hidden

# No id or bound is as large, and Python refuses to write out much longer integers.
_BEYOND_INTEGERS = 2**256

_MINUTE = timedelta(minutes=1)

# They follow from the body.
_FRAMING = ("content-length", "content-type", "transfer-encoding")

_HEADER_NAME = re.compile(r"[!#-'*+.^-z|~A-Z0-9-]+", re.ASCII)
_NO_HEADER = re.compile("[\r\n\0\ud800-\udfff]")


class Headers:
    """Headers to send, which show their names only, for they stand in the frames of every request.

    They are no mapping, because what reports errors walks through mappings. Raises
    `ConfigurationError`, naming it, for a header that cannot be sent, or that is not to give.
    """

    __slots__ = ("_given",)

    def __init__(self, headers: Mapping[str, str]) -> None:
        complaint = _complaint(headers)
        self._given = Hidden(dict(headers))
        del headers  # no frame of an error may hold a secret
        if complaint:
            raise ConfigurationError(complaint)

    def reveal(self) -> Mapping[str, str]:
        """The headers themselves."""
        return self._given.reveal()

    def __repr__(self) -> str:
        return f"<{', '.join(self.reveal())}>"

    def __rich_repr__(self) -> Iterable[str]:
        return self.reveal()


def _complaint(headers: Mapping[str, str]) -> str | None:
    for name, value in headers.items():
        if not _can_be_sent(name, value):
            return f"the header {name!r:.80} cannot be sent"
        if name.lower() in _FRAMING:
            return "headers that describe a body are not a scheme's to give"
    return None


def _can_be_sent(name: object, value: object) -> bool:
    if not (isinstance(name, str) and isinstance(value, str)):
        return False
    return bool(_HEADER_NAME.fullmatch(name)) and not _NO_HEADER.search(value)


def lines_of(headers: Mapping[str, str]) -> bytes:
    """These headers as they go over the wire."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One call of the API; `account_id` and `page` are facts for whoever reads its error.

    `repeatable` says whether it does no harm to send it twice; `None` leaves that to `method`.
    Of the answer to a `confidential` one, nothing is quoted in errors. `body` is hidden, because
    it may hold a secret; `content` is what is in it.
    """

    method: str = "GET"
    path: str
    query: str = ""
    body: bytes | Hidden[bytes] | None = None
    account_id: int | None = None
    page: int | None = None
    repeatable: bool | None = None
    confidential: bool = False

    def __post_init__(self) -> None:
        hide_body(self)

    @property
    def content(self) -> bytes | None:
        """The bytes of the body."""
        return self.body.reveal() if isinstance(self.body, Hidden) else self.body

    @property
    def is_repeatable(self) -> bool:
        """Whether it does no harm to send it twice."""
        return self.method == "GET" if self.repeatable is None else self.repeatable

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("method", self.method), ("path", self.path)]


class _Segment:
    """A parameter of a path: a number, or with the format `s` a string."""

    def __init__(self, name: str, value: object) -> None:
        self._name, self._value = name, value

    def __format__(self, kind: str) -> str:
        if kind == "s":
            return quote(checks.text(self._name, self._value), safe="")
        return str(checks.identifier(self._name, self._value))


def hide_body(fresh: msgspec.Struct) -> None:
    """Let a new struct hold its body hidden."""
    body = getattr(fresh, "body", None)
    if isinstance(body, bytes):
        msgspec.structs.force_setattr(fresh, "body", Hidden(body))


def fill(template: str, parameters: Mapping[str, object]) -> str:
    """The path that `template` makes with these parameters, such as `/currencies/{name:s}`.

    Raises `ConfigurationError`, naming the parameter, for one that no path can hold.
    """
    return template.format_map({name: _Segment(name, each) for name, each in parameters.items()})


class Response(msgspec.Struct, frozen=True):
    """One whole answer, its body decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"

    def __rich_repr__(self) -> list[tuple[str, object]]:
        return [("status", self.status), ("bytes", len(self.body))]


Types = Mapping[str, Any]


@lru_cache(maxsize=64)
def types_of(filters: type) -> Types:
    """What the filters of this TypedDict take, by name."""
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
    """What the items of an array are; `None` for what is no array."""
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
    """`value` as msgspec knows it: members of enums, and other kinds, stand for what they are."""
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
    # As libraries have a moment that is missing.
    with suppress(TypeError, ValueError):
        return datetime.fromisoformat(value.isoformat())
    kind = type(value).__name__
    raise ConfigurationError(f"{name} must be a datetime, got {kind}, which has no ISO form")


def _moment(name: str, value: datetime) -> str:
    offset = value.utcoffset()
    if offset is None:
        raise ConfigurationError(f"{name} must be an aware datetime, got one without a time zone")
    if offset % _MINUTE:
        # RFC 3339 has no such offset: those of local times before there were time zones.
        with suppress(OverflowError):
            return value.astimezone(UTC).isoformat()
        raise ConfigurationError(f"{name} is out of range in UTC")
    return value.isoformat()


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
