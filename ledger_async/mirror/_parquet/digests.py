"""Digests of rows, by which an account is compared with its rows of the last snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from ledger_async.mirror.table import Cells, Table

_HALF = 16
SIZE = 2 * _HALF
"""The bytes of a digest: one half is of the key, the other of all columns."""


class Digester:
    """Makes the digests of a table's rows; a column that is null does not count."""

    def __init__(self, table: Table) -> None:
        names = [each.name for each in table.columns]
        self._key = [names.index(each) for each in table.key]
        self._order = sorted(range(len(names)), key=names.__getitem__)
        fields = [(f"c_{names[at]}", Any, None) for at in self._order]
        self._row = msgspec.defstruct("Row", fields, omit_defaults=True, gc=False)
        self._encode = msgspec.json.Encoder().encode

    def of(self, cells: Sequence[Cells]) -> bytes:
        """The digests of these rows, one behind the other."""
        keys = zip(*(cells[at] for at in self._key), strict=True)
        rows = zip(*(cells[at] for at in self._order), strict=True)
        halves = (
            _digest(self._encode(key)) + _digest(self._encode(self._row(*row)))
            for key, row in zip(keys, rows, strict=True)
        )
        return b"".join(halves)


class Comparison(NamedTuple):
    """The numbers of rows that are new, of those that changed, and of those that did not come."""

    added: int
    changed: int
    missing: int


def compare(new: bytes, old: bytes) -> Comparison:
    """The differences between rows; no two of either have the same key."""
    known = _count(pc.is_in(_keys(new), value_set=_keys(old)))
    same = _count(pc.is_in(_rows(new), value_set=_rows(old)))
    return Comparison(len(new) // SIZE - known, known - same, len(old) // SIZE - known)


def others(old: bytes, new: bytes) -> Any:
    """The mask of the old rows of which none of the new ones has the key."""
    return pc.invert(pc.is_in(_keys(old), value_set=_keys(new)))


def overlaid(new: bytes, old: bytes) -> bytes:
    """The digests of new rows, and of the old ones of which none of the new ones has the key."""
    return new + kept(old, others(old, new)) if old else new


def latest(digests: bytes) -> Any:
    """The mask of the rows that are the last ones of their key; `None` if all are."""
    keys = [digests[at : at + _HALF] for at in range(0, len(digests), SIZE)]
    last = {key: at for at, key in enumerate(keys)}
    if len(last) == len(keys):
        return None
    return pa.array([last[key] == at for at, key in enumerate(keys)], pa.bool_())


def distinct(digests: bytes) -> bytes:
    """The digests of the rows that are the last ones of their key."""
    mask = latest(digests)
    return digests if mask is None else kept(digests, mask)


def kept(digests: bytes, mask: Any) -> bytes:
    """The digests that the mask keeps."""
    return b"".join(_rows(digests).filter(mask).to_pylist())


def _rows(digests: bytes) -> Any:
    count, data = len(digests) // SIZE, pa.py_buffer(digests)
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(SIZE), count, [None, data])


def _keys(digests: bytes) -> Any:
    return pc.binary_slice(_rows(digests).cast(pa.binary()), 0, _HALF)


def _count(mask: Any) -> int:
    return pc.sum(mask, min_count=0).as_py() or 0


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=_HALF).digest()
