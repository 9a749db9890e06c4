"""Decides what becomes of each part of a write: staged, or merged with all of its account."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence

import msgspec

from ledger_async import RowRefusedError
from ledger_async.mirror._sql import names
from ledger_async.mirror.store import AccountStatus, Differences, Part
from ledger_async.mirror.table import Cells, Column, Table

from .copy_text import as_keys, latest, lines, written

_ORDER = tuple(Column(each, "id") for each in (names.WRITER, names.PART, names.POSITION))

_LIMIT = 2**63


class Known(msgspec.Struct, frozen=True):
    """The accounts of a write that are finished, and the parts and rows staged of the others."""

    finished: Collection[int | None]
    parts: Mapping[int | None, int]
    rows: Mapping[int | None, int]


class Ended(msgspec.Struct, frozen=True):
    """An account that ends with a write, and of how many rows."""

    account_id: int | None
    status: AccountStatus
    replaces: bool
    nodes: int


class Plan(msgspec.Struct, frozen=True):
    """Parts to stage, each with its number in its account, and parts to merge at once.

    What is staged of accounts in `staged` is merged, too, and that of those in `abandoned` dropped.
    """

    waiting: list[tuple[int, Part]]
    incoming: list[Part]
    ended: list[Ended]
    staged: list[int | None]
    abandoned: list[int | None]


def plan(parts: Sequence[Part], known: Known) -> Plan:
    """The way of each part of a round; those of accounts that are finished already have none."""
    by_account: dict[int | None, list[Part]] = {}
    for part in parts:
        by_account.setdefault(part.account_id, []).append(part)
    planned = Plan([], [], [], [], [])
    for account, own in by_account.items():
        if account not in known.finished:
            _plan_account(account, own, known, planned)
        elif known.parts.get(account):  # another writer was faster
            planned.abandoned.append(account)
    return planned


def _plan_account(account: int | None, parts: list[Part], known: Known, planned: Plan) -> None:
    end, number = parts[-1].end, known.parts.get(account, 0)
    if end is None:
        planned.waiting.extend(enumerate(parts, start=number))
    elif end.status == "failed":
        planned.ended.append(Ended(account, end.status, end.replaces, 0))
        planned.abandoned.extend([account] if number else [])
    else:
        nodes = known.rows.get(account, 0) + sum(map(len, parts))
        planned.ended.append(Ended(account, end.status, end.replaces, nodes))
        planned.staged.extend([account] if number else [])
        planned.incoming.extend(parts)


def finished(ended: Sequence[Ended]) -> Differences:
    """The accounts that were read to their end, and their rows."""
    kept = [each for each in ended if each.status != "failed"]
    return Differences(accounts=len(kept), rows=sum(each.nodes for each in kept))


def incoming_lines(table: Table, parts: Sequence[Part]) -> bytes:
    """The rows of these parts for COPY, and of those that came twice the latest."""
    columns = _columns(table, table.columns, [part.cells for part in parts])
    key = [columns[at] for at, each in enumerate(table.columns) if each.name in table.key]
    places = latest(zip(*key, strict=True))
    if len(places) < len(columns[0]):
        columns = [[column[place] for place in places] for column in columns]
    return _encoded(table.columns, columns)


def staged_lines(table: Table, writer: int, waiting: Sequence[tuple[int, Part]]) -> bytes:
    """The rows of these parts for COPY, each with its writer, its part and its position there."""
    placed = [
        [[writer] * len(part), [number] * len(part), list(range(len(part))), *part.cells]
        for number, part in waiting
    ]
    columns = (*_ORDER, *table.columns)
    return _encoded(columns, _columns(table, columns, placed))


def _columns(
    table: Table, columns: Sequence[Column], parts: Sequence[list[Cells]]
) -> list[list[str]]:
    """The cells of all parts, one list for each column, as COPY reads them.

    Part by part, since the loop can have no turn while many cells are joined in one go.
    """
    fields: list[list[str]] = [[] for _ in columns]
    for part in parts:
        for column, cells, own in zip(columns, part, fields, strict=True):
            is_text_of_key = column.kind == "text" and column.name in table.key
            own.extend(_written(column, as_keys(cells) if is_text_of_key else cells))
    return fields


def _encoded(columns: Sequence[Column], fields: Sequence[Sequence[str]]) -> bytes:
    try:
        return lines(fields)
    except UnicodeEncodeError:
        at = next(at for at, own in enumerate(fields) if not all(map(_is_unicode, own)))
        name = columns[at].name
    raise RowRefusedError(f"a text of {name} holds half a pair of surrogates, which is no Unicode")


def _is_unicode(text: str) -> bool:
    try:
        return text.encode() is not None
    except UnicodeEncodeError:
        return False


def _written(column: Column, cells: Cells) -> list[str]:
    if column.kind == "id":
        too_large = next((each for each in cells if each is not None and not _fits(each)), None)
        if too_large is not None:
            raise RowRefusedError(f"{column.name} {too_large} does not fit the 64 bits of an id")
    return written(column.kind, cells)


def _fits(id_: int) -> bool:
    return -_LIMIT <= id_ < _LIMIT


def as_text(checkpoint: bytes | None) -> str | None:
    """A checkpoint as text, whatever its bytes."""
    return None if checkpoint is None else b64encode(checkpoint).decode()
