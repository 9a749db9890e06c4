"""Cells as the text that PostgreSQL's COPY reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ledger_async.mirror.table import Cells, Kind

SYMBOL_FOR_NULL = "\u2400"
"""What stands for NUL, which neither text nor jsonb of PostgreSQL can hold: U+2400."""

SYMBOL_FOR_ESCAPE = "\u241b"
"""What stands in a key before U+2400 and before itself, where they were there: U+241B."""

_NUL = "\0"
_NULL = r"\N"  # SQL's

# Lines that are put together while no other thread can run.
_AT_ONCE = 500

_IN_KEYS = (_NUL, SYMBOL_FOR_NULL, SYMBOL_FOR_ESCAPE)
_IN_KEYS_WRITTEN = str.maketrans(
    {
        _NUL: SYMBOL_FOR_NULL,
        SYMBOL_FOR_NULL: SYMBOL_FOR_ESCAPE + SYMBOL_FOR_NULL,
        SYMBOL_FOR_ESCAPE: SYMBOL_FOR_ESCAPE * 2,
    }
)
_WRITTEN_IN_KEYS = re.compile(f"{SYMBOL_FOR_NULL}|{SYMBOL_FOR_ESCAPE}(.)")

# After an even number of backslashes: `\\u0000` is a backslash and text.
_NUL_IN_JSON = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def written(kind: Kind, cells: Cells) -> list[str]:
    """Each cell of a column of this kind as a field of a line."""
    if not cells:
        return []
    if None not in cells:
        return _WRITERS[kind](cells)
    there = iter(_WRITERS[kind]([cell for cell in cells if cell is not None]))
    return [_NULL if cell is None else next(there) for cell in cells]


def lines(columns: Sequence[Sequence[str]]) -> bytes:
    """The lines of columns of one length, of which there is one at least."""
    starts = range(0, len(columns[0]), _AT_ONCE)
    return b"".join(
        _lines([each[start : start + _AT_ONCE] for each in columns]) for start in starts
    )


def _lines(columns: Iterable[Sequence[str]]) -> bytes:
    return "".join(f"{line}\n" for line in map("\t".join, zip(*columns, strict=True))).encode()


def without_nul(text: str) -> str:
    """The text as PostgreSQL can hold it."""
    return text.replace(_NUL, SYMBOL_FOR_NULL)


def as_keys(cells: Cells) -> Cells:
    """Texts of a key as PostgreSQL can hold them, of which no two become one."""
    joined = "".join(cell for cell in cells if cell is not None)
    if not any(each in joined for each in _IN_KEYS):
        return cells
    return [None if cell is None else cell.translate(_IN_KEYS_WRITTEN) for cell in cells]


def key_of(text: str) -> str:
    """The text of a key that was written so."""
    return _WRITTEN_IN_KEYS.sub(lambda found: found[1] or _NUL, text)


def _plain(cells: Cells) -> list[str]:
    return list(map(str, cells))


def _times(cells: Cells) -> list[str]:
    return [cell.isoformat() for cell in cells]


def _texts(cells: Cells) -> list[str]:
    """Many cells at once, told apart by the one character that none of them may hold."""
    joined = _NUL.join(cells)
    if joined.count(_NUL) >= len(cells):
        joined = _NUL.join(map(without_nul, cells))
    joined = joined.replace("\\", r"\\").replace("\t", r"\t")
    return joined.replace("\n", r"\n").replace("\r", r"\r").split(_NUL)


def _documents(cells: Cells) -> list[str]:
    """As `_texts`: JSON has no control characters, and escapes some characters by a backslash."""
    joined = _NUL.join(cells)
    if r"\u0000" in joined:
        joined = _NUL_IN_JSON.sub(rf"\g<1>{SYMBOL_FOR_NULL}", joined)
    return joined.replace("\\", r"\\").split(_NUL)


_WRITERS: Mapping[Kind, Callable[[Cells], list[str]]] = {
    "id": _plain,
    "integer": _plain,
    "decimal": _plain,
    "boolean": _plain,
    "text": _texts,
    "timestamp": _times,
    "json": _documents,
}


def latest(keys: Iterable[Any]) -> list[int]:
    """The places of these keys, but for those that come again later."""
    return sorted({key: place for place, key in enumerate(keys)}.values())
