"""Field types that msgspec lacks: finite decimals, times that are aware, unions that stay open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

from .mending import mended

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = [
    "FiniteDecimal",
    "IdOf",
    "StandIn",
    "Timestamp",
    "converted",
    "dec_hook",
    "keyed_union",
    "open_union",
    "union_by",
]

T = TypeVar("T")

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")


class StandIn(type):
    """The type that msgspec is given in place of one that it cannot decode by itself.

    `load` makes the value from JSON builtins, as an instance of one of the `accepts` types.
    """

    accepts: tuple[type, ...]
    load: Callable[[Any], object]

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.accepts)

    def __get_pydantic_core_schema__(cls, _: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        from .pydantic_schemas import of_kinds  # noqa: PLC0415 - for those who have Pydantic

        return of_kinds(cls, cls.accepts, handler, converted)


def _stand_in(load: Callable[[Any], object], *accepts: type) -> StandIn:
    name = " | ".join(kind.__name__ for kind in accepts)
    return StandIn(name, (), {"accepts": accepts, "load": staticmethod(load)})


def dec_hook(type_: type, value: Any) -> object:
    """The value of a stand-in type; any other type is not ours to decode."""
    if type_ is object:  # asked for each value of a `Mapping[str, object]`
        return value
    if not isinstance(type_, StandIn):
        raise NotImplementedError(f"no way to decode {type_!r}")
    try:
        return type_.load(value)
    except msgspec.ValidationError as error:
        # msgspec appends the place around this one to a plain ValueError only.
        raise ValueError(str(error)) from None


def converted(value: object, type_: type[T]) -> T:
    """A `type_` made of JSON builtins, which are mended if they do not fit as they are."""
    try:
        return msgspec.convert(value, type_, dec_hook=dec_hook)
    except msgspec.ValidationError:
        return msgspec.convert(mended(value, type_), type_, dec_hook=dec_hook)


def union_by(kind_of: Callable[[Any], type], *kinds: type) -> StandIn:
    """A union of types, of which `kind_of` picks the one of each value.

    With `dict` among them it is an open one: an object stays as it is if it does not fit its kind.
    """
    is_open = dict in kinds

    def load(value: object) -> object:
        try:
            return converted(value, kind_of(value))
        except msgspec.ValidationError:
            if is_open and isinstance(value, dict):
                return value
            raise

    return _stand_in(load, *kinds)


def keyed_union(keyed: Mapping[str, type]) -> StandIn:
    """A union of structs, each known by a key that only this kind has.

    What has none of the keys is refused as one of the last kind.
    """
    *_, last = keyed.values()

    def kind_of(value: object) -> type:
        keys = value if isinstance(value, dict) else ()
        return next((kind for key, kind in keyed.items() if key in keys), last)

    return union_by(kind_of, *keyed.values())


def open_union(
    keyed: Mapping[str, type] | None = None,
    *,
    tag: str | None = None,
    tagged: Mapping[str, type] | None = None,
    bare: type | None = None,
) -> StandIn:
    """A union of structs that keeps as a plain `dict` what does not fit one of them.

    `tagged` maps the values of the key `tag` to structs; `bare` is the kind of a value that has
    another tag and nothing else. Where there is no tag, `keyed` maps a key that only this kind
    has, or has before those that follow. What is no object is an error.
    """
    by_key, by_tag = keyed or {}, tagged or {}

    def known(value: Mapping[str, object]) -> type | None:
        if tag is None or tag not in value:
            return next((kind for key, kind in by_key.items() if key in value), None)
        name = value[tag]
        if not isinstance(name, str):
            return None
        return by_tag.get(name) or (bare if len(value) == 1 else None)

    def kind_of(value: object) -> type:
        return (known(value) if isinstance(value, dict) else None) or dict

    kinds = (*by_tag.values(), *by_key.values(), *((bare,) if bare else ()))
    return union_by(kind_of, dict, *_structs(kinds))


def _structs(kinds: Iterable[type]) -> Iterator[type]:
    """Each struct among the kinds, and in the unions among them, once."""
    flat = (each for kind in kinds for each in getattr(kind, "accepts", (kind,)))
    return iter(dict.fromkeys(each for each in flat if each is not dict))


def _aware(value: object) -> datetime:
    moment = msgspec.convert(value, datetime)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


if TYPE_CHECKING:
    Timestamp: TypeAlias = datetime
else:
    Timestamp = _stand_in(_aware, datetime)
"""An aware `datetime`, rounded to microseconds; one sent without an offset is taken as UTC."""


def _finite(value: object) -> Decimal:
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise msgspec.ValidationError("Expected a finite number, got other text")
    return msgspec.convert(value, Decimal)


if TYPE_CHECKING:
    FiniteDecimal: TypeAlias = Decimal
else:
    FiniteDecimal = _stand_in(_finite, Decimal)
"""A `Decimal` that is neither NaN nor infinite; the API may send it as text, too."""


def _id(value: object) -> object:
    return converted(value.get("id") if isinstance(value, dict) else value, int)


if TYPE_CHECKING:
    IdOf: TypeAlias = int
else:
    IdOf = _stand_in(_id, int)
"""The id of an object, which the API may send whole where a bare id was asked for."""
