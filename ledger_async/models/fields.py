"""Field types that msgspec lacks: times that are always aware, unions that stay open."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

__all__ = ["StandIn", "Timestamp", "dec_hook", "open_union"]


class StandIn(type):
    """What msgspec sees in place of a type that it cannot decode by itself.

    `load` makes the value from JSON builtins, as an instance of one of the `accepts` types.
    """

    accepts: tuple[type, ...]
    load: Callable[[Any], object]

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.accepts)


def _stand_in(load: Callable[[Any], object], *accepts: type) -> StandIn:
    name = " | ".join(kind.__name__ for kind in accepts)
    return StandIn(name, (), {"accepts": accepts, "load": staticmethod(load)})


def dec_hook(type_: type, value: Any) -> object:
    """The value of a stand-in type; any other type is not ours to decode."""
    if not isinstance(type_, StandIn):
        raise NotImplementedError(f"no way to decode {type_!r}")
    try:
        return type_.load(value)
    except msgspec.ValidationError as error:
        # msgspec appends the place around this one to a plain ValueError only.
        raise ValueError(str(error)) from None


def open_union(kinds: Mapping[str, type], *, tag: str | None = None) -> StandIn:
    """A union of structs that keeps a kind not known yet as a plain `dict`.

    `kinds` maps the values of the key `tag` to structs; without a `tag`, it maps a key that only
    this kind has. A known kind that is malformed is still an error.
    """

    def kind_of(value: Mapping[str, object]) -> type | None:
        if tag is None:
            return next((kind for key, kind in kinds.items() if key in value), None)
        name = value.get(tag)
        return kinds.get(name) if isinstance(name, str) else None

    def load(value: object) -> object:
        kind = kind_of(value) if isinstance(value, dict) else None
        return msgspec.convert(value, kind or dict, dec_hook=dec_hook)

    return _stand_in(load, dict, *kinds.values())


def _aware(value: object) -> datetime:
    moment = msgspec.convert(value, datetime)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


if TYPE_CHECKING:
    Timestamp: TypeAlias = datetime
else:
    Timestamp = _stand_in(_aware, datetime)
"""An aware `datetime`, rounded to microseconds; one sent without an offset is taken as UTC."""
