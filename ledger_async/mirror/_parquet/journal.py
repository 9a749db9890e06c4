"""A journal: what one process adds to a run, one record for each write, whole or not at all.

A record is checked by a sum, so that one which a killed process or a power cut has left unfinished
is known, and read as the journal's end. Nothing is written to a journal by another process.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Iterator
from errno import EIO
from functools import lru_cache
from pathlib import Path
from secrets import token_hex
from struct import Struct
from types import TracebackType
from typing import Any, Self

import msgspec
import pyarrow as pa

from ledger_async.mirror.store import AccountStatus

_PREFIX = Struct("<4sIIII")
_MAGIC = b"\x8fLAJ"
_OPTIONS = pa.ipc.IpcWriteOptions(compression="lz4")

# Records that a reader holds in memory: accounts that are read together share them.
_RECORDS = 8

HOLDER = "held"
"""The writer that all processes are which hold a run, one after another."""


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """A part within a record: the account's next `rows`, and perhaps its end."""

    account_id: int | None
    rows: int
    checkpoint: bytes | None = None
    status: AccountStatus | None = None
    replaces: bool = False


class Head(msgspec.Struct, frozen=True, array_like=True):
    """The parts of a record, in the order of its rows, and the accounts whose staged rows go."""

    written_at: float
    entries: list[Entry]
    dropped: list[int | None] = []


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a record stands."""

    path: Path
    offset: int


class Journal:
    """The journal of this process, made with its first record."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.end = 0
        self._file: Any = None

    def append(self, head: Head, rows: Any, digests: bytes) -> Place:
        """Write a record; after an error, the journal ends where it ended before."""
        if self._file is None:
            self._file = self.path.open("xb", buffering=0)
        place = Place(self.path, self.end)
        try:
            self._write(record(head, rows, digests))
        except BaseException:
            self._file.truncate(self.end)
            self._file.seek(self.end)
            raise
        self.end = self._file.tell()
        return place

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]


def new(place: Path, *, joined: bool) -> Path:
    """The path of a new journal; they sort in the order of their beginnings."""
    token = token_hex(3)
    writer = f"joined-{token}" if joined else f"{token}.{HOLDER}"
    return place / f"{time.time_ns():020}-{writer}.journal"


def writer_of(path: Path) -> str:
    """The writer of a journal: a process that joined the run is one of its own."""
    return HOLDER if path.stem.endswith(f".{HOLDER}") else path.stem


def record(head: Head, rows: Any, digests: bytes) -> bytes:
    """A record, as it is written to a journal."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=_OPTIONS) as stream:
        stream.write_table(rows.combine_chunks())
    parts = (msgspec.msgpack.encode(head), sink.getvalue().to_pybytes(), digests)
    body = b"".join(parts)
    return _PREFIX.pack(_MAGIC, *map(len, parts), zlib.crc32(body)) + body


def scan(path: Path, start: int = 0) -> Iterator[tuple[Head, Place, int]]:
    """The heads of the whole records from there on, their places, and where each ends."""
    with path.open("rb") as file:
        file.seek(start)
        while (found := _read(file)) is not None:
            head, _, _ = found
            yield head, Place(path, start), file.tell()
            start = file.tell()


class Reader:
    """Reads records of journals, which stay open meanwhile, and keeps the last few of them."""

    def __init__(self) -> None:
        self._files: dict[Path, Any] = {}
        self.rows = lru_cache(_RECORDS)(self._rows)
        """The rows of a record as a `pyarrow.RecordBatch`."""
        self.digests = lru_cache(_RECORDS)(self._digests)
        """The digests of a record's rows."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for each in self._files.values():
            each.close()

    def _rows(self, place: Place) -> Any:
        found = _read(self._at(place))
        if found is None:
            raise OSError(EIO, "a record is not what it was", os.fspath(place.path))
        with pa.ipc.open_stream(found[1]) as stream:
            return stream.read_next_batch()

    def _digests(self, place: Place) -> bytes:
        file = self._at(place)
        _, head, batch, length, _ = _PREFIX.unpack(file.read(_PREFIX.size))
        file.seek(head + batch, os.SEEK_CUR)
        data: bytes = file.read(length)
        return data

    def _at(self, place: Place) -> Any:
        if place.path not in self._files:
            self._files[place.path] = place.path.open("rb")
        file = self._files[place.path]
        file.seek(place.offset)
        return file


def _read(file: Any) -> tuple[Head, bytes, bytes] | None:
    """The next record; `None` where there is no whole one."""
    prefix = file.read(_PREFIX.size)
    if len(prefix) < _PREFIX.size:
        return None
    magic, head, batch, digests, crc = _PREFIX.unpack(prefix)
    if magic != _MAGIC:
        return None
    body = file.read(head + batch + digests)
    if len(body) < head + batch + digests or zlib.crc32(body) != crc:
        return None
    rest = head + batch
    return msgspec.msgpack.decode(body[:head], type=Head), body[head:rest], body[rest:]
