"""Arrow tables of nodes, under a schema that is generated from their structs.

Nothing is rounded: integers of any size and decimals are text, ids are 64 bits wide. A struct is a
struct, and a list is a list; a mapping or a union of structs is a JSON document.

Needs the extra `arrow`: `pip install 'ledger_async[arrow]'`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias, get_args, get_origin

import msgspec

from ledger_async import Batch, ConfigurationError, Listing

from .table import (
    Column,
    Kind,
    alternatives,
    as_json,
    attributes_of,
    columns_of,
    kind_of,
    table_of,
)

try:
    import pyarrow as pa
except ImportError:
    raise ConfigurationError("Arrow needs an extra: pip install 'ledger_async[arrow]'") from None

__all__ = ["Builder", "arrow_schema", "builder_of", "to_arrow"]

# Of a number such as 1e999999999, which no reader takes, the zeros are not written out.
_LONGEST = 1000

_ACCOUNT = "account_id"

Values: TypeAlias = Sequence[Any]


class Builder(NamedTuple):
    """An Arrow type, and the way to an array of it from as many Python values, or `None`s."""

    type: Any
    build: Callable[[Values], Any]


def arrow_schema(of: type[msgspec.Struct] | Listing) -> Any:
    """The `pyarrow.Schema` of nodes of this struct, such as `NFT`.

    Of a listing, such as `ledger.nfts.listing`, it is that of the files of a `ParquetStore`, where
    `account_id` comes first if each account has a listing of its own.
    """
    return _schema(of)


def to_arrow(batch: Batch[Any], of: type[msgspec.Struct] | Listing | None = None) -> Any:
    """The nodes of a batch as a `pyarrow.Table`, `account_id` first where the batch has one.

    `of` is the struct of the nodes, or their listing. Without it, a batch that has no nodes,
    such as the last one of an account may be, raises `ConfigurationError`.
    """
    node_type: Any = of.node_type if isinstance(of, Listing) else of or _type_of(batch.nodes)
    arrays = {name: _array(batch.nodes, *reading) for name, reading in _readings(node_type).items()}
    if batch.account_id is None:
        return pa.table(arrays)
    account = pa.array([batch.account_id] * len(batch.nodes), pa.int64())
    return pa.table({_ACCOUNT: account} | {**arrays, _ACCOUNT: account})


@lru_cache(maxsize=64)
def _schema(of: type[msgspec.Struct] | Listing) -> Any:
    return schema_of(table_of(of).columns if isinstance(of, Listing) else columns_of(of))


def schema_of(columns: Iterable[Column]) -> Any:
    """The Arrow schema of a table's columns."""
    return pa.schema([pa.field(each.name, builder_of(each).type) for each in columns])


def builder_of(column: Column) -> Builder:
    """The builder of a column's values, which are not JSON yet where its kind is `json`."""
    return _PLAIN[column.kind] if column.kind != "json" else _builder(column.name, column.type, ())


def _type_of(nodes: Sequence[Any]) -> type[Any]:
    if nodes:
        return type(nodes[0])
    raise ConfigurationError("a batch without nodes needs the struct: to_arrow(batch, NFT)")


@lru_cache(maxsize=64)
def _readings(node_type: Any) -> dict[str, tuple[str, Builder]]:
    """The attribute and the builder of each column."""
    names = attributes_of(node_type)
    return {each.name: (names[each.name], builder_of(each)) for each in columns_of(node_type)}


def _array(nodes: Sequence[Any], attribute: str, builder: Builder) -> Any:
    try:
        return builder.build(list(map(attrgetter(attribute), nodes)))
    except AttributeError:  # a listing of several structs
        return builder.build([getattr(node, attribute, None) for node in nodes])


def _plain(type_: Any) -> Builder:
    return Builder(type_, lambda values: pa.array(values, type_))


def _as_text(write: Callable[[Any], str]) -> Builder:
    def build(values: Values) -> Any:
        return pa.array([None if each is None else write(each) for each in values], pa.string())

    return Builder(pa.string(), build)


def _digits(number: Decimal) -> str:
    text = str(number)
    return f"{number:f}" if "E" in text and abs(number.adjusted()) < _LONGEST else text


_JSON = _as_text(as_json)

_PLAIN: dict[Kind, Builder] = {
    "id": _plain(pa.int64()),
    "integer": _as_text(str),
    "decimal": _as_text(_digits),
    "text": _plain(pa.string()),
    "boolean": _plain(pa.bool_()),
    "timestamp": _plain(pa.timestamp("us", tz="UTC")),
}


def _builder(name: str, type_: Any, above: tuple[Any, ...]) -> Builder:
    """The builder of a field within a struct, which stands in those `above`."""
    kind = kind_of(type_)
    if kind == "integer" and (name == "id" or name.endswith("_id")):
        return _PLAIN["id"]
    if kind != "json":
        return _PLAIN[kind]
    lone = _lone(type_)
    if _is_struct(lone) and lone not in above and msgspec.structs.fields(lone):
        return _struct(lone, (*above, lone))
    items = _items(lone)
    return _JSON if items is None else _list(_builder("item", items, above))


def _lone(type_: Any) -> Any:
    kinds = alternatives(type_)
    return kinds[0] if len(kinds) == 1 else None


def _is_struct(type_: Any) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def _items(type_: Any) -> Any:
    """The type of a list's items, or `None` if this is none, or one of several types."""
    origin, args = get_origin(type_), get_args(type_)
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return args[0] if len(args) == 1 or args[1:] == (...,) else None
    return None


def _struct(type_: Any, above: tuple[Any, ...]) -> Builder:
    fields = msgspec.structs.fields(type_)
    builders = [_builder(each.encode_name, each.type, above) for each in fields]
    readers = [attrgetter(each.name) for each in fields]
    names = type_.__struct_encode_fields__
    inner = [pa.field(name, each.type) for name, each in zip(names, builders, strict=True)]

    whole = pa.struct(inner)

    def build(values: Values) -> Any:
        nulls = [each is None for each in values]
        if all(nulls):  # spares the arrays of the fields
            return pa.nulls(len(values), whole)
        some = any(nulls)
        arrays = [
            each.build(_read_some(read, values) if some else list(map(read, values)))
            for read, each in zip(readers, builders, strict=True)
        ]
        mask = pa.array(nulls) if some else None
        return pa.StructArray.from_arrays(arrays, fields=inner, mask=mask)

    return Builder(whole, build)


def _read_some(read: Callable[[Any], Any], values: Values) -> list[Any]:
    return [None if each is None else read(each) for each in values]


def _list(items: Builder) -> Builder:
    type_ = pa.list_(items.type)

    def build(values: Values) -> Any:
        present = [each for each in values if each is not None]
        if not present:  # spares the arrays of the items
            return pa.nulls(len(values), type_)
        flat = items.build(list(chain.from_iterable(present)))
        return pa.ListArray.from_arrays(_starts(values), flat, type=type_)

    return Builder(type_, build)


def _starts(lists: Values) -> Any:
    """Where each list starts among the items of all, null for one that is null; and their end."""
    starts: list[int | None] = [0, *accumulate(len(each or ()) for each in lists)]
    for at, each in enumerate(lists):
        if each is None:
            starts[at] = None
    return pa.array(starts, pa.int32())
