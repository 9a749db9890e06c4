"""Repairs of JSON that says one thing and means another, where the type tells which.

`null` for a list that may not be `None` is an empty one, and a number such as `1e+21`, which
JavaScript writes, an integer where one is wanted. All else stays as it is, for msgspec to refuse.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from msgspec import inspect

__all__ = ["mended"]

# What Python reads and writes unless told otherwise.
_MOST_DIGITS = 4300

_info = lru_cache(maxsize=256)(inspect.type_info)


def mended(value: object, type_: object) -> object:
    """JSON builtins, with fractions as `Decimal`, as they are meant where a `type_` is wanted."""
    return _mended(value, _info(type_))


def _mended(value: object, info: inspect.Type) -> object:
    mend = _MENDERS.get(type(info))
    return value if mend is None else mend(value, info)


def _integer(value: object, _: inspect.IntType) -> object:
    if not isinstance(value, Decimal) or value.adjusted() >= _MOST_DIGITS:
        return value
    whole = int(value)
    return whole if whole == value else value


def _list(value: object, info: inspect.ListType) -> object:
    if value is None:
        return []
    if not isinstance(value, list) or type(info.item_type) not in _MENDERS:
        return value
    return [_mended(each, info.item_type) for each in value]


def _dict(value: object, info: inspect.DictType) -> object:
    if not isinstance(value, dict) or type(info.value_type) not in _MENDERS:
        return value
    return {key: _mended(each, info.value_type) for key, each in value.items()}


def _struct(value: object, info: inspect.StructType) -> object:
    if not isinstance(value, dict) or value.get(info.tag_field, info.tag) != info.tag:
        return value
    types = {field.encode_name: field.type for field in info.fields}
    return {
        name: _mended(each, types[name]) if name in types else each for name, each in value.items()
    }


def _union(value: object, info: inspect.UnionType) -> object:
    kinds = {type(each) for each in info.types}
    if value is None and inspect.NoneType in kinds:
        return None
    if isinstance(value, Decimal) and not kinds.isdisjoint(_FRACTIONS):
        return value
    # At most one of them has anything to do with a value.
    for each in info.types:
        value = _mended(value, each)
    return value


_FRACTIONS = (inspect.DecimalType, inspect.FloatType)

_MENDERS: Mapping[type, Callable[[Any, Any], object]] = {
    inspect.DictType: _dict,
    inspect.FrozenSetType: _list,
    inspect.IntType: _integer,
    inspect.ListType: _list,
    inspect.SetType: _list,
    inspect.StructType: _struct,
    inspect.UnionType: _union,
    inspect.VarTupleType: _list,
}
