"""The table of a listing, made from the structs of its nodes, for every kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

import msgspec

from ledger_async import Listing
from ledger_async._protocol import codec
from ledger_async._support.hex_addresses import folded
from ledger_async.models.base.fields import StandIn

Kind: TypeAlias = Literal["id", "integer", "decimal", "text", "boolean", "timestamp", "json"]
"""`id` is an integer of at most 64 bits, `integer` one of any size, `json` a document as text."""

Cells: TypeAlias = list[Any]
"""The values of one column: `int`, `Decimal`, `str`, `bool`, aware `datetime`, `None`."""

_ACCOUNT = "account_id"

_KINDS: dict[object, Kind] = {
    bool: "boolean",
    int: "integer",
    Decimal: "decimal",
    str: "text",
    datetime: "timestamp",
}


class Column(msgspec.Struct, frozen=True):
    """A column under its contract name; every one but those of the key may be null.

    `type` is the Python type of which the documents of a `json` column were made, if it is one.
    """

    name: str
    kind: Kind
    type: Any = None


class Table(msgspec.Struct, frozen=True):
    """The columns of a listing, of which those in `key` tell its rows apart.

    Where each account has a listing of its own, the first column is its `account_id`. The key
    holds `0x…` addresses in one case; the other columns are as the API wrote them.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    by_account: bool

    @property
    def identity(self) -> tuple[str, ...]:
        """The key without the account: the fields that tell nodes of one account apart."""
        return self.key[1:] if self.by_account else self.key

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(each for each in self.columns if each.name == name)


class Rows:
    """Makes the cells of a table's columns from nodes."""

    def __init__(self, listing: Listing) -> None:
        self.table = table_of(listing)
        names = attributes_of(listing.node_type)
        own = [each for each in self.table.columns if each.name in names]
        self._readers = [_reader(names[each.name], each, self.table) for each in own]
        if self.table.by_account:
            del self._readers[: int(_ACCOUNT in names)]

    def of(self, account_id: int | None, nodes: Sequence[Any]) -> list[Cells]:
        """The cells of each column, in the order of the nodes."""
        cells = [read(nodes) for read in self._readers]
        return [[account_id] * len(nodes), *cells] if self.table.by_account else cells


def table_of(listing: Listing) -> Table:
    """The table of a listing; the account that was read stands for a field of that name."""
    own = columns_of(listing.node_type, listing.identity)
    if not listing.by_account:
        return Table(listing.name, own, listing.identity, by_account=False)
    columns = (Column(_ACCOUNT, "id"), *(each for each in own if each.name != _ACCOUNT))
    return Table(listing.name, columns, (_ACCOUNT, *listing.identity), by_account=True)


def columns_of(node_type: Any, identity: Sequence[str] = ("id",)) -> tuple[Column, ...]:
    """The columns of nodes of a struct, or of all that a stand-in accepts."""
    types: dict[str, list[Any]] = {}
    for struct in _structs(node_type):
        for field in msgspec.structs.fields(struct):
            types.setdefault(field.encode_name, []).append(field.type)
    return tuple(_column(name, each, identity) for name, each in types.items())


def _column(name: str, types: Sequence[Any], identity: Sequence[str]) -> Column:
    """The column of a field that has these types, in several structs."""
    kinds = {*map(kind_of, types)}
    kind = kinds.pop() if len(kinds) == 1 else "json"
    if kind == "integer" and (name in identity or name.endswith("_id")):
        return Column(name, "id")
    is_one = kind == "json" and all(each == types[0] for each in types)
    return Column(name, kind, types[0] if is_one else None)


def _structs(node_type: Any) -> Iterable[type[msgspec.Struct]]:
    return node_type.accepts if isinstance(node_type, StandIn) else (node_type,)


def attributes_of(node_type: Any) -> dict[str, str]:
    """The attribute that holds each field of the wire."""
    structs = _structs(node_type)
    fields = (field for struct in structs for field in msgspec.structs.fields(struct))
    return {field.encode_name: field.name for field in fields}


def kind_of(type_: Any) -> Kind:
    """The kind of column that holds values of this type."""
    kinds = {*map(_plain_kind, alternatives(type_))}
    return kinds.pop() if len(kinds) == 1 else "json"


def alternatives(type_: Any) -> list[Any]:
    """The types that a field may have, without `None`."""
    if get_origin(type_) is Annotated:
        return alternatives(get_args(type_)[0])
    if get_origin(type_) in {Union, UnionType}:
        return [each for part in get_args(type_) for each in alternatives(part)]
    if get_origin(type_) is Literal:
        return [type(each) for each in get_args(type_)]
    if isinstance(type_, StandIn):
        return list(type_.accepts)
    return [] if type_ is NoneType else [type_]


def _plain_kind(type_: Any) -> Kind:
    return _KINDS.get(type_, "json") if isinstance(type_, type) else "json"


def _reader(attribute: str, column: Column, table: Table) -> Callable[[Sequence[Any]], Cells]:
    """Reads a column from nodes, of which some kinds may lack it."""
    get = attrgetter(attribute)

    def plain(nodes: Sequence[Any]) -> Cells:
        try:
            return list(map(get, nodes))
        except AttributeError:  # a listing of several structs
            return [getattr(node, attribute, None) for node in nodes]

    if column.kind == "json":
        return lambda nodes: [None if cell is None else as_json(cell) for cell in plain(nodes)]
    if column.name in table.key and column.name.endswith("address"):
        return lambda nodes: list(map(folded, plain(nodes)))
    return plain


def as_json(value: object) -> str:
    """A field of a node as JSON: it came as such, so that no number of it is not finite."""
    return codec.encode(value).decode()
