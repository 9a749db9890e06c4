"""A line for a node, its fields under their contract names, as NDJSON or as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import msgspec

from ledger_async import ConfigurationError, json

from .text import bare, cell

Format = Literal["table", "ndjson", "csv"]
Record = Mapping[str, Any]


class Kind(NamedTuple):
    """The columns of one kind of node in CSV, and true if the node's account is one of them.

    Each column is the path of a field. They never change; new ones go last.
    """

    columns: tuple[str, ...]
    with_account: bool = False

    def record(self, account_id: int | None, node: object) -> Record:
        """The fields of a node, after its account."""
        fields = msgspec.to_builtins(node, builtin_types=(Decimal,))
        return {"account_id": account_id, **fields} if self.with_account else fields


class Style(NamedTuple):
    """NDJSON with `numbers_as_strings`, and CSV that is `plain`: cells without apostrophes."""

    numbers_as_strings: bool = False
    plain: bool = False

    def check(self, format_: Format) -> None:
        """Raise `ConfigurationError` for a style of another format."""
        if self.numbers_as_strings and format_ != "ndjson":
            raise ConfigurationError("--numbers-as-strings is for --format ndjson")
        if self.plain and format_ != "csv":
            raise ConfigurationError("--plain is for --format csv")


class Lines(NamedTuple):
    """A format: the bytes that come first, and the lines of the nodes of one account."""

    head: bytes
    of: Callable[[int | None, Sequence[Any]], bytes]


def lines_of(format_: Format, kind: Kind, style: Style) -> Lines:
    """The format of a kind of node in this style."""
    return _csv(kind, style) if format_ == "csv" else _ndjson(kind, style)


def _ndjson(kind: Kind, style: Style) -> Lines:
    """A JSON object to a line: every field, and every digit of its numbers."""

    def lines(account_id: int | None, nodes: Sequence[Any]) -> bytes:
        return json.lines(nodes, account_id if kind.with_account else None)

    def texts(account_id: int | None, nodes: Sequence[Any]) -> bytes:
        records = (_texts(kind.record(account_id, node)) for node in nodes)
        return b"".join([json.encode(each) + b"\n" for each in records])

    return Lines(b"", texts if style.numbers_as_strings else lines)


def _csv(kind: Kind, style: Style) -> Lines:
    """RFC 4180 in UTF-8 with a header, of cells that no spreadsheet rounds or runs (`cell`)."""
    paths = [column.split(".") for column in kind.columns]
    shown = bare if style.plain else cell

    def lines(account_id: int | None, nodes: Sequence[Any]) -> bytes:
        records = (kind.record(account_id, node) for node in nodes)
        return b"".join([_row([shown(value_at(each, path)) for path in paths]) for each in records])

    return Lines(_row(kind.columns), lines)


def document(value: object, *, indented: bool, style: Style = Style()) -> bytes:  # noqa: B008 - frozen
    """One JSON value that ends its last line."""
    if style.numbers_as_strings:
        value = _texts(json.decode(json.encode(value)))
    data = json.encode(value)
    return (msgspec.json.format(data) if indented else data) + b"\n"


def columns_of(types: Iterable[type]) -> tuple[str, ...]:
    """The fields of these structs, or of those that such a type stands for, each once."""
    structs = [kind for each in types for kind in getattr(each, "accepts", (each,))]
    fields = (getattr(each, "__struct_encode_fields__", ()) for each in structs)
    return tuple(dict.fromkeys(name for names in fields for name in names))


def value_at(record: Record, path: Sequence[str]) -> object:
    """The value of a field as a cell has it: what is not plain is JSON."""
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    is_plain = not isinstance(value, bool | list | tuple | Mapping)
    return value if is_plain else json.encode(value).decode()


def _texts(value: Any) -> Any:
    """The value, each of its numbers as the text that JSON has for it."""
    match value:
        case bool():
            return value
        case int() | Decimal() | float():
            return json.encode(value).decode()
        case dict():
            return {key: _texts(each) for key, each in value.items()}
        case list() | tuple():
            return [*map(_texts, value)]
    return value


class _Echo:
    def write(self, text: str) -> str:
        return text


# The writer returns what the `write` that it was given returns.
_writer = csv.writer(_Echo())


def _row(cells: Sequence[str]) -> bytes:
    line: str = _writer.writerow(cells)
    return line.encode()


NFTS = Kind(
    (
        "account_id",
        "contract_address",
        "token_id",
        "token_type",
        "value",
        "price.value",
        "price.ticker",
        "tx_balance.available",
        "tx_balance.on_chain",
        "tx_balance.pending_approval",
        "tx_balance.submitted",
        "metadata.tokenName",
        "metadata.nftName",
        "metadata.description",
        "metadata.media",
    ),
    with_account=True,
)

ACCOUNTS = Kind(
    (
        "id",
        "name",
        "status",
        "type",
        "currency",
        "balance",
        "available_balance",
        "pending_balance",
        "address",
        "contract_address",
        "parent",
        "index",
        "created_on",
        "created_by",
    )
)
