"""A line for a node, its fields under their contract names, as NDJSON or as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, Literal, NamedTuple, TypeVar

import msgspec

from ledger_async import NFT, Account, json

from .text import cell

T = TypeVar("T")

Format = Literal["table", "ndjson", "csv"]
Record = Mapping[str, Any]


class Kind(NamedTuple, Generic[T]):
    """The record and the columns of one kind of node; the record also has the node's account.

    `columns` are those of CSV, each the path of a field. They never change; new ones go last.
    """

    record: Callable[[int | None, T], Record]
    columns: tuple[str, ...]


class Lines(NamedTuple, Generic[T]):
    """A format: the bytes that come first, and the line of each node."""

    head: bytes
    line: Callable[[int | None, T], bytes]


def ndjson_lines(kind: Kind[T]) -> Lines[T]:
    """A JSON object to a line: every field, and every digit of its numbers."""
    return Lines(b"", lambda account_id, node: json.encode(kind.record(account_id, node)) + b"\n")


def csv_lines(kind: Kind[T]) -> Lines[T]:
    """RFC 4180 in UTF-8 with a header, of cells that no spreadsheet rounds or runs (`cell`)."""
    paths = [column.split(".") for column in kind.columns]

    def line(account_id: int | None, node: T) -> bytes:
        record = kind.record(account_id, node)
        return _row([cell(_at(record, path)) for path in paths])

    return Lines(_row(kind.columns), line)


def document(value: object, *, indented: bool) -> bytes:
    """One JSON value that ends its last line."""
    data = json.encode(value)
    return (msgspec.json.format(data) if indented else data) + b"\n"


class _Echo:
    def write(self, text: str) -> str:
        return text


# The writer returns what the `write` that it was given returns.
_writer = csv.writer(_Echo())


def _row(cells: Sequence[str]) -> bytes:
    line: str = _writer.writerow(cells)
    return line.encode()


def _at(record: Record, path: Sequence[str]) -> object:
    value: object = record
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _fields(struct: msgspec.Struct) -> Record:
    fields: Record = msgspec.to_builtins(struct, builtin_types=(Decimal,))
    return fields


def _own_fields(_account_id: int | None, node: msgspec.Struct) -> Record:
    return _fields(node)


def _fields_with_account(account_id: int | None, node: msgspec.Struct) -> Record:
    return {"account_id": account_id, **_fields(node)}


NODES: Kind[msgspec.Struct] = Kind(_own_fields, ())

NFTS: Kind[NFT] = Kind(
    _fields_with_account,
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
)

ACCOUNTS: Kind[Account] = Kind(
    _own_fields,
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
    ),
)
