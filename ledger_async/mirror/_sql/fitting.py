"""Compares a table that is there with the one that a mirror wants."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from ledger_async.mirror.table import Column

from .definitions import Definition, Dialect


class Found(msgspec.Struct, frozen=True):
    """A table as the database describes it: the type of each column, and its primary key.

    `required` are columns to which every row must give a value.
    """

    types: Mapping[str, str]
    key: tuple[str, ...]
    required: Collection[str] = ()


def missing(found: Found, wanted: Definition) -> list[Column]:
    """The columns to add, once nothing else speaks against the table."""
    return [each for each in wanted.columns if each.name not in found.types]


def misfit(found: Found, wanted: Definition, dialect: Dialect) -> str | None:
    """The reason why the table cannot be the wanted one, `None` if it can.

    Columns that nobody asked for do no harm, unless they are of the key, or required.
    """
    key = ("id",) if wanted.numbered else wanted.key
    for name in (*key, *wanted.marks):
        if name not in found.types:
            return f"it has no column {name}"
    if found.key != key:
        return f"its primary key is ({', '.join(found.key)}), not ({', '.join(key)})"
    for column in wanted.columns:
        kind = dialect.types[column.kind]
        there = found.types.get(column.name, kind)
        if there.casefold() != kind.casefold():
            return f"its column {column.name} is {there}, not {kind}"
    known = {*key, *(each.name for each in wanted.columns)}
    for name in found.required:
        if name not in known:
            return f"its column {name} may not be null, and has no default"
    return None
