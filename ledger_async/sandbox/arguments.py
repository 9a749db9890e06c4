"""Arguments of the sandbox, checked: each error says what is wanted."""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar, get_args

from ledger_async._support import checks
from ledger_async.errors import ConfigurationError

from ._data.shelf import UnknownError
from ._data.workspace import Kind
from ._http.faults import Fault
from ._http.limit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

_LAST_PORT = 65535


def accounts(value: object) -> Mapping[int, int]:
    """`value`, if it maps account ids to numbers of NFTs."""
    if isinstance(value, Mapping) and all(map(_is_count, (*value, *value.values()))):
        return value
    raise _refusal("accounts", "map account ids to numbers of NFTs, such as {101: 250}", value)


def currencies(value: object) -> Mapping[int, str]:
    """`value`, if it maps account ids to names of currencies; `None` is none."""
    if value is None:
        return {}
    if (
        isinstance(value, Mapping)
        and all(map(_is_count, value))
        and all(isinstance(name, str) for name in value.values())
    ):
        return value
    wanted = 'map account ids to names of currencies, such as {101: "cardano"}'
    raise _refusal("currencies", wanted, value)


def rate_limit(value: object) -> RateLimit | None:
    """`value` as a `RateLimit`, unless it is none."""
    if value is None or isinstance(value, RateLimit):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return RateLimit.per_second(value)
    raise _refusal("rate_limit", "be a number of requests a second or a RateLimit", value)


def seed(value: object) -> int:
    """`value`, if it is an integer."""
    if isinstance(value, int):
        return value
    raise _refusal("seed", "be an integer", value)


def port(value: object) -> int:
    """`value`, if it can be a port; 0 is any."""
    if _is_count(value) and checks.identifier("port", value) <= _LAST_PORT:
        return checks.identifier("port", value)
    raise _refusal("port", f"be an integer from 0 to {_LAST_PORT}", value)


def fault(value: object) -> Fault:
    """`value`, if it is a `Fault`."""
    if isinstance(value, Fault):
        return value
    raise _refusal("fault", "be a Fault, such as Fault.status(503)", value)


def callback(value: T) -> T:
    """`value`, if it can be called."""
    if callable(value):
        return value
    raise _refusal("callback", "be a function", value)


def kind(value: Kind) -> Kind:
    """`value`, if there are objects of this kind."""
    if value in get_args(Kind):
        return value
    raise _refusal("kind", f"be one of {', '.join(get_args(Kind))}", value)


def refuse_misspelt(fields: Collection[str], known: Collection[str]) -> None:
    """Raise for a field that is almost, but not quite, one of those that are known."""
    for field in fields:
        if field not in known and (near := get_close_matches(field, known, n=1, cutoff=0.8)):
            raise ConfigurationError(f"there is no field {field}: {near[0]} is one")


@contextmanager
def found() -> Iterator[None]:
    """Say of what the workspace lacks that the caller named it."""
    try:
        yield
    except UnknownError as error:
        raise ConfigurationError(str(error)) from None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _refusal(name: str, wanted: str, value: object) -> ConfigurationError:
    return ConfigurationError(f"{name} must {wanted}, got {reprlib.repr(value)}")
